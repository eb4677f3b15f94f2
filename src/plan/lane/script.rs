//! The script of a dispatch: its steps and their rows, as the shader reads them (`memory_lane.wgsl`).

use crate::plan::gpu::SAFE_TRIPS;
use crate::plan::inline::{SCRIPT, SPARE, row_quads, row_values};
use crate::plan::{Buffer, Plan};
use crate::schedule::Step;

/// Operations of one invocation between two looks at the clock: about 100 ms at the pace of one lane.
pub(super) const SERIAL_WORK: usize = 50_000_000;

/// What one dispatch does: which networks, and these steps.
pub(super) struct Script {
    /// First invocation, networks, segments, invocations of the grid (`struct Run` of the shader).
    pub(super) run: [u32; 4],
    pub(super) quads: Vec<[u32; 4]>,
}

/// What bounds a script beside its length.
pub(super) struct Bounds {
    /// Turns of a unit's loops, for a row.
    pub(super) trips_a_row: usize,
    /// Operations of a row.
    pub(super) work_a_row: usize,
}

/// The rows of a data set, as scripts have them.
pub(super) struct Rows {
    /// Values of a row: inputs, targets.
    widths: [usize; 2],
    /// Quads of a row.
    quads: usize,
    data: [Vec<f32>; 2],
    packed: Vec<[u32; 4]>,
}

impl Rows {
    pub(super) fn new(plan: &Plan) -> Rows {
        Rows {
            widths: row_values(plan),
            quads: row_quads(plan),
            data: [Vec::new(), Vec::new()],
            packed: Vec::new(),
        }
    }

    /// Overwrites the inputs or the targets of all rows. Those that are not there yet count as 0.
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

    /// A row; none where nothing was written.
    fn row(&self, row: usize) -> Option<&[[u32; 4]]> {
        self.packed.get(row * self.quads..(row + 1) * self.quads)
    }

    /// A script of as many of `steps` as it holds and the driver may run at a time: its segments, its quads, the steps.
    pub(super) fn script(&self, steps: &[Step], bounds: &Bounds) -> (usize, Vec<[u32; 4]>, usize) {
        let mut quads: Vec<[u32; 4]> = Vec::with_capacity(SCRIPT);
        let (mut segments, mut head, mut rows) = (0, 0, 0);
        for (n, step) in steps.iter().enumerate() {
            let own = step.rows as usize;
            let all = quads.len() + 2 + own * self.quads;
            rows += own;
            // A row is a turn of three loops, over segments, steps and rows, at most.
            let trips = rows * (3 + bounds.trips_a_row);
            let work = rows * bounds.work_a_row;
            if all > SCRIPT - SPARE || trips > SAFE_TRIPS || work > SERIAL_WORK {
                return (segments, quads, n);
            }
            if n > 0 && continues(&steps[n - 1], step) {
                quads[head][2] += 1;
            } else {
                (head, segments) = (quads.len(), segments + 1);
                quads.extend([[step.index, step.rows, 1, 0], settings(step)]);
            }
            for row in 0..step.rows {
                match self.row(step.row(row) as usize) {
                    // One or two, mostly: a call that copies them takes longer.
                    Some(row) => row.iter().for_each(|quad| quads.push(*quad)),
                    None => quads.resize(quads.len() + self.quads, [0; 4]),
                }
            }
        }
        (segments, quads, steps.len())
    }
}

/// What a step is told apart from its rows.
fn settings(step: &Step) -> [u32; 4] {
    [
        step.learning_rate,
        step.inverse_rows,
        step.correction1,
        step.correction2,
    ]
    .map(f32::to_bits)
}

/// Whether `next` belongs to the segment of `step`.
fn continues(step: &Step, next: &Step) -> bool {
    next.index == step.index + 1 && next.rows == step.rows && settings(next) == settings(step)
}
