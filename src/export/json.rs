//! The whole model as JSON for people and programs: one row of weights on a line.

use crate::dataset::{Scale, Schema};
use crate::model::{Activation, Loss, Mlp};
use crate::text::shown_json;
use crate::train::{Ending, Model};
use serde::Serialize;
use serde_json::value::RawValue;

/// The model.
#[derive(Serialize)]
struct Document<'a> {
    /// The version of wgrad that wrote it.
    wgrad: &'static str,
    loss: Loss,
    schema: &'a Schema,
    /// The names of the networks' inputs; empty for images.
    inputs: Vec<String>,
    input_scale: Columns,
    target_scale: Columns,
    networks: Vec<Network>,
    endings: &'a [Ending],
}

/// A scale, with each array on a line.
#[derive(Serialize)]
struct Columns {
    shift: Box<RawValue>,
    factor: Box<RawValue>,
}

#[derive(Serialize)]
struct Network {
    layers: Vec<Layer>,
}

/// A layer: out = f(x Wᵀ + b).
#[derive(Serialize)]
struct Layer {
    inputs: usize,
    outputs: usize,
    activation: Activation,
    /// A row for each output.
    weight: Vec<Box<RawValue>>,
    bias: Box<RawValue>,
}

/// Returns the JSON file.
pub fn bytes(model: &Model) -> Vec<u8> {
    let schema = &model.schema;
    let document = Document {
        wgrad: env!("CARGO_PKG_VERSION"),
        loss: model.loss,
        schema,
        inputs: match &schema.encoder {
            Some(encoder) => encoder.input_names(&schema.columns),
            None => schema.columns.clone(),
        },
        input_scale: columns(&model.input_scale),
        target_scale: columns(&model.target_scale),
        networks: model.networks().map(network).collect(),
        endings: &model.endings,
    };
    let text = serde_json::to_string_pretty(&document).expect("a model is plain data");
    let lines = text.lines().map(|line| shown_json(line) + "\n");
    lines.collect::<String>().into_bytes()
}

fn columns(scale: &Scale) -> Columns {
    Columns {
        shift: on_a_line(&scale.shift),
        factor: on_a_line(&scale.factor),
    }
}

fn network(mlp: &Mlp) -> Network {
    let tensors = mlp.tensors();
    let layers = mlp.layers.iter().zip(tensors.chunks(2));
    let layers = layers.map(|(layer, pair)| Layer {
        inputs: layer.inputs,
        outputs: layer.outputs,
        activation: layer.activation,
        weight: pair[0].2.chunks(layer.inputs).map(on_a_line).collect(),
        bias: on_a_line(pair[1].2),
    });
    Network {
        layers: layers.collect(),
    }
}

fn on_a_line<T: Serialize>(values: &[T]) -> Box<RawValue> {
    serde_json::value::to_raw_value(values).expect("numbers are plain data")
}
