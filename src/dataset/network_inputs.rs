//! The inputs of a network, from those of a data set: encoded and scaled.

use super::encoder::{ColumnEncoder, Encoder};
use super::inputs::{ColumnValues, InputColumn, Inputs};
use super::scale::Scale;
use super::types::Schema;

/// Encodes and scales some rows for the network of a model.
///
/// # Shapes
/// Returns (rows, inputs of the network).
pub(crate) fn network_inputs(
    schema: &Schema,
    scale: &Scale,
    inputs: &Inputs,
    rows: impl ExactSizeIterator<Item = usize>,
) -> Vec<f32> {
    match (&schema.encoder, inputs) {
        (_, Inputs::Pixels(pixels)) => scale.apply(pixels, rows),
        (None, Inputs::Numbers(values)) => scale.apply(values, rows),
        (Some(encoder), Inputs::Columns(columns)) => encoder.apply(columns, scale, rows),
        (Some(encoder), Inputs::Numbers(values)) => {
            let columns = as_columns(values, &schema.columns);
            encoder.apply(&columns, scale, rows)
        }
        // No number was missing in training: the mean is the best guess.
        (None, Inputs::Columns(columns)) => {
            let number = |mean: &f64| ColumnEncoder::Number {
                fill: *mean,
                missing: false,
                unit: String::new(),
                edges: Vec::new(),
            };
            let columns_of = scale.shift.iter().map(number).collect();
            let encoder = Encoder {
                columns: columns_of,
                marks: Vec::new(),
            };
            encoder.apply(columns, scale, rows)
        }
    }
}

/// Turns rows of numbers into columns with these names.
pub(crate) fn as_columns(values: &[f64], names: &[String]) -> Vec<InputColumn> {
    let column = |(c, name): (usize, &String)| InputColumn {
        name: name.clone(),
        unit: String::new(),
        values: ColumnValues::Numbers(
            values
                .iter()
                .skip(c)
                .step_by(names.len())
                .copied()
                .collect(),
        ),
    };
    names.iter().enumerate().map(column).collect()
}
