//! An independent network in dual numbers, with textbook functions written from their definitions.

use crate::dual::{Dual, sum};
use std::ops::Range;
use wgrad::cpu::CpuSession;
use wgrad::kernels::{Buffer, Step};
use wgrad::math::{Random, Stream};
use wgrad::model::{Activation, Link, Loss, Mlp, Optimizer};
use wgrad::plan::{Order, Phase, Rates, Rows, Schedule, Session, Training, backprop};

pub(crate) fn activate(activation: Activation, net: Dual) -> Dual {
    let (one, e) = (Dual(1.0, 0.0), net.exp());
    match activation {
        Activation::Identity => net,
        Activation::Sigmoid => e / (one + e),
        Activation::Tanh => (e * e - one) / (e * e + one),
        Activation::Relu if net.0 > 0.0 => net,
        Activation::Relu => Dual(0.0, 0.0),
        Activation::LeakyRelu if net.0 > 0.0 => net,
        Activation::LeakyRelu => Dual(0.01, 0.0) * net,
        Activation::Selu if net.0 > 0.0 => Dual(SELU[0], 0.0) * net,
        Activation::Selu => Dual(SELU[0] * SELU[1], 0.0) * (e - one),
        Activation::Elu if net.0 > 0.0 => net,
        Activation::Elu => e - one,
        Activation::Gelu => net * normal(net),
        Activation::Silu => net * e / (one + e),
        Activation::Mish => {
            let softplus = activate(Activation::Softplus, net);
            net * activate(Activation::Tanh, softplus)
        }
        Activation::Softplus => (one + e).ln(),
    }
}

/// SELU's scale and alpha.
const SELU: [f64; 2] = [1.050_700_987_355_480_5, 1.673_263_242_354_377_2];

/// The share of the standard normal distribution below a number: 1/2 and the integral of the density by Simpson's rule.
fn normal(x: Dual) -> Dual {
    let density = |x: f64| (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let width = x.0 / 1000.0;
    let share = |k: usize| {
        let factor = match k {
            0 | 1000 => 1.0,
            k if k % 2 == 1 => 4.0,
            _ => 2.0,
        };
        factor * density(k as f64 * width)
    };
    let integral = (0..=1000).map(share).sum::<f64>() * width / 3.0;
    Dual(0.5 + integral, density(x.0) * x.1)
}

fn magnitude(d: Dual) -> Dual {
    if d.0 < 0.0 { Dual(0.0, 0.0) - d } else { d }
}

fn loss(loss: Loss, out: &[Dual], target: &[f64]) -> Dual {
    let targets = target.iter().map(|t| Dual(*t, 0.0));
    let squares = out
        .iter()
        .zip(targets.clone())
        .map(|(o, t)| (*o - t) * (*o - t));
    match loss {
        Loss::HalfSse => Dual(0.5, 0.0) * sum(squares),
        Loss::Mse => sum(squares) / Dual(out.len() as f64, 0.0),
        Loss::Mae | Loss::Huber => {
            let d = out.iter().zip(targets).map(|(o, t)| *o - t);
            let each = d.map(|d| match loss {
                Loss::Huber if d.0.abs() < 1.0 => Dual(0.5, 0.0) * d * d,
                Loss::Huber => magnitude(d) - Dual(0.5, 0.0),
                _ => magnitude(d),
            });
            sum(each) / Dual(out.len() as f64, 0.0)
        }
        Loss::Poisson => {
            let each = out.iter().zip(targets).map(|(o, t)| o.exp() - t * *o);
            sum(each) / Dual(out.len() as f64, 0.0)
        }
        Loss::BinaryCrossEntropy => {
            let one = Dual(1.0, 0.0);
            let p = |o: &Dual| one / (one + (Dual(0.0, 0.0) - *o).exp());
            let likely = |o: &Dual, t: Dual| t * p(o).ln() + (one - t) * (one - p(o)).ln();
            let each = out.iter().zip(targets).map(|(o, t)| likely(o, t));
            sum(each) / Dual(-(out.len() as f64), 0.0)
        }
        Loss::Quantile => {
            let d = out.iter().zip(targets).map(|(o, t)| t - *o);
            let each = d.map(|d| match d.0 > 0.0 {
                true => Dual(QUANTILE, 0.0) * d,
                false => Dual(QUANTILE - 1.0, 0.0) * d,
            });
            sum(each) / Dual(out.len() as f64, 0.0)
        }
        Loss::CrossEntropy => {
            let total = sum(out.iter().map(|o| o.exp()));
            sum(out
                .iter()
                .zip(targets)
                .map(|(o, t)| t * (total / o.exp()).ln()))
        }
    }
}

/// A number that f32 has, as plans do.
const QUANTILE: f64 = 0.875;

/// A network, its loss, and 11 rows in batches of 4. The last batch is short.
pub(crate) struct Problem {
    pub(crate) mlp: Mlp,
    pub(crate) training: Training,
    pub(crate) rates: Rates,
    pub(crate) parameters: Vec<f64>,
    pub(crate) inputs: Vec<f64>,
    targets: Vec<f64>,
    /// Weights of the rows, if they have any.
    weights: Option<Vec<f64>>,
    /// What dropout multiplies the output of each hidden layer with, in each row of the batch: \[layer\]\[row\]\[neuron\].
    pub(crate) masks: Vec<Vec<Vec<f64>>>,
}

pub(crate) const ROWS: usize = 11;
pub(crate) const BATCH: usize = 4;

/// Returns numbers for row `n` with the sum 1, without which softmax - t is not the gradient of sum t ln (1 / softmax).
fn probabilities(random: Random, n: usize, outputs: usize) -> Vec<f64> {
    let all = (0..outputs).map(|o| random.uniform((n * outputs + o) as u32));
    let all: Vec<f64> = all.collect();
    let total: f64 = all.iter().sum();
    all.into_iter().map(|p| p / total).collect()
}

impl Problem {
    /// Draws random parameters and data, with all neurons at least 1e-3 away from a kink.
    pub(crate) fn new(
        widths: &[usize],
        activations: [Activation; 2],
        loss: Loss,
        classes: bool,
    ) -> Problem {
        let mlp = Mlp::zeros(widths, activations[0], activations[1]);
        let training = Training {
            loss,
            optimizer: Optimizer::sgd(0.25),
            batch_size: BATCH,
            classes,
            order: Order::Simultaneous,
            train_bias: true,
            quantile: QUANTILE,
            ..Training::default()
        };
        let seeds = 0..100;
        let mut problems = seeds.map(|seed| Problem::random(mlp.clone(), training, seed));
        let found = problems.find(|problem| problem.distance_from_kinks() > 1e-3);
        found.unwrap_or_else(|| panic!("every seed is close to a kink"))
    }

    /// Gives the rows different weights.
    pub(crate) fn weighted(mut self) -> Problem {
        let random = Random::new(5, Stream::Data, 0);
        self.weights = Some((0..ROWS as u32).map(|n| random.uniform(n)).collect());
        self.training.weighted = true;
        self
    }

    fn random(mlp: Mlp, training: Training, seed: u64) -> Problem {
        let random = Random::new(seed, Stream::Data, 0);
        let outputs = mlp.outputs();
        let draw = |first: u32, count: usize| {
            let indexes = (first..).take(count);
            indexes.map(|i| random.normal(i)).collect::<Vec<f64>>()
        };
        let targets = match (training.classes, training.loss) {
            (true, _) => (0..ROWS)
                .map(|n| f64::from(random.bits(n as u32) % outputs as u32))
                .collect(),
            (false, Loss::CrossEntropy) => (0..ROWS)
                .flat_map(|n| probabilities(random, n, outputs))
                .collect(),
            (false, _) => draw(20_000, ROWS * outputs),
        };
        // The exponentials of large outputs would lose the digits that f32 leaves of a plan's constants, and the logarithms of
        // certain labels those of the textbook's formula.
        let spread = match training.loss.link() {
            Link::Identity => 1.0,
            _ => 0.3,
        };
        let parameters = draw(0, mlp.parameters.len());
        Problem {
            parameters: parameters.into_iter().map(|p| spread * p).collect(),
            inputs: draw(10_000, ROWS * mlp.inputs()),
            targets,
            weights: None,
            masks: Vec::new(),
            mlp,
            training,
            rates: Rates::default(),
        }
    }

    /// Returns the net inputs of every layer, and the outputs, for row `n`.
    pub(crate) fn forward(&self, parameters: &[Dual], n: usize) -> (Vec<Dual>, Vec<Dual>) {
        let x = &self.inputs[n * self.mlp.inputs()..][..self.mlp.inputs()];
        let mut out: Vec<Dual> = x.iter().map(|x| Dual(*x, 0.0)).collect();
        let (mut nets, mut rest) = (Vec::new(), parameters);
        for (l, layer) in self.mlp.layers.iter().enumerate() {
            let (weights, after) = rest.split_at(layer.inputs * layer.outputs);
            let (biases, after) = after.split_at(layer.outputs);
            let rows = weights.chunks(layer.inputs).zip(biases);
            let net = |(w, b): (&[Dual], &Dual)| *b + sum(w.iter().zip(&out).map(|(w, x)| *w * *x));
            let net: Vec<Dual> = rows.map(net).collect();
            out = net
                .iter()
                .map(|net| activate(layer.activation, *net))
                .collect();
            if let Some(mask) = self.masks.get(l) {
                let factors = out.iter_mut().zip(&mask[n % BATCH]);
                factors.for_each(|(out, factor)| *out = *out * Dual(*factor, 0.0));
            }
            nets.extend(net);
            rest = after;
        }
        (nets, out)
    }

    pub(crate) fn constants(&self) -> Vec<Dual> {
        self.parameters.iter().map(|p| Dual(*p, 0.0)).collect()
    }

    fn distance_from_kinks(&self) -> f64 {
        let nets = (0..ROWS).flat_map(|n| self.forward(&self.constants(), n).0);
        nets.map(|net| net.0.abs()).fold(f64::INFINITY, f64::min)
    }

    /// Returns the targets of row `n`, with a class as one-hot column.
    pub(crate) fn target(&self, n: usize) -> Vec<f64> {
        let outputs = self.mlp.outputs();
        let smoothing = self.training.label_smoothing;
        match self.training.classes {
            true => (0..outputs)
                .map(|o| f64::from(self.targets[n] == o as f64))
                .map(|t| (1.0 - smoothing) * t + smoothing / outputs as f64)
                .collect(),
            false => self.targets[n * outputs..][..outputs].to_vec(),
        }
    }

    /// Returns the mean loss of some rows.
    pub(crate) fn error(&self, parameters: &[Dual], rows: Range<usize>) -> Dual {
        let count = Dual(rows.len() as f64, 0.0);
        let errors = rows.map(|n| {
            let (_, out) = self.forward(parameters, n);
            let weight = self.weights.as_ref().map_or(1.0, |weights| weights[n]);
            Dual(weight, 0.0) * loss(self.training.loss, &out, &self.target(n))
        });
        sum(errors) / count
    }

    /// Returns the gradient of the mean loss of some rows, with one forward pass per parameter.
    pub(crate) fn gradient(&self, rows: Range<usize>) -> Vec<f64> {
        let mut parameters = self.constants();
        (0..parameters.len())
            .map(|k| {
                parameters[k].1 = 1.0;
                let error = self.error(&parameters, rows.clone());
                parameters[k].1 = 0.0;
                error.1
            })
            .collect()
    }

    pub(crate) fn schedule(&self) -> Schedule {
        Schedule {
            rates: self.rates,
            dropout: self.training.dropout,
            rows: Rows {
                first: 0,
                count: ROWS,
            },
            batch_size: self.training.batch_size,
            seed: 0,
            shuffle: false,
            optimizer: self.training.optimizer,
        }
    }

    pub(crate) fn session(&self) -> CpuSession<f64> {
        let plan = backprop::train(&self.mlp, &self.training);
        let mut session = CpuSession::new(&plan, ROWS, 1).unwrap();
        let width = self.targets.len() / ROWS;
        let rows = self.targets.chunks(width).enumerate();
        let targets = rows.flat_map(|(n, row)| {
            let weight = self.weights.as_ref().map(|weights| weights[n]);
            row.iter().copied().chain(weight)
        });
        for (buffer, values) in [
            (Buffer::DataInputs, &self.inputs),
            (Buffer::DataTargets, &targets.collect()),
            (Buffer::Parameters, &self.parameters),
        ] {
            session.write(buffer, values).unwrap();
        }
        session
    }

    /// Returns the parameters after some steps.
    pub(crate) fn train(&self, steps: &[Step]) -> Vec<f64> {
        let mut session = self.session();
        session.run(Phase::Train, steps).unwrap();
        session.read(Buffer::Parameters).unwrap()
    }

    pub(crate) fn name(&self) -> String {
        let [first, last] = [0, self.mlp.layers.len() - 1].map(|l| self.mlp.layers[l].activation);
        let Training { loss, classes, .. } = self.training;
        format!(
            "{} {first:?} {last:?} {loss:?}, classes: {classes}",
            self.mlp
        )
    }
}
