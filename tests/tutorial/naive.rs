//! Backpropagation once more, by plain loops over neurons: the numbers that the walk must have. It shares nothing with
//! the plan, and makes the slips that learners make.

use wgrad::model::{Activation, Loss};
use wgrad::plan::Order;
use wgrad::tutorial::network::Network;

/// How to go wrong.
#[derive(Clone, Copy)]
pub(crate) struct Slips {
    pub(crate) output_slope: bool,
    pub(crate) hidden_slope: bool,
    /// What the update multiplies the gradient by, per learning rate.
    pub(crate) step: f64,
    /// The learning rate, if another.
    pub(crate) rate: Option<f64>,
    /// What the derivative of the error is multiplied by.
    pub(crate) derivative: f64,
    /// Whether rows are summed up.
    pub(crate) sum: bool,
    /// Whether the hidden deltas take the first output only.
    pub(crate) one_output: bool,
    /// Whether the way back takes rows of weights for columns.
    pub(crate) turned: bool,
    /// Decimals of each result.
    pub(crate) decimals: Option<i32>,
}

pub(crate) const NONE: Slips = Slips {
    output_slope: true,
    hidden_slope: true,
    step: 1.0,
    rate: None,
    derivative: 1.0,
    sum: false,
    one_output: false,
    turned: false,
    decimals: None,
};

/// A layer's weights (O, I) and biases, or their derivatives.
pub(crate) type Layers = Vec<(Vec<Vec<f64>>, Vec<f64>)>;

/// What a round computes. Lists by row, layer and neuron.
pub(crate) struct Round {
    pub(crate) net: Vec<Vec<Vec<f64>>>,
    pub(crate) out: Vec<Vec<Vec<f64>>>,
    pub(crate) delta: Vec<Vec<Vec<f64>>>,
    pub(crate) errors: Vec<f64>,
    pub(crate) gradient: Layers,
    pub(crate) after: Layers,
}

pub(crate) fn layers(network: &Network) -> Layers {
    let layers = network.layers.iter();
    layers
        .map(|l| (l.weights.clone(), l.biases.clone()))
        .collect()
}

fn activate(activation: Activation, net: f64) -> f64 {
    match activation {
        Activation::Identity => net,
        Activation::Sigmoid => 1.0 / (1.0 + (-net).exp()),
        Activation::Tanh => net.tanh(),
        Activation::Relu => net.max(0.0),
        Activation::LeakyRelu if net > 0.0 => net,
        Activation::LeakyRelu => 0.01 * net,
    }
}

/// By the net input, where the kernels go by the output.
fn slope(activation: Activation, net: f64) -> f64 {
    match activation {
        Activation::Identity => 1.0,
        Activation::Sigmoid => activate(activation, net) * (1.0 - activate(activation, net)),
        Activation::Tanh => 1.0 / net.cosh().powi(2),
        Activation::Relu => f64::from(u8::from(net > 0.0)),
        Activation::LeakyRelu if net > 0.0 => 1.0,
        Activation::LeakyRelu => 0.01,
    }
}

/// Returns the error of an output, and its derivative.
fn loss(loss: Loss, out: f64, target: f64, outputs: usize) -> (f64, f64) {
    let (d, count) = (out - target, outputs as f64);
    match loss {
        Loss::HalfSse => (0.5 * d.powi(2), d),
        Loss::Mse => (d.powi(2) / count, 2.0 * d / count),
        Loss::Mae => (d.abs() / count, d.signum() / count),
        Loss::Huber | Loss::CrossEntropy => unreachable!("not in these tests"),
    }
}

/// Computes a round of `network` from `before`, by gradient descent.
pub(crate) fn round(network: &Network, before: &Layers, slips: &Slips) -> Round {
    let rounded = |value: f64| match slips.decimals {
        None => value,
        Some(decimals) => {
            let scale = 10f64.powi(decimals);
            (value * scale).round() / scale
        }
    };
    let last = network.layers.len() - 1;
    let rate = slips.rate.unwrap_or(network.optimizer.learning_rate()) * slips.step;
    let mut round = Round {
        net: Vec::new(),
        out: Vec::new(),
        delta: Vec::new(),
        errors: Vec::new(),
        gradient: Vec::new(),
        after: before.clone(),
    };
    for row in &network.rows {
        let (mut nets, mut outs, mut x) = (Vec::new(), Vec::new(), row.input.clone());
        for (l, (weights, biases)) in before.iter().enumerate() {
            let mut net = Vec::new();
            for (j, weights) in weights.iter().enumerate() {
                let mut sum = biases[j];
                for (i, weight) in weights.iter().enumerate() {
                    sum += weight * x[i];
                }
                net.push(rounded(sum));
            }
            let activation = network.layers[l].activation;
            x = net
                .iter()
                .map(|net| rounded(activate(activation, *net)))
                .collect();
            nets.push(net);
            outs.push(x.clone());
        }
        round.net.push(nets);
        round.out.push(outs);
    }
    let mut deltas = vec![vec![Vec::new(); last + 1]; network.rows.len()];
    round.gradient = before
        .iter()
        .map(|(w, b)| (vec![vec![0.0; w[0].len()]; w.len()], vec![0.0; b.len()]))
        .collect();
    for (n, row) in network.rows.iter().enumerate() {
        let outs = &round.out[n][last];
        let pairs = outs.iter().zip(&row.target);
        let both: Vec<(f64, f64)> = pairs
            .map(|(y, t)| loss(network.loss, *y, *t, outs.len()))
            .collect();
        round
            .errors
            .push(both.iter().map(|(error, _)| rounded(*error)).sum());
        deltas[n][last] = both
            .iter()
            .enumerate()
            .map(|(k, (_, d))| {
                let slope = slope(network.layers[last].activation, round.net[n][last][k]);
                let slope = if slips.output_slope {
                    rounded(slope)
                } else {
                    1.0
                };
                rounded(rounded(slips.derivative * d) * slope)
            })
            .collect();
    }
    let share = if slips.sum {
        1.0
    } else {
        1.0 / network.rows.len() as f64
    };
    for l in (0..=last).rev() {
        for (n, row) in network.rows.iter().enumerate() {
            let x = if l == 0 {
                &row.input
            } else {
                &round.out[n][l - 1]
            };
            for (j, delta) in deltas[n][l].clone().into_iter().enumerate() {
                for (i, x) in x.iter().enumerate() {
                    round.gradient[l].0[j][i] += share * delta * x;
                }
                round.gradient[l].1[j] += share * delta;
            }
        }
        for j in 0..round.gradient[l].0.len() {
            for i in 0..round.gradient[l].0[j].len() {
                round.gradient[l].0[j][i] = rounded(round.gradient[l].0[j][i]);
                round.after[l].0[j][i] =
                    rounded(before[l].0[j][i] - rate * round.gradient[l].0[j][i]);
            }
            if network.train_bias {
                round.after[l].1[j] -= rate * round.gradient[l].1[j];
            }
        }
        if l == 0 {
            break;
        }
        let weights = match network.order {
            Order::Simultaneous => &before[l].0,
            Order::Sequential => &round.after[l].0,
        };
        for n in 0..network.rows.len() {
            for i in 0..round.out[n][l - 1].len() {
                let above = deltas[n][l].iter().enumerate();
                let above = above.take(if slips.one_output { 1 } else { usize::MAX });
                let sum: f64 = above
                    .map(|(j, delta)| {
                        delta
                            * if slips.turned {
                                weights[i][j]
                            } else {
                                weights[j][i]
                            }
                    })
                    .sum();
                let slope = slope(network.layers[l - 1].activation, round.net[n][l - 1][i]);
                let slope = if slips.hidden_slope {
                    rounded(slope)
                } else {
                    1.0
                };
                deltas[n][l - 1].push(rounded(rounded(sum) * slope));
            }
        }
    }
    round.delta = deltas;
    round
}
