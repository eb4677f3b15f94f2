//! A use of a kernel: its arguments, and what it reads and writes.

use super::buffer::{Slice, conflict};
use super::kernel::Kernel;

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

impl Call {
    /// Returns whether the order of this call and `other` matters.
    pub fn conflicts_with(&self, other: &Call) -> bool {
        let [own, others] = [self, other].map(|call| [&call.reads[..], &call.writes[..]]);
        conflict(own, others, Slice::overlaps)
    }
}
