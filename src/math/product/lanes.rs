//! Products of many networks: each element holds a number of each network, and each sum is added in order.

#![allow(
    unsafe_code,
    reason = "an audited exception: vector loads and stores take raw pointers, and instructions that not every CPU has"
)]

use super::{Product, ordered::vector::Vector, plain};
use crate::math::{Lanes, Matrix, Start, matrix::Side, width::Width};

/// Networks whose sums are in registers at a time.
const PART: usize = 16;

impl<const W: usize> Product for Lanes<W> {
    const TAKES_ANY_ROWS: bool = false;

    fn multiply(out: &mut [Self], a: Matrix<Self>, b: Matrix<Self>, _: usize, start: Start) {
        multiply(Width::current(), out, a, b, start);
    }
}

/// Computes `out = start + a b` (`out` is row-major).
///
/// # Panics
/// If rows or columns are at arbitrary positions ([`Product::TAKES_ANY_ROWS`]), or matrices do not fit one another.
pub(super) fn multiply<const W: usize>(
    width: Width,
    out: &mut [Lanes<W>],
    a: Matrix<Lanes<W>>,
    b: Matrix<Lanes<W>>,
    start: Start,
) {
    let sums = Sums::new(out, &a, &b, start == Start::Present);
    macro_rules! by {
        ($vector:ty) => {
            // Safety: a `Width` is one that this CPU has.
            unsafe {
                <$vector>::with(
                    #[inline(always)]
                    || sums.all::<$vector>(),
                )
            }
        };
    }
    match width {
        #[cfg(target_arch = "x86_64")]
        Width::Avx512 => by!(std::arch::x86_64::__m512),
        #[cfg(target_arch = "x86_64")]
        Width::Avx2 => by!(std::arch::x86_64::__m256),
        #[cfg(target_arch = "aarch64")]
        Width::Neon => by!(std::arch::aarch64::float32x4_t),
        _ => plain(out, a, b, start, |a, b, sum| sum + a * b),
    }
}

/// A product, or what is left of it. Every element that the sizes and distances reach exists.
#[derive(Clone, Copy)]
struct Sums<const W: usize> {
    out: *mut Lanes<W>,
    /// The first factor in each matrix.
    a: *const Lanes<W>,
    b: *const Lanes<W>,
    rows: usize,
    columns: usize,
    terms: usize,
    /// Distances between rows and terms in the left matrix, and between terms and columns in the right one.
    a_steps: [usize; 2],
    b_steps: [usize; 2],
    /// Whether to add to the present values.
    add: bool,
}

impl<const W: usize> Sums<W> {
    /// # Panics
    /// As for [`multiply`].
    #[inline(always)]
    fn new(out: &mut [Lanes<W>], a: &Matrix<Lanes<W>>, b: &Matrix<Lanes<W>>, add: bool) -> Sums<W> {
        let sides = [&a.row, &a.column, &b.row, &b.column];
        assert!(
            sides.iter().all(|side| side.places.is_none()),
            "products of many networks have evenly spaced rows and columns"
        );
        let first =
            |m: &Matrix<Lanes<W>>| m.row.first * m.row.stride + m.column.first * m.column.stride;
        let last = |side: &Side| side.count.wrapping_sub(1).wrapping_mul(side.stride);
        let (a_first, b_first) = (first(a), first(b));
        let (rows, columns, terms) = (a.row.count, b.column.count, a.column.count);
        let reach = |m: &Matrix<Lanes<W>>, first: usize| first + last(&m.row) + last(&m.column);
        let inside = |m: &Matrix<Lanes<W>>, first: usize| reach(m, first) < m.values.len();
        let is_empty = rows == 0 || columns == 0 || terms == 0;
        assert!(
            terms == b.row.count
                && out.len() >= rows * columns
                && (is_empty || (inside(a, a_first) && inside(b, b_first))),
            "matrices of a product fit one another"
        );
        Sums {
            out: out.as_mut_ptr(),
            a: a.values.as_ptr().wrapping_add(a_first),
            b: b.values.as_ptr().wrapping_add(b_first),
            rows,
            columns,
            terms,
            a_steps: [a.row.stride, a.column.stride],
            b_steps: [b.row.stride, b.column.stride],
            add,
        }
    }

    /// Computes the product, [`PART`] networks at a time.
    ///
    /// # Safety
    /// As for [`Vector`].
    #[inline(always)]
    unsafe fn all<V: Vector>(self) {
        const { assert!(W.is_multiple_of(PART), "whole parts") }
        for part in 0..W / PART {
            // Safety: the caller's promise.
            unsafe {
                let own = Sums {
                    out: self.out.cast::<f32>().add(part * PART).cast(),
                    a: self.a.cast::<f32>().wrapping_add(part * PART).cast(),
                    b: self.b.cast::<f32>().wrapping_add(part * PART).cast(),
                    ..self
                };
                own.rows::<V>();
            }
        }
    }

    /// Computes all rows of [`PART`] networks, four columns at a time.
    ///
    /// # Safety
    /// As for [`Vector`].
    #[inline(always)]
    unsafe fn rows<V: Vector>(mut self) {
        let first = self.b;
        // Safety: the caller's promise.
        unsafe {
            for _ in 0..self.rows {
                for _ in 0..self.columns / 4 {
                    self.compute::<V, 4>();
                }
                match self.columns % 4 {
                    3 => self.compute::<V, 3>(),
                    2 => self.compute::<V, 2>(),
                    1 => self.compute::<V, 1>(),
                    _ => {}
                }
                self.a = self.a.wrapping_add(self.a_steps[0]);
                self.b = first;
            }
        }
    }

    /// Computes the next `N` sums, which stay in registers.
    ///
    /// # Safety
    /// As for [`Vector`].
    #[inline(always)]
    unsafe fn compute<V: Vector, const N: usize>(&mut self) {
        // The networks fill one register, two or four. The rest of the array is not used.
        let registers = PART / V::LANES;
        // Safety: the caller's promise. Pointers past the end are never read, so wrapping arithmetic makes them.
        unsafe {
            let mut held = [[V::splat(0.0); 4]; N];
            if self.add {
                for (c, held) in held.iter_mut().enumerate() {
                    let from = self.out.add(c).cast::<f32>();
                    for (r, sum) in held.iter_mut().enumerate().take(registers) {
                        *sum = V::load(from.add(r * V::LANES));
                    }
                }
            }
            let (mut a, mut b) = (self.a, self.b);
            for _ in 0..self.terms {
                let mut factor = [V::splat(0.0); 4];
                for (r, factor) in factor.iter_mut().enumerate().take(registers) {
                    *factor = V::load(a.cast::<f32>().add(r * V::LANES));
                }
                for (c, held) in held.iter_mut().enumerate() {
                    let from = b.add(c * self.b_steps[1]).cast::<f32>();
                    for (r, sum) in held.iter_mut().enumerate().take(registers) {
                        let other = V::load(from.add(r * V::LANES));
                        *sum = V::add(*sum, V::multiply(factor[r], other));
                    }
                }
                a = a.wrapping_add(self.a_steps[1]);
                b = b.wrapping_add(self.b_steps[0]);
            }
            for (c, held) in held.iter().enumerate() {
                let to = self.out.add(c).cast::<f32>();
                for (r, sum) in held.iter().enumerate().take(registers) {
                    V::store(to.add(r * V::LANES), *sum);
                }
            }
            self.out = self.out.add(N);
            self.b = self.b.wrapping_add(N * self.b_steps[1]);
        }
    }
}
