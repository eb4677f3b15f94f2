//! Plans: the kernel calls of a training step, and the buffers that they use.
//!
//! A plan is data. It names each buffer by its content and each tensor by a number. The executor that replays the plan
//! decides where the tensors lie in memory and how many units of a call run at once. [`backprop`] writes the plan of a
//! network: read it first.

pub mod backprop;
pub mod fusion;
pub mod layout;
pub mod population;
pub mod rates;
pub mod schedule;
pub mod session;
pub mod training;
pub mod update;
mod validate;

pub use layout::Layout;
pub use population::{Family, Member, Population, PopulationWatch};
pub use rates::{RateSchedule, Rates};
pub use schedule::{Evaluation, Rows, Schedule, evaluation_batch};
pub use session::{KernelChoice, Session};
pub use training::{Order, Training};
pub(crate) use validate::check_steps;

use crate::kernels::{Buffer, Call};

/// The size of a buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// `width` elements for each row of the data set.
    Data {
        /// Elements per row.
        width: usize,
    },
    /// `width` elements for each row of the batch.
    Batch {
        /// Elements per row.
        width: usize,
    },
    /// Tensors of these lengths, one after the other.
    Tensors(Vec<usize>),
}

/// The training algorithm for one network, as lists of kernel calls.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Maximum number of rows of a training batch.
    pub batch_size: usize,
    /// Maximum number of rows of a batch that is evaluated or predicted.
    pub evaluation_batch_size: usize,
    /// The buffers and their sizes.
    pub buffers: Vec<(Buffer, Extent)>,
    /// Gathers the rows of the batch. The first call of every phase.
    pub gather: Vec<Call>,
    /// Forward pass, total error, backward pass. In the article's sequential order, some of the updates too.
    pub gradient: Vec<Call>,
    /// Number of calls of `gradient` after which the gradient of a layer is whole, from the last layer to the first.
    pub cuts: Vec<usize>,
    /// The update, or the rest of it.
    pub update: Vec<Call>,
    /// Forward pass, total error and metrics.
    pub evaluate: Vec<Call>,
    /// Forward pass.
    pub predict: Vec<Call>,
}

/// The part of a plan that a step replays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// `gather`, `gradient`, `update`.
    Train,
    /// `gather`, `gradient`.
    Gradient,
    /// The part of `gradient` that ends with the gradient of a layer, counted from the last layer. It comes after the part
    /// before it, with the same step.
    Layer(usize),
    /// `update`, after the gradient and with its step.
    Update,
    /// `gather`, `evaluate`.
    Evaluate,
    /// `gather`, `predict`. One step at a time, because none of its calls counts steps.
    Predict,
}

impl Phase {
    /// Every phase that begins with rows.
    pub const ALL: [Phase; 4] = [
        Phase::Train,
        Phase::Gradient,
        Phase::Evaluate,
        Phase::Predict,
    ];
}

impl Plan {
    /// Returns the calls of a phase, in order.
    pub fn calls(&self, phase: Phase) -> impl Iterator<Item = &Call> {
        let (body, rest) = self.bodies(phase);
        let gathers = match phase {
            Phase::Layer(1..) | Phase::Update => body.iter().any(|call| self.reads_batch(call)),
            _ => true,
        };
        let gather = self.gather.iter().filter(move |_| gathers);
        gather.chain(body).chain(rest)
    }

    /// Returns whether a call reads rows that `gather` writes.
    fn reads_batch(&self, call: &Call) -> bool {
        let written = self.gather.iter().flat_map(|gather| &gather.writes);
        written
            .into_iter()
            .any(|rows| call.reads.iter().any(|read| read.overlaps(rows)))
    }

    /// Returns the calls of a phase after `gather`: first those per row of the batch, then those over the whole batch.
    pub fn bodies(&self, phase: Phase) -> (&[Call], &[Call]) {
        match phase {
            Phase::Train => (&self.gradient, &self.update),
            Phase::Gradient => (&self.gradient, &[]),
            Phase::Layer(n) => {
                let first = n.checked_sub(1).map_or(0, |before| self.cuts[before]);
                (&self.gradient[first..self.cuts[n]], &[])
            }
            Phase::Update => (&[], &self.update),
            Phase::Evaluate => (&self.evaluate, &[]),
            Phase::Predict => (&self.predict, &[]),
        }
    }

    /// Returns the same plan with batches of up to `rows` rows for evaluation and prediction.
    pub fn evaluating(self, rows: usize) -> Plan {
        Plan {
            evaluation_batch_size: rows,
            ..self
        }
    }

    /// Returns the maximum number of rows of a batch of `phase`.
    pub fn rows(&self, phase: Phase) -> usize {
        match phase {
            Phase::Train | Phase::Gradient | Phase::Layer(_) | Phase::Update => self.batch_size,
            Phase::Evaluate | Phase::Predict => self.widest(),
        }
    }

    /// Returns the number of rows that the buffers have room for.
    pub fn widest(&self) -> usize {
        self.batch_size.max(self.evaluation_batch_size)
    }

    /// Returns the size of `buffer`.
    ///
    /// # Panics
    /// If the plan has no such buffer. A plan lists every buffer that its calls name.
    pub fn extent(&self, buffer: Buffer) -> &Extent {
        let found = self.buffers.iter().find(|(name, _)| *name == buffer);
        &found
            .unwrap_or_else(|| panic!("the plan has no buffer {buffer:?}"))
            .1
    }
}
