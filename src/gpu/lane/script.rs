//! The script of a dispatch: its steps and their rows, in the format that the shader reads (`memory_lane.wgsl`).

use crate::gpu::adapter::transfers::SAFE_TRIPS;
use crate::gpu::lane::buffers::RUN;
use crate::gpu::print::network::{HEAD, SCRIPT, SPARE, row_quads, row_values};
use crate::kernels::{Buffer, Step};
use crate::plan::Plan;

/// Operations per invocation between two progress checks: about 100 ms at the speed of one lane.
pub(super) const SERIAL_WORK: usize = 50_000_000;
/// Number of networks that a small adapter trains at the same time, used to estimate running times: on a software
/// adapter, and on the lanes of a small integrated GPU.
const NETWORKS_AT_ONCE: [usize; 2] = [16, 256];

/// The steps of one dispatch.
pub(super) struct Script {
    /// The script as it is uploaded, with the header of the run in front.
    pub(super) quads: Vec<[u32; 4]>,
    pub(super) segments: usize,
    /// Number of steps, including those without rows.
    pub(super) steps: usize,
    /// Number of rows of all steps.
    pub(super) rows: usize,
}

impl Script {
    /// Writes the header of the run (`struct Run` of the shader).
    pub(super) fn set_run(&mut self, run: [usize; 5]) {
        let words = self.quads[..RUN].as_flattened_mut();
        let own = words.iter_mut().zip(run);
        own.for_each(|(word, n)| *word = n as u32);
    }
}

/// The limits of a script, apart from its length.
pub(super) struct Bounds {
    /// Loop iterations per row and unit.
    pub(super) trips_a_row: usize,
    /// Operations per row.
    pub(super) work_a_row: usize,
    /// Whether this is a software adapter. It has no driver watchdog that ends long dispatches.
    pub(super) software: bool,
}

impl Bounds {
    /// Returns whether the driver may run this many rows in one dispatch.
    fn allow(&self, rows: usize) -> bool {
        // Each row costs at most one iteration of each of three loops: over segments, over steps and over rows.
        let trips = rows * (3 + self.trips_a_row);
        trips <= SAFE_TRIPS && rows * self.work_a_row <= SERIAL_WORK
    }

    /// Returns how many rounds a small adapter needs for this many networks.
    fn rounds(&self, networks: usize) -> usize {
        let at_once = NETWORKS_AT_ONCE[usize::from(!self.software)];
        networks.div_ceil(at_once).max(1)
    }

    /// Returns the operations for `rows` rows of `networks` networks, one after the other on a small adapter.
    pub(super) fn work(&self, rows: usize, networks: usize) -> usize {
        rows * self.work_a_row * self.rounds(networks)
    }

    /// Returns whether a dispatch of `rows` rows of `networks` networks may exceed the driver's time limit.
    fn is_long(&self, rows: usize, networks: usize) -> bool {
        !self.software && self.work(rows, networks) > SERIAL_WORK
    }
}

/// The rows of a data set, in the format of scripts.
pub(super) struct ScriptRows {
    /// Values per row: inputs, targets.
    widths: [usize; 2],
    /// Quads per row.
    quads: usize,
    data: [Vec<f32>; 2],
    packed: Vec<[u32; 4]>,
}

impl ScriptRows {
    pub(super) fn new(plan: &Plan) -> ScriptRows {
        ScriptRows {
            widths: row_values(plan),
            quads: row_quads(plan),
            data: [Vec::new(), Vec::new()],
            packed: Vec::new(),
        }
    }

    /// Overwrites the inputs or the targets of all rows. Missing values count as 0.
    pub(super) fn write(&mut self, buffer: Buffer, values: &[f32]) {
        self.data[usize::from(buffer == Buffer::DataTargets)] = values.to_vec();
        let rows = self.data.iter().zip(self.widths);
        let rows = rows.map(|(values, width)| values.len() / width.max(1));
        let mut words = vec![0; 4 * self.quads * rows.max().unwrap_or(0)];
        let first = [0, self.widths[0]];
        for ((values, width), first) in self.data.iter().zip(self.widths).zip(first) {
            let packed = words.chunks_mut(4 * self.quads);
            for (row, packed) in values.chunks(width.max(1)).zip(packed) {
                let words = packed[first..].iter_mut().zip(row);
                words.for_each(|(word, value)| *word = value.to_bits());
            }
        }
        self.packed = bytemuck::cast_slice(&words).to_vec();
    }

    /// Returns a row, or none if it was not written.
    fn row(&self, row: usize) -> Option<&[[u32; 4]]> {
        self.packed.get(row * self.quads..(row + 1) * self.quads)
    }

    /// Returns whether a script can hold a step of `rows` rows and the driver may run it.
    pub(super) fn fit(&self, rows: usize, bounds: &Bounds) -> bool {
        self.quads * rows + HEAD <= SCRIPT - SPARE && bounds.allow(rows)
    }

    /// Creates a script for `networks` networks, with as many of `steps` as fit and as the driver may run in one
    /// dispatch.
    pub(super) fn script(&self, steps: &[Step], bounds: &Bounds, networks: usize) -> Script {
        let mut quads: Vec<[u32; 4]> = Vec::with_capacity(RUN + SCRIPT);
        quads.resize(RUN, [0; 4]);
        // The open segment: its position, its first quad, its last step.
        let (mut at, mut head, mut last): (_, _, Option<&Step>) = (0, [0; 4], None);
        let (mut segments, mut rows, mut taken) = (0, 0, 0);
        for step in steps {
            let own = step.rows as usize;
            let next = last.map_or(Next::Segment, |last| next(head, last, step));
            let all = quads.len() + next.quads(own * self.quads);
            let is_over = all > RUN + SCRIPT - SPARE || !bounds.allow(rows + own);
            // A single step cannot be split.
            if is_over || (rows > 0 && bounds.is_long(rows + own, networks)) {
                break;
            }
            (rows, taken) = (rows + own, taken + 1);
            if own == 0 {
                continue;
            }
            last = Some(step);
            match next {
                Next::Again => head = [head[0], 1, head[2] + 1, 0],
                Next::Step => head[2] += 1,
                Next::Segment => {
                    (at, segments) = (quads.len(), segments + 1);
                    head = [step.index, step.rows, 1, self.quads as u32];
                    quads.push(head);
                    quads.extend(settings(step));
                }
            }
            quads[at] = head;
            if matches!(next, Next::Again) {
                continue;
            }
            for row in 0..step.rows {
                match self.row(step.row(row) as usize) {
                    // Most rows have one or two quads, for which a loop is faster than a copy call.
                    Some(row) => row.iter().for_each(|quad| quads.push(*quad)),
                    None => quads.resize(quads.len() + self.quads, [0; 4]),
                }
            }
        }
        Script {
            quads,
            segments,
            steps: taken,
            rows,
        }
    }
}

/// How a step continues a script.
#[derive(Clone, Copy)]
enum Next {
    /// Continues a segment whose steps all use the same row.
    Again,
    /// Continues the segment with rows of its own.
    Step,
    /// Starts a new segment.
    Segment,
}

impl Next {
    /// Returns the number of quads that the step adds, if its rows have `rows` quads.
    fn quads(self, rows: usize) -> usize {
        match self {
            Next::Again => 0,
            Next::Step => rows,
            Next::Segment => HEAD + rows,
        }
    }
}

/// Returns how `step` continues after `last`, whose segment starts with the quad in the first argument.
fn next([.., count, stride]: [u32; 4], last: &Step, step: &Step) -> Next {
    if !continues(last, step) {
        return Next::Segment;
    }
    let repeats = stride == 0;
    let same = || step.rows == 1 && step.row(0) == last.row(0);
    match (repeats || count == 1) && same() {
        true => Next::Again,
        false if repeats => Next::Segment,
        false => Next::Step,
    }
}

/// Returns the settings of a step, apart from its rows.
fn settings(step: &Step) -> [[u32; 4]; HEAD - 1] {
    let optimizer = [
        step.learning_rate,
        step.inverse_rows,
        step.correction1,
        step.correction2,
    ];
    [optimizer, [step.decay_factor, 0.0, 0.0, 0.0]].map(|quad| quad.map(f32::to_bits))
}

/// Returns whether `next` may belong to the segment of `step`.
fn continues(step: &Step, next: &Step) -> bool {
    next.index == step.index + 1 && next.rows == step.rows && settings(next) == settings(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Activation, Loss, Mlp, Optimizer};
    use crate::plan::{Order, Training, backprop};

    const BOUNDS: Bounds = Bounds {
        trips_a_row: 0,
        work_a_row: 1,
        software: true,
    };

    /// Returns the script of steps of one row each, which use `rows` of a data set of four rows.
    fn script(rows: &[u32], networks: usize, bounds: &Bounds) -> Script {
        let training = Training {
            loss: Loss::HalfSse,
            optimizer: Optimizer::sgd(0.5),
            batch_size: 1,
            classes: false,
            order: Order::Simultaneous,
            train_bias: true,
            ..Training::default()
        };
        let mlp = Mlp::random(&[2, 2, 2], Activation::Sigmoid, Activation::Sigmoid, 0);
        let mut data = ScriptRows::new(&backprop::train(&mlp, &training));
        data.write(
            Buffer::DataInputs,
            &[0.0, 0.1, 1.0, 1.1, 2.0, 2.1, 3.0, 3.1],
        );
        data.write(Buffer::DataTargets, &[0.0; 8]);
        let step = |(index, first): (u32, &u32)| Step {
            index,
            first: *first,
            ..Step::whole(1, 0.5)
        };
        let steps: Vec<Step> = (0..).zip(rows).map(step).collect();
        data.script(&steps, bounds, networks)
    }

    /// Returns for each segment its number of steps, the quads from one row to the next, and the first input of each
    /// row.
    fn segments(script: &Script) -> Vec<(u32, u32, Vec<f32>)> {
        let mut quads = script.quads[RUN..].iter();
        let mut segments = Vec::new();
        while let Some([_, _, steps, stride]) = quads.next() {
            let rows = if *stride == 0 { 1 } else { *steps as usize };
            let rows = quads.by_ref().skip(HEAD - 1).take(rows);
            let inputs = rows.map(|quad| f32::from_bits(quad[0])).collect();
            segments.push((*steps, *stride, inputs));
        }
        segments
    }

    #[test]
    fn repeated_rows_are_stored_once() {
        let script = script(&[1, 1, 1, 2, 3, 3], 1, &BOUNDS);
        let expected = [(3, 0, vec![1.0]), (3, 1, vec![2.0, 3.0, 3.0])];
        assert_eq!(segments(&script), expected);
        assert_eq!((script.segments, script.steps, script.rows), (2, 6, 6));
    }

    #[test]
    fn a_script_holds_more_steps_of_one_row_than_rows() {
        let steps = 10_000;
        assert_eq!(script(&vec![1; steps], 1, &BOUNDS).steps, steps);
        let turning: Vec<u32> = (0..steps as u32).map(|n| n % 4).collect();
        assert_eq!(script(&turning, 1, &BOUNDS).steps, SCRIPT - SPARE - HEAD);
    }

    #[test]
    fn a_script_for_many_networks_has_fewer_steps_and_one_at_least() {
        let bounds = |software| Bounds {
            work_a_row: SERIAL_WORK / 4,
            software,
            ..BOUNDS
        };
        let steps = |software, networks| script(&[0, 1, 2, 3], networks, &bounds(software)).steps;
        assert_eq!(
            [1, 256, 257, 1 << 20].map(|n| steps(false, n)),
            [4, 4, 2, 1]
        );
        assert_eq!(
            steps(true, 1 << 20),
            4,
            "a software adapter takes as many as ever"
        );
    }
}
