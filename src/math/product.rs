//! Matrix products on the CPU: f32 with vector instructions, f64 with plain loops.
//!
//! Every sum is added in order. The exception is `gemm`, which computes large f32 products on CPUs without AVX2.

#[cfg(target_arch = "x86_64")]
mod avx2;
pub mod sgd;

use crate::math::{Matrix, Real, Start};
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
    /// Returns the largest number of terms per sum for which [`Product::multiply_into_sgd`] needs no memory for the
    /// sums.
    fn longest_sgd() -> usize {
        0
    }
    /// Returns whether a product has the same bits no matter how its rows are split into parts.
    fn is_cut_freely() -> bool;
    /// Returns whether a product is as fast when the rows of a matrix are not contiguous.
    fn takes_any_rows() -> bool {
        Self::is_cut_freely()
    }
}

impl Product for f64 {
    fn multiply(out: &mut [f64], a: Matrix<f64>, b: Matrix<f64>, _: usize, start: Start) {
        plain(out, a, b, start);
    }
    fn is_cut_freely() -> bool {
        true
    }
}

impl Product for f32 {
    fn multiply(out: &mut [f32], a: Matrix<f32>, b: Matrix<f32>, rows: usize, start: Start) {
        fast(out, a, b, rows, start);
    }
    fn multiply_into_sgd(
        out: &mut [f32],
        a: Matrix<f32>,
        b: Matrix<f32>,
        rows: usize,
        step: SgdStep<f32>,
    ) -> u32 {
        multiply_into_sgd(out, a, b, rows, step)
    }
    fn longest_sgd() -> usize {
        longest_sgd()
    }
    fn is_cut_freely() -> bool {
        is_cut_freely()
    }
}

/// Computes `out = start + a b` (`out` is row-major) and adds the terms of each sum in order.
fn plain<T>(out: &mut [T], a: Matrix<T>, b: Matrix<T>, start: Start)
where
    T: Copy + Default + std::ops::Mul<Output = T> + std::ops::AddAssign,
{
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
                    out.iter_mut().zip(b).for_each(|(o, b)| *o += factor * *b);
                }
                false => {
                    for (column, o) in out.iter_mut().enumerate() {
                        *o += factor * b.at(k, column);
                    }
                }
            }
        }
    }
}

/// Products with fewer multiply-adds than this add in order and without fused multiply-adds, as the shaders do.
const SMALL: usize = 4_096;

/// Returns whether a product has the same bits no matter how its rows are split into blocks, and is as fast when the
/// rows are not contiguous. This depends on the CPU only.
pub(crate) fn is_cut_freely() -> bool {
    #[cfg(target_arch = "x86_64")]
    return avx2::is_available();
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Checks that the shapes fit. Returns the rows, columns and terms of the product.
fn check(out: &[f32], a: Matrix<f32>, b: Matrix<f32>) -> (usize, usize, usize) {
    let (m, n, k) = (a.row.count, b.column.count, a.column.count);
    assert!(
        k == b.row.count && out.len() >= m * n && a.is_inside() && b.is_inside(),
        "matrices of a product fit one another"
    );
    (m, n, k)
}

/// Computes `out = start + a b` (`out` is row-major). `a` is a part of a matrix of `rows` rows.
pub(crate) fn fast(out: &mut [f32], a: Matrix<f32>, b: Matrix<f32>, rows: usize, start: Start) {
    let (m, n, k) = check(out, a, b);
    let small = rows * n * k < SMALL;
    call_fastest(&mut out[..m * n], a, b, start, small);
}

/// Safety: `fast` has checked that every element of `a`, `b` and `out` that the sizes and strides reach lies in its
/// slice.
#[allow(
    unsafe_code,
    reason = "an audited exception: a function for some CPUs only"
)]
fn call_fastest(out: &mut [f32], a: Matrix<f32>, b: Matrix<f32>, start: Start, small: bool) {
    #[cfg(target_arch = "x86_64")]
    if avx2::is_available() && a.column.count > 0 {
        let sums = avx2::tile::Sums {
            add: start == Start::Present,
            fused: !small,
            sgd: None,
        };
        unsafe { avx2::multiply(out, a, b, sums) };
        return;
    }
    match small {
        true => plain(out, a, b, start),
        false => call_gemm(out, a, b, start),
    }
}

/// Safety: `fast` has checked that every element of `a`, `b` and `out` that the sizes and strides reach lies in its
/// slice. The borrow checker ensures that `out` overlaps neither.
#[allow(unsafe_code, reason = "an audited exception: gemm takes raw pointers")]
fn call_gemm(out: &mut [f32], a: Matrix<f32>, b: Matrix<f32>, start: Start) {
    let (m, n, k) = (a.row.count, b.column.count, a.column.count);
    let (mut dense_a, mut dense_b) = (Vec::new(), Vec::new());
    let (a, b) = (dense(a, &mut dense_a), dense(b, &mut dense_b));
    let first = |m: &Matrix<f32>| m.values[m.row.at(0) + m.column.at(0)..].as_ptr();
    let stride = |s: usize| s as isize;
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            stride(n),
            start == Start::Present,
            first(&a),
            stride(a.column.stride),
            stride(a.row.stride),
            first(&b),
            stride(b.column.stride),
            stride(b.row.stride),
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// Returns the matrix, copied if its rows or columns are at arbitrary positions.
fn dense<'a>(matrix: Matrix<'a, f32>, copy: &'a mut Vec<f32>) -> Matrix<'a, f32> {
    if matrix.row.places.is_none() && matrix.column.places.is_none() {
        return matrix;
    }
    let (rows, columns) = (matrix.row.count, matrix.column.count);
    let at = |i: usize| matrix.at(i / columns, i % columns);
    copy.extend((0..rows * columns).map(at));
    Matrix::new(copy, rows, columns)
}

/// Returns the largest number of terms per sum for which [`multiply_into_sgd`] needs no memory for the sums.
pub(crate) fn longest_sgd() -> usize {
    #[cfg(target_arch = "x86_64")]
    if avx2::is_available() {
        return avx2::LONGEST_SGD;
    }
    0
}

/// Takes an SGD step of `out` (row-major) with the gradient `a b`, where `a` is a part of a matrix of `rows` rows. The
/// bits are those of `fast` followed by the step. Returns the largest magnitude of `out`.
pub(crate) fn multiply_into_sgd(
    out: &mut [f32],
    a: Matrix<f32>,
    b: Matrix<f32>,
    rows: usize,
    step: SgdStep<f32>,
) -> u32 {
    let (m, n, k) = (a.row.count, b.column.count, a.column.count);
    #[cfg(target_arch = "x86_64")]
    if k > 0 && k <= longest_sgd() {
        check(out, a, b);
        return call_sgd(&mut out[..m * n], a, b, rows * n * k >= SMALL, step);
    }
    let mut gradient = vec![0.0; m * n];
    fast(&mut gradient, a, b, rows, Start::Zero);
    step.take(out, &gradient)
}

/// Safety: `multiply_into_sgd` has checked that the CPU has AVX2 and FMA, and that every element of `a`, `b` and `out`
/// that the sizes and strides reach lies in its slice.
#[cfg(target_arch = "x86_64")]
#[allow(
    unsafe_code,
    reason = "an audited exception: a function for some CPUs only"
)]
fn call_sgd(
    out: &mut [f32],
    a: Matrix<f32>,
    b: Matrix<f32>,
    fused: bool,
    step: SgdStep<f32>,
) -> u32 {
    let sums = avx2::tile::Sums {
        add: false,
        fused,
        sgd: Some(step),
    };
    unsafe { avx2::multiply(out, a, b, sums) }
}

#[cfg(test)]
mod tests;
