//! Products of matrices for CPUs with AVX2 and FMA: tiles of up to 6 rows and 16 columns that stay in registers.
//!
//! Every element is one chain of (fused or not) multiply-adds, in order, so that the bits do not depend on how a product is cut
//! into blocks or shared over threads. The right matrix is read in place or copied into a panel of 16 columns; the left
//! one is read in place, or copied into strips if its rows are not contiguous.

#![allow(
    unsafe_code,
    reason = "an audited exception: vector loads and stores take raw pointers"
)]

mod copies;
pub(super) mod tile;

use crate::math::matrix::Matrix;

use copies::{COLUMNS, Copies, ROWS, parts};
use std::cell::RefCell;
use tile::{Sums, Target, Tile};

/// Rows of a panel, at most: where the left matrix's rows are contiguous, and where they are not.
const PANEL: [usize; 2] = [1024, 256];
/// A panel is copied if it is at least so long, and used by at least so many rows.
const COPIED: [usize; 2] = [16, 32];
/// Terms of a product whose sums need not be put down between two panels.
pub(super) const LONGEST_SGD: usize = PANEL[1];
/// The left matrix is copied if there are at least so many columns, and its rows are not contiguous.
const STRIPS: usize = 4 * COLUMNS;

/// Whether this CPU can run it.
pub(super) fn is_available() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")
}

thread_local! {
    static COPIES: RefCell<Copies> = const { RefCell::new(Copies::new()) };
}

/// out (row-major) = or += a b, or takes a step of descent against it; then the largest magnitude is returned.
///
/// # Safety
/// [`is_available`], at most [`LONGEST_SGD`] terms for a descent, and all elements that the sizes and strides of `a`, `b` and `out` reach lie in their slices.
pub(super) unsafe fn multiply(out: &mut [f32], a: Matrix<f32>, b: Matrix<f32>, sums: Sums) -> u32 {
    // Panels of the matrix that has less to transpose.
    let turned = !b.column.is_dense() && a.row.count <= b.column.count;
    let (values, width) = (out.as_mut_ptr(), b.column.count);
    let [row, column] = if turned { [1, width] } else { [width, 1] };
    let out = Target {
        values,
        row,
        column,
    };
    COPIES.with_borrow_mut(|copies| {
        // Safety: the caller's promise; a transposed product is the same sums at transposed places.
        unsafe {
            match turned {
                true => blocks(out, b.transposed(), a.transposed(), sums, copies),
                false => blocks(out, a, b, sums, copies),
            }
        }
    })
}

/// All tiles, panel after panel.
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
    // Strips are what makes columns at any places readable.
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
