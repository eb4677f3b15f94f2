//! The network: its layers, and how its weights are distributed.

use super::material::Material;
use super::summary::sentence_of;
use crate::cli::chart::{Histogram, Layers, Shape};
use crate::cli::html::{absent, figure, scrolled, table};
use clap::ValueEnum;
use maud::{Markup, PreEscaped, html};
use wgrad::model::{Layer, Link, Loss};
use wgrad::text::{counted, figure as number};
use wgrad::{Mlp, Model};

/// Maximum number of layers that are drawn, and of parts of a histogram.
const MOST_DRAWN: usize = 12;
const PARTS: usize = 40;

/// Returns the section.
pub(super) fn network(material: &Material) -> Markup {
    let model = match &material.model {
        Ok(model) => model,
        Err(why) => return absent(&sentence_of(why)),
    };
    let mlp = &model.mlp;
    let networks = model.networks().count();
    let drawn = Layers {
        title: format!("The network {mlp}"),
        layers: shapes(model),
    };
    html! {
        p {
            "The network " b { (mlp.to_string()) } " has " (counted(mlp.parameters.len(), "parameter"))
            ": the number of inputs, and of neurons of each layer, with the weights and biases between them."
            @if networks > 1 {
                " The model has " (networks) " of them, and predicts their mean; the first one is shown."
            }
        }
        @if mlp.layers.len() <= MOST_DRAWN {
            (scrolled("The layers of the network", html! {
                div style={"min-width:" (format!("{:.0}px;max-width:{:.0}px", 0.8 * drawn.width(), 1.3 * drawn.width()))} {
                    (PreEscaped(drawn.svg()))
                }
            }))
        }
        (layers(model))
        p { (ending(model)) }
        h3 { "Weights" }
        p {
            "How often weights have which value, layer by layer. Most are near 0; a few that are much larger than the
            others, or a layer whose weights are all the same, are worth a look."
        }
        div.figures {
            @for (title, histogram) in histograms(mlp) { (figure(&histogram.svg(), &title, "")) }
        }
        @if mlp.layers.len() > MOST_DRAWN { p.soft { "The first " (MOST_DRAWN) " layers are drawn." } }
    }
}

fn shapes(model: &Model) -> Vec<Shape> {
    let mlp = &model.mlp;
    let inputs = Shape {
        name: "inputs".to_owned(),
        width: mlp.inputs(),
        parameters: 0,
    };
    let layer = |(k, layer): (usize, &Layer)| Shape {
        name: activation(model, k),
        width: layer.outputs,
        parameters: layer.inputs * layer.outputs + layer.outputs,
    };
    [inputs]
        .into_iter()
        .chain(mlp.layers.iter().enumerate().map(layer))
        .collect()
}

/// Returns the name of a layer's activation; of the last one, with what its loss and predictions apply to it.
fn activation(model: &Model, k: usize) -> String {
    let layer = &model.mlp.layers[k];
    if k + 1 == model.mlp.layers.len() {
        match (model.loss, model.loss.link()) {
            (Loss::CrossEntropy, _) => return "softmax".to_owned(),
            (_, Link::Logarithm) => return "exp".to_owned(),
            (_, Link::Logit) => return "sigmoid".to_owned(),
            (_, Link::Identity) => {}
        }
    }
    let value = layer.activation.to_possible_value();
    value.map_or_else(|| "output".to_owned(), |value| value.get_name().to_owned())
}

/// Says what the loss is, and what the last activation makes of the outputs.
fn ending(model: &Model) -> String {
    let loss = model.loss.name();
    let made = match (model.loss, model.loss.link()) {
        (Loss::CrossEntropy, _) => {
            "softmax turns the outputs of the last layer into the probabilities of the classes"
        }
        (_, Link::Logarithm) => "the outputs of the last layer are logarithms of the predictions",
        (_, Link::Logit) => "the sigmoid turns the output of the last layer into a probability",
        (_, Link::Identity) => return format!("Trained with the loss {loss}."),
    };
    format!("Trained with the loss {loss}: {made}.")
}

/// Returns the weights of each layer, without biases.
fn weights(mlp: &Mlp) -> impl Iterator<Item = (&Layer, &[f32])> {
    let mut rest = &mlp.parameters[..];
    mlp.layers.iter().map(move |layer| {
        let (own, after) = rest.split_at(layer.inputs * layer.outputs);
        rest = &after[layer.outputs..];
        (layer, own)
    })
}

fn layers(model: &Model) -> Markup {
    let row = |(k, (layer, weights)): (usize, (&Layer, &[f32]))| {
        let count = weights.len() as f64;
        let values = || weights.iter().map(|w| f64::from(*w));
        let mean = values().sum::<f64>() / count;
        let variance = values().map(|w| (w - mean) * (w - mean)).sum::<f64>() / count;
        let ends = [
            values().fold(f64::INFINITY, f64::min),
            values().fold(f64::NEG_INFINITY, f64::max),
        ];
        let mut cells = vec![
            (k + 1).to_string(),
            layer.inputs.to_string(),
            layer.outputs.to_string(),
            activation(model, k),
            (weights.len() + layer.outputs).to_string(),
        ];
        cells.extend([mean, variance.sqrt(), ends[0], ends[1]].map(number));
        cells
    };
    let rows: Vec<Vec<String>> = weights(&model.mlp).enumerate().map(row).collect();
    let heading = [
        "#layer",
        "#inputs",
        "#neurons",
        "activation",
        "#parameters",
        "#mean weight",
        "#deviation",
        "#least",
        "#largest",
    ];
    table(
        "The layers, and their weights without biases",
        &heading,
        &rows,
    )
}

fn histograms(mlp: &Mlp) -> Vec<(String, Histogram)> {
    let of = |(k, (layer, weights)): (usize, (&Layer, &[f32]))| {
        let title = format!("Layer {}: {} weights", k + 1, layer.inputs * layer.outputs);
        let values = weights.iter().map(|weight| f64::from(*weight));
        let histogram = Histogram::of(&title, "weight", "number of weights", values, PARTS)?;
        Some((title, histogram))
    };
    weights(mlp)
        .take(MOST_DRAWN)
        .enumerate()
        .filter_map(of)
        .collect()
}
