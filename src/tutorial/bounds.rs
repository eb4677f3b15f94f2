//! How far a device's f32 may be from the reference: rounding, in proportion to the terms that a quantity is made of,
//! however much of them cancels.

use super::loss;
use super::network::{Example, Network, Tensors};
use super::pass::{Pass, RowPass};
use super::quantity::{self, Quantity, weights_back};
use crate::model::{Activation, Loss};

/// Largest distance in proportion to the terms. In f32 an operation rounds by 6e-8 of its result, and WGSL allows its
/// exponentials some units more; a layer has a few operations in a row.
const SHARE: f64 = 1e-6;

/// A quantity that a device computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// The quantity, with its exact value.
    pub exact: Quantity,
    /// What the device computed.
    pub computed: f64,
    /// The largest distance that rounding explains.
    pub bound: f64,
}

impl Measured {
    /// Whether the device's value is within the bound. NaN is not.
    pub fn holds(&self) -> bool {
        (self.computed - self.exact.value).abs() <= self.bound
    }

    /// Returns the distance from the exact value, relative to the terms: 1 is the bound.
    pub fn share_of_bound(&self) -> f64 {
        (self.computed - self.exact.value).abs() / self.bound
    }
}

/// Compares what a device computed in a round with the exact values.
pub fn compare(network: &Network, exact: &Pass, computed: &Pass) -> Vec<Measured> {
    let scales = quantity::measured(network, &scales(network, exact));
    let exact = quantity::measured(network, exact);
    let computed = quantity::measured(network, computed);
    let all = exact.into_iter().zip(computed).zip(scales);
    let measured = |((exact, computed), scale): ((Quantity, Quantity), Quantity)| Measured {
        exact,
        computed: computed.value,
        bound: SHARE * network.layers.len() as f64 * scale.value,
    };
    all.map(measured).collect()
}

/// Returns the sums of the magnitudes of the terms of each quantity, in the place of the quantity.
fn scales(network: &Network, pass: &Pass) -> Pass {
    let mut scales = pass.clone();
    for n in 0..pass.rows.len() {
        scales.rows[n] = row_scales(network, pass, n);
    }
    let rate = network.optimizer.learning_rate();
    for l in 0..network.layers.len() {
        let count = pass.rows.len() as f64;
        let width = network.below(l).len();
        let mut gradient = Tensors {
            weight: vec![vec![0.0; width]; network.layers[l].neurons.len()],
            bias: vec![0.0; network.layers[l].neurons.len()],
        };
        for (n, row) in scales.rows.iter().enumerate() {
            let below = match l {
                0 => &network.rows[n].input,
                _ => &row.out[l - 1],
            };
            for (j, delta) in row.delta[l].iter().enumerate() {
                gradient.bias[j] += delta / count;
                for (i, x) in below.iter().enumerate() {
                    gradient.weight[j][i] += times(*delta, x.abs()) / count;
                }
            }
        }
        scales.after[l] = after_scales(network, pass, l, &gradient, rate);
        scales.gradient[l] = gradient;
    }
    scales
}

/// Returns the terms of new parameters. Adam's step is the learning rate times the sign of a gradient, which rounding
/// may turn where it is near 0.
fn after_scales(network: &Network, pass: &Pass, l: usize, by: &Tensors, rate: f64) -> Tensors {
    let is_adam = network.optimizer.moments() == 2;
    let new = |parameter: &f64, gradient: &f64, scale: &f64| match is_adam {
        false => parameter.abs() + rate * scale,
        true if gradient.abs() > 1e-3 * scale => parameter.abs() + rate * scale / gradient.abs(),
        true => f64::INFINITY,
    };
    let list = |parameters: &[f64], gradients: &[f64], scales: &[f64]| {
        let all = parameters.iter().zip(gradients).zip(scales);
        all.map(|((p, g), s)| new(p, g, s)).collect()
    };
    let (before, gradient) = (&pass.before[l], &pass.gradient[l]);
    let rows = before.weight.iter().zip(&gradient.weight).zip(&by.weight);
    Tensors {
        weight: rows.map(|((p, g), s)| list(p, g, s)).collect(),
        bias: list(&before.bias, &gradient.bias, &by.bias),
    }
}

/// Returns the terms of the quantities of row `n`.
fn row_scales(network: &Network, pass: &Pass, n: usize) -> RowPass {
    let (row, example) = (&pass.rows[n], &network.rows[n]);
    let mut scales = row.clone();
    let mut below: Vec<f64> = example.input.iter().map(|x| x.abs()).collect();
    for l in 0..network.layers.len() {
        let parameters = &pass.before[l];
        for (j, weights) in parameters.weight.iter().enumerate() {
            let terms = weights.iter().zip(&below).map(|(w, x)| times(*x, w.abs()));
            scales.net[l][j] = terms.sum::<f64>() + parameters.bias[j].abs();
            scales.out[l][j] = match network.layers[l].activation {
                // They squeeze to 1, and are exact to a part of that.
                Activation::Sigmoid | Activation::Tanh => 1.0 + scales.net[l][j],
                Activation::Identity
                | Activation::Relu
                | Activation::LeakyRelu
                | Activation::Selu
                | Activation::Elu
                | Activation::Gelu
                | Activation::Silu
                | Activation::Mish
                | Activation::Softplus => scales.net[l][j],
            };
        }
        below = scales.out[l].clone();
    }
    let last = network.layers.len() - 1;
    let targets = example.target.iter().zip(&below);
    let differences: Vec<f64> = match network.is_softmax(last) {
        true => targets.map(|(t, logit)| t.abs() + 1.0 + logit).collect(),
        false => targets.map(|(t, out)| t.abs() + out).collect(),
    };
    let differences = at_corners(network.loss, row, example, differences);
    let slopes = loss::slopes(network.loss, &row.out[last], &example.target);
    let error = differences
        .iter()
        .zip(&slopes)
        .map(|(d, s)| d * (s.abs() + d));
    scales.error = error.sum::<f64>();
    scales.delta[last] = (0..differences.len())
        .map(|j| differences[j] * slope_scale(network, row, &scales, last, j))
        .collect();
    for l in (0..last).rev() {
        let weights = &weights_back(network, pass, l + 1).weight;
        for j in 0..row.out[l].len() {
            let above = scales.delta[l + 1].iter().zip(weights);
            let sum: f64 = above
                .map(|(delta, weights)| times(*delta, weights[j].abs()))
                .sum();
            scales.delta[l][j] = times(slope_scale(network, row, &scales, l, j), sum);
        }
    }
    scales
}

/// Returns the size of an activation's slope and of its error. At the corner of a relu, rounding decides between two
/// slopes.
fn slope_scale(network: &Network, row: &RowPass, scales: &RowPass, l: usize, j: usize) -> f64 {
    let is_corner = row.net[l][j].abs() <= SHARE * network.layers.len() as f64 * scales.net[l][j];
    match network.layers[l].activation {
        Activation::Relu | Activation::LeakyRelu if is_corner => f64::INFINITY,
        Activation::Sigmoid | Activation::Tanh => 1.0 + scales.out[l][j],
        _ => 1.0,
    }
}

/// Returns the terms of differences from the targets. Where an absolute error has its corner, rounding decides between
/// two slopes.
fn at_corners(loss: Loss, row: &RowPass, example: &Example, terms: Vec<f64>) -> Vec<f64> {
    let outs = row.out.last().map_or(&[][..], |outs| outs);
    let distances = outs.iter().zip(&example.target).map(|(y, t)| (y - t).abs());
    let term = |(distance, term): (f64, f64)| match loss == Loss::Mae && distance <= SHARE * term {
        true => f64::INFINITY,
        false => term,
    };
    distances.zip(terms).map(term).collect()
}

/// Returns a product in which nothing is made of 0, not even of infinity.
fn times(a: f64, b: f64) -> f64 {
    if a == 0.0 || b == 0.0 { 0.0 } else { a * b }
}
