//! Matrix products on the CPU: f32 with vector instructions, f64 with plain loops.
//!
//! Every sum is added in order, so its bits depend neither on the CPU nor on how a product is split into parts.

mod lanes;
mod ordered;
pub mod sgd;

use crate::math::{Matrix, Real, Start, width::Width};
use ordered::tile::Sums;
use sgd::SgdStep;

/// A number type with a matrix product.
pub trait Product: Real {
    /// Computes `out = start + a b` (`out` is row-major). `a` is a part of a matrix of `rows` rows. f64 adds each sum
    /// in order; f32 is as fast as the CPU allows.
    fn multiply(out: &mut [Self], a: Matrix<Self>, b: Matrix<Self>, rows: usize, start: Start);
    /// Takes an SGD step of `out` (row-major) with the gradient `a b`. The bits are those of [`Product::multiply`]
    /// followed by the step. Returns the largest [`Real::magnitude`] of `out`.
    fn multiply_into_sgd(
        out: &mut [Self],
        a: Matrix<Self>,
        b: Matrix<Self>,
        rows: usize,
        step: SgdStep<Self>,
    ) -> u32 {
        let mut gradient = vec![Self::default(); out.len()];
        Self::multiply(&mut gradient, a, b, rows, Start::Zero);
        step.take(out, &gradient)
    }
    /// Maximum number of terms per sum for which [`Product::multiply_into_sgd`] needs no memory for the sums.
    const LONGEST_SGD: usize = 0;
    /// Whether a product is as fast when the rows of a matrix are not contiguous.
    const TAKES_ANY_ROWS: bool = true;
}

impl Product for f64 {
    fn multiply(out: &mut [f64], a: Matrix<f64>, b: Matrix<f64>, _: usize, start: Start) {
        plain(out, a, b, start, |a, b, sum| a * b + sum);
    }
}

impl Product for f32 {
    const LONGEST_SGD: usize = ordered::LONGEST_SGD;

    fn multiply(out: &mut [f32], a: Matrix<f32>, b: Matrix<f32>, rows: usize, start: Start) {
        multiply(Width::current(), out, a, b, rows, start);
    }
    fn multiply_into_sgd(
        out: &mut [f32],
        a: Matrix<f32>,
        b: Matrix<f32>,
        rows: usize,
        step: SgdStep<f32>,
    ) -> u32 {
        multiply_into_sgd(Width::current(), out, a, b, rows, step)
    }
}

/// Products with fewer multiply-adds than this add without fused multiply-adds, as the shaders do.
const SMALL: usize = 4_096;

/// Computes `out = start + a b` (`out` is row-major). `a` is a part of a matrix of `rows` rows.
fn multiply(
    width: Width,
    out: &mut [f32],
    a: Matrix<f32>,
    b: Matrix<f32>,
    rows: usize,
    start: Start,
) {
    let fused = rows * b.column.count * a.column.count >= SMALL;
    let sums = Sums {
        add: start == Start::Present,
        fused,
        sgd: None,
    };
    match (by_vectors(width, out, a, b, sums), fused) {
        (Some(_), _) => {}
        (None, true) => plain(out, a, b, start, f32::mul_add),
        (None, false) => plain(out, a, b, start, |a, b, sum| a * b + sum),
    }
}

/// Takes an SGD step of `out` (row-major) with the gradient `a b`, where `a` is a part of a matrix of `rows` rows. The
/// bits are those of `multiply` followed by the step. Returns the largest magnitude of `out`.
fn multiply_into_sgd(
    width: Width,
    out: &mut [f32],
    a: Matrix<f32>,
    b: Matrix<f32>,
    rows: usize,
    step: SgdStep<f32>,
) -> u32 {
    let (m, n, k) = (a.row.count, b.column.count, a.column.count);
    let sums = Sums {
        add: false,
        fused: rows * n * k >= SMALL,
        sgd: (k <= f32::LONGEST_SGD).then_some(step),
    };
    let largest = sums.sgd.and_then(|_| by_vectors(width, out, a, b, sums));
    largest.unwrap_or_else(|| {
        let mut gradient = vec![0.0; m * n];
        multiply(width, &mut gradient, a, b, rows, Start::Zero);
        step.take(&mut out[..m * n], &gradient)
    })
}

/// Computes a product, or takes an SGD step, by vector instructions. Returns the largest magnitude that a step stored;
/// nothing if there are no such instructions, or no terms to add.
#[allow(
    unsafe_code,
    reason = "an audited exception: a function for some CPUs only, which takes raw pointers"
)]
fn by_vectors(
    width: Width,
    out: &mut [f32],
    a: Matrix<f32>,
    b: Matrix<f32>,
    sums: Sums,
) -> Option<u32> {
    let (m, n, k) = (a.row.count, b.column.count, a.column.count);
    assert!(
        k == b.row.count && out.len() >= m * n && a.is_inside() && b.is_inside(),
        "matrices of a product fit one another"
    );
    // Safety: a `Width` is one that this CPU has, and every element that the sizes and strides reach lies in its slice.
    (k > 0).then(|| unsafe { ordered::multiply(width, &mut out[..m * n], a, b, sums) })?
}

/// Computes `out = start + a b` (`out` is row-major) and adds the terms of each sum in order, by `add(a, b, sum)`.
fn plain<T: Real>(
    out: &mut [T],
    a: Matrix<T>,
    b: Matrix<T>,
    start: Start,
    add: impl Fn(T, T, T) -> T,
) {
    if start == Start::Zero {
        out[..a.row.count * b.column.count].fill(T::default());
    }
    let rows = out.chunks_exact_mut(b.column.count).take(a.row.count);
    for (row, out) in rows.enumerate() {
        for k in 0..a.column.count {
            let factor = a.at(row, k);
            match b.column.is_dense() {
                true => {
                    let b = &b.values[b.row.at(k) + b.column.first..][..b.column.count];
                    let sums = out.iter_mut().zip(b);
                    sums.for_each(|(sum, b)| *sum = add(factor, *b, *sum));
                }
                false => {
                    for (column, sum) in out.iter_mut().enumerate() {
                        *sum = add(factor, b.at(k, column), *sum);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
