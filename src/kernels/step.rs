//! A row of the schedule: everything that changes from step to step.

/// A row of the schedule. Twin of `Step` in `shaders/shared/step.wgsl` (a test compares the layouts).
#[derive(Clone, Copy, Debug, Default, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Step {
    /// Number of the step in the run.
    pub index: u32,
    /// Where the split begins in the data set.
    pub first: u32,
    /// Rows of the split.
    pub count: u32,
    /// The batch is rows `start..start + rows` of the split's order.
    pub start: u32,
    /// Rows of the batch.
    pub rows: u32,
    /// 1: rows in the order of `key`; 0: in their own.
    pub shuffle: u32,
    /// Key of the epoch's order.
    pub key: [u32; 2],
    /// The learning rate.
    pub learning_rate: f32,
    /// 1 / `rows`; of a slice of a batch: 1 / rows of the batch.
    pub inverse_rows: f32,
    /// Adam's 1 / (1 - beta1^t), with beta1 rounded to f32.
    pub correction1: f32,
    /// Adam's 1 / (1 - beta2^t), with beta2 rounded to f32.
    pub correction2: f32,
    /// What weight decay is multiplied by.
    pub decay_factor: f32,
    /// The probability that dropout leaves a neuron out, from 0 to less than 1.
    pub dropout_rate: f32,
    /// 1 / (1 - `dropout_rate`), of the rate before it was rounded to f32.
    pub dropout_scale: f32,
    /// Nothing: a row has whole quads.
    pub spare: u32,
}

impl Step {
    /// One step over the first `rows` rows of the data set, in their own order, without dropout. Its corrections are those of a
    /// step that is late: for Adam's first steps take those of a [`Schedule`].
    pub fn whole(rows: usize, learning_rate: f32) -> Step {
        Step {
            count: rows as u32,
            rows: rows as u32,
            learning_rate,
            inverse_rows: 1.0 / rows as f32,
            correction1: 1.0,
            correction2: 1.0,
            decay_factor: 1.0,
            dropout_scale: 1.0,
            ..Step::default()
        }
    }

    /// The same step with the probability `rate` that a neuron is left out, from 0 to less than 1.
    pub fn dropping(self, rate: f64) -> Step {
        Step {
            dropout_rate: rate as f32,
            dropout_scale: (1.0 / (1.0 - rate)) as f32,
            ..self
        }
    }

    /// The same step at `rate` times its learning rate.
    pub fn rated(self, rate: f32) -> Step {
        Step {
            learning_rate: self.learning_rate * rate,
            ..self
        }
    }

    /// The row of the data set that is row `n` of the batch. Twin of `row_of` in `shaders/shared/step.wgsl`.
    pub fn row(&self, n: u32) -> u32 {
        let i = self.start + n;
        match self.shuffle {
            0 => self.first + i,
            _ => self.first + crate::math::random::shuffled(self.key, i, self.count),
        }
    }
}
