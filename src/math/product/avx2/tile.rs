//! Tiles of a product: up to 6 rows and 16 columns whose sums stay in registers.

use super::copies::{COLUMNS, ROWS, transposed};
use crate::math::{Real, product::sgd::SgdStep};
use std::arch::x86_64::*;

/// How the sums of a product are added and stored.
#[derive(Clone, Copy)]
pub(crate) struct Sums {
    /// Whether to add to the present values.
    pub(crate) add: bool,
    /// Whether to use fused multiply-adds. If not, each product is rounded before it is added.
    pub(crate) fused: bool,
    /// The SGD step to apply to the present values, with the sums as gradient. The sums are then not stored.
    pub(crate) sgd: Option<SgdStep<f32>>,
}

/// A matrix to write, as a pointer and strides.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) values: *mut f32,
    pub(super) row: usize,
    pub(super) column: usize,
}

/// One tile of a product: rows of `a` of `k` terms, times columns of `b`, whose rows are contiguous.
pub(super) struct Tile {
    /// The start of each row.
    pub(super) a: [*const f32; ROWS],
    pub(super) a_column: usize,
    pub(super) b: *const f32,
    pub(super) b_row: usize,
    pub(super) k: usize,
    pub(super) out: Target,
    pub(super) width: usize,
    pub(super) sums: Sums,
}

/// The largest magnitude of the parameters that were stored ([`Real::magnitude`]).
pub(super) struct Largest([u32; 8]);

impl Largest {
    pub(super) fn new() -> Largest {
        Largest([0; 8])
    }

    fn note(&mut self, value: f32) {
        self.0[0] = self.0[0].max(value.magnitude());
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn note_all(&mut self, values: __m256) {
        let magnitudes = _mm256_and_si256(_mm256_castps_si256(values), _mm256_set1_epi32(i32::MAX));
        let kept = self.0.as_mut_ptr().cast();
        // Safety: eight words.
        unsafe {
            let largest = _mm256_max_epu32(_mm256_loadu_si256(kept), magnitudes);
            _mm256_storeu_si256(kept, largest);
        }
    }

    /// Returns the largest magnitude as bits.
    pub(super) fn word(&self) -> u32 {
        self.0.into_iter().fold(0, u32::max)
    }
}

/// Applies [`SgdStep::updated`] to eight parameters.
#[inline]
#[target_feature(enable = "avx2")]
fn sgd_step(
    step: &SgdStep<f32>,
    parameters: __m256,
    gradient: __m256,
    largest: &mut Largest,
) -> __m256 {
    let mut g = gradient;
    if let Some(decay) = step.decay {
        g = _mm256_add_ps(g, _mm256_mul_ps(_mm256_set1_ps(decay), parameters));
    }
    let change = _mm256_mul_ps(_mm256_set1_ps(step.rate), g);
    let updated = _mm256_sub_ps(parameters, change);
    largest.note_all(updated);
    updated
}

/// Computes one tile of `rows` rows.
///
/// # Safety
/// The rows and columns of the tile are inside the matrices. The rows of `b` have 16 elements.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn run(tile: &Tile, rows: usize, largest: &mut Largest) {
    // Safety: the caller's promise.
    unsafe {
        match rows {
            1 => run_rows::<1>(tile, largest),
            2 => run_rows::<2>(tile, largest),
            3 => run_rows::<3>(tile, largest),
            4 => run_rows::<4>(tile, largest),
            5 => run_rows::<5>(tile, largest),
            _ => run_rows::<6>(tile, largest),
        }
    }
}

/// # Safety
/// As for [`run`].
#[target_feature(enable = "avx2,fma")]
unsafe fn run_rows<const M: usize>(tile: &Tile, largest: &mut Largest) {
    // Safety: the caller's promise.
    unsafe {
        match (tile.out.row, tile.out.column, tile.width) {
            (_, 1, COLUMNS) => direct::<M>(tile, largest),
            (1, _, COLUMNS) if tile.sums.sgd.is_none() => turned::<M>(tile),
            (_, _, 9..) => scattered::<M, 2>(tile, largest),
            _ => scattered::<M, 1>(tile, largest),
        }
    }
}

/// Computes a full-width tile of a row-major matrix.
///
/// # Safety
/// As for [`run`].
#[target_feature(enable = "avx2,fma")]
unsafe fn direct<const M: usize>(tile: &Tile, largest: &mut Largest) {
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
            for (v, sum) in sums.iter().enumerate() {
                let place = place(i, v);
                let value = match &tile.sums.sgd {
                    None => *sum,
                    Some(step) => sgd_step(step, _mm256_loadu_ps(place), *sum, largest),
                };
                _mm256_storeu_ps(place, value);
            }
        }
    }
}

/// Computes a full-width tile of a column-major matrix.
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

/// Computes a tile of any width of a matrix with any strides.
///
/// # Safety
/// As for [`run`].
#[target_feature(enable = "avx2,fma")]
unsafe fn scattered<const M: usize, const V: usize>(tile: &Tile, largest: &mut Largest) {
    let mut values = [[0.0f32; COLUMNS]; M];
    let mut sums = [[_mm256_setzero_ps(); V]; M];
    // Safety: `width` columns of M rows, by the caller's promise; `values` has 16 elements per row.
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
            wanted.for_each(|(j, value)| match &tile.sums.sgd {
                None => *place(i, j) = *value,
                Some(step) => {
                    *place(i, j) = step.updated(*place(i, j), *value);
                    largest.note(*place(i, j));
                }
            });
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
    // Safety: M rows of k factors, and k rows of V registers, by the caller's promise. Pointers past the end are never
    // read, so wrapping arithmetic makes them.
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
