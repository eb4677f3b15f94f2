//! The vocabulary of a plan: which buffers there are, and which kernel calls make up a step.
//!
//! A plan is data. It names buffers by what they hold and tensors by number; where they lie, and how many of a call's
//! units run at once, is up to the executor that replays it: [`cpu`], [`gpu`], [`lane`]
//! or [`workgroup`]; [`population`] is many networks of one plan.

pub mod cpu;
mod crew;
mod fusion;
pub mod gpu;
pub mod inline;
pub mod lane;
mod placement;
pub mod population;
mod status;
mod team;
pub mod workgroup;

pub use placement::Placement;
pub use status::{Diverged, Status};

use crate::kernel::Kernel;
use crate::product::Matrix;
use crate::real::Real;
use crate::schedule::Step;
use serde::Serialize;
use std::ops::Range;

/// What a buffer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Buffer {
    /// The data set's inputs (rows, I); written once.
    DataInputs,
    /// The data set's targets (rows, T); written once.
    DataTargets,
    /// The batch's targets (N, T).
    Targets,
    /// Activations (N, width): 0 is the batch's inputs, `l + 1` the output of layer `l`.
    Out(usize),
    /// dE/dnet of layer `l` (N, O).
    Delta(usize),
    /// Tensor `2 l` is the weight (O, I) of layer `l`, tensor `2 l + 1` its bias (O).
    Parameters,
    /// dE/dparameter, tensors as in `Parameters`.
    Gradient,
    /// What the optimizer remembers (0: velocity or first moment, 1: second moment), tensors as in `Parameters`.
    Moment(usize),
    /// The error of each row of the batch (N), added up over steps and runs until zeros are written here.
    Error,
    /// How often each row of the batch (N) was classified right, added up likewise.
    Hits,
    /// Anything else a plan of its own needs.
    Scratch(usize),
}

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

/// Some tensors of a buffer, next to one another. A buffer with rows has one tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The buffer.
    pub buffer: Buffer,
    /// Which of its tensors.
    pub tensors: Range<usize>,
}

impl Slice {
    /// Whether it has a tensor in common with another.
    pub fn overlaps(&self, other: &Slice) -> bool {
        let meet =
            self.tensors.start.max(other.tensors.start) < self.tensors.end.min(other.tensors.end);
        self.buffer == other.buffer && meet
    }
}

impl From<Buffer> for Slice {
    fn from(buffer: Buffer) -> Slice {
        buffer.tensor(0)
    }
}

impl Buffer {
    /// Tensor `t` of this buffer.
    pub fn tensor(self, t: usize) -> Slice {
        self.tensors(t..t + 1)
    }

    /// Some tensors of this buffer.
    pub fn tensors(self, tensors: Range<usize>) -> Slice {
        Slice {
            buffer: self,
            tensors,
        }
    }
}

/// One use of a kernel.
#[derive(Clone, Debug)]
pub struct Call {
    /// The kernel.
    pub kernel: &'static Kernel,
    /// Its arguments, in the order of [`Kernel::args`]; a float as its bits.
    pub args: Vec<u32>,
    /// What it reads, in the order of [`Kernel::reads`].
    pub reads: Vec<Slice>,
    /// What it writes, in the order of [`Kernel::writes`].
    pub writes: Vec<Slice>,
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

/// The share of a call that one member of a team runs: units `start..end` along the slow axis, with what holds for all.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// First unit of the share (a row, a neuron or a parameter).
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// Units that are computed together. Where the bits depend on it, `start` is a multiple of it, whatever the size of
    /// the team.
    pub block: usize,
    /// The row of the schedule.
    pub step: &'a Step,
    /// Where the share's rows are in the data set; of a share of something else, where all of the batch's rows are.
    pub places: &'a [u32],
    /// Whether the kernel's [`data_read`](crate::kernel::Kernel::data_read) is the data set.
    pub on_data: bool,
    /// Where rows of the next step are, about as many: to be fetched into the cache meanwhile.
    pub coming: &'a [u32],
    /// What each network multiplies the schedule's learning rate by.
    pub rates: &'a [f32],
    /// Where divergence is noted.
    pub status: &'a Status,
}

impl Part<'_> {
    /// The share's rows that the batch has.
    pub fn rows(&self) -> Range<usize> {
        self.start..self.end.min(self.step.rows as usize).max(self.start)
    }

    /// The blocks of `units`, a range that begins where the share begins.
    pub fn blocks(&self, units: Range<usize>) -> impl Iterator<Item = Range<usize>> + use<> {
        let (end, block) = (units.end, self.block.max(1));
        units.step_by(block).map(move |at| at..end.min(at + block))
    }

    /// Rows of the batch, `columns` wide, of a kernel's [`data_read`](crate::kernel::Kernel::data_read); `rows` count from
    /// the first of `places`, which is also the first of `values` unless these are the data set.
    pub fn batch<'v, T: Copy>(
        &'v self,
        values: &'v [T],
        rows: Range<usize>,
        columns: usize,
    ) -> Matrix<'v, T> {
        match self.on_data {
            true => Matrix::of_rows(values, &self.places[rows], columns),
            false => Matrix::new(&values[rows.start * columns..], rows.len(), columns),
        }
    }

    /// The learning rate of each network.
    pub fn learning_rate<T: Real>(&self) -> T {
        T::of(self.step.learning_rate.into()) * T::of_each(self.rates)
    }

    /// 1 / rows, in the twin's own precision.
    pub fn inverse_rows<T: Real>(&self) -> T {
        T::of(1.0) / T::of(f64::from(self.step.rows))
    }
}

impl Chosen {
    /// Whether its terms are rounded to f16.
    pub fn is_mixed(&self) -> bool {
        self.variant.starts_with("cooperative")
    }
}

/// What is done to a printed module's text.
pub(crate) type Edit = dyn Fn(String) -> String + Send;

/// How an executor runs a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chosen {
    /// The kernel.
    pub kernel: &'static str,
    /// Units of the call: fast axis, slow axis.
    pub units: [usize; 2],
    /// How often a unit's loops turn.
    pub trips: usize,
    /// The variant.
    pub variant: &'static str,
    /// Whether it adds in order ([`Variant::exact`](crate::kernel::Variant::exact)).
    pub exact: bool,
    /// Whether it was timed to be the fastest exact one on this adapter, now or in an earlier run.
    pub timed: bool,
}

/// A plan loaded into an executor: buffers that stay, and phases to replay over them.
pub trait Session<T>: Send {
    /// Overwrites a buffer. `values` has no gaps between tensors; of a buffer that is a single tensor it may be the
    /// beginning.
    ///
    /// # Errors
    /// If there are more or fewer values than that; or the device failed.
    fn write(&mut self, buffer: Buffer, values: &[T]) -> Result<(), crate::Error>;
    /// Reads a buffer, without the gaps between tensors. Of buffers that an executor has no use for it is an error: the
    /// batch's inputs where they are read in the data set, the gradient where training does not store it
    /// ([`Phase::Gradient`] does).
    fn read(&mut self, buffer: Buffer) -> Result<Vec<T>, crate::Error>;
    /// Replays a phase once for each step, and waits.
    fn run(&mut self, phase: Phase, steps: &[Step]) -> Result<(), crate::Error>;
    /// Whether, where and how the run left the finite numbers.
    fn diverged(&mut self) -> Result<Option<Diverged>, crate::Error>;
    /// Other networks from now on: forgets that the last ones diverged, and multiplies the schedule's learning rate by
    /// `rates`, one a network.
    fn begin(&mut self, rates: &[f32]) -> Result<(), crate::Error>;
    /// How many steps of `phase` one call of [`Session::run`] may replay.
    fn steps_at_once(&self, phase: Phase) -> usize;
    /// The variants that run the calls, each once; none where there is nothing to choose.
    fn chosen(&self) -> &[Chosen] {
        &[]
    }
    /// What was amiss when it was loaded and did no harm, for people.
    fn warning(&self) -> Option<&str> {
        None
    }
}
