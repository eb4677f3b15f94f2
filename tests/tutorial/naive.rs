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

impl Slips {
    fn rounded(&self, value: f64) -> f64 {
        match self.decimals {
            None => value,
            Some(decimals) => {
                let scale = 10f64.powi(decimals);
                (value * scale).round() / scale
            }
        }
    }

    /// A slope, unless it is left out.
    fn slope(&self, has: bool, activation: Activation, net: f64) -> f64 {
        match has {
            true => self.rounded(slope(activation, net)),
            false => 1.0,
        }
    }
}

/// Computes a round of `network` from `before`, by gradient descent.
pub(crate) fn round(network: &Network, before: &Layers, slips: &Slips) -> Round {
    let rows = network.rows.len();
    let zeros = |(w, b): &(Vec<Vec<f64>>, Vec<f64>)| {
        (vec![vec![0.0; w[0].len()]; w.len()], vec![0.0; b.len()])
    };
    let mut round = Round {
        net: Vec::new(),
        out: Vec::new(),
        delta: vec![vec![Vec::new(); before.len()]; rows],
        errors: Vec::new(),
        gradient: before.iter().map(zeros).collect(),
        after: before.clone(),
    };
    for n in 0..rows {
        forward(network, before, slips, n, &mut round);
        errors(network, slips, n, &mut round);
    }
    for l in (0..before.len()).rev() {
        update(network, before, slips, l, &mut round);
        if l > 0 {
            let weights = match network.order {
                Order::Simultaneous => before[l].0.clone(),
                Order::Sequential => round.after[l].0.clone(),
            };
            back(network, &weights, slips, l, &mut round);
        }
    }
    round
}

fn forward(network: &Network, before: &Layers, slips: &Slips, n: usize, round: &mut Round) {
    let mut x = network.rows[n].input.clone();
    let (mut nets, mut outs) = (Vec::new(), Vec::new());
    for (l, (weights, biases)) in before.iter().enumerate() {
        let mut net = Vec::new();
        for (j, weights) in weights.iter().enumerate() {
            let mut sum = biases[j];
            for (i, weight) in weights.iter().enumerate() {
                sum += weight * x[i];
            }
            net.push(slips.rounded(sum));
        }
        let out = |net: &f64| slips.rounded(activate(network.layers[l].activation, *net));
        x = net.iter().map(out).collect();
        nets.push(net);
        outs.push(x.clone());
    }
    round.net.push(nets);
    round.out.push(outs);
}

/// Computes the error of row `n` and the deltas of the outputs.
fn errors(network: &Network, slips: &Slips, n: usize, round: &mut Round) {
    let last = network.layers.len() - 1;
    let mut sum = 0.0;
    for (k, target) in network.rows[n].target.iter().enumerate() {
        let outs = &round.out[n][last];
        let (error, d) = loss(network.loss, outs[k], *target, outs.len());
        sum += slips.rounded(error);
        let activation = network.layers[last].activation;
        let slope = slips.slope(slips.output_slope, activation, round.net[n][last][k]);
        let delta = slips.rounded(slips.rounded(slips.derivative * d) * slope);
        round.delta[n][last].push(delta);
    }
    round.errors.push(sum);
}

/// Computes the gradient of layer `l` and its new parameters.
fn update(network: &Network, before: &Layers, slips: &Slips, l: usize, round: &mut Round) {
    let rate = slips.rate.unwrap_or(network.optimizer.learning_rate()) * slips.step;
    let count = if slips.sum { 1 } else { network.rows.len() };
    let (weights, biases) = &mut round.gradient[l];
    for (n, row) in network.rows.iter().enumerate() {
        let x = match l {
            0 => &row.input,
            _ => &round.out[n][l - 1],
        };
        for (j, delta) in round.delta[n][l].iter().enumerate() {
            for (i, x) in x.iter().enumerate() {
                weights[j][i] += delta * x / count as f64;
            }
            biases[j] += delta / count as f64;
        }
    }
    for j in 0..weights.len() {
        for i in 0..weights[j].len() {
            weights[j][i] = slips.rounded(weights[j][i]);
            let new = before[l].0[j][i] - rate * weights[j][i];
            round.after[l].0[j][i] = slips.rounded(new);
        }
        if network.train_bias {
            round.after[l].1[j] -= rate * biases[j];
        }
    }
}

/// Computes the deltas below layer `l`, through its `weights`.
fn back(network: &Network, weights: &[Vec<f64>], slips: &Slips, l: usize, round: &mut Round) {
    let outputs = if slips.one_output { 1 } else { weights.len() };
    let weight = |i: usize, j: usize| match slips.turned {
        true => weights[i][j],
        false => weights[j][i],
    };
    for n in 0..network.rows.len() {
        for i in 0..round.out[n][l - 1].len() {
            let mut sum = 0.0;
            for j in 0..outputs {
                sum += round.delta[n][l][j] * weight(i, j);
            }
            let activation = network.layers[l - 1].activation;
            let slope = slips.slope(slips.hidden_slope, activation, round.net[n][l - 1][i]);
            let delta = slips.rounded(slips.rounded(sum) * slope);
            round.delta[n][l - 1].push(delta);
        }
    }
}
