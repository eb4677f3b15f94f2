//! The share of a call that a thread of the CPU device runs.

use super::status::Status;
use super::step::Step;
use crate::math::{Matrix, Real};
use std::ops::Range;

/// The share of a call that one member of a team runs: units `start..end` along the slow axis, with what holds for all.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// First unit of the share (a row, a neuron or a parameter).
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The row of the schedule.
    pub step: &'a Step,
    /// Where the share's rows are in the data set; of a share of something else, where all of the batch's rows are.
    pub places: &'a [u32],
    /// Whether the kernel's [`data_read`](crate::kernels::Kernel::data_read) is the data set.
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

    /// Rows of the batch, `columns` wide, of a kernel's [`data_read`](crate::kernels::Kernel::data_read); `rows` count from
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

    /// A weight decay at this step, by its bits; none if there is none in the run.
    pub fn decay<T: Real>(&self, bits: u32) -> Option<T> {
        let of = |x: f32| T::of(x.into());
        (bits != 0).then(|| of(f32::from_bits(bits)) * of(self.step.decay_factor))
    }

    /// 1 / rows, in the twin's own precision.
    pub fn inverse_rows<T: Real>(&self) -> T {
        let (rows, told) = (self.step.rows, self.step.inverse_rows);
        match told == 1.0 / rows as f32 {
            // Not rounded to f32.
            true => T::of(1.0) / T::of(f64::from(rows)),
            false => T::of(told.into()),
        }
    }
}
