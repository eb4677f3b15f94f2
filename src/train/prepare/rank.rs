//! The rows of one of several ranks.

use super::Prepared;
use crate::train::Slices;

impl Prepared {
    /// Keeps only the rows of some slices in the memory of this process.
    pub(crate) fn keep(&mut self, slices: Slices) {
        let picked = |values: &[f32], width: usize| -> Vec<f32> {
            let rows = slices.picked();
            rows.flat_map(|row| &values[row * width..][..width])
                .copied()
                .collect()
        };
        // One after the other: what is no longer needed is freed before.
        self.inputs = picked(&self.inputs, self.schema.inputs);
        self.targets = picked(&self.targets, self.target_width());
        self.slices = Some(slices);
    }

    /// Returns the number of rows in the memory of this process.
    pub(in crate::train) fn rows_here(&self) -> usize {
        self.slices.as_ref().map_or(self.rows(), Slices::held)
    }
}
