//! Products of matrices on the CPU: in f32 by vector instructions, in f64 by plain loops. Every sum is added in order,
//! but for those that `gemm` does for CPUs without AVX2.

#[cfg(target_arch = "x86_64")]
mod avx2;

/// A matrix in somebody else's memory.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    values: &'a [T],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a, T: Copy> Matrix<'a, T> {
    /// The first `rows` rows of a row-major matrix (at least `rows`, `columns`).
    ///
    /// # Panics
    /// If `values` is shorter than that.
    pub fn new(values: &'a [T], rows: usize, columns: usize) -> Matrix<'a, T> {
        Matrix {
            values: &values[..rows * columns],
            rows,
            columns,
            row_stride: columns,
            column_stride: 1,
        }
    }

    /// The same matrix, with rows for columns.
    pub fn transposed(self) -> Matrix<'a, T> {
        Matrix {
            values: self.values,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }

    /// Its rows `start..end`.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn rows(self, start: usize, end: usize) -> Matrix<'a, T> {
        assert!(start <= end && end <= self.rows, "rows of a matrix");
        let from = (start * self.row_stride).min(self.values.len());
        Matrix {
            values: &self.values[from..],
            rows: end - start,
            ..self
        }
    }

    /// How many rows it has.
    pub(crate) fn rows_count(&self) -> usize {
        self.rows
    }

    /// How many columns it has.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    #[inline(always)]
    pub(crate) fn at(&self, row: usize, column: usize) -> T {
        self.values[row * self.row_stride + column * self.column_stride]
    }

    /// Whether the last element lies within the memory.
    fn is_inside(&self) -> bool {
        let last = self.rows.saturating_sub(1) * self.row_stride
            + self.columns.saturating_sub(1) * self.column_stride;
        self.rows * self.columns == 0 || last < self.values.len()
    }
}

/// What the sums of a product start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Zero: what was in the memory is overwritten.
    Zero,
    /// What is there.
    Present,
}

/// out (row-major) = `start` + a b, each sum added in order.
pub(crate) fn plain<T>(out: &mut [T], a: Matrix<T>, b: Matrix<T>, start: Start)
where
    T: Copy + Default + std::ops::Mul<Output = T> + std::ops::AddAssign,
{
    if start == Start::Zero {
        out[..a.rows * b.columns].fill(T::default());
    }
    for (row, out) in out.chunks_exact_mut(b.columns).take(a.rows).enumerate() {
        for k in 0..a.columns {
            let factor = a.at(row, k);
            match b.column_stride {
                1 => {
                    let b = &b.values[k * b.row_stride..][..b.columns];
                    out.iter_mut().zip(b).for_each(|(o, b)| *o += factor * *b);
                }
                _ => {
                    for (column, o) in out.iter_mut().enumerate() {
                        *o += factor * b.at(k, column);
                    }
                }
            }
        }
    }
}

/// Multiply-adds of a call below which sums are added in order and without fused multiply-adds, as the shaders do.
const SMALL: usize = 4_096;

/// Whether a product has the same bits however its rows are cut into blocks: it depends on the CPU only.
pub(crate) fn is_cut_freely() -> bool {
    #[cfg(target_arch = "x86_64")]
    return avx2::is_available();
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// out (row-major) = `start` + a b, where `a` is a part of a matrix of `rows` rows.
pub(crate) fn fast(out: &mut [f32], a: Matrix<f32>, b: Matrix<f32>, rows: usize, start: Start) {
    let (m, n, k) = (a.rows, b.columns, a.columns);
    assert!(
        k == b.rows && out.len() >= m * n && a.is_inside() && b.is_inside(),
        "matrices of a product fit one another"
    );
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
    if avx2::is_available() && a.columns > 0 {
        let sums = avx2::Sums {
            add: start == Start::Present,
            fused: !small,
        };
        return unsafe { avx2::multiply(out, a, b, sums) };
    }
    match small {
        true => plain(out, a, b, start),
        false => call_gemm(out, a, b, start),
    }
}

/// Safety: `fast` has checked that every element of `a`, `b` and `out` that the sizes and strides reach lies in its
/// slice, and the borrow checker that `out` overlaps neither.
#[allow(unsafe_code, reason = "an audited exception: gemm takes raw pointers")]
fn call_gemm(out: &mut [f32], a: Matrix<f32>, b: Matrix<f32>, start: Start) {
    let (m, n, k) = (a.rows, b.columns, a.columns);
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
            a.values.as_ptr(),
            stride(a.column_stride),
            stride(a.row_stride),
            b.values.as_ptr(),
            stride(b.column_stride),
            stride(b.row_stride),
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Random, Stream};

    fn numbers(len: usize, part: u32) -> Vec<f32> {
        let random = Random::new(5, Stream::Data, part);
        (0..len as u32).map(|i| random.normal(i) as f32).collect()
    }

    fn fast_product(out: &mut [f32], a: Matrix<f32>, b: Matrix<f32>, start: Start) {
        call_fastest(out, a, b, start, false);
    }

    /// a (m, k) as given or transposed in memory, b (k, n) likewise.
    fn check(m: usize, n: usize, k: usize) {
        let (a, b) = (numbers(m * k, 0), numbers(k * n, 1));
        let lefts = [Matrix::new(&a, m, k), Matrix::new(&a, k, m).transposed()];
        let rights = [Matrix::new(&b, k, n), Matrix::new(&b, n, k).transposed()];
        let pairs = lefts.map(|a| rights.map(|b| (a, b)));
        for (a, b) in pairs.into_iter().flatten() {
            for start in [Start::Zero, Start::Present] {
                let mut exact = vec![0.25; m * n];
                plain(&mut exact, a, b, start);
                let mut in_order = vec![0.25; m * n];
                call_fastest(&mut in_order, a, b, start, true);
                assert!(in_order == exact, "{m} {n} {k}");
                for product in [fast_product, call_gemm] {
                    let mut found = vec![0.25; m * n];
                    product(&mut found, a, b, start);
                    for (e, f) in exact.iter().zip(&found) {
                        assert!((e - f).abs() <= 4e-6 * k as f32, "{m} {n} {k}: {e} {f}");
                    }
                }
            }
        }
    }

    #[test]
    fn fast_products_agree_with_plain_loops_on_odd_shapes() {
        for m in [1, 3, 17, 33] {
            for n in [1, 5, 16, 31] {
                for k in [1, 7, 64, 129] {
                    check(m, n, k);
                }
            }
        }
        check(7, 40, 1100);
    }

    #[test]
    fn a_product_has_the_same_bits_however_it_is_cut() {
        if !is_cut_freely() {
            return;
        }
        let (m, n, k) = (45, 37, 300);
        let (a, b) = (numbers(m * k, 0), numbers(k * n, 1));
        let (a, b) = (Matrix::new(&a, m, k), Matrix::new(&b, k, n));
        let mut whole = vec![0.5; m * n];
        fast(&mut whole, a, b, m, Start::Present);
        let mut parts = vec![0.5; m * n];
        for rows in [0..1, 1..8, 8..40, 40..45] {
            let out = &mut parts[rows.start * n..rows.end * n];
            fast(out, a.rows(rows.start, rows.end), b, m, Start::Present);
        }
        assert!(whole == parts);
    }
}
