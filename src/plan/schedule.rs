//! The schedule: everything that changes from step to step, as one row per step.
//!
//! The plan itself does not depend on the step. Each replay reads its row of the schedule, in every family. So any
//! learning-rate schedule and any row order work in all families, and only these rows are uploaded.

use crate::kernels::Step;
use crate::math::{Random, Stream};
use crate::model::Optimizer;
use crate::plan::Rates;

/// Consecutive rows of the data set: a training, validation or test set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The first row.
    pub first: usize,
    /// The number of rows.
    pub count: usize,
}

/// What evaluates or predicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evaluation {
    /// Training, between epochs: one network.
    Training,
    /// A sweep: many networks, each with activations of its own.
    Sweep,
    /// A model on its own.
    Prediction,
}

/// Returns the rows per batch for passes without gradients, over `rows` rows, of a plan that trains with `batch` rows.
/// Larger batches use a device better, and take more memory per network.
pub fn evaluation_batch(by: Evaluation, batch: usize, rows: usize) -> usize {
    match by {
        Evaluation::Training => batch.max(256),
        Evaluation::Sweep => batch.max(64),
        Evaluation::Prediction => rows.min(1024),
    }
}

/// Returns the steps of an evaluation: one pass over `rows` in batches of `batch`, in the order of the data set.
pub fn pass(rows: Rows, batch: usize, index: u32) -> Vec<Step> {
    let batches = (0..rows.count).step_by(batch);
    batches
        .map(|start| Step {
            index,
            first: rows.first as u32,
            count: rows.count as u32,
            start: start as u32,
            ..Step::whole(batch.min(rows.count - start), 0.0)
        })
        .collect()
}

/// How a training run iterates over its rows.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The training rows.
    pub rows: Rows,
    /// Rows per step. The last step of an epoch takes the remaining rows.
    pub batch_size: usize,
    /// Seed of the row order.
    pub seed: u64,
    /// Whether to shuffle the rows in each epoch.
    pub shuffle: bool,
    /// The optimizer, which defines the learning rate and the bias corrections.
    pub optimizer: Optimizer,
    /// Probability that a neuron of a hidden layer is left out of a step, from 0 to less than 1.
    pub dropout: f64,
    /// The learning rate, weight decay and dropout over the run.
    pub rates: Rates,
}

impl Schedule {
    /// Returns the number of steps per epoch.
    pub fn steps_per_epoch(&self) -> usize {
        self.rows.count.div_ceil(self.batch_size)
    }

    /// Returns the steps of `epoch` (from 0).
    pub fn epoch(&self, epoch: usize) -> Vec<Step> {
        let key = Random::new(self.seed, Stream::Order, epoch as u32).key;
        let first = epoch * self.steps_per_epoch();
        let rate = self.optimizer.learning_rate();
        let passes = pass(self.rows, self.batch_size, 0).into_iter().enumerate();
        passes
            .map(|(i, step)| {
                let index = first + i;
                let [correction1, correction2] = self.optimizer.corrections(index + 1);
                Step {
                    index: index as u32,
                    shuffle: self.shuffle.into(),
                    key,
                    learning_rate: (rate * self.rates.factor(index)) as f32,
                    correction1,
                    correction2,
                    decay_factor: self.rates.decay_factor(index) as f32,
                    ..step
                }
                .dropping(self.dropout * self.rates.dropout_factor(index))
            })
            .collect()
    }
}
