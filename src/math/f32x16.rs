//! A SIMD number type that holds one value for each of 16 networks: the lane family on the CPU device.
//!
//! The networks of a population differ in their numbers only. So a CPU's vector unit can train one network in each of
//! its lanes, as a GPU does in its invocations. [`F32x16`] is a [`Real`], and the Rust twins of the kernels run on it
//! unchanged. Each operation works lane by lane, so a network in a lane gets the bits that it would get alone with
//! plain loops.

use crate::math::{Matrix, Product, Real, Start, simd::with_widest};
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

/// One number for each of [`F32x16::WIDTH`] networks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub struct F32x16(pub [f32; F32x16::WIDTH]);

impl F32x16 {
    /// Number of networks side by side. 16 `f32` fill the widest vector register of current CPUs (AVX-512), and two or
    /// four of the narrower ones.
    pub const WIDTH: usize = 16;

    #[inline(always)]
    fn map(mut self, f: impl Fn(f32) -> f32) -> F32x16 {
        // The compiler vectorises a loop over the array, but not `array::map`.
        for value in &mut self.0 {
            *value = f(*value);
        }
        self
    }

    #[inline(always)]
    fn zip(mut self, other: F32x16, f: impl Fn(f32, f32) -> f32) -> F32x16 {
        for (a, b) in self.0.iter_mut().zip(other.0) {
            *a = f(*a, b);
        }
        self
    }
}

macro_rules! lane_by_lane {
    ($($operator:ident, $name:ident, $f:expr;)*) => {
        $(impl $operator for F32x16 {
            type Output = F32x16;
            #[inline(always)]
            fn $name(self, other: F32x16) -> F32x16 {
                self.zip(other, $f)
            }
        })*
    };
}

lane_by_lane! {
    Add, add, |a, b| a + b;
    Sub, sub, |a, b| a - b;
    Mul, mul, |a, b| a * b;
    Div, div, |a, b| a / b;
}

impl Neg for F32x16 {
    type Output = F32x16;
    #[inline(always)]
    fn neg(self) -> F32x16 {
        self.map(|a| -a)
    }
}

impl AddAssign for F32x16 {
    #[inline(always)]
    fn add_assign(&mut self, other: F32x16) {
        *self = *self + other;
    }
}

impl Real for F32x16 {
    const NETWORKS: usize = F32x16::WIDTH;

    #[inline(always)]
    fn of(value: f64) -> F32x16 {
        F32x16([value as f32; F32x16::WIDTH])
    }
    fn of_each(values: &[f32]) -> F32x16 {
        F32x16(std::array::from_fn(|lane| values[lane]))
    }
    fn of_network(self, network: usize) -> f32 {
        self.0[network]
    }
    fn to_f64(self) -> f64 {
        f64::from(self.0[0])
    }
    /// Always 0. A network that diverges does not stop its neighbours. The caller looks for it after the run, in the
    /// errors and the parameters.
    #[inline(always)]
    fn magnitude(self) -> u32 {
        0
    }
    #[inline(always)]
    fn if_above(self, other: F32x16, then: F32x16, otherwise: F32x16) -> F32x16 {
        let mut chosen = otherwise;
        for (lane, value) in chosen.0.iter_mut().enumerate() {
            *value = if self.0[lane] > other.0[lane] {
                then.0[lane]
            } else {
                *value
            };
        }
        chosen
    }
    fn sqrt(self) -> F32x16 {
        self.map(f32::sqrt)
    }
    fn exponential(self) -> F32x16 {
        self.map(Real::exponential)
    }
    fn logarithm(self) -> F32x16 {
        self.map(Real::logarithm)
    }
    fn logistic(self) -> F32x16 {
        self.map(Real::logistic)
    }
    fn hyperbolic_tangent(self) -> F32x16 {
        self.map(Real::hyperbolic_tangent)
    }
    fn logarithm_of_one_more(self) -> F32x16 {
        self.map(Real::logarithm_of_one_more)
    }
    fn normal_cdf(self) -> F32x16 {
        self.map(Real::normal_cdf)
    }
}

impl Product for F32x16 {
    const TAKES_ANY_ROWS: bool = false;

    fn multiply(out: &mut [F32x16], a: Matrix<F32x16>, b: Matrix<F32x16>, _: usize, start: Start) {
        with_widest(
            #[inline(always)]
            || multiply(out, a, b, start),
        );
    }
}

/// Computes `out = start + a b` (`out` is row-major) and adds the terms of each sum in order.
///
/// # Panics
/// If rows or columns are at arbitrary positions ([`Product::TAKES_ANY_ROWS`]).
#[inline(always)]
fn multiply(out: &mut [F32x16], a: Matrix<F32x16>, b: Matrix<F32x16>, start: Start) {
    let sides = [a.row, a.column, b.row, b.column];
    assert!(
        sides.iter().all(|side| side.places.is_none()),
        "products of many networks have evenly spaced rows and columns"
    );
    let columns = b.columns();
    let rows = out.chunks_exact_mut(columns).take(a.rows_count());
    for (row, out) in rows.enumerate() {
        let mut first = 0;
        for four in out.chunks_mut(4) {
            match four.len() {
                4 => sums::<4>(four, &a, row, &b, first, start),
                3 => sums::<3>(four, &a, row, &b, first, start),
                2 => sums::<2>(four, &a, row, &b, first, start),
                _ => sums::<1>(four, &a, row, &b, first, start),
            }
            first += 4;
        }
    }
}

/// Computes `N` columns of a row, from `first` on. Their sums stay in registers.
#[inline(always)]
fn sums<const N: usize>(
    out: &mut [F32x16],
    a: &Matrix<F32x16>,
    row: usize,
    b: &Matrix<F32x16>,
    first: usize,
    start: Start,
) {
    let mut held = [F32x16::default(); N];
    if start == Start::Present {
        held.copy_from_slice(out);
    }
    let (mut at, mut below) = (
        a.row.at(row) + a.column.at(0),
        b.row.at(0) + b.column.at(first),
    );
    for _ in 0..a.columns() {
        let factor = a.values[at];
        for (c, sum) in held.iter_mut().enumerate() {
            *sum += factor * b.values[below + c * b.column.stride];
        }
        at += a.column.stride;
        below += b.row.stride;
    }
    out.copy_from_slice(&held);
}
