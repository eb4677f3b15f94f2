//! The parameters that a run starts from, if they are those of a file: a model of wgrad, or weights of other software.

use crate::Error;
use crate::model::{Activation, Mlp};
use crate::text::counted;
use crate::train::Model;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::path::Path;

/// What a run starts from.
#[derive(Clone, Debug)]
pub enum Start {
    /// A model, which also says how rows are encoded.
    Model(Box<Model>),
    /// Weights and biases, from the first layer on.
    Weights(Vec<LayerWeights>),
}

/// The parameters of a layer of O neurons with I inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerWeights {
    inputs: usize,
    outputs: usize,
    /// The weight (O, I), and the bias (O).
    parameters: Vec<f32>,
}

impl Start {
    /// Reads a model, a run folder, or a safetensors file with a matrix `NAME.weight` and maybe a `NAME.bias` for each layer,
    /// in the order of the numbers in their names: `layers.0.weight`, or `0.weight` and `2.weight` of PyTorch's `Sequential`.
    ///
    /// # Errors
    /// Returns an error if there is no such file, or its layers do not follow each other.
    pub fn read(path: &Path) -> Result<Start, Error> {
        let is_model = |bytes: &[u8]| {
            let read = SafeTensors::read_metadata(bytes);
            read.is_err() || read.is_ok_and(|(_, all)| is_of_wgrad(&all))
        };
        let bytes = match path.is_dir() {
            true => None,
            false => std::fs::read(path).ok(),
        };
        match bytes.filter(|bytes| !is_model(bytes)) {
            // The error of a file that is neither is that of a model.
            None => Model::load(path).map(|model| Start::Model(Box::new(model))),
            Some(bytes) => layers(&bytes)
                .map(Start::Weights)
                .map_err(|why| Error::Model(format!("{}: {why}", path.display()))),
        }
    }

    /// Returns the widths of the hidden layers.
    pub fn hidden(&self) -> Vec<usize> {
        let outputs: Vec<usize> = match self {
            Start::Model(model) => model.mlp.layers.iter().map(|layer| layer.outputs).collect(),
            Start::Weights(layers) => layers.iter().map(|layer| layer.outputs).collect(),
        };
        outputs[..outputs.len() - 1].to_vec()
    }

    /// Returns the activation of the hidden layers, if the file says it.
    pub fn activation(&self) -> Option<Activation> {
        match self {
            Start::Model(model) if model.mlp.layers.len() > 1 => {
                Some(model.mlp.layers[0].activation)
            }
            _ => None,
        }
    }

    /// Returns the networks to start from, with the layers of `mlp`: those of an ensemble in turn.
    ///
    /// # Errors
    /// Returns an error if the layers are others.
    pub fn networks(&self, mlp: &Mlp) -> Result<Vec<Mlp>, Error> {
        match self {
            Start::Model(model) if model.mlp.layers != mlp.layers => Err(Error::Config(format!(
                "`from`: a network {} trained with {}, and this run is to train one {mlp} with another output; keep the loss of the model",
                model.mlp,
                model.loss.name()
            ))),
            Start::Model(model) => Ok(model.networks().cloned().collect()),
            Start::Weights(layers) => {
                let shapes = layers.iter().map(|layer| [layer.inputs, layer.outputs]);
                let wanted = mlp.layers.iter().map(|layer| [layer.inputs, layer.outputs]);
                if !shapes.eq(wanted) {
                    let first = layers[0].inputs;
                    let last = layers[layers.len() - 1].outputs;
                    return Err(Error::Config(format!(
                        "`from`: layers from {} to {}, and the data needs {} and {}; if its numbers have bins, `bins = 0` leaves them without",
                        counted(first, "input"),
                        counted(last, "output"),
                        counted(mlp.inputs(), "input"),
                        counted(mlp.outputs(), "output"),
                    )));
                }
                let parameters = layers.iter().flat_map(|layer| &layer.parameters);
                Ok(vec![Mlp {
                    parameters: parameters.copied().collect(),
                    layers: mlp.layers.clone(),
                }])
            }
        }
    }
}

fn is_of_wgrad(all: &safetensors::tensor::Metadata) -> bool {
    let metadata = all.metadata().as_ref();
    metadata.is_some_and(|metadata| metadata.contains_key("wgrad"))
}

/// Returns the layers of a safetensors file.
fn layers(bytes: &[u8]) -> Result<Vec<LayerWeights>, String> {
    let file = SafeTensors::deserialize(bytes).map_err(|why| why.to_string())?;
    let names = file.names();
    let names = names.iter().filter_map(|name| name.strip_suffix("weight"));
    let mut names: Vec<&str> = names.collect();
    names.sort_by_key(|name| (numbers(name), name.len()));
    let mut layers: Vec<LayerWeights> = Vec::new();
    for name in names {
        let weight = file.tensor(&format!("{name}weight"));
        let weight = weight.map_err(|why| why.to_string())?;
        let &[outputs, inputs] = weight.shape() else {
            let shape = weight.shape();
            return Err(format!(
                "{name}weight: expected a matrix (outputs, inputs), found the shape {shape:?}"
            ));
        };
        if let Some(below) = layers.last().filter(|below| below.outputs != inputs) {
            return Err(format!(
                "{name}weight: expected {} of the layer below, found {inputs}; layers are taken by the numbers in their names, weights as (outputs, inputs)",
                counted(below.outputs, "input")
            ));
        }
        let mut parameters = values(&format!("{name}weight"), &weight)?;
        match file.tensor(&format!("{name}bias")) {
            Ok(bias) if bias.shape() == [outputs] => {
                parameters.extend(values(&format!("{name}bias"), &bias)?);
            }
            Ok(bias) => {
                let shape = bias.shape();
                return Err(format!(
                    "{name}bias: expected the shape [{outputs}], found {shape:?}; weights are (outputs, inputs)"
                ));
            }
            Err(_) => parameters.resize(parameters.len() + outputs, 0.0),
        }
        layers.push(LayerWeights {
            inputs,
            outputs,
            parameters,
        });
    }
    match layers.is_empty() {
        false => Ok(layers),
        true => Err("no tensor NAME.weight; expected one for each layer".to_owned()),
    }
}

/// Returns the numbers in a name.
fn numbers(name: &str) -> Vec<u64> {
    let parts = name.split(|c: char| !c.is_ascii_digit());
    parts.filter_map(|digits| digits.parse().ok()).collect()
}

/// Returns the values of a tensor, all finite.
fn values(name: &str, tensor: &TensorView) -> Result<Vec<f32>, String> {
    // The bytes may not be aligned.
    let values: Vec<f32> = match tensor.dtype() {
        Dtype::F32 => bytemuck::pod_collect_to_vec::<u8, f32>(tensor.data()),
        Dtype::F64 => {
            let values = bytemuck::pod_collect_to_vec::<u8, f64>(tensor.data());
            values.into_iter().map(|value| value as f32).collect()
        }
        other => {
            return Err(format!(
                "{name}: expected F32 or F64, found {other:?}; convert it to F32"
            ));
        }
    };
    match values.iter().all(|value| value.is_finite()) {
        true => Ok(values),
        false => Err(format!("{name}: a value is not finite")),
    }
}
