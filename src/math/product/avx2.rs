//! Matrix products for CPUs with AVX2 and FMA: tiles of up to 6 rows and 16 columns whose sums stay in registers.
//!
//! Every element is one chain of multiply-adds, fused or not, in order. So the bits do not depend on how a product is
//! split into blocks or shared between threads. The right matrix is read in place or copied into panels of 16 columns.
//! The left matrix is read in place, or copied into strips if its rows are not contiguous.

#![allow(
    unsafe_code,
    reason = "an audited exception: vector loads and stores take raw pointers"
)]

mod copies;
pub(super) mod tile;

use crate::math::Matrix;

use copies::{COLUMNS, Copies, ROWS, parts};
use std::cell::RefCell;
use tile::{Sums, Target, Tile};

/// Maximum number of rows of a panel: if the rows of the left matrix are contiguous, and if they are not.
const PANEL: [usize; 2] = [1024, 256];
/// A panel is copied if it has at least this many rows, and at least this many rows of the left matrix use it.
const COPIED: [usize; 2] = [16, 32];
/// Maximum number of terms of a fused SGD step: the sums then need no storing between two panels.
pub(super) const LONGEST_SGD: usize = PANEL[1];
/// The left matrix is copied if its rows are not contiguous and the right one has at least this many columns.
const STRIPS: usize = 4 * COLUMNS;

/// Returns whether this CPU has AVX2 and FMA.
pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

thread_local! {
    static COPIES: RefCell<Copies> = const { RefCell::new(Copies::new()) };
}

/// Sets `out` to `a b`, adds `a b` to it, or takes an SGD step with the gradient `a b`. Returns the largest magnitude
/// of the parameters that an SGD step stored.
///
/// # Safety
/// The CPU is one that [`is_available`] accepts. An SGD step has at most [`LONGEST_SGD`] terms. All elements that the
/// sizes and strides of `a`, `b` and `out` reach lie in their slices.
pub(super) unsafe fn multiply(out: &mut [f32], a: Matrix<f32>, b: Matrix<f32>, sums: Sums) -> u32 {
    // Makes panels of the matrix that needs less transposing.
    let turned = !b.column.is_dense() && a.row.count <= b.column.count;
    let (values, width) = (out.as_mut_ptr(), b.column.count);
    let [row, column] = if turned { [1, width] } else { [width, 1] };
    let out = Target {
        values,
        row,
        column,
    };
    COPIES.with_borrow_mut(|copies| {
        // Safety: the caller's promise; a transposed product has the same sums at transposed positions.
        unsafe {
            match turned {
                true => blocks(out, b.transposed(), a.transposed(), sums, copies),
                false => blocks(out, a, b, sums, copies),
            }
        }
    })
}

/// Computes all tiles, panel by panel.
///
/// # Safety
/// As for [`multiply`].
#[target_feature(enable = "avx2,fma")]
unsafe fn blocks(
    out: Target,
    a: Matrix<f32>,
    b: Matrix<f32>,
    sums: Sums,
    copies: &mut Copies,
) -> u32 {
    let mut largest = tile::Largest::new();
    let contiguous = a.column.is_dense();
    // Columns at arbitrary positions can only be read through strips.
    let in_strips = !contiguous && (b.column.count >= STRIPS || a.column.places.is_some());
    let dense = b.column.is_dense() && b.row.places.is_none();
    for k in parts(a.column.count, PANEL[usize::from(!contiguous)]) {
        let in_place = dense && (k.len() < COPIED[0] || a.row.count < COPIED[1]);
        let strips = in_strips.then(|| copies.strips(&a, k.clone()));
        for column in (0..b.column.count).step_by(COLUMNS) {
            let width = COLUMNS.min(b.column.count - column);
            let (panel, b_row) = if in_place && width == COLUMNS {
                let from = b.row.at(k.start) + b.column.at(column);
                (b.values[from..].as_ptr(), b.row.stride)
            } else {
                // Safety: the caller's promise.
                let panel = unsafe { copies.panel(&b, k.clone(), column..column + width) };
                (panel, COLUMNS)
            };
            for rows in parts(a.row.count, ROWS) {
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
                    tile::run(&tile, rows.len(), &mut largest);
                }
            }
        }
    }
    largest.word()
}
