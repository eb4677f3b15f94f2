//! Activations that kernels of their own apply. Twins of `curve` and `curve_slope` in `shaders/shared/curves.wgsl`.

use super::Activation;
use crate::math::{Real, simd::with_simd};

/// SELU's scale, and scale times alpha.
const SELU: [f64; 2] = [1.050_700_987_355_480_5, 1.758_099_340_847_376_6];

/// Runs `$body` with the constant `$this` for each activation of `$all`, in a loop of its own that can be vectorised.
macro_rules! each_on_its_own {
    ($self:expr, $this:ident, $body:expr, $($name:ident)*) => {
        match $self {
            $(Activation::$name => {
                const $this: Activation = Activation::$name;
                with_simd(#[inline(always)] || $body)
            })*
            _ => {}
        }
    };
}

impl Activation {
    /// Applies f to each of `nets`.
    pub(crate) fn curve_all<T: Real>(self, nets: &mut [T]) {
        each_on_its_own!(
            self,
            THIS,
            nets.iter_mut().for_each(|v| *v = THIS.curve(*v)),
            Selu Elu Gelu Silu Mish Softplus
        );
    }

    /// Multiplies each delta by f' of its neuron.
    pub(crate) fn times_curve_slopes<T: Real>(self, deltas: &mut [T], nets: &[T]) {
        each_on_its_own!(
            self,
            THIS,
            deltas
                .iter_mut()
                .zip(nets)
                .for_each(|(d, net)| *d = *d * THIS.curve_slope(*net)),
            Selu Elu Gelu Silu Mish Softplus
        );
    }

    /// Returns f(net). NaN stays NaN.
    #[inline(always)]
    pub(crate) fn curve<T: Real>(self, net: T) -> T {
        let [zero, two] = [0.0, 2.0].map(T::of);
        let [scale, low] = SELU.map(T::of);
        let x = above_tail(net);
        match self {
            Activation::Selu => zero.if_above(net, low * exponential_less_one(net), scale * net),
            Activation::Elu => zero.if_above(net, exponential_less_one(net), net),
            Activation::Gelu => x * x.normal_cdf(),
            Activation::Silu => x * x.logistic(),
            Activation::Mish => {
                let e = below_twenty(x).exponential();
                let n = e * (e + two);
                x * (n / (n + two))
            }
            Activation::Softplus => {
                let power = (-magnitude(net)).exponential();
                zero.if_above(net, zero, net) + power.logarithm_of_one_more()
            }
            _ => net,
        }
    }

    /// Returns f'(net).
    #[inline(always)]
    pub(crate) fn curve_slope<T: Real>(self, net: T) -> T {
        let [zero, one, two] = [0.0, 1.0, 2.0].map(T::of);
        let [scale, low] = SELU.map(T::of);
        let x = above_tail(net);
        match self {
            Activation::Selu => zero.if_above(net, low * net.exponential(), scale),
            Activation::Elu => zero.if_above(net, net.exponential(), one),
            Activation::Gelu => {
                let density = T::of(0.398_942_280_401_432_7);
                let bounded = below_hundred(x);
                let power = T::of(-0.5) * bounded * bounded;
                x.normal_cdf() + bounded * (density * power.exponential())
            }
            Activation::Silu => {
                let s = x.logistic();
                s * (one + below_hundred(x) * (one - s))
            }
            Activation::Mish => {
                let bounded = below_twenty(x);
                let e = bounded.exponential();
                let n = e * (e + two);
                let bent = (e / (n + two)) * (T::of(4.0) * (one + e) / (n + two));
                n / (n + two) + bounded * bent
            }
            Activation::Softplus => net.logistic(),
            _ => one,
        }
    }
}

/// Bounds a net where f and its slope have long been 0.
#[inline(always)]
fn above_tail<T: Real>(net: T) -> T {
    let low = T::of(-100.0);
    low.if_above(net, low, net)
}

/// Bounds a net where tanh ln (1 + e^net) is 1.
#[inline(always)]
fn below_twenty<T: Real>(net: T) -> T {
    let high = T::of(20.0);
    net.if_above(high, high, net)
}

/// Bounds a net where slopes are 1. A larger one, times what is 0 but for rounding, would not be 0.
#[inline(always)]
fn below_hundred<T: Real>(net: T) -> T {
    let high = T::of(100.0);
    net.if_above(high, high, net)
}

#[inline(always)]
fn magnitude<T: Real>(x: T) -> T {
    T::of(0.0).if_above(x, -x, x)
}

/// e^x - 1 for x <= 0, through tanh (x / 2), so that nothing cancels near 0.
#[inline(always)]
fn exponential_less_one<T: Real>(x: T) -> T {
    let t = (T::of(0.5) * x).hyperbolic_tangent();
    (T::of(2.0) * t) / (T::of(1.0) - t)
}
