//! The number types that the Rust twins of the kernels compute in: f32, which follows the shaders operation for
//! operation, and f64, the reference.
//!
//! In f32 the elementary functions are those of `shaders/shared/rules.wgsl`, so that a CPU run and a run on an adapter that
//! rounds each operation give the same bits. In f64 they are the standard library's.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

/// The smallest [`Real::magnitude`] of a value that is not finite: the bits of infinity.
pub const INFINITE: u32 = f32::INFINITY.to_bits();

/// A floating-point number type that the twins of the kernels compute in.
pub trait Real:
    Copy
    + Debug
    + Default
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
{
    /// The number of networks that one value holds numbers of.
    const NETWORKS: usize;
    /// Returns the nearest representable number to `value`.
    fn of(value: f64) -> Self;
    /// Combines the numbers of each network. There are at least [`Real::NETWORKS`] of them.
    fn of_each(values: &[f32]) -> Self;
    /// Returns the number of one network.
    fn of_network(self, network: usize) -> f32;
    /// Returns this number in f64 (exact). If it holds the numbers of many networks, returns the first one.
    fn to_f64(self) -> f64;
    /// Returns [`INFINITE`] or more if the number is infinite or NaN, and less otherwise. The maximum over many numbers
    /// is a loop that the compiler vectorises, unlike a test of each number.
    fn magnitude(self) -> u32;
    /// Returns whether the number is neither infinite nor NaN.
    fn is_finite(self) -> bool {
        self.magnitude() < INFINITE
    }
    /// Returns `then` if this number is above `other`, and `otherwise` if not or if one of the two is NaN.
    fn if_above(self, other: Self, then: Self, otherwise: Self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// e^x.
    fn exponential(self) -> Self;
    /// ln x, for x > 0.
    fn logarithm(self) -> Self;
    /// 1 / (1 + e^-x).
    fn logistic(self) -> Self;
    /// tanh x.
    fn hyperbolic_tangent(self) -> Self;
    /// ln (1 + x), for 0 <= x <= 1.
    fn logarithm_of_one_more(self) -> Self;
    /// The share of the standard normal distribution below x.
    fn normal_cdf(self) -> Self;
}

impl Real for f64 {
    const NETWORKS: usize = 1;

    fn of(value: f64) -> f64 {
        value
    }
    fn of_each(values: &[f32]) -> f64 {
        values[0].into()
    }
    fn of_network(self, _: usize) -> f32 {
        self as f32
    }
    fn to_f64(self) -> f64 {
        self
    }
    fn magnitude(self) -> u32 {
        if f64::is_finite(self) { 0 } else { INFINITE }
    }
    #[inline]
    fn if_above(self, other: f64, then: f64, otherwise: f64) -> f64 {
        if self > other { then } else { otherwise }
    }
    fn sqrt(self) -> f64 {
        self.sqrt()
    }
    fn exponential(self) -> f64 {
        self.exp()
    }
    fn logarithm(self) -> f64 {
        self.ln()
    }
    fn logistic(self) -> f64 {
        1.0 / (1.0 + (-self).exp())
    }
    fn hyperbolic_tangent(self) -> f64 {
        self.tanh()
    }
    fn logarithm_of_one_more(self) -> f64 {
        self.ln_1p()
    }
    fn normal_cdf(self) -> f64 {
        0.5 * libm::erfc(-self * std::f64::consts::FRAC_1_SQRT_2)
    }
}

impl Real for f32 {
    const NETWORKS: usize = 1;

    #[inline(always)]
    fn magnitude(self) -> u32 {
        self.to_bits() & 0x7FFF_FFFF
    }
    fn of(value: f64) -> f32 {
        value as f32
    }
    fn of_each(values: &[f32]) -> f32 {
        values[0]
    }
    fn of_network(self, _: usize) -> f32 {
        self
    }
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
    #[inline]
    fn if_above(self, other: f32, then: f32, otherwise: f32) -> f32 {
        if self > other { then } else { otherwise }
    }
    fn sqrt(self) -> f32 {
        self.sqrt()
    }

    /// Twin of `exponential` in `shaders/shared/rules.wgsl`.
    #[inline]
    fn exponential(self) -> f32 {
        let bounded = self.clamp(-87.336_54, 88.722_83);
        let shifted = (bounded * std::f32::consts::LOG2_E + SHIFT).to_bits() as i32;
        let k = shifted.wrapping_sub(SHIFT.to_bits() as i32) as f32;
        let r = (bounded - k * 0.693_359_4_f32) + k * LN2_LOW;
        let z = r * r;
        let low = EXP[1] * r + EXP[0];
        let high = EXP[4] * z + (EXP[3] * r + EXP[2]);
        let scaled = ((high * z + low) * z + r) + 1.0;
        let power = f32::from_bits((scaled.to_bits() as i32).wrapping_add(shifted << 23) as u32);
        if self.is_nan() { self } else { power }
    }

    /// Twin of `logarithm` in `shaders/shared/rules.wgsl`.
    #[inline]
    fn logarithm(self) -> f32 {
        let bits = self.max(f32::MIN_POSITIVE).to_bits() as i32 - SQRT_HALF;
        let k = (bits >> 23) as f32;
        let r = f32::from_bits(((bits & 0x007F_FFFF) + SQRT_HALF) as u32) - 1.0;
        let z = r * r;
        let p = polynomial(r, &LOG);
        let tail = (p * (r * z) - k * LN2_LOW) - 0.5 * z;
        (r + tail) + k * 0.693_359_4_f32
    }

    /// Twin of `logistic` in `shaders/shared/rules.wgsl`.
    #[inline]
    fn logistic(self) -> f32 {
        let e = Real::exponential(-self.abs());
        let above = if self < 0.0 { e } else { 1.0 };
        above / (1.0 + e)
    }

    /// Twin of `hyperbolic_tangent` in `shaders/shared/rules.wgsl`.
    #[inline]
    fn hyperbolic_tangent(self) -> f32 {
        let near = polynomial(self * self, &TANH) * (self * self) * self + self;
        let e = Real::exponential(-2.0 * self.abs());
        let far = (1.0 - e) / (1.0 + e);
        match (self.abs() < 0.625, self < 0.0) {
            (true, _) => near,
            (false, true) => -far,
            (false, false) => far,
        }
    }

    /// Twin of `logarithm_of_one_more` in `shaders/shared/rules.wgsl`.
    #[inline]
    fn logarithm_of_one_more(self) -> f32 {
        let s = self / (2.0 + self);
        let z = s * s;
        let p = polynomial(z, &[15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0].map(|k| 2.0 / k));
        p * (z * s) + 2.0 * s
    }

    /// Twin of `normal_cdf` in `shaders/shared/curves.wgsl`.
    #[inline]
    fn normal_cdf(self) -> f32 {
        let a = std::f32::consts::FRAC_1_SQRT_2 * self;
        let (t, s) = (a.abs(), a * a);
        let erf = polynomial(s, &ERF) * a + a;
        let [low, high] = [polynomial(t, &LOG_ERFC[0]), polynomial(t, &LOG_ERFC[1])];
        let r = polynomial(
            t,
            &[
                low * s + high,
                LOG_ERFC_REST[0],
                LOG_ERFC_REST[1],
                LOG_ERFC_REST[2],
            ],
        );
        let tail = 0.5 * Real::exponential(r * t - t);
        let far = if self < 0.0 { tail } else { 1.0 - tail };
        if t < 0.927_734_4 {
            0.5 + 0.5 * erf
        } else {
            far
        }
    }
}

/// The low part of Cody and Waite's reduction: 0.693359375 - ln 2.
const LN2_LOW: f32 = 2.121_944_4e-4;
/// The bits of sqrt(1/2).
const SQRT_HALF: i32 = 0x3F35_04F3;
/// p of e^r = 1 + r + r^2 p(r), lowest power first (`shaders/shared/rules.wgsl`).
const EXP: [f32; 5] = [
    0.499_999_94,
    0.166_665_21,
    0.041_668_39,
    0.008_368_745,
    0.001_381_454,
];
/// Cephes tanhf and logf (Moshier, 1989), highest power first.
const TANH: [f32; 5] = [
    -5.704_988_7e-3,
    2.063_908_8e-2,
    -5.373_971_6e-2,
    1.333_144_2e-1,
    -3.333_328e-1,
];
const LOG: [f32; 9] = [
    7.037_683_6e-2,
    -1.151_461e-1,
    1.167_699_84e-1,
    -1.242_014_1e-1,
    1.424_932_3e-1,
    -1.666_805_8e-1,
    2.000_071_4e-1,
    -2.499_999_4e-1,
    3.333_333e-1,
];

/// N. Juffa's erf near 0, and r of erfc t = e^(r t - t), highest power first.
const ERF: [f32; 6] = [
    -5.967_617e-4,
    4.991_194_2e-3,
    -2.676_813_5e-2,
    1.128_199_25e-1,
    -3.761_253_4e-1,
    1.283_791_7e-1,
];
const LOG_ERFC: [[f32; 2]; 2] = [
    [-1.728_534_7e-5, 3.831_971_3e-4],
    [-3.883_964_4e-3, 2.425_462_2e-2],
];
const LOG_ERFC_REST: [f32; 3] = [-1.067_778_8e-1, -6.348_467e-1, -1.287_175_1e-1];

/// Adding this number leaves no bits for a fraction: it rounds |x| < 2^22 to an integer.
const SHIFT: f32 = 12_582_912.0;

/// Evaluates a polynomial by Horner's rule, highest power first.
#[inline]
fn polynomial<const N: usize>(x: f32, coefficients: &[f32; N]) -> f32 {
    let mut p = coefficients[0];
    for c in &coefficients[1..] {
        p = p * x + c;
    }
    p
}
