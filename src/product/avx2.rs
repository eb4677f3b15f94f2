//! Products of matrices for CPUs with AVX2 and FMA: tiles of up to 6 rows and 16 columns that stay in registers.
//!
//! Every element is one chain of (fused or not) multiply-adds, in order, so that the bits do not depend on how a product is cut
//! into blocks or shared over threads. The right matrix is read in place or copied into a panel of 16 columns; the left
//! one is read in place, whatever its strides, an element for a whole row of the tile.

#![allow(
    unsafe_code,
    reason = "an audited exception: vector loads and stores take raw pointers"
)]

use super::Matrix;
use std::arch::x86_64::*;
use std::cell::RefCell;
use std::ops::Range;

/// Rows of a tile, at most: 12 sums, 2 columns and a factor fill the 16 registers.
const ROWS: usize = 6;
/// Columns of a tile: two registers.
const COLUMNS: usize = 16;
/// Rows of a panel, at most: where the left matrix's rows are contiguous, and where they are not.
const PANEL: [usize; 2] = [1024, 256];
/// A panel is copied if it is at least so long, and used by at least so many rows.
const COPIED: [usize; 2] = [64, 32];

/// Whether this CPU can run it.
pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

/// A matrix to write, by pointer and strides.
#[derive(Clone, Copy)]
struct Target {
    values: *mut f32,
    row: usize,
    column: usize,
}

/// A tile's part of a product: rows of `a`, `k` long, by columns of `b`, whose rows are contiguous.
struct Tile {
    a: *const f32,
    a_row: usize,
    a_column: usize,
    b: *const f32,
    b_row: usize,
    k: usize,
    out: Target,
    width: usize,
    sums: Sums,
}

/// How an element is summed up.
#[derive(Clone, Copy)]
pub(super) struct Sums {
    /// Added to what is there.
    pub(super) add: bool,
    /// By fused multiply-adds; if not, each product is rounded before it is added.
    pub(super) fused: bool,
}

thread_local! {
    static PANELS: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// out (row-major) = or += a b.
///
/// # Safety
/// [`is_available`], and all elements that the sizes and strides of `a`, `b` and `out` reach lie in their slices.
pub(super) unsafe fn multiply(out: &mut [f32], a: Matrix<f32>, b: Matrix<f32>, sums: Sums) {
    let (straight, values) = (b.column_stride == 1, out.as_mut_ptr());
    let [row, column] = match straight {
        true => [b.columns, 1],
        false => [1, b.columns],
    };
    let out = Target {
        values,
        row,
        column,
    };
    PANELS.with_borrow_mut(|panel| {
        // Safety: the caller's promise; a transposed product is the same sums at transposed places.
        unsafe {
            match straight {
                true => blocks(out, a, b, sums, panel),
                false => blocks(out, b.transposed(), a.transposed(), sums, panel),
            }
        }
    });
}

/// `count` in equal parts of at most `most`.
fn parts(count: usize, most: usize) -> impl Iterator<Item = Range<usize>> {
    let parts = count.div_ceil(most);
    (0..parts).map(move |p| count * p / parts..count * (p + 1) / parts)
}

/// All tiles, panel after panel.
///
/// # Safety
/// As for [`multiply`].
#[target_feature(enable = "avx2,fma")]
unsafe fn blocks(out: Target, a: Matrix<f32>, b: Matrix<f32>, sums: Sums, panel: &mut Vec<f32>) {
    let most = PANEL[usize::from(a.column_stride != 1)];
    for k in parts(a.columns, most) {
        let in_place = b.column_stride == 1 && (k.len() < COPIED[0] || a.rows < COPIED[1]);
        for column in (0..b.columns).step_by(COLUMNS) {
            let width = COLUMNS.min(b.columns - column);
            let from = k.start * b.row_stride + column * b.column_stride;
            let (values, b_row) = if in_place && width == COLUMNS {
                (b.values[from..].as_ptr(), b.row_stride)
            } else {
                panel.resize(panel.len().max(COLUMNS * most), 0.0);
                // Safety: the caller's promise; the panel has room for `most` rows.
                unsafe { copy(panel, &b, k.clone(), column..column + width) };
                (panel.as_ptr(), COLUMNS)
            };
            for rows in parts(a.rows, ROWS) {
                // Safety: `rows`, `k` and the columns from `column` on are inside the matrices.
                unsafe {
                    let first = rows.start * a.row_stride + k.start * a.column_stride;
                    let tile = Tile {
                        a: a.values.as_ptr().add(first),
                        a_row: a.row_stride,
                        a_column: a.column_stride,
                        b: values,
                        b_row,
                        k: k.len(),
                        out: Target {
                            values: out.values.add(rows.start * out.row + column * out.column),
                            ..out
                        },
                        width,
                        sums: Sums {
                            add: sums.add || k.start > 0,
                            ..sums
                        },
                    };
                    run(&tile, rows.len());
                }
            }
        }
    }
}

/// Copies rows `k` and some columns of `b` into a panel, with zeros up to its width.
///
/// # Safety
/// The elements of `b` lie in its slice, and the panel has room.
#[target_feature(enable = "avx2,fma")]
unsafe fn copy(panel: &mut [f32], b: &Matrix<f32>, k: Range<usize>, columns: Range<usize>) {
    assert!(k.len() * COLUMNS <= panel.len());
    if columns.len() == COLUMNS && b.column_stride == 1 {
        for (row, to) in k.zip(panel.chunks_exact_mut(COLUMNS)) {
            to.copy_from_slice(&b.values[row * b.row_stride + columns.start..][..COLUMNS]);
        }
        return;
    }
    let whole = match b.row_stride {
        1 => k.len() / 8 * 8,
        _ => 0,
    };
    for half in (0..COLUMNS).step_by(8) {
        let have = columns.len().saturating_sub(half).min(8);
        let by_eight = if have == 8 { whole } else { 0 };
        let first = (columns.start + half) * b.column_stride;
        for row in (0..by_eight).step_by(8) {
            // Safety: 8 rows and 8 columns of `b`, and of the panel.
            unsafe {
                let from = b.values[first + k.start + row..].as_ptr();
                let to = panel.as_mut_ptr().add(row * COLUMNS + half);
                transpose(from, b.column_stride, to);
            }
        }
        for row in by_eight..k.len() {
            let to = &mut panel[row * COLUMNS + half..][..8];
            for (column, to) in to.iter_mut().enumerate() {
                let place = columns.start + half + column;
                *to = match column < have {
                    true => b.at(k.start + row, place),
                    false => 0.0,
                };
            }
        }
    }
}

/// 8 rows of 8, `stride` apart, to 8 rows of a panel.
///
/// # Safety
/// They can be read, and 8 elements of 8 rows of the panel written.
#[target_feature(enable = "avx2,fma")]
unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32) {
    // Safety: the caller's promise.
    let rows: [__m256; 8] =
        std::array::from_fn(|r| unsafe { _mm256_loadu_ps(from.add(r * stride)) });
    let pairs: [[__m256; 2]; 4] = std::array::from_fn(|p| {
        let (a, b) = (rows[2 * p], rows[2 * p + 1]);
        [_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b)]
    });
    for c in 0..4 {
        let quads: [__m256; 2] = std::array::from_fn(|q| {
            let (a, b) = (pairs[2 * q][c / 2], pairs[2 * q + 1][c / 2]);
            match c % 2 {
                0 => _mm256_shuffle_ps::<0x44>(a, b),
                _ => _mm256_shuffle_ps::<0xEE>(a, b),
            }
        });
        let low = _mm256_permute2f128_ps::<0x20>(quads[0], quads[1]);
        let high = _mm256_permute2f128_ps::<0x31>(quads[0], quads[1]);
        // Safety: the caller's promise.
        unsafe {
            _mm256_storeu_ps(to.add(c * COLUMNS), low);
            _mm256_storeu_ps(to.add((c + 4) * COLUMNS), high);
        }
    }
}

/// One tile of `rows` rows.
///
/// # Safety
/// Its rows and columns are inside the matrices; the rows of `b` have 16 elements.
#[target_feature(enable = "avx2,fma")]
unsafe fn run(tile: &Tile, rows: usize) {
    // Safety: the caller's promise.
    unsafe {
        match rows {
            1 => run_rows::<1>(tile),
            2 => run_rows::<2>(tile),
            3 => run_rows::<3>(tile),
            4 => run_rows::<4>(tile),
            5 => run_rows::<5>(tile),
            _ => run_rows::<6>(tile),
        }
    }
}

/// # Safety
/// As for [`run`].
#[target_feature(enable = "avx2,fma")]
unsafe fn run_rows<const M: usize>(tile: &Tile) {
    // Safety: the caller's promise.
    unsafe {
        match (tile.out.column, tile.width) {
            (1, COLUMNS) => direct::<M>(tile),
            (_, 9..) => scattered::<M, 2>(tile),
            _ => scattered::<M, 1>(tile),
        }
    }
}

/// A whole tile of a row-major matrix.
///
/// # Safety
/// As for [`run`].
#[target_feature(enable = "avx2,fma")]
unsafe fn direct<const M: usize>(tile: &Tile) {
    let mut sums = [[_mm256_setzero_ps(); 2]; M];
    // Safety: 16 columns of M rows, by the caller's promise.
    unsafe {
        let place = |i: usize, v: usize| tile.out.values.add(i * tile.out.row + 8 * v);
        if tile.sums.add {
            for (i, sums) in sums.iter_mut().enumerate() {
                *sums = std::array::from_fn(|v| _mm256_loadu_ps(place(i, v)));
            }
        }
        match tile.sums.fused {
            true => accumulate::<M, 2, true>(&mut sums, tile),
            false => accumulate::<M, 2, false>(&mut sums, tile),
        }
        for (i, sums) in sums.iter().enumerate() {
            _mm256_storeu_ps(place(i, 0), sums[0]);
            _mm256_storeu_ps(place(i, 1), sums[1]);
        }
    }
}

/// A tile of any width, of a matrix with any strides.
///
/// # Safety
/// As for [`run`].
#[target_feature(enable = "avx2,fma")]
unsafe fn scattered<const M: usize, const V: usize>(tile: &Tile) {
    let mut values = [[0.0f32; COLUMNS]; M];
    let mut sums = [[_mm256_setzero_ps(); V]; M];
    // Safety: `width` columns of M rows, by the caller's promise; `values` has 16 a row.
    unsafe {
        let place =
            |i: usize, j: usize| tile.out.values.add(i * tile.out.row + j * tile.out.column);
        if tile.sums.add {
            for (i, values) in values.iter_mut().enumerate() {
                let wanted = values[..tile.width].iter_mut().enumerate();
                wanted.for_each(|(j, value)| *value = *place(i, j));
            }
            for (sums, values) in sums.iter_mut().zip(&values) {
                *sums = std::array::from_fn(|v| _mm256_loadu_ps(values.as_ptr().add(8 * v)));
            }
        }
        match tile.sums.fused {
            true => accumulate::<M, V, true>(&mut sums, tile),
            false => accumulate::<M, V, false>(&mut sums, tile),
        }
        for (sums, values) in sums.iter().zip(&mut values) {
            for (v, sum) in sums.iter().enumerate() {
                _mm256_storeu_ps(values.as_mut_ptr().add(8 * v), *sum);
            }
        }
        for (i, values) in values.iter().enumerate() {
            let wanted = values[..tile.width].iter().enumerate();
            wanted.for_each(|(j, value)| *place(i, j) = *value);
        }
    }
}

/// Adds the products to the sums of a tile.
///
/// # Safety
/// As for [`run`].
#[inline]
#[target_feature(enable = "avx2,fma")]
unsafe fn accumulate<const M: usize, const V: usize, const FUSED: bool>(
    sums: &mut [[__m256; V]; M],
    tile: &Tile,
) {
    // Safety: M rows of k factors, and k rows of V registers, by the caller's promise. Pointers past the last are never
    // read from, and so are made by wrapping arithmetic.
    unsafe {
        let rows: [*const f32; M] = std::array::from_fn(|i| tile.a.add(i * tile.a_row));
        let (mut at, mut b) = (0, tile.b);
        for _ in 0..tile.k {
            let columns: [__m256; V] = std::array::from_fn(|v| _mm256_loadu_ps(b.add(8 * v)));
            for i in 0..M {
                let factor = _mm256_broadcast_ss(&*rows[i].add(at));
                for v in 0..V {
                    sums[i][v] = match FUSED {
                        true => _mm256_fmadd_ps(factor, columns[v], sums[i][v]),
                        false => _mm256_add_ps(sums[i][v], _mm256_mul_ps(factor, columns[v])),
                    };
                }
            }
            at += tile.a_column;
            b = b.wrapping_add(tile.b_row);
        }
    }
}
