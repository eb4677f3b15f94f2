//! Tiles of a product: up to 6 rows and 16 columns, whose sums stay in registers.

use super::copies::transposed;
use super::{COLUMNS, ROWS, Sums};
use std::arch::x86_64::*;

/// A matrix to write, by pointer and strides.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) values: *mut f32,
    pub(super) row: usize,
    pub(super) column: usize,
}

/// A tile's part of a product: rows of `a`, `k` long, by columns of `b`, whose rows are contiguous.
pub(super) struct Tile {
    /// Where each row begins.
    pub(super) a: [*const f32; ROWS],
    pub(super) a_column: usize,
    pub(super) b: *const f32,
    pub(super) b_row: usize,
    pub(super) k: usize,
    pub(super) out: Target,
    pub(super) width: usize,
    pub(super) sums: Sums,
}

/// One tile of `rows` rows.
///
/// # Safety
/// Its rows and columns are inside the matrices; the rows of `b` have 16 elements.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn run(tile: &Tile, rows: usize) {
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
        match (tile.out.row, tile.out.column, tile.width) {
            (_, 1, COLUMNS) => direct::<M>(tile),
            (1, _, COLUMNS) => turned::<M>(tile),
            (_, _, 9..) => scattered::<M, 2>(tile),
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
        sum_up::<M, 2>(&mut sums, tile);
        for (i, sums) in sums.iter().enumerate() {
            _mm256_storeu_ps(place(i, 0), sums[0]);
            _mm256_storeu_ps(place(i, 1), sums[1]);
        }
    }
}

/// A whole tile of a column-major matrix.
///
/// # Safety
/// As for [`run`].
#[target_feature(enable = "avx2,fma")]
unsafe fn turned<const M: usize>(tile: &Tile) {
    let mut sums = [[_mm256_setzero_ps(); 2]; M];
    // Safety: M rows of 16 columns, by the caller's promise.
    unsafe {
        let place = |column: usize| tile.out.values.add(column * tile.out.column);
        if tile.sums.add {
            let column = |at: usize| {
                let mut column = [0.0; 8];
                column[..M].copy_from_slice(&*place(at).cast::<[f32; M]>());
                _mm256_loadu_ps(column.as_ptr())
            };
            let halves: [[__m256; 8]; 2] =
                std::array::from_fn(|v| transposed(std::array::from_fn(|c| column(8 * v + c))));
            for (i, sums) in sums.iter_mut().enumerate() {
                *sums = std::array::from_fn(|v| halves[v][i]);
            }
        }
        sum_up::<M, 2>(&mut sums, tile);
        for v in 0..2 {
            let row = |i: usize| sums.get(i).map_or(_mm256_setzero_ps(), |sums| sums[v]);
            let columns = transposed(std::array::from_fn(row));
            for (c, values) in columns.into_iter().enumerate() {
                let mut column = [0.0; 8];
                _mm256_storeu_ps(column.as_mut_ptr(), values);
                (*place(8 * v + c).cast::<[f32; M]>()).copy_from_slice(&column[..M]);
            }
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
        sum_up::<M, V>(&mut sums, tile);
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
unsafe fn sum_up<const M: usize, const V: usize>(sums: &mut [[__m256; V]; M], tile: &Tile) {
    // Safety: the caller's promise.
    unsafe {
        match tile.sums.fused {
            true => accumulate::<M, V, true>(sums, tile),
            false => accumulate::<M, V, false>(sums, tile),
        }
    }
}

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
        let rows: [*const f32; M] = std::array::from_fn(|i| tile.a[i]);
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
