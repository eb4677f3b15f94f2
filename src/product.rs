//! Products of matrices on the CPU: in f32 by vector instructions, in f64 by plain loops. Every sum is added in order,
//! but for those that `gemm` does for CPUs without AVX2.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod descent;

pub use descent::Descent;
pub(crate) use descent::{descend, longest_descent};

/// A matrix in somebody else's memory.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, T> {
    values: &'a [T],
    row: Side<'a>,
    column: Side<'a>,
}

/// The rows of a matrix, or its columns: how many there are, and where.
#[derive(Clone, Copy, Debug)]
struct Side<'a> {
    first: usize,
    count: usize,
    stride: usize,
    /// The place of each, if they do not follow one another.
    places: Option<&'a [u32]>,
}

impl Side<'_> {
    fn new(count: usize, stride: usize) -> Side<'static> {
        Side {
            first: 0,
            count,
            stride,
            places: None,
        }
    }

    /// Where one of them begins.
    #[inline(always)]
    fn at(&self, index: usize) -> usize {
        let index = self.first + index;
        self.stride * self.places.map_or(index, |places| places[index] as usize)
    }

    /// Whether they are neighbours in memory.
    fn is_dense(&self) -> bool {
        self.stride == 1 && self.places.is_none()
    }

    /// Where the last one in memory begins.
    fn last(&self) -> usize {
        let last = self.first + self.count.saturating_sub(1);
        let places = self
            .places
            .map(|places| &places[self.first..][..self.count]);
        let place = |places: &[u32]| places.iter().max().map_or(0, |place| *place as usize);
        self.stride * places.map_or(last, place)
    }
}

impl<'a, T: Copy> Matrix<'a, T> {
    /// The first `rows` rows of a row-major matrix (at least `rows`, `columns`).
    ///
    /// # Panics
    /// If `values` is shorter than that.
    pub fn new(values: &'a [T], rows: usize, columns: usize) -> Matrix<'a, T> {
        Matrix {
            values: &values[..rows * columns],
            row: Side::new(rows, columns),
            column: Side::new(columns, 1),
        }
    }

    /// Rows of a row-major matrix with so many `columns`: those at `places`, in that order.
    pub fn of_rows(values: &'a [T], places: &'a [u32], columns: usize) -> Matrix<'a, T> {
        Matrix {
            values,
            row: Side {
                places: Some(places),
                ..Side::new(places.len(), columns)
            },
            column: Side::new(columns, 1),
        }
    }

    /// The same matrix, with rows for columns.
    pub fn transposed(self) -> Matrix<'a, T> {
        Matrix {
            row: self.column,
            column: self.row,
            ..self
        }
    }

    /// Its rows `start..end`.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn rows(self, start: usize, end: usize) -> Matrix<'a, T> {
        assert!(start <= end && end <= self.row.count, "rows of a matrix");
        Matrix {
            row: Side {
                first: self.row.first + start,
                count: end - start,
                ..self.row
            },
            ..self
        }
    }

    /// How many rows it has.
    pub(crate) fn rows_count(&self) -> usize {
        self.row.count
    }

    /// How many columns it has.
    pub(crate) fn columns(&self) -> usize {
        self.column.count
    }

    #[inline(always)]
    pub(crate) fn at(&self, row: usize, column: usize) -> T {
        self.values[self.row.at(row) + self.column.at(column)]
    }

    /// Whether all elements lie within the memory.
    fn is_inside(&self) -> bool {
        let empty = self.row.count * self.column.count == 0;
        empty || self.row.last() + self.column.last() < self.values.len()
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

/// Multiply-adds of a call below which sums are added in order and without fused multiply-adds, as the shaders do.
const SMALL: usize = 4_096;

/// Whether a product has the same bits however its rows are cut into blocks, and is as fast if they do not follow one
/// another: it depends on the CPU only.
pub(crate) fn is_cut_freely() -> bool {
    #[cfg(target_arch = "x86_64")]
    return avx2::is_available();
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// That they fit one another; rows, columns and terms of a product.
fn check(out: &[f32], a: Matrix<f32>, b: Matrix<f32>) -> (usize, usize, usize) {
    let (m, n, k) = (a.row.count, b.column.count, a.column.count);
    assert!(
        k == b.row.count && out.len() >= m * n && a.is_inside() && b.is_inside(),
        "matrices of a product fit one another"
    );
    (m, n, k)
}

/// out (row-major) = `start` + a b, where `a` is a part of a matrix of `rows` rows.
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
        let sums = avx2::Sums {
            add: start == Start::Present,
            fused: !small,
            descent: None,
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
/// slice, and the borrow checker that `out` overlaps neither.
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

/// The matrix, copied if its rows or columns do not follow one another.
fn dense<'a>(matrix: Matrix<'a, f32>, copy: &'a mut Vec<f32>) -> Matrix<'a, f32> {
    if matrix.row.places.is_none() && matrix.column.places.is_none() {
        return matrix;
    }
    let (rows, columns) = (matrix.row.count, matrix.column.count);
    let at = |i: usize| matrix.at(i / columns, i % columns);
    copy.extend((0..rows * columns).map(at));
    Matrix::new(copy, rows, columns)
}

#[cfg(test)]
mod tests;
