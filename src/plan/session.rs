//! A plan that is loaded into an executor.

use super::Phase;
use crate::kernels::{Buffer, Diverged, Step};
use serde::Serialize;

/// How an executor runs a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KernelChoice {
    /// The kernel.
    pub kernel: &'static str,
    /// Units of the call: fast axis, slow axis.
    pub units: [usize; 2],
    /// How often a unit's loops turn.
    pub trips: usize,
    /// The variant.
    pub variant: &'static str,
    /// Whether it adds in order ([`Variant::exact`](crate::kernels::Variant::exact)).
    pub exact: bool,
    /// Whether it was timed to be the fastest exact one on this adapter, now or in an earlier run.
    pub timed: bool,
}

impl KernelChoice {
    /// Whether its terms are rounded to f16.
    pub fn is_mixed(&self) -> bool {
        self.variant.starts_with("cooperative")
    }
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
    fn kernel_choices(&self) -> &[KernelChoice] {
        &[]
    }
    /// What was amiss when it was loaded and did no harm, for people.
    fn warning(&self) -> Option<&str> {
        None
    }
}
