//! A SIMD number type that holds one value for each of many networks: the lane family on the CPU device.
//!
//! The networks of a population differ in their numbers only. So a CPU's vector unit can train one network in each of
//! its lanes, as a GPU does in its invocations. [`Lanes`] is a [`Real`], and the Rust twins of the kernels run on it
//! unchanged. Each operation works lane by lane, so a network in a lane gets the bits that it would get alone with
//! plain loops.

use crate::math::Real;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

/// One number for each of `N` networks.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Lanes<const N: usize>(pub [f32; N]);

/// 16 networks: `f32` that fill the widest vector register of current CPUs (AVX-512), and two or four of the narrower ones.
pub type F32x16 = Lanes<16>;
/// 64 networks, where all of their numbers stay in the fastest cache: a call costs as much as with 16.
pub type F32x64 = Lanes<64>;

impl<const N: usize> Default for Lanes<N> {
    #[inline(always)]
    fn default() -> Lanes<N> {
        Lanes([0.0; N])
    }
}

impl<const N: usize> Lanes<N> {
    #[inline(always)]
    fn map(mut self, f: impl Fn(f32) -> f32) -> Lanes<N> {
        // The compiler vectorises a loop over the array, but not `array::map`.
        for value in &mut self.0 {
            *value = f(*value);
        }
        self
    }

    #[inline(always)]
    fn zip(mut self, other: Lanes<N>, f: impl Fn(f32, f32) -> f32) -> Lanes<N> {
        for (a, b) in self.0.iter_mut().zip(other.0) {
            *a = f(*a, b);
        }
        self
    }
}

macro_rules! lane_by_lane {
    ($($operator:ident, $name:ident, $f:expr;)*) => {
        $(impl<const N: usize> $operator for Lanes<N> {
            type Output = Lanes<N>;
            #[inline(always)]
            fn $name(self, other: Lanes<N>) -> Lanes<N> {
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

impl<const N: usize> Neg for Lanes<N> {
    type Output = Lanes<N>;
    #[inline(always)]
    fn neg(self) -> Lanes<N> {
        self.map(|a| -a)
    }
}

impl<const N: usize> AddAssign for Lanes<N> {
    #[inline(always)]
    fn add_assign(&mut self, other: Lanes<N>) {
        *self = *self + other;
    }
}

impl<const N: usize> Real for Lanes<N> {
    const NETWORKS: usize = N;

    #[inline(always)]
    fn of(value: f64) -> Lanes<N> {
        Lanes([value as f32; N])
    }
    #[inline(always)]
    fn of_each(values: &[f32]) -> Lanes<N> {
        let (networks, _) = values.as_chunks();
        Lanes(networks[0])
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
    fn if_above(self, other: Lanes<N>, then: Lanes<N>, otherwise: Lanes<N>) -> Lanes<N> {
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
    fn sqrt(self) -> Lanes<N> {
        self.map(f32::sqrt)
    }
    fn exponential(self) -> Lanes<N> {
        self.map(Real::exponential)
    }
    fn logarithm(self) -> Lanes<N> {
        self.map(Real::logarithm)
    }
    fn logistic(self) -> Lanes<N> {
        self.map(Real::logistic)
    }
    fn hyperbolic_tangent(self) -> Lanes<N> {
        self.map(Real::hyperbolic_tangent)
    }
    fn logarithm_of_one_more(self) -> Lanes<N> {
        self.map(Real::logarithm_of_one_more)
    }
    fn normal_cdf(self) -> Lanes<N> {
        self.map(Real::normal_cdf)
    }
}
