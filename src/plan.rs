//! A plan: the kernel calls that make up a step, and the buffers that they work on.
//!
//! A plan is data. It names buffers by what they hold and tensors by number; where they lie, and how many of a call's
//! units run at once, is up to the executor that replays it. [`backprop`] writes the plan of a network: read it first.

pub mod backprop;
pub mod fusion;
pub mod layout;
pub mod population;
pub mod schedule;
pub mod session;

pub use backprop::{Order, Training};
pub use layout::Layout;
pub use population::{Family, Member, Population, PopulationWatch};
pub use schedule::{Evaluation, Rows, Schedule, evaluation_batch};
pub use session::{KernelChoice, Session};

use crate::kernels::{Buffer, Call};

/// The size of a buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// `width` elements for each row of the data set.
    Data {
        /// Elements a row.
        width: usize,
    },
    /// `width` elements for each row of the batch.
    Batch {
        /// Elements a row.
        width: usize,
    },
    /// Tensors of these lengths, one after the other.
    Tensors(Vec<usize>),
}

/// The algorithm for one network, as lists of calls.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Rows of a training batch, at most.
    pub batch: usize,
    /// Rows of a batch when evaluating or predicting, if more than `batch`.
    pub evaluation_batch: usize,
    /// The buffers and their sizes.
    pub buffers: Vec<(Buffer, Extent)>,
    /// Brings the batch: the first call of every phase.
    pub gather: Vec<Call>,
    /// Forward pass, total error, backward pass. In the article's in-place order, some updates too.
    pub gradient: Vec<Call>,
    /// The (rest of the) update.
    pub update: Vec<Call>,
    /// Forward pass, total error and metrics.
    pub evaluate: Vec<Call>,
    /// Forward pass.
    pub predict: Vec<Call>,
}

/// Which calls of a plan a step replays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// `gather`, `gradient`, `update`.
    Train,
    /// `gather`, `gradient`.
    Gradient,
    /// `gather`, `evaluate`.
    Evaluate,
    /// `gather`, `predict`. One step at a time: no call of it counts steps.
    Predict,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Phase; 4] = [
        Phase::Train,
        Phase::Gradient,
        Phase::Evaluate,
        Phase::Predict,
    ];
}

impl Plan {
    /// The calls of a phase, in order.
    pub fn calls(&self, phase: Phase) -> impl Iterator<Item = &Call> {
        let (body, rest) = self.bodies(phase);
        self.gather.iter().chain(body).chain(rest)
    }

    /// The calls of a phase that come after `gather`: for the rows of the batch, and for the whole of it.
    pub fn bodies(&self, phase: Phase) -> (&[Call], &[Call]) {
        match phase {
            Phase::Train => (&self.gradient, &self.update),
            Phase::Gradient => (&self.gradient, &[]),
            Phase::Evaluate => (&self.evaluate, &[]),
            Phase::Predict => (&self.predict, &[]),
        }
    }

    /// The same plan, with batches of up to `rows` rows when it evaluates or predicts.
    pub fn evaluating(self, rows: usize) -> Plan {
        Plan {
            evaluation_batch: rows,
            ..self
        }
    }

    /// Rows of a batch of `phase`, at most.
    pub fn rows(&self, phase: Phase) -> usize {
        match phase {
            Phase::Train | Phase::Gradient => self.batch,
            Phase::Evaluate | Phase::Predict => self.widest(),
        }
    }

    /// Rows that buffers have room for.
    pub fn widest(&self) -> usize {
        self.batch.max(self.evaluation_batch)
    }

    /// The size of `buffer`.
    ///
    /// # Panics
    /// If the plan has no such buffer: a plan that names one in a call lists it too.
    pub fn extent(&self, buffer: Buffer) -> &Extent {
        let found = self.buffers.iter().find(|(name, _)| *name == buffer);
        &found
            .unwrap_or_else(|| panic!("the plan has no buffer {buffer:?}"))
            .1
    }
}
