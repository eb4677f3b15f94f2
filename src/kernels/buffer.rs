//! The buffers that calls name, and slices of them.

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
    /// The net input of layer `l` (N, O), if its activation has a kernel of its own.
    Net(usize),
    /// The output of layer `l` after dropout (N, O): what the next layer reads in training.
    Dropped(usize),
    /// dE/dnet of layer `l` (N, O).
    Delta(usize),
    /// dE/d[`Dropped`](Buffer::Dropped), before the mask, times f'(net) unless the activation has a kernel of its own (N, O).
    DroppedDelta(usize),
    /// dE/dout of layer `l` (N, O), if its activation has a kernel of its own.
    OutGradient(usize),
    /// Tensor `2 l` is the weight (O, I) of layer `l`, tensor `2 l + 1` its bias (O).
    Parameters,
    /// dE/dparameter, tensors as in `Parameters`.
    Gradient,
    /// Sums of squares of the gradient's tensors, if its norm is clipped.
    SquareSums,
    /// What the gradient is multiplied by, if it is clipped (1).
    ClipFactor,
    /// What the optimizer remembers (0: velocity or first moment, 1: second moment), tensors as in `Parameters`.
    Moment(usize),
    /// The error of each row of the batch (N), added up over steps and runs until zeros are written here.
    Error,
    /// How often each row of the batch (N) was classified right, added up likewise.
    Hits,
    /// Anything else a plan of its own needs.
    Scratch(usize),
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

/// Whether the order of two calls matters, given what each reads and writes: one writes what the other touches.
/// `overlap` says whether two places have an element in common.
pub fn conflict<P>(
    [reads, writes]: [&[P]; 2],
    [other_reads, other_writes]: [&[P]; 2],
    overlap: impl Fn(&P, &P) -> bool,
) -> bool {
    let any = |some: &[P], others: &[P]| some.iter().any(|a| others.iter().any(|b| overlap(a, b)));
    any(writes, other_writes) || any(writes, other_reads) || any(reads, other_writes)
}
