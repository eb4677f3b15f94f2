//! The network: layers and their parameters.

use crate::math::{Random, Stream};
use crate::model::Activation;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A fully connected layer: out = f(x Wᵀ + b).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// I, the layer's inputs.
    pub inputs: usize,
    /// O, the layer's neurons.
    pub outputs: usize,
    /// f.
    pub activation: Activation,
}

/// A multi-layer perceptron.
///
/// # Shapes
/// `parameters` holds, for each layer in turn, its weight (O, I), with one row per neuron, and its bias (O).
#[derive(Clone, Debug, PartialEq)]
pub struct Mlp {
    /// The layers, from input to output.
    pub layers: Vec<Layer>,
    /// Weights and biases.
    pub parameters: Vec<f32>,
}

impl Mlp {
    /// Returns a network of `widths` (inputs, hidden layers..., outputs) with all parameters zero.
    pub fn zeros(widths: &[usize], hidden: Activation, output: Activation) -> Mlp {
        let last = widths.len().saturating_sub(2);
        let layers: Vec<Layer> = widths
            .windows(2)
            .enumerate()
            .map(|(l, pair)| Layer {
                inputs: pair[0],
                outputs: pair[1],
                activation: if l == last { output } else { hidden },
            })
            .collect();
        let count = layers.iter().map(Layer::parameters).sum();
        Mlp {
            layers,
            parameters: vec![0.0; count],
        }
    }

    /// Returns a network with random weights and zero biases. Weights are uniform within He's bound for relu and leaky
    /// relu (He et al., 2015), and within Glorot's for the others (Glorot and Bengio, 2010).
    pub fn random(widths: &[usize], hidden: Activation, output: Activation, seed: u64) -> Mlp {
        let mut mlp = Mlp::zeros(widths, hidden, output);
        let mut from = 0;
        for (l, layer) in mlp.layers.iter().enumerate() {
            let random = Random::new(seed, Stream::Init, l as u32);
            let bound = layer.init_bound();
            let weights = layer.inputs * layer.outputs;
            for (i, weight) in mlp.parameters[from..from + weights].iter_mut().enumerate() {
                *weight = (bound * (2.0 * random.uniform(i as u32) - 1.0)) as f32;
            }
            from += layer.parameters();
        }
        mlp
    }

    /// Checks that there is a layer, that the widths of consecutive layers match, and that the number of parameters is
    /// right.
    ///
    /// # Errors
    /// A message that says what does not fit.
    pub fn check(&self) -> Result<(), String> {
        let widths = || {
            let outputs = self.layers.iter().map(|layer| layer.outputs.to_string());
            let all: Vec<String> = [self.inputs().to_string()]
                .into_iter()
                .chain(outputs)
                .collect();
            all.join("-")
        };
        if self.layers.is_empty() {
            return Err("a network needs a layer; found none".to_owned());
        }
        if self.layers.iter().any(|l| l.inputs == 0 || l.outputs == 0) {
            return Err(format!("network {}: a layer cannot be 0 wide", widths()));
        }
        if let Some(pair) = self.layers.windows(2).find(|p| p[0].outputs != p[1].inputs) {
            return Err(format!(
                "network {}: a layer of {} outputs below one of {} inputs",
                widths(),
                pair[0].outputs,
                pair[1].inputs
            ));
        }
        let (found, expected) = (
            self.parameters.len(),
            self.layers.iter().map(Layer::parameters).sum::<usize>(),
        );
        if found != expected {
            return Err(format!(
                "network {}: expected {expected} parameters, found {found}",
                widths()
            ));
        }
        Ok(())
    }

    /// Returns the number of inputs.
    pub fn inputs(&self) -> usize {
        self.layers.first().map_or(0, |layer| layer.inputs)
    }

    /// Returns the number of outputs.
    pub fn outputs(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.outputs)
    }

    /// Returns the lengths of the tensors in `parameters`: weight and bias, layer by layer.
    pub fn tensor_lengths(&self) -> Vec<usize> {
        let layers = self.layers.iter();
        layers
            .flat_map(|layer| [layer.inputs * layer.outputs, layer.outputs])
            .collect()
    }

    /// Returns the name, shape and values of each tensor: `layers.0.weight` (O, I), `layers.0.bias` (O), ...
    pub fn tensors(&self) -> Vec<(String, Vec<usize>, &[f32])> {
        let mut rest = &self.parameters[..];
        let mut tensors = Vec::new();
        for (l, layer) in self.layers.iter().enumerate() {
            let (weight, after) = rest.split_at(layer.inputs * layer.outputs);
            let (bias, after) = after.split_at(layer.outputs);
            rest = after;
            let shape = vec![layer.outputs, layer.inputs];
            tensors.push((format!("layers.{l}.weight"), shape, weight));
            tensors.push((format!("layers.{l}.bias"), vec![layer.outputs], bias));
        }
        tensors
    }

    /// Returns the number of multiply-adds of a forward pass of one row.
    pub fn multiply_adds(&self) -> usize {
        self.layers.iter().map(|l| l.inputs * l.outputs).sum()
    }
}

impl Layer {
    /// Returns the number of weights and biases.
    pub fn parameters(&self) -> usize {
        self.inputs * self.outputs + self.outputs
    }

    fn init_bound(&self) -> f64 {
        let (fan_in, fan_out) = (self.inputs as f64, self.outputs as f64);
        match self.activation.is_rectified() {
            true => (6.0 / fan_in).sqrt(),
            false => (6.0 / (fan_in + fan_out)).sqrt(),
        }
    }
}

/// Formats the widths, as in `784-128-10`.
impl fmt::Display for Mlp {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let widths = self.layers.iter().map(|layer| layer.outputs);
        write!(f, "{}", self.inputs())?;
        widths.into_iter().try_for_each(|w| write!(f, "-{w}"))
    }
}
