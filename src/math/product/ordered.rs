//! Matrix products by vector instructions: tiles of a few rows and registers of columns whose sums stay in registers.
//!
//! Every element is one chain of multiply-adds, fused or not, in order. So the bits do not depend on the instructions, on
//! how a product is split into blocks, or on how it is shared between threads. The right matrix is read in place or copied
//! into panels as wide as a tile. The left matrix is read in place, or copied into strips if its rows are not contiguous.

#![allow(
    unsafe_code,
    reason = "an audited exception: vector loads and stores take raw pointers, and instructions that not every CPU has"
)]

mod copies;
pub(super) mod tile;
pub(super) mod vector;

use crate::math::{Matrix, width::Width};
use copies::{Copies, parts};
use std::cell::RefCell;
use tile::{Largest, Sums, Target, Tile};
use vector::Vector;

/// Maximum number of rows of a panel: if the rows of the left matrix are contiguous, and if they are not.
const PANEL: [usize; 2] = [1024, 256];
/// A panel is copied if it has at least this many rows, and at least this many rows of the left matrix use it.
const COPIED: [usize; 2] = [16, 32];
/// Maximum number of terms of a fused SGD step: the sums then need no storing between two panels.
pub(super) const LONGEST_SGD: usize = PANEL[1];
/// The left matrix is copied if its rows are not contiguous and the right one has at least this many columns.
const STRIPS: usize = 64;

thread_local! {
    static COPIES: RefCell<Copies> = const { RefCell::new(Copies::new()) };
}

/// Sets `out` to `a b`, adds `a b` to it, or takes an SGD step with the gradient `a b`. Returns the largest magnitude
/// of the parameters that an SGD step stored, or nothing if `width` is not of vector instructions: `out` is then as it was.
///
/// # Safety
/// The CPU has the instructions of `width`. An SGD step has at most [`LONGEST_SGD`] terms. All elements that the sizes and
/// strides of `a`, `b` and `out` reach lie in their slices.
pub(super) unsafe fn multiply(
    width: Width,
    out: &mut [f32],
    a: Matrix<f32>,
    b: Matrix<f32>,
    sums: Sums,
) -> Option<u32> {
    // Makes panels of the matrix that needs less transposing.
    let turned = !b.column.is_dense() && a.row.count <= b.column.count;
    let (values, columns) = (out.as_mut_ptr(), b.column.count);
    let [row, column] = if turned { [1, columns] } else { [columns, 1] };
    let out = Target {
        values,
        row,
        column,
    };
    // A transposed product has the same sums at transposed positions.
    let [a, b] = if turned {
        [b.transposed(), a.transposed()]
    } else {
        [a, b]
    };
    COPIES.with_borrow_mut(|copies| {
        macro_rules! by {
            ($vector:ty) => {
                // Safety: the caller's promise.
                Some(unsafe {
                    <$vector>::with(
                        #[inline(always)]
                        || blocks::<$vector>(out, a, b, sums, copies),
                    )
                })
            };
        }
        match width {
            #[cfg(target_arch = "x86_64")]
            Width::Avx512 => by!(std::arch::x86_64::__m512),
            #[cfg(target_arch = "x86_64")]
            Width::Avx2 => by!(std::arch::x86_64::__m256),
            #[cfg(target_arch = "aarch64")]
            Width::Neon => by!(std::arch::aarch64::float32x4_t),
            _ => None,
        }
    })
}

/// Computes all tiles, panel by panel.
///
/// # Safety
/// As for [`multiply`].
#[inline(always)]
unsafe fn blocks<V: Vector>(
    out: Target,
    a: Matrix<f32>,
    b: Matrix<f32>,
    sums: Sums,
    copies: &mut Copies,
) -> u32 {
    let mut largest = Largest::default();
    let contiguous = a.column.is_dense();
    // Columns at arbitrary positions can only be read through strips.
    let in_strips = !contiguous && (b.column.count >= STRIPS || a.column.places.is_some());
    let dense = b.column.is_dense() && b.row.places.is_none();
    for k in parts(a.column.count, PANEL[usize::from(!contiguous)]) {
        let in_place = dense && (k.len() < COPIED[0] || a.row.count < COPIED[1]);
        let strips = in_strips.then(|| copies.strips(&a, k.clone(), V::ROWS));
        for registers in parts(b.column.count.div_ceil(V::LANES), V::REGISTERS) {
            let column = registers.start * V::LANES;
            let width = b.column.count.min(registers.end * V::LANES) - column;
            let (panel, b_row) = if in_place && width.is_multiple_of(V::LANES) {
                let from = b.row.at(k.start) + b.column.at(column);
                (b.values[from..].as_ptr(), b.row.stride)
            } else {
                // Safety: the caller's promise.
                let panel = unsafe { copies.panel::<V>(&b, k.clone(), column..column + width) };
                (panel, V::COLUMNS)
            };
            for rows in parts(a.row.count, V::ROWS) {
                // Safety: `rows`, `k` and the columns from `column` on are inside the matrices, and strips hold all rows.
                unsafe {
                    let in_place = |i: usize| {
                        let row = rows.start + i.min(rows.len() - 1);
                        a.values.as_ptr().add(a.row.at(row) + a.column.at(k.start))
                    };
                    let (a, a_column) = match strips {
                        None => (std::array::from_fn(in_place), a.column.stride),
                        Some(strips) => {
                            let strip = strips.add(rows.start * k.len());
                            (std::array::from_fn(|i| strip.wrapping_add(i)), rows.len())
                        }
                    };
                    let values = out.values.add(rows.start * out.row + column * out.column);
                    let tile = Tile {
                        a,
                        a_column,
                        b: panel,
                        b_row,
                        k: k.len(),
                        out: Target { values, ..out },
                        width,
                        sums: Sums {
                            add: sums.add || k.start > 0,
                            ..sums
                        },
                    };
                    tile::run::<V>(&tile, rows.len(), &mut largest);
                }
            }
        }
    }
    largest.word()
}
