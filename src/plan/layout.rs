//! The memory layout of the tensors of a buffer.

use crate::Error;
use crate::kernels::Buffer;
use crate::plan::Extent;
use std::ops::Range;

/// The positions of the tensors of one buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The start of each tensor, in elements.
    pub starts: Vec<usize>,
    /// The length of each tensor, in elements.
    pub lengths: Vec<usize>,
    /// The length of the whole buffer, in elements.
    pub len: usize,
}

impl Layout {
    /// Lays out tensors of these lengths. Each starts at a multiple of `align` elements.
    pub fn new(lengths: &[usize], align: usize) -> Layout {
        let mut len = 0;
        let starts = lengths
            .iter()
            .map(|length| {
                let start = len;
                len += length.next_multiple_of(align);
                start
            })
            .collect();
        Layout {
            starts,
            lengths: lengths.to_vec(),
            len,
        }
    }

    /// Returns the layout of `extent` for batches of `batch` rows and a data set of `data` rows.
    pub fn of(extent: &Extent, batch: usize, data: usize, align: usize) -> Layout {
        match extent {
            Extent::Data { width } => Layout::new(&[data * width], align),
            Extent::Batch { width } => Layout::new(&[batch * width], align),
            Extent::Tensors(lengths) => Layout::new(lengths, align),
        }
    }

    /// Returns the elements from the start of the first of `tensors` to the end of the last.
    pub fn range(&self, tensors: &Range<usize>) -> Range<usize> {
        let last = tensors.end - 1;
        self.starts[tensors.start]..self.starts[last] + self.lengths[last]
    }

    /// Returns the number of elements without the gaps.
    pub fn dense_len(&self) -> usize {
        self.lengths.iter().sum()
    }

    /// Checks that `found` elements can be written: as many as there are, or fewer for a buffer of a single tensor.
    pub fn check_write(&self, buffer: Buffer, found: usize) -> Result<(), Error> {
        let expected = self.dense_len();
        if found < expected && self.lengths.len() == 1 {
            return Ok(());
        }
        check_written(buffer, expected, found)
    }

    /// Copies `dense` into the layout, with zeros in the gaps.
    pub fn spread<T: Copy + Default>(&self, dense: &[T]) -> Vec<T> {
        let mut placed = vec![T::default(); self.len];
        let mut from = 0;
        for (&start, &length) in self.starts.iter().zip(&self.lengths) {
            placed[start..start + length].copy_from_slice(&dense[from..from + length]);
            from += length;
        }
        placed
    }

    /// Copies the tensors in `placed` without the gaps.
    pub fn collect<T: Copy>(&self, placed: &[T]) -> Vec<T> {
        let tensors = self.starts.iter().zip(&self.lengths);
        tensors
            .flat_map(|(&start, &length)| placed[start..start + length].iter().copied())
            .collect()
    }
}

/// Returns the error for a buffer that a plan does not have.
pub(crate) fn unknown(buffer: Buffer) -> Error {
    Error::Config(format!("{buffer:?}: the plan has no such buffer"))
}

/// Returns the error for a buffer that an executor does not keep between two runs.
pub(crate) fn not_kept(executor: &str, buffer: Buffer) -> Error {
    Error::Config(format!(
        "{buffer:?}: {executor} does not keep it between two runs: use the device family"
    ))
}

/// Checks that the number of elements to write is the expected one.
pub(crate) fn check_written(buffer: Buffer, expected: usize, found: usize) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    Err(Error::Config(format!(
        "{buffer:?}: expected {expected} elements to write, found {found}"
    )))
}
