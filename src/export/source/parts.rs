//! What the C header and the Rust module have in common: which functions they need, and lists of literals.

use crate::export::pipeline::{Answer, Feature, FeatureKind, Pipeline};
use crate::model::{Activation, Link};
use crate::text::{clipped, shown};
use std::fmt::Debug;

/// The functions of activations, in the order of the files.
pub(super) const ACTIVATIONS: [&str; Activation::ALL.len()] = [
    "identity",
    "sigmoid",
    "tanh",
    "relu",
    "leaky_relu",
    "selu",
    "elu",
    "gelu",
    "silu",
    "mish",
    "softplus",
];

/// Returns the functions that a model needs, from a file with sections under lines `//@ name`.
pub(super) fn functions(file: &str, pipeline: &Pipeline, names: &[&str]) -> String {
    let is_date = |feature: &Feature| {
        !matches!(
            feature.kind,
            FeatureKind::Value
                | FeatureKind::Bin { .. }
                | FeatureKind::Missing
                | FeatureKind::Code { .. }
        )
    };
    let has_dates = pipeline.features.iter().any(is_date);
    let is_needed = |name: &str| match name {
        "texts" => !pipeline.texts().is_empty(),
        "marks" => has_marks(pipeline),
        "dates" | "features of dates" => has_dates,
        "mean exp" => matches!(pipeline.answer, Answer::Values(_, Link::Logarithm)),
        "mean logistic" => matches!(pipeline.answer, Answer::Values(_, Link::Logit)),
        "softmax" | "mean softmax" => matches!(pipeline.answer, Answer::Logits(_)),
        "classes" => !pipeline.answer.classes().is_empty(),
        "values" => pipeline.answer.classes().is_empty(),
        _ if ACTIVATIONS.contains(&name) => {
            let layers = &pipeline.networks[0].layers;
            layers
                .iter()
                .any(|layer| activation(layer.activation) == name)
        }
        _ => true,
    };
    let needed = names.iter().filter(|name| is_needed(name));
    needed.map(|name| section(file, name)).collect()
}

/// Returns a section of a file.
fn section<'f>(file: &'f str, name: &str) -> &'f str {
    let mut sections = file.split("//@ ").filter_map(|part| part.split_once('\n'));
    let found = sections.find(|(found, _)| *found == name);
    found.map_or("", |(_, text)| text)
}

/// Whether there are numbers that are missing, other than NaN, and columns for them.
pub(super) fn has_marks(pipeline: &Pipeline) -> bool {
    !pipeline.missing_numbers.is_empty() && !pipeline.numbers().is_empty()
}

/// Returns the name of the function of an activation.
pub(super) fn activation(activation: Activation) -> &'static str {
    ACTIVATIONS[activation as usize]
}

/// Returns the letter of a kind of feature, and its two constants.
pub(super) fn kind(feature: &Feature) -> (char, [f64; 2]) {
    match feature.kind {
        FeatureKind::Value => ('v', [0.0; 2]),
        FeatureKind::Bin { low, high } => ('b', [low, high]),
        FeatureKind::Missing => ('m', [0.0; 2]),
        FeatureKind::Month(month) => ('M', [f64::from(month), 0.0]),
        FeatureKind::Weekday(day) => ('W', [f64::from(day), 0.0]),
        FeatureKind::Sine(turns) => ('s', [f64::from(turns), 0.0]),
        FeatureKind::Cosine(turns) => ('c', [f64::from(turns), 0.0]),
        FeatureKind::Code { first, last } => ('t', [first as f64, last as f64]),
    }
}

/// Returns a list of numbers, each with `behind` behind it, over several lines if it is long.
pub(super) fn numbers<T: Debug>(values: &[T], behind: &str) -> String {
    list(values.iter().map(|value| format!("{value:?}{behind}")))
}

/// Returns a list of literals, over several lines if it is long.
pub(super) fn list(literals: impl IntoIterator<Item = String>) -> String {
    const WIDEST: usize = 110;
    let (mut lines, mut line) = (Vec::new(), String::new());
    for literal in literals {
        if !line.is_empty() && line.len() + literal.len() > WIDEST {
            lines.push(std::mem::take(&mut line));
        }
        line += &format!("{literal}, ");
    }
    lines.push(line);
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    match &lines[..] {
        [only] => only.trim_end_matches(',').to_owned(),
        many => format!("\n    {}\n", many.join("\n    ")),
    }
}

/// Returns text for a comment on one line.
pub(super) fn comment(text: &str) -> String {
    const LONGEST: usize = 160;
    clipped(&shown(text), LONGEST).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_activation_has_a_function_in_both_languages() {
        for name in ACTIVATIONS {
            let [c, rust] =
                [include_str!("c.txt"), include_str!("rust.txt")].map(|file| section(file, name));
            assert!(
                c.contains(&format!("double model_{name}(double net)")),
                "{name}: {c}"
            );
            assert!(
                rust.contains(&format!("fn {name}(net: f64)")),
                "{name}: {rust}"
            );
        }
    }
}
