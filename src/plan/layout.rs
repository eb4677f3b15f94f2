//! Where the tensors of a buffer lie.

use crate::Error;
use crate::kernels::Buffer;
use crate::plan::Extent;
use std::ops::Range;

/// Where the tensors of one buffer lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Where each tensor begins, in elements.
    pub starts: Vec<usize>,
    /// How long each tensor is, in elements.
    pub lengths: Vec<usize>,
    /// The whole buffer, in elements.
    pub len: usize,
}

impl Layout {
    /// Tensors of these lengths, each beginning at a multiple of `align` elements.
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

    /// The placement of `extent` for a batch of `batch` rows out of `data` rows.
    pub fn of(extent: &Extent, batch: usize, data: usize, align: usize) -> Layout {
        match extent {
            Extent::Data { width } => Layout::new(&[data * width], align),
            Extent::Batch { width } => Layout::new(&[batch * width], align),
            Extent::Tensors(lengths) => Layout::new(lengths, align),
        }
    }

    /// The elements of `tensors`, from the first of the first to the last of the last.
    pub fn range(&self, tensors: &Range<usize>) -> Range<usize> {
        let last = tensors.end - 1;
        self.starts[tensors.start]..self.starts[last] + self.lengths[last]
    }

    /// Elements without the gaps.
    pub fn dense_len(&self) -> usize {
        self.lengths.iter().sum()
    }

    /// Whether so many elements can be written: all that there are, or fewer of a single tensor, from its beginning.
    pub fn check_write(&self, buffer: Buffer, found: usize) -> Result<(), Error> {
        let expected = self.dense_len();
        if found < expected && self.lengths.len() == 1 {
            return Ok(());
        }
        check_written(buffer, expected, found)
    }

    /// `dense` with the gaps in, filled with zeros.
    pub fn spread<T: Copy + Default>(&self, dense: &[T]) -> Vec<T> {
        let mut placed = vec![T::default(); self.len];
        let mut from = 0;
        for (&start, &length) in self.starts.iter().zip(&self.lengths) {
            placed[start..start + length].copy_from_slice(&dense[from..from + length]);
            from += length;
        }
        placed
    }

    /// `placed` without the gaps.
    pub fn collect<T: Copy>(&self, placed: &[T]) -> Vec<T> {
        let tensors = self.starts.iter().zip(&self.lengths);
        tensors
            .flat_map(|(&start, &length)| placed[start..start + length].iter().copied())
            .collect()
    }
}

/// Whether as many elements are to be written as there are.
pub(crate) fn check_written(buffer: Buffer, expected: usize, found: usize) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    Err(Error::Config(format!(
        "{buffer:?}: expected {expected} elements to write, found {found}"
    )))
}
