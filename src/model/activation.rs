//! Activation functions. Twins of `activate` and `slope` in `shaders/shared/rules.wgsl`; and, in `curve`, of those in
//! `shaders/shared/curves.wgsl`.

mod curve;

use crate::math::{
    Real,
    simd::{with_simd, with_widest},
};
use serde::{Deserialize, Serialize};

/// out = f(net) of a neuron.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "cli", value(rename_all = "snake_case"))]
#[repr(u32)]
pub enum Activation {
    /// f(net) = net.
    Identity = 0,
    /// f(net) = 1 / (1 + e^-net): the article's logistic function.
    Sigmoid = 1,
    /// f(net) = tanh net.
    Tanh = 2,
    /// f(net) = max(net, 0).
    #[default]
    Relu = 3,
    /// f(net) = net where net > 0, net / 100 elsewhere.
    LeakyRelu = 4,
    /// f(net) = 1.0507 net where net > 0, 1.7581 (e^net - 1) elsewhere (Klambauer et al., 2017).
    Selu = 5,
    /// f(net) = net where net > 0, e^net - 1 elsewhere.
    Elu = 6,
    /// f(net) = net times the share of the standard normal distribution below net.
    Gelu = 7,
    /// f(net) = net / (1 + e^-net), also called swish.
    Silu = 8,
    /// f(net) = net tanh ln (1 + e^net) (Misra, 2019).
    Mish = 9,
    /// f(net) = ln (1 + e^net).
    Softplus = 10,
}

/// Slope of [`Activation::LeakyRelu`] below 0 (PyTorch's default).
pub const LEAK: f64 = 0.01;

impl Activation {
    /// Every activation.
    pub const ALL: [Activation; 11] = [
        Activation::Identity,
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Relu,
        Activation::LeakyRelu,
        Activation::Selu,
        Activation::Elu,
        Activation::Gelu,
        Activation::Silu,
        Activation::Mish,
        Activation::Softplus,
    ];

    /// Those that the matrix products apply: their slope follows from their output, and is at most 1.
    pub const IN_PRODUCTS: [Activation; 5] = [
        Activation::Identity,
        Activation::Sigmoid,
        Activation::Tanh,
        Activation::Relu,
        Activation::LeakyRelu,
    ];

    /// The others, which have kernels of their own.
    pub const CURVES: [Activation; 6] = [
        Activation::Selu,
        Activation::Elu,
        Activation::Gelu,
        Activation::Silu,
        Activation::Mish,
        Activation::Softplus,
    ];

    /// Returns whether kernels of its own compute it and its slope, from the net input.
    pub fn is_curve(self) -> bool {
        Activation::CURVES.contains(&self)
    }

    /// Returns the activation that a matrix product applies for this one.
    pub fn in_product(self) -> Activation {
        match self.is_curve() {
            true => Activation::Identity,
            false => self,
        }
    }

    /// Returns the activation for a kernel argument. An unknown argument means the identity, as in the shader.
    pub fn from_arg(arg: u32) -> Activation {
        let found = Activation::ALL.into_iter().find(|a| *a as u32 == arg);
        found.unwrap_or(Activation::Identity)
    }

    /// Returns whether f is about 0 for negative nets, so that initial weights are larger (He's rule rather than Glorot's).
    pub(crate) fn is_rectified(self) -> bool {
        match self {
            Activation::Identity | Activation::Sigmoid | Activation::Tanh => false,
            // SELU keeps the variance with LeCun's rule, of which Glorot's is nearer than He's.
            Activation::Selu => false,
            Activation::Relu | Activation::LeakyRelu => true,
            Activation::Elu | Activation::Gelu | Activation::Silu => true,
            Activation::Mish | Activation::Softplus => true,
        }
    }

    /// Returns f(net). NaN stays NaN.
    #[doc(hidden)] // for kernels
    #[inline]
    pub fn apply<T: Real>(self, net: T) -> T {
        let zero = T::of(0.0);
        match self {
            Activation::Identity => net,
            Activation::Sigmoid => net.logistic(),
            Activation::Tanh => net.hyperbolic_tangent(),
            Activation::Relu => zero.if_above(net, zero, net),
            Activation::LeakyRelu => zero.if_above(net, T::of(LEAK) * net, net),
            curve => curve.curve(net),
        }
    }

    /// Applies f to each of `nets`. It matches on the activation once, so that the loops can be vectorised.
    #[doc(hidden)] // for kernels
    pub fn apply_all<T: Real>(self, nets: &mut [T]) {
        match self {
            Activation::Identity => {}
            Activation::Sigmoid => with_widest(
                #[inline(always)]
                || nets.iter_mut().for_each(|v| *v = v.logistic()),
            ),
            Activation::Tanh => with_widest(
                #[inline(always)]
                || nets.iter_mut().for_each(|v| *v = v.hyperbolic_tangent()),
            ),
            Activation::Relu => with_simd(
                #[inline(always)]
                || {
                    nets.iter_mut()
                        .for_each(|v| *v = Activation::Relu.apply(*v))
                },
            ),
            Activation::LeakyRelu => with_simd(
                #[inline(always)]
                || {
                    nets.iter_mut()
                        .for_each(|v| *v = Activation::LeakyRelu.apply(*v))
                },
            ),
            curve => curve.curve_all(nets),
        }
    }

    /// Multiplies each delta by f' of its neuron, computed from `outs`.
    #[doc(hidden)] // for kernels
    pub fn times_slopes<T: Real>(self, deltas: &mut [T], outs: &[T]) {
        with_simd(
            #[inline(always)]
            || {
                let pairs = deltas.iter_mut().zip(outs);
                match self {
                    Activation::Identity => {}
                    Activation::Sigmoid => {
                        pairs.for_each(|(d, out)| *d = *d * Activation::Sigmoid.slope(*out));
                    }
                    _ => pairs.for_each(|(d, out)| *d = *d * self.slope(*out)),
                }
            },
        );
    }

    /// Returns f'(net), given `out` = f(net), of an activation that a product applies.
    #[doc(hidden)] // for kernels
    #[inline(always)]
    pub fn slope<T: Real>(self, out: T) -> T {
        let (zero, one) = (T::of(0.0), T::of(1.0));
        match self {
            Activation::Identity => one,
            Activation::Sigmoid => out * (one - out),
            Activation::Tanh => one - out * out,
            Activation::Relu => out.if_above(zero, one, zero),
            Activation::LeakyRelu => out.if_above(zero, one, T::of(LEAK)),
            curve => unreachable!("the slope of {curve:?} does not follow from its output"),
        }
    }
}
