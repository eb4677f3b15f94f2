//! The article's network and its only example. In f64, so that the reference starts from the exact numbers.

use super::network::{BiasNames, Example, NamedLayer, Network, numbered};
use crate::Error;
use crate::kernels::{Buffer, Step};
use crate::math::Real;
use crate::model::{Activation, Loss, Optimizer};
use crate::plan::{Order, Plan, Session};

/// Number of rounds in the article's last paragraph.
pub const ARTICLE_ROUNDS: usize = 10_000;
/// Maximum number of rounds: half a minute for the reference. In f32 the weights stop changing long before.
pub const MOST_ROUNDS: usize = 10_000_000;
/// i1, i2.
pub(super) const INPUTS: [f64; 2] = [0.05, 0.10];
/// The targets of o1 and o2.
pub(super) const TARGETS: [f64; 2] = [0.01, 0.99];
/// Learning rate (eta), which is exact in f32.
const LEARNING_RATE: f32 = 0.5;
/// w1 w2 w3 w4, b1 b1, w5 w6 w7 w8, b2 b2: the order of `Mlp::parameters`.
pub(super) const PARAMETERS: [f64; 12] = [
    0.15, 0.20, 0.25, 0.30, 0.35, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.60,
];
/// Indices of w1..w8 in the parameters.
pub(super) const WEIGHTS: [usize; 8] = [0, 1, 2, 3, 6, 7, 8, 9];
/// Indices of the biases of h1, h2, o1 and o2 in the parameters.
pub(super) const BIASES: [usize; 4] = [4, 5, 10, 11];

/// Returns the article's network. Neurons of a layer share a bias.
pub fn network(order: Order, train_bias: bool, rounds: usize) -> Network {
    let layer = |letter, first: usize, bias: usize| NamedLayer {
        neurons: numbered(letter, 1, 2),
        activation: Activation::Sigmoid,
        weights: [0, 2]
            .map(|row| [0, 1].map(|k| PARAMETERS[first + row + k]).to_vec())
            .to_vec(),
        biases: vec![PARAMETERS[bias]; 2],
        weight_names: Vec::new(),
        bias_names: Vec::new(),
    };
    let mut network = Network {
        inputs: numbered('i', 1, 2),
        layers: vec![
            layer('h', WEIGHTS[0], BIASES[0]),
            layer('o', WEIGHTS[4], BIASES[2]),
        ],
        loss: Loss::HalfSse,
        optimizer: Optimizer::sgd(f64::from(LEARNING_RATE)),
        order,
        train_bias,
        rows: vec![Example {
            input: INPUTS.to_vec(),
            target: TARGETS.to_vec(),
        }],
        rounds,
    };
    let biases = match train_bias {
        true => BiasNames::Own,
        false => BiasNames::Shared,
    };
    network.name_parameters(&[biases; 2]);
    network
}

/// Returns the plan that trains the article's network on its example.
pub(super) fn plan(order: Order, train_bias: bool) -> Plan {
    network(order, train_bias, 1).plan()
}

/// Returns the step of round `index` (from 0).
pub(super) fn step(index: usize) -> Step {
    Step {
        index: index as u32,
        ..Step::whole(1, LEARNING_RATE)
    }
}

/// Converts `values` to the session's precision.
pub(super) fn numbers<T: Real>(values: &[f64]) -> Vec<T> {
    values.iter().map(|value| T::of(*value)).collect()
}

/// Writes the example and the initial parameters.
pub(super) fn write<T: Real>(session: &mut dyn Session<T>) -> Result<(), Error> {
    session.write(Buffer::DataInputs, &numbers(&INPUTS))?;
    session.write(Buffer::DataTargets, &numbers(&TARGETS))?;
    session.write(Buffer::Parameters, &numbers(&PARAMETERS))
}

/// Reads a buffer as f64.
pub(super) fn read<T: Real>(
    session: &mut dyn Session<T>,
    buffer: Buffer,
) -> Result<Vec<f64>, Error> {
    let values = session.read(buffer)?;
    Ok(values.into_iter().map(Real::to_f64).collect())
}
