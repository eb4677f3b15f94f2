//! The network: layers and their parameters.

use crate::math::{Random, Stream};
use crate::model::{Activation, Initialization};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Maximum number of layers: each takes dispatches, buffers and time on a device.
pub const MOST_LAYERS: usize = 1000;
/// Maximum number of parameters: with gradients and Adam's moments they take 8 GiB.
pub const MOST_PARAMETERS: usize = 500_000_000;

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
        Mlp::zeros(widths, hidden, output).drawn(Initialization::Auto, seed)
    }

    /// Returns the network with parameters drawn anew.
    pub fn drawn(mut self, how: Initialization, seed: u64) -> Mlp {
        let last = self.layers.len().saturating_sub(1);
        let mut rest = &mut self.parameters[..];
        for (l, layer) in self.layers.iter().enumerate() {
            let random = Random::new(seed, Stream::Init, l as u32);
            let [weight_bound, bias_bound] =
                how.bounds([layer.inputs, layer.outputs], layer.activation, l == last);
            let (own, after) = rest.split_at_mut(layer.parameters());
            rest = after;
            for (i, parameter) in own.iter_mut().enumerate() {
                let is_weight = i < layer.inputs * layer.outputs;
                let bound = if is_weight { weight_bound } else { bias_bound };
                // Not a product with 0, which may be -0.
                *parameter = match bound {
                    0.0 => 0.0,
                    _ => (bound * (2.0 * random.uniform(i as u32) - 1.0)) as f32,
                };
            }
        }
        self
    }

    /// Checks that there are 1 to [`MOST_LAYERS`] layers, that the widths of consecutive layers match, and that the number
    /// of parameters is right.
    ///
    /// # Errors
    /// A message that says what does not fit.
    pub fn check(&self) -> Result<(), String> {
        check_layers(&self.layers)?;
        let expected: usize = self.layers.iter().map(Layer::parameters).sum();
        match self.parameters.len() {
            found if found == expected => Ok(()),
            found => Err(format!(
                "network {self}: expected {expected} parameters, found {found}"
            )),
        }
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
}

/// Checks the layers of a network, without their parameters.
///
/// # Errors
/// A message that says what does not fit.
pub fn check_layers(layers: &[Layer]) -> Result<(), String> {
    match layers.len() {
        0 => return Err("a network needs a layer; found none".to_owned()),
        1..=MOST_LAYERS => {}
        count => {
            return Err(format!(
                "a network of {count} layers; expected at most {MOST_LAYERS}"
            ));
        }
    }
    let outputs = layers.iter().map(|layer| layer.outputs.to_string());
    let widths: Vec<String> = [layers[0].inputs.to_string()]
        .into_iter()
        .chain(outputs)
        .collect();
    let fail = |why: String| Err(format!("network {}: {why}", widths.join("-")));
    if layers.iter().any(|l| l.inputs == 0 || l.outputs == 0) {
        return fail("a layer cannot be 0 wide".to_owned());
    }
    if let Some(pair) = layers.windows(2).find(|p| p[0].outputs != p[1].inputs) {
        return fail(format!(
            "a layer of {} outputs below one of {} inputs",
            pair[0].outputs, pair[1].inputs
        ));
    }
    let count = layers.iter().try_fold(0usize, |sum, layer| {
        let weights = layer.inputs.checked_mul(layer.outputs)?;
        sum.checked_add(weights.checked_add(layer.outputs)?)
    });
    match count {
        Some(0..=MOST_PARAMETERS) => Ok(()),
        _ => fail(format!("more than {MOST_PARAMETERS} parameters")),
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
