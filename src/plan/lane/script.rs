//! The script of a dispatch: its steps and their rows, as the shader reads them (`memory_lane.wgsl`).

use super::Session;
use crate::plan::gpu::SAFE_TRIPS;
use crate::plan::inline::SCRIPT;
use crate::plan::{Buffer, Placement};
use crate::schedule::Step;

/// Operations of one invocation between two looks at the clock: about 100 ms at the pace of one lane.
pub(super) const SERIAL_WORK: usize = 50_000_000;

impl Session {
    /// How many of `steps` one dispatch takes: as many as a script holds, and the driver may run at a time.
    pub(super) fn fitting(&self, steps: &[Step], row_quads: usize) -> usize {
        let (mut quads, mut rows) = (1, 0);
        let fits = |step: &&Step| {
            quads += 2 + step.rows as usize * row_quads;
            rows += step.rows as usize;
            let trips = rows * (2 + self.trips_a_row);
            quads <= SCRIPT && trips <= SAFE_TRIPS && rows * self.work_a_row <= SERIAL_WORK
        };
        steps.iter().take_while(fits).count()
    }

    /// The script of some steps of one fold.
    pub(super) fn script(&self, fold: usize, steps: &[Step]) -> Vec<[u32; 4]> {
        let [first, networks] = self.grid.folds[fold];
        let head = [first, networks, steps.len(), self.grid.len];
        let mut script = vec![head.map(|n| n as u32)];
        let widths = [Buffer::DataInputs, Buffer::DataTargets]
            .map(|buffer| Placement::of(self.plan.extent(buffer), 1, 1, 1).len);
        for step in steps {
            script.push([step.index, step.rows, 0, 0]);
            let settings = [
                step.learning_rate,
                step.inverse_rows,
                step.correction1,
                step.correction2,
            ];
            script.push(settings.map(f32::to_bits));
            for row in (0..step.rows).map(|n| step.row(n) as usize) {
                for (values, width) in self.data.iter().zip(widths) {
                    let row = values
                        .get(row * width..(row + 1) * width)
                        .unwrap_or_default();
                    script.extend(row.chunks(4).map(|quad| {
                        std::array::from_fn(|i| quad.get(i).copied().unwrap_or(0.0).to_bits())
                    }));
                }
            }
        }
        script
    }
}
