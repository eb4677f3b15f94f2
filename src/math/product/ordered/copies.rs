//! Copies of the matrices of a product in the order in which tiles read them: panels of the right matrix, strips of the
//! left one.

use super::vector::{Eights, Line, MOST_ROWS, Vector, transposed};
use crate::math::{Matrix, simd::prefetch_line};
use std::ops::Range;

/// Memory for the copies, reused between products.
pub(super) struct Copies {
    panel: Vec<Line>,
    strips: Vec<f32>,
}

impl Copies {
    pub(super) const fn new() -> Copies {
        Copies {
            panel: Vec::new(),
            strips: Vec::new(),
        }
    }

    /// Copies the rows `k` and some columns of `b` into rows of [`Vector::COLUMNS`] columns. Those beyond the last register
    /// that has a column stay as they were.
    ///
    /// # Safety
    /// As for [`Vector`]. The elements of `b` lie in its slice.
    #[inline(always)]
    pub(super) unsafe fn panel<V: Vector>(
        &mut self,
        b: &Matrix<f32>,
        k: Range<usize>,
        columns: Range<usize>,
    ) -> *const f32 {
        let lines = (k.len() * V::COLUMNS).div_ceil(16).max(self.panel.len());
        self.panel.resize(lines, Line::default());
        let panel = self.panel.as_mut_ptr().cast::<f32>();
        // Safety: the caller's promise; the panel has room for all rows.
        unsafe {
            match (b.column.is_dense(), columns.len() / V::LANES) {
                _ if !columns.len().is_multiple_of(V::LANES) => copy_any::<V>(panel, b, k, columns),
                (true, 1) => copy_rows::<V, 1>(panel, b, k, columns.start),
                (true, 2) => copy_rows::<V, 2>(panel, b, k, columns.start),
                (true, 3) => copy_rows::<V, 3>(panel, b, k, columns.start),
                (true, 4) => copy_rows::<V, 4>(panel, b, k, columns.start),
                _ => copy_any::<V>(panel, b, k, columns),
            }
        }
        panel
    }

    /// Copies the columns `k` of `a` into strips, one after the other. A strip holds the rows of one tile side by side,
    /// so a tile reads its factors from consecutive memory. In place they would lie a whole row of the batch apart.
    #[inline(always)]
    pub(super) fn strips(&mut self, a: &Matrix<f32>, k: Range<usize>, most: usize) -> *const f32 {
        let factors = a.row.count * k.len();
        if self.strips.len() < factors {
            self.strips.resize(factors, 0.0);
        }
        let mut rest = &mut self.strips[..factors];
        for rows in parts(a.row.count, most) {
            let strip;
            (strip, rest) = rest.split_at_mut(rows.len() * k.len());
            match rows.len() {
                1 => fill::<1>(strip, a, k.clone(), rows.start),
                2 => fill::<2>(strip, a, k.clone(), rows.start),
                3 => fill::<3>(strip, a, k.clone(), rows.start),
                4 => fill::<4>(strip, a, k.clone(), rows.start),
                5 => fill::<5>(strip, a, k.clone(), rows.start),
                6 => fill::<6>(strip, a, k.clone(), rows.start),
                7 => fill::<7>(strip, a, k.clone(), rows.start),
                _ => fill::<8>(strip, a, k.clone(), rows.start),
            }
        }
        self.strips.as_ptr()
    }
}

/// Fills one strip with `M` rows, starting at `first`.
#[inline(always)]
fn fill<const M: usize>(strip: &mut [f32], a: &Matrix<f32>, k: Range<usize>, first: usize) {
    let (factors, _) = strip.as_chunks_mut::<M>();
    for (factors, k) in factors.iter_mut().zip(k) {
        match a.row.is_dense() {
            true => {
                let from = &a.values[a.row.at(first) + a.column.at(k)..];
                factors.copy_from_slice(&from[..M]);
            }
            false => *factors = std::array::from_fn(|i| a.at(first + i, k)),
        }
    }
}

/// Copies `N` registers of each row from a matrix whose rows are contiguous.
///
/// # Safety
/// As for [`Copies::panel`].
#[inline(always)]
unsafe fn copy_rows<V: Vector, const N: usize>(
    panel: *mut f32,
    b: &Matrix<f32>,
    k: Range<usize>,
    column: usize,
) {
    let first = b.column.at(column);
    for (n, row) in k.enumerate() {
        let from = b.values[b.row.at(row) + first..][..N * V::LANES].as_ptr();
        // Prefetches the next panel. Its rows are a whole matrix row apart, which the hardware prefetcher does not
        // predict.
        for line in (15..N * V::LANES).step_by(16) {
            prefetch_line::<true, f32>(from.wrapping_add(N * V::LANES + line));
        }
        // Safety: the panel has room, by the caller's promise.
        unsafe {
            for v in 0..N {
                let to = panel.add(n * V::COLUMNS + v * V::LANES);
                V::store(to, V::load(from.add(v * V::LANES)));
            }
        }
    }
}

/// Copies columns of a matrix with any strides. Beyond the last one it repeats it, up to a multiple of 8.
///
/// # Safety
/// As for [`Copies::panel`].
#[inline(always)]
unsafe fn copy_any<V: Vector>(
    panel: *mut f32,
    b: &Matrix<f32>,
    k: Range<usize>,
    columns: Range<usize>,
) {
    let whole = match b.row.is_dense() {
        true => k.len() / V::LANES * V::LANES,
        false => 0,
    };
    for eight in (0..columns.len()).step_by(MOST_ROWS) {
        let column = |c: usize| (columns.start + eight + c).min(columns.end - 1);
        let starts: [usize; MOST_ROWS] = std::array::from_fn(|c| b.column.at(column(c)));
        for block in (0..whole).step_by(V::LANES) {
            let mut eights = Eights::uninit();
            // Safety: 8 columns of [`Vector::LANES`] elements, by the caller's promise, which are as many rows of 8.
            unsafe {
                let from = b.values.as_ptr().add(b.row.at(k.start + block));
                let columns = starts.map(
                    #[inline(always)]
                    |start| V::load(from.add(start)),
                );
                let to = eights.as_mut_ptr().cast::<f32>();
                for (r, register) in transposed(columns, MOST_ROWS.ilog2())
                    .into_iter()
                    .enumerate()
                {
                    V::store(to.add(r * V::LANES), register);
                }
                for n in 0..V::LANES {
                    let row = panel.add((block + n) * V::COLUMNS + eight);
                    *row.cast::<[f32; MOST_ROWS]>() = *to.cast::<[f32; MOST_ROWS]>().add(n);
                }
            }
        }
        for n in whole..k.len() {
            let row = b.row.at(k.start + n);
            let values = starts.map(|start| b.values[row + start]);
            // Safety: the panel has room, by the caller's promise.
            unsafe {
                *panel.add(n * V::COLUMNS + eight).cast::<[f32; MOST_ROWS]>() = values;
            }
        }
    }
}

/// Splits `0..count` into nearly equal ranges of at most `most`.
pub(super) fn parts(count: usize, most: usize) -> impl Iterator<Item = Range<usize>> {
    let parts = count.div_ceil(most);
    (0..parts).map(move |p| count * p / parts..count * (p + 1) / parts)
}
