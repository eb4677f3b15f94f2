//! Tiles of a product: a few rows and registers of columns, whose sums stay in registers.

#![allow(
    clippy::needless_range_loop,
    reason = "with indices that are known once the loops are unrolled, sums stay in registers"
)]

use super::vector::{Eights, Line, MOST_ROWS, Vector, transposed};
use crate::math::{Real, product::sgd::SgdStep};

/// How the sums of a product are added and stored.
#[derive(Clone, Copy)]
pub(in crate::math::product) struct Sums {
    /// Whether to add to the present values.
    pub(in crate::math::product) add: bool,
    /// Whether to use fused multiply-adds. If not, each product is rounded before it is added.
    pub(in crate::math::product) fused: bool,
    /// The SGD step to apply to the present values, with the sums as gradient. The sums are then not stored.
    pub(in crate::math::product) sgd: Option<SgdStep<f32>>,
}

/// A matrix to write, as a pointer and strides.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) values: *mut f32,
    pub(super) row: usize,
    pub(super) column: usize,
}

impl Target {
    /// Returns the place of an element.
    ///
    /// # Safety
    /// It is inside the matrix.
    #[inline(always)]
    unsafe fn place(&self, row: usize, column: usize) -> *mut f32 {
        // Safety: the caller's promise.
        unsafe { self.values.add(row * self.row + column * self.column) }
    }
}

/// One tile of a product: rows of `a` of `k` terms, times columns of `b`, whose rows are contiguous.
pub(super) struct Tile {
    /// The start of each row.
    pub(super) a: [*const f32; MOST_ROWS],
    pub(super) a_column: usize,
    pub(super) b: *const f32,
    pub(super) b_row: usize,
    pub(super) k: usize,
    pub(super) out: Target,
    pub(super) width: usize,
    pub(super) sums: Sums,
}

/// The largest magnitudes of the parameters that SGD steps stored, by lane.
#[derive(Default)]
pub(super) struct Largest(Line);

impl Largest {
    fn note(&mut self, value: f32) {
        let first = &mut self.0.0[0];
        *first = f32::from_bits(first.to_bits().max(value.magnitude()));
    }

    /// Returns the largest magnitude as bits.
    pub(super) fn word(&self) -> u32 {
        let words = self.0.0.iter().map(|value| value.to_bits());
        words.fold(0, u32::max)
    }
}

/// Computes one tile of `rows` rows.
///
/// # Safety
/// As for [`Vector`]. The rows and columns of the tile are inside the matrices. The rows of `b` fill registers.
pub(super) unsafe fn run<V: Vector>(tile: &Tile, rows: usize, largest: &mut Largest) {
    macro_rules! by {
        ($rows:literal, $registers:literal) => {
            // Safety: the caller's promise.
            unsafe {
                V::with(
                    #[inline(always)]
                    || compute::<V, $rows, $registers>(tile, largest),
                )
            }
        };
    }
    macro_rules! by_rows {
        ($($rows:literal)*) => {
            match (rows, tile.width.div_ceil(V::LANES)) {
                $(($rows, 1) => by!($rows, 1),
                ($rows, 2) => by!($rows, 2),
                ($rows, 3) if V::REGISTERS > 2 => by!($rows, 3),
                ($rows, 4) if V::REGISTERS > 3 => by!($rows, 4),)*
                (rows, registers) => unreachable!("a tile of {rows} rows by {registers} registers"),
            }
        };
    }
    by_rows!(1 2 3 4 5 6 7 8)
}

/// The layout of the part of the output that a tile writes.
#[derive(Clone, Copy, PartialEq)]
enum Layout {
    /// Whole registers in rows.
    Rows,
    /// Contiguous columns.
    Columns,
    Any,
}

/// # Safety
/// As for [`run`].
#[inline(always)]
unsafe fn compute<V: Vector, const M: usize, const N: usize>(tile: &Tile, largest: &mut Largest) {
    let layout = match (tile.out.row, tile.out.column) {
        (_, 1) if tile.width == N * V::LANES => Layout::Rows,
        (1, _) if tile.sums.sgd.is_none() => Layout::Columns,
        _ => Layout::Any,
    };
    // Safety: the caller's promise.
    unsafe {
        let sums = match layout {
            _ if !tile.sums.add => [[V::splat(0.0); N]; M],
            Layout::Rows => load_rows(tile),
            Layout::Columns => load_columns(tile),
            Layout::Any => load_any(tile),
        };
        let sums = match tile.sums.fused {
            true => accumulate::<V, M, N, true>(sums, tile),
            false => accumulate::<V, M, N, false>(sums, tile),
        };
        match layout {
            Layout::Rows => store_rows(sums, tile, largest),
            Layout::Columns => store_columns(sums, tile),
            Layout::Any => store_any(sums, tile, largest),
        }
    }
}

/// Adds the products to the sums of a tile.
///
/// # Safety
/// As for [`run`].
#[inline(always)]
unsafe fn accumulate<V: Vector, const M: usize, const N: usize, const FUSED: bool>(
    mut sums: [[V; N]; M],
    tile: &Tile,
) -> [[V; N]; M] {
    // Safety: M rows of k factors, and k rows of N registers, by the caller's promise. Pointers past the end are never
    // read, so wrapping arithmetic makes them.
    unsafe {
        let (mut at, mut b) = (0, tile.b);
        for _ in 0..tile.k {
            let mut columns = [V::splat(0.0); N];
            for (v, column) in columns.iter_mut().enumerate() {
                *column = V::load(b.add(v * V::LANES));
            }
            for i in 0..M {
                let factor = V::splat(*tile.a[i].add(at));
                for v in 0..N {
                    sums[i][v] = match FUSED {
                        true => V::fused(factor, columns[v], sums[i][v]),
                        false => V::add(sums[i][v], V::multiply(factor, columns[v])),
                    };
                }
            }
            at += tile.a_column;
            b = b.wrapping_add(tile.b_row);
        }
        sums
    }
}

/// # Safety
/// As for [`run`].
#[inline(always)]
unsafe fn load_rows<V: Vector, const M: usize, const N: usize>(tile: &Tile) -> [[V; N]; M] {
    // Safety: N registers in each of M rows, by the caller's promise.
    unsafe {
        let mut sums = [[V::splat(0.0); N]; M];
        for i in 0..M {
            for v in 0..N {
                sums[i][v] = V::load(tile.out.place(i, v * V::LANES));
            }
        }
        sums
    }
}

/// Stores whole registers, or takes an SGD step.
///
/// # Safety
/// As for [`run`].
#[inline(always)]
unsafe fn store_rows<V: Vector, const M: usize, const N: usize>(
    sums: [[V; N]; M],
    tile: &Tile,
    largest: &mut Largest,
) {
    // Safety: N registers in each of M rows, by the caller's promise.
    unsafe {
        let Some(step) = tile.sums.sgd else {
            for i in 0..M {
                for v in 0..N {
                    V::store(tile.out.place(i, v * V::LANES), sums[i][v]);
                }
            }
            return;
        };
        let kept = largest.0.0.as_mut_ptr();
        let (rate, mut largest) = (V::splat(step.rate), V::load(kept));
        for i in 0..M {
            for v in 0..N {
                let place = tile.out.place(i, v * V::LANES);
                let parameters = V::load(place);
                let gradient = match step.decay {
                    None => sums[i][v],
                    Some(decay) => V::add(sums[i][v], V::multiply(V::splat(decay), parameters)),
                };
                let updated = V::subtract(parameters, V::multiply(rate, gradient));
                largest = V::larger(largest, updated);
                V::store(place, updated);
            }
        }
        V::store(kept, largest);
    }
}

/// # Safety
/// As for [`run`].
#[inline(always)]
unsafe fn load_columns<V: Vector, const M: usize, const N: usize>(tile: &Tile) -> [[V; N]; M] {
    // Safety: M rows of `width` columns, by the caller's promise. 8 registers are [`Vector::LANES`] columns of 8.
    unsafe {
        let mut sums = [[V::splat(0.0); N]; M];
        for v in 0..N {
            let mut eights = Eights::zeroed();
            let eight = eights.as_mut_ptr().cast::<[f32; MOST_ROWS]>();
            let columns = v * V::LANES..tile.width.min((v + 1) * V::LANES);
            for (c, column) in columns.enumerate() {
                *eight.add(c).cast::<[f32; M]>() = *tile.out.place(0, column).cast();
            }
            let mut registers = [V::splat(0.0); MOST_ROWS];
            for (r, register) in registers.iter_mut().enumerate() {
                *register = V::load(eight.cast::<f32>().add(r * V::LANES));
            }
            let rows = transposed::<V>(registers, V::LANES.ilog2());
            for i in 0..M {
                sums[i][v] = rows[i];
            }
        }
        sums
    }
}

/// # Safety
/// As for [`run`].
#[inline(always)]
unsafe fn store_columns<V: Vector, const M: usize, const N: usize>(sums: [[V; N]; M], tile: &Tile) {
    for v in 0..N {
        let mut eights = Eights::uninit();
        let eight = eights.as_mut_ptr().cast::<[f32; MOST_ROWS]>();
        let columns = v * V::LANES..tile.width.min((v + 1) * V::LANES);
        // Safety: as in [`load_columns`].
        unsafe {
            let mut rows = [V::splat(0.0); MOST_ROWS];
            for i in 0..M {
                rows[i] = sums[i][v];
            }
            let registers = transposed::<V>(rows, MOST_ROWS.ilog2());
            for (r, register) in registers.into_iter().enumerate() {
                V::store(eight.cast::<f32>().add(r * V::LANES), register);
            }
            for (c, column) in columns.enumerate() {
                *tile.out.place(0, column).cast() = *eight.add(c).cast::<[f32; M]>();
            }
        }
    }
}

/// # Safety
/// As for [`run`].
#[inline(always)]
unsafe fn load_any<V: Vector, const M: usize, const N: usize>(tile: &Tile) -> [[V; N]; M] {
    let mut values = [[Line::default(); N]; M];
    // Safety: `width` columns of M rows, by the caller's promise. A line has room for a register.
    unsafe {
        let mut sums = [[V::splat(0.0); N]; M];
        for (i, row) in values.iter_mut().enumerate() {
            for j in 0..tile.width {
                row[j / V::LANES].0[j % V::LANES] = *tile.out.place(i, j);
            }
        }
        for i in 0..M {
            for v in 0..N {
                sums[i][v] = V::load(values[i][v].0.as_ptr());
            }
        }
        sums
    }
}

/// # Safety
/// As for [`run`].
#[inline(always)]
unsafe fn store_any<V: Vector, const M: usize, const N: usize>(
    sums: [[V; N]; M],
    tile: &Tile,
    largest: &mut Largest,
) {
    let mut values = [[Line::default(); N]; M];
    // Safety: as in [`load_any`].
    unsafe {
        for i in 0..M {
            for v in 0..N {
                V::store(values[i][v].0.as_mut_ptr(), sums[i][v]);
            }
        }
        for (i, row) in values.iter().enumerate() {
            for j in 0..tile.width {
                let (sum, place) = (row[j / V::LANES].0[j % V::LANES], tile.out.place(i, j));
                match tile.sums.sgd {
                    None => *place = sum,
                    Some(step) => {
                        *place = step.updated(*place, sum);
                        largest.note(*place);
                    }
                }
            }
        }
    }
}
