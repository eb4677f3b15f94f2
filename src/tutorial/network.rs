//! A small network with a name for every number: what the tutorial walks through. The article is one; a learner's
//! homework is another.

use crate::kernels::Step;
use crate::model::{Activation, Loss, Mlp, Optimizer};
use crate::plan::{Order, Plan, Training, backprop};

/// A network, the rows that it learns, and how it learns them.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Names of the inputs.
    pub inputs: Vec<String>,
    /// The layers, from the first hidden one to the outputs.
    pub layers: Vec<NamedLayer>,
    /// The loss.
    pub loss: Loss,
    /// How a gradient changes the parameters.
    pub optimizer: Optimizer,
    /// When a layer is updated.
    pub order: Order,
    /// Whether biases are updated.
    pub train_bias: bool,
    /// The rows. Every round uses all of them.
    pub rows: Vec<Example>,
    /// The number of rounds.
    pub rounds: usize,
}

/// A layer with names.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedLayer {
    /// Names of its neurons (O).
    pub neurons: Vec<String>,
    /// out = f(net). With cross-entropy the last layer is the identity here, and softmax to a reader.
    pub activation: Activation,
    /// The initial weights (O, I).
    pub weights: Vec<Vec<f64>>,
    /// The initial biases (O).
    pub biases: Vec<f64>,
    /// Names of the weights (O, I).
    pub weight_names: Vec<Vec<String>>,
    /// Names of the biases (O). Neurons that share a frozen bias share its name. Empty if the layer has none; the biases
    /// are zeros then.
    pub bias_names: Vec<String>,
}

/// A row to learn.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Example {
    /// What the network reads.
    pub input: Vec<f64>,
    /// What it should answer.
    pub target: Vec<f64>,
}

impl Network {
    /// Returns the number of weights and biases.
    pub fn parameter_count(&self) -> usize {
        let layers = self.layers.iter();
        layers
            .map(|layer| layer.weights.concat().len() + layer.bias_names.len())
            .sum()
    }

    /// Returns the initial parameters in the order of [`Mlp::parameters`].
    pub fn parameters(&self) -> Vec<f64> {
        let layers = self.layers.iter();
        let all = layers.flat_map(|layer| layer.weights.iter().flatten().chain(&layer.biases));
        all.copied().collect()
    }

    /// Starts from other parameters.
    pub fn set_parameters(&mut self, parameters: &[Tensors]) {
        for (layer, tensors) in self.layers.iter_mut().zip(parameters) {
            layer.weights.clone_from(&tensors.weight);
            layer.biases.clone_from(&tensors.bias);
        }
    }

    /// Returns the names of the neurons, or inputs, that layer `l` reads.
    pub fn below(&self, l: usize) -> &[String] {
        match l {
            0 => &self.inputs,
            _ => &self.layers[l - 1].neurons,
        }
    }

    /// Whether layer `l` has the network's outputs.
    pub fn is_last(&self, l: usize) -> bool {
        l + 1 == self.layers.len()
    }

    /// Whether layer `l` is a softmax, which its cross-entropy includes.
    pub fn is_softmax(&self, l: usize) -> bool {
        self.is_last(l) && self.loss == Loss::CrossEntropy
    }

    /// Returns the name of the activation of layer `l`, as a file has it.
    pub fn activation_name(&self, l: usize) -> &'static str {
        match self.layers[l].activation {
            _ if self.is_softmax(l) => "softmax",
            Activation::Selu => "selu",
            Activation::Elu => "elu",
            Activation::Gelu => "gelu",
            Activation::Silu => "silu",
            Activation::Mish => "mish",
            Activation::Softplus => "softplus",
            Activation::Identity => "identity",
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
            Activation::Relu => "relu",
            Activation::LeakyRelu => "leaky_relu",
        }
    }

    /// Returns the network without names. Its parameters are zeros.
    pub fn mlp(&self) -> Mlp {
        let widths: Vec<usize> = [self.inputs.len()]
            .into_iter()
            .chain(self.layers.iter().map(|layer| layer.neurons.len()))
            .collect();
        let mut mlp = Mlp::zeros(&widths, Activation::Identity, Activation::Identity);
        for (layer, named) in mlp.layers.iter_mut().zip(&self.layers) {
            layer.activation = named.activation;
        }
        mlp
    }

    /// Returns the plan of a round.
    pub fn plan(&self) -> Plan {
        let training = Training {
            loss: self.loss,
            optimizer: self.optimizer,
            batch_size: self.rows.len(),
            classes: false,
            order: self.order,
            train_bias: self.train_bias,
            ..Training::default()
        };
        backprop::train(&self.mlp(), &training)
    }

    /// Returns the step of round `round` (from 0).
    pub fn step(&self, round: usize) -> Step {
        let [correction1, correction2] = self.optimizer.corrections(round + 1);
        Step {
            index: round as u32,
            correction1,
            correction2,
            ..Step::whole(self.rows.len(), self.optimizer.learning_rate() as f32)
        }
    }

    /// Gives names to the weights and biases: w1, w2, ... and b1, b2, ... through all layers.
    pub fn name_parameters(&mut self, biases: &[BiasNames]) {
        let (mut w, mut b) = (0, 0);
        for (layer, kind) in self.layers.iter_mut().zip(biases) {
            let take = |letter, used: &mut usize, count| {
                *used += count;
                numbered(letter, *used - count + 1, count)
            };
            let rows = layer.weights.iter();
            layer.weight_names = rows.map(|row| take('w', &mut w, row.len())).collect();
            let neurons = layer.biases.len();
            layer.bias_names = match kind {
                BiasNames::None => Vec::new(),
                BiasNames::Shared => vec![take('b', &mut b, 1).remove(0); neurons],
                BiasNames::Own => take('b', &mut b, neurons),
            };
        }
    }
}

/// How the biases of a layer are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BiasNames {
    /// There are none.
    None,
    /// All neurons share one.
    Shared,
    /// Each neuron has its own.
    Own,
}

/// Weights and biases of a layer, or their derivatives.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Tensors {
    /// Of the weights (O, I).
    pub weight: Vec<Vec<f64>>,
    /// Of the biases (O).
    pub bias: Vec<f64>,
}

/// Returns `count` names: a letter and a number from `first`.
pub fn numbered(letter: char, first: usize, count: usize) -> Vec<String> {
    (first..first + count)
        .map(|n| format!("{letter}{n}"))
        .collect()
}
