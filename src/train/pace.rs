//! Adapts the number of steps that a device gets at a time.

use std::time::Duration;

/// Target time of a chunk, which is the time between progress reports and between checks for Ctrl-C.
const CHUNK: Duration = Duration::from_millis(100);
/// Maximum number of steps in the first chunk, and of their multiply-adds. A small integrated GPU takes half a second
/// for so many, and some drivers abort work that takes two seconds.
const FIRST_STEPS: usize = 8;
const FIRST_WORK: usize = 1 << 31;

/// Steps per chunk, so that a chunk takes about [`CHUNK`]. The split into chunks does not change the bits of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChunkPace {
    pub(super) steps: usize,
}

impl ChunkPace {
    /// Creates the pace for steps with so many multiply-adds.
    pub(super) fn new(multiply_adds: usize) -> ChunkPace {
        let steps = FIRST_WORK / multiply_adds.max(1);
        ChunkPace {
            steps: steps.clamp(1, FIRST_STEPS),
        }
    }

    /// Adapts to the measured time of `steps` steps. A chunk may have at most `most`.
    pub(super) fn adapt(&mut self, steps: usize, took: Duration, most: usize) {
        let wanted = steps as f64 * CHUNK.as_secs_f64() / took.as_secs_f64().max(1e-6);
        self.steps = (wanted as usize).clamp(self.steps.div_ceil(4), self.steps * 4);
        self.steps = self.steps.clamp(1, most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_chunk_has_fewer_steps_where_they_are_long() {
        let steps = |multiply_adds| ChunkPace::new(multiply_adds).steps;
        assert_eq!([0, 1 << 20, 1 << 28].map(steps), [FIRST_STEPS; 3]);
        assert_eq!([1 << 29, 1 << 30, 1 << 40].map(steps), [4, 2, 1]);
    }

    #[test]
    fn chunks_grow_and_shrink_to_a_tenth_of_a_second() {
        let mut pace = ChunkPace { steps: 8 };
        let mut after = |ms, most| {
            pace.adapt(pace.steps, Duration::from_millis(ms), most);
            pace.steps
        };
        assert_eq!(after(50, 4096), 16);
        assert_eq!(after(1, 4096), 64, "not more than four times as many");
        assert_eq!(after(1, 100), 100);
        assert_eq!(after(10_000, 100), 25);
        assert_eq!((after(10_000, 100), after(10_000, 100)), (7, 2));
        assert_eq!((after(10_000, 100), after(10_000, 100)), (1, 1));
    }
}
