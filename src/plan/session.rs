//! A plan that is loaded into an executor.

use super::Phase;
use crate::kernels::{Buffer, Diverged, Slice, Step};
use serde::Serialize;

/// The variant that an executor chose for a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KernelChoice {
    /// The kernel.
    pub kernel: &'static str,
    /// Units of the call: along the fast axis and along the slow axis.
    pub units: [usize; 2],
    /// Loop iterations per unit.
    pub trips: usize,
    /// The variant.
    pub variant: &'static str,
    /// Whether it adds in order ([`Variant::exact`](crate::kernels::Variant::exact)).
    pub exact: bool,
    /// Whether autotuning found it to be the fastest exact variant on this adapter, in this run or an earlier one.
    pub timed: bool,
}

impl KernelChoice {
    /// Returns whether it rounds the terms of its products to f16.
    pub fn is_mixed(&self) -> bool {
        self.variant.starts_with("cooperative")
    }
}

/// A plan loaded into an executor: its buffers, and phases to replay on them.
pub trait Session<T>: Send {
    /// Overwrites a buffer. `values` has no gaps between tensors. If the buffer is a single tensor, `values` may cover
    /// only its beginning.
    ///
    /// # Errors
    /// If the number of values is wrong, or the device failed.
    fn write(&mut self, buffer: Buffer, values: &[T]) -> Result<(), crate::Error>;
    /// Reads a buffer, without the gaps between tensors.
    ///
    /// # Errors
    /// If the executor does not fill the buffer: the batch's inputs if the calls read them from the data set, or the
    /// gradient if training does not store it ([`Phase::Gradient`] does). Or if the device failed.
    fn read(&mut self, buffer: Buffer) -> Result<Vec<T>, crate::Error>;
    /// Reads some tensors of a buffer, without the gaps between them. The CPU device and the device family can.
    ///
    /// # Errors
    /// As [`Session::read`]; or if the executor cannot.
    fn read_tensors(&mut self, slice: &Slice) -> Result<Vec<T>, crate::Error> {
        let buffer = slice.buffer;
        Err(crate::Error::Config(format!(
            "{buffer:?}: this executor reads whole buffers; use the device family"
        )))
    }
    /// Replays a phase once for each step, and waits until it is done.
    fn run(&mut self, phase: Phase, steps: &[Step]) -> Result<(), crate::Error>;
    /// Returns where and how the run first produced infinite or NaN values, if it did.
    fn diverged(&mut self) -> Result<Option<Diverged>, crate::Error>;
    /// Prepares for other networks: clears the divergence status, and multiplies the schedule's learning rate by
    /// `rates`, one per network.
    fn begin(&mut self, rates: &[f32]) -> Result<(), crate::Error>;
    /// Returns the maximum number of steps of `phase` that one call of [`Session::run`] may replay.
    fn steps_at_once(&self, phase: Phase) -> usize;
    /// Returns the variants that run the calls, each once. Empty if the executor has no variants.
    fn kernel_choices(&self) -> &[KernelChoice] {
        &[]
    }
    /// Returns a warning from loading the plan, for people: a problem that does no harm.
    fn warning(&self) -> Option<&str> {
        None
    }
}
