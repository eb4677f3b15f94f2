//! The data of a page about a network: its names and numbers, a few rounds in full, and its error curve.

use super::network::{Example, Network, Tensors};
use super::pass::{Pass, RowPass};
use super::run::Run;
use crate::model::{Loss, Optimizer};
use crate::plan::Order;
use serde::Serialize;

/// The data of a page. Every number is the reference's.
#[derive(Debug, Serialize)]
pub struct PageData<'a> {
    /// The version of the program.
    pub wgrad: &'static str,
    /// Whether the network is the article's or a learner's.
    pub kind: Kind,
    /// The title in each language.
    pub title: Title,
    /// The network.
    pub network: NetworkData<'a>,
    /// The rows that it learns.
    pub rows: &'a [Example],
    /// The number of rounds.
    pub rounds: usize,
    /// A few rounds: 0, 1, 2, 5, 10 and so on, and the one after the last.
    pub passes: Vec<PassData<'a>>,
    /// The error after some rounds: rounds, error.
    pub curve: &'a [(usize, f64)],
    /// The first of these rounds that left the finite numbers; it and later ones are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diverged: Option<usize>,
}

/// Whose network it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The article's.
    Article,
    /// A learner's, from a file.
    Homework,
}

/// A title in each language.
#[derive(Debug, Serialize)]
pub struct Title {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// A network with its settings.
#[derive(Debug, Serialize)]
pub struct NetworkData<'a> {
    /// Names of the inputs.
    pub inputs: &'a [String],
    /// The layers.
    pub layers: Vec<LayerData<'a>>,
    /// The loss.
    pub loss: Loss,
    /// The optimizer: `sgd` or `adam`.
    pub optimizer: &'static str,
    /// The momentum of `sgd`.
    pub momentum: f64,
    /// The learning rate.
    pub learning_rate: f64,
    /// The order of updates.
    pub order: Order,
    /// Whether biases are updated.
    pub update_biases: bool,
}

/// A layer with its names.
#[derive(Debug, Serialize)]
pub struct LayerData<'a> {
    /// Names of the neurons.
    pub neurons: &'a [String],
    /// The activation; `softmax` with cross-entropy.
    pub activation: &'static str,
    /// Names of the weights (O, I).
    pub weights: &'a [Vec<String>],
    /// Names of the biases (O).
    pub biases: &'a [String],
}

/// A round.
#[derive(Debug, Serialize)]
pub struct PassData<'a> {
    /// The number of rounds before it.
    pub round: usize,
    /// The parameters before it.
    pub layers: &'a [Tensors],
    /// What it did with each row.
    pub rows: &'a [RowPass],
    /// The mean error of the rows.
    pub error: f64,
    /// The derivatives of the error.
    pub gradient: &'a [Tensors],
    /// The parameters after it.
    pub after: &'a [Tensors],
}

/// Returns the data of a page about `network`.
pub fn data<'a>(network: &'a Network, run: &'a Run, kind: Kind) -> PageData<'a> {
    let [en, zh] = match kind {
        Kind::Article => [
            "A Step by Step Backpropagation Example",
            "一步一步理解反向传播",
        ],
        Kind::Homework => ["Backpropagation, Step by Step", "反向传播：一步一步演算"],
    };
    PageData {
        wgrad: env!("CARGO_PKG_VERSION"),
        kind,
        title: Title {
            en: en.to_owned(),
            zh: zh.to_owned(),
        },
        network: NetworkData::of(network),
        rows: &network.rows,
        rounds: network.rounds,
        passes: run.passes.iter().map(PassData::of).collect(),
        curve: &run.curve,
        diverged: run.diverged,
    }
}

impl<'a> NetworkData<'a> {
    /// Describes a network.
    pub fn of(network: &'a Network) -> NetworkData<'a> {
        let layers = network.layers.iter().enumerate();
        let layers = layers.map(|(l, layer)| LayerData {
            neurons: &layer.neurons,
            activation: network.activation_name(l),
            weights: &layer.weight_names,
            biases: &layer.bias_names,
        });
        let (optimizer, momentum) = match network.optimizer {
            Optimizer::Sgd { momentum, .. } => ("sgd", momentum),
            Optimizer::Adam { .. } => ("adam", 0.0),
            Optimizer::Rmsprop { momentum, .. } => ("rmsprop", momentum),
            Optimizer::Lion { .. } => ("lion", 0.0),
        };
        NetworkData {
            inputs: &network.inputs,
            layers: layers.collect(),
            loss: network.loss,
            optimizer,
            momentum,
            learning_rate: network.optimizer.learning_rate(),
            order: network.order,
            update_biases: network.train_bias,
        }
    }
}

impl<'a> PassData<'a> {
    fn of(pass: &'a Pass) -> PassData<'a> {
        PassData {
            round: pass.round,
            layers: &pass.before,
            rows: &pass.rows,
            error: pass.error,
            gradient: &pass.gradient,
            after: &pass.after,
        }
    }
}
