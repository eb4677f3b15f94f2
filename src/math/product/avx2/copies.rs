//! Copies of the matrices of a product in the order in which tiles read them: panels of the right matrix, strips of the
//! left one.

use crate::math::Matrix;
use std::arch::x86_64::*;
use std::ops::Range;

/// Maximum number of rows of a tile: 12 sums, 2 columns and a factor fill the 16 registers.
pub(super) const ROWS: usize = 6;
/// Columns of a tile: two registers, or one cache line.
pub(super) const COLUMNS: usize = 16;
/// One row of a panel: a cache line.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; COLUMNS]);

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

    /// Copies the rows `k` and some columns of `b`, padded with zeros to 16 columns.
    ///
    /// # Safety
    /// The elements of `b` lie in its slice.
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn panel(
        &mut self,
        b: &Matrix<f32>,
        k: Range<usize>,
        columns: Range<usize>,
    ) -> *const f32 {
        let lines = self.panel.len().max(k.len());
        self.panel.resize(lines, Line([0.0; COLUMNS]));
        match columns.len() == COLUMNS && b.column.is_dense() {
            true => copy_rows(&mut self.panel, b, k, columns),
            // Safety: the caller's promise.
            false => unsafe { copy_any(&mut self.panel, b, k, columns) },
        }
        self.panel.as_ptr().cast()
    }

    /// Copies the columns `k` of `a` into strips, one after the other. A strip holds the rows of one tile side by side,
    /// so a tile reads its factors from consecutive memory. In place they would lie a whole row of the batch apart.
    pub(super) fn strips(&mut self, a: &Matrix<f32>, k: Range<usize>) -> *const f32 {
        let factors = a.row.count * k.len();
        if self.strips.len() < factors {
            self.strips.resize(factors, 0.0);
        }
        let mut rest = &mut self.strips[..factors];
        for rows in parts(a.row.count, ROWS) {
            let strip;
            (strip, rest) = rest.split_at_mut(rows.len() * k.len());
            match rows.len() {
                1 => fill::<1>(strip, a, k.clone(), rows.start),
                2 => fill::<2>(strip, a, k.clone(), rows.start),
                3 => fill::<3>(strip, a, k.clone(), rows.start),
                4 => fill::<4>(strip, a, k.clone(), rows.start),
                5 => fill::<5>(strip, a, k.clone(), rows.start),
                _ => fill::<6>(strip, a, k.clone(), rows.start),
            }
        }
        self.strips.as_ptr()
    }
}

/// Fills one strip with `M` rows, starting at `first`.
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

/// Copies 16 columns of a matrix whose rows are contiguous.
fn copy_rows(panel: &mut [Line], b: &Matrix<f32>, k: Range<usize>, columns: Range<usize>) {
    let first = b.column.at(columns.start);
    for (row, line) in k.zip(panel) {
        let at = b.row.at(row) + first;
        line.0.copy_from_slice(&b.values[at..][..COLUMNS]);
        // Prefetches the next panel. Its rows are a whole matrix row apart, which the hardware prefetcher does not
        // predict.
        let last = b.values.as_ptr().wrapping_add(at + 2 * COLUMNS - 1);
        // Safety: it reads nothing, and an address that is not mapped is no fault.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(last.cast()) };
    }
}

/// Copies up to 16 columns of a matrix with any strides.
///
/// # Safety
/// The elements of `b` lie in its slice.
#[target_feature(enable = "avx2,fma")]
unsafe fn copy_any(panel: &mut [Line], b: &Matrix<f32>, k: Range<usize>, columns: Range<usize>) {
    let whole = match b.row.is_dense() {
        true => k.len() / 8 * 8,
        false => 0,
    };
    for half in (0..COLUMNS).step_by(8) {
        let have = columns.len().saturating_sub(half).min(8);
        let by_eight = if have == 8 { whole } else { 0 };
        let first = columns.start + half;
        let (lines, rest) = panel[..k.len()].split_at_mut(by_eight);
        let starts: [usize; 8] = std::array::from_fn(|c| match c < have {
            true => b.column.at(first + c) + b.row.at(k.start),
            false => 0,
        });
        for (block, lines) in lines.as_chunks_mut::<8>().0.iter_mut().enumerate() {
            let from = b.values.as_ptr().wrapping_add(8 * block);
            // Safety: 8 columns of 8 elements, by the caller's promise.
            let columns = starts.map(|start| unsafe { _mm256_loadu_ps(from.add(start)) });
            for (line, row) in lines.iter_mut().zip(transposed(columns)) {
                // Safety: 8 elements.
                unsafe { _mm256_storeu_ps(line.0[half..][..8].as_mut_ptr(), row) };
            }
        }
        for (line, row) in rest.iter_mut().zip(k.start + by_eight..) {
            for (column, to) in line.0[half..][..8].iter_mut().enumerate() {
                *to = match column < have {
                    true => b.at(row, first + column),
                    false => 0.0,
                };
            }
        }
    }
}

/// Transposes an 8 by 8 block.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn transposed(rows: [__m256; 8]) -> [__m256; 8] {
    let pairs: [[__m256; 2]; 4] = std::array::from_fn(|p| {
        let (a, b) = (rows[2 * p], rows[2 * p + 1]);
        [_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b)]
    });
    let mut columns = rows;
    for c in 0..4 {
        let quads: [__m256; 2] = std::array::from_fn(|q| {
            let (a, b) = (pairs[2 * q][c / 2], pairs[2 * q + 1][c / 2]);
            match c % 2 {
                0 => _mm256_shuffle_ps::<0x44>(a, b),
                _ => _mm256_shuffle_ps::<0xEE>(a, b),
            }
        });
        columns[c] = _mm256_permute2f128_ps::<0x20>(quads[0], quads[1]);
        columns[c + 4] = _mm256_permute2f128_ps::<0x31>(quads[0], quads[1]);
    }
    columns
}

/// Splits `0..count` into nearly equal ranges of at most `most`.
pub(super) fn parts(count: usize, most: usize) -> impl Iterator<Item = Range<usize>> {
    let parts = count.div_ceil(most);
    (0..parts).map(move |p| count * p / parts..count * (p + 1) / parts)
}
