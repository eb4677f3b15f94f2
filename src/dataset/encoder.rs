//! From columns to the inputs of a network: what is learned from the training rows, and kept in the model.
//!
//! A number is one input, a flag is one, a category has one per level, and a time has several ([`TimePart`]). A column
//! whose cells are missing in at least five training rows has one more, which says that the cell is missing.

mod column;
mod fit;
mod time;

pub use column::ColumnEncoder;
pub use time::TimePart;

use super::inputs::{ColumnValues, InputColumn, Inputs};
use super::scale::Scale;
use super::types::Schema;
use column::Ready;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// What the inputs of a network are made of, column by column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Encoder {
    /// One per column of the schema.
    pub columns: Vec<ColumnEncoder>,
    /// Marks for missing values that the user named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
}

/// Cells of a column that a model cannot tell apart: levels that it has not seen in training.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The column.
    pub column: String,
    /// The number of rows.
    pub rows: usize,
    /// The levels, in order of appearance.
    pub levels: Vec<String>,
}

impl Encoder {
    /// Returns the number of inputs of the network.
    pub fn width(&self) -> usize {
        self.columns.iter().map(ColumnEncoder::width).sum()
    }

    /// Returns the names of the inputs: `age`, `age missing`, `sex=male`, ...
    ///
    /// # Shapes
    /// `columns` are the names of the columns, as many as there are encoders.
    pub fn input_names(&self, columns: &[String]) -> Vec<String> {
        let each = self.columns.iter().zip(columns);
        each.flat_map(|(encoder, name)| encoder.input_names(name))
            .collect()
    }

    /// Checks the encoders of `columns` columns.
    ///
    /// # Errors
    /// A message that says what is wrong.
    pub(super) fn check(&self, columns: usize) -> Result<(), String> {
        match self.columns.len() {
            found if found == columns => self.columns.iter().try_for_each(ColumnEncoder::check),
            found => Err(format!("{found} encoders for {columns} columns")),
        }
    }

    /// Encodes and scales some rows for a network.
    ///
    /// # Shapes
    /// Returns (rows, [`Encoder::width`]).
    fn apply(
        &self,
        columns: &[InputColumn],
        scale: &Scale,
        rows: impl ExactSizeIterator<Item = usize>,
    ) -> Vec<f32> {
        let ready = self.columns.iter().zip(columns);
        let ready: Vec<(Ready, usize)> = ready
            .map(|(encoder, column)| (encoder.ready(&column.values), encoder.width()))
            .collect();
        let width = self.width();
        let mut encoded = vec![0.0; width];
        let mut all = Vec::with_capacity(rows.len() * width);
        for row in rows {
            let mut rest = &mut encoded[..];
            for (column, width) in &ready {
                let (own, others) = rest.split_at_mut(*width);
                column.encode(row, own);
                rest = others;
            }
            let scales = scale.shift.iter().zip(&scale.factor);
            let scaled = encoded.iter().zip(scales);
            all.extend(scaled.map(|(value, (shift, factor))| ((value - shift) * factor) as f32));
        }
        all
    }

    /// Returns the levels of `columns` that were not there in training.
    pub fn unseen(&self, columns: &[InputColumn]) -> Vec<Unseen> {
        let each = self.columns.iter().zip(columns);
        each.filter_map(|(encoder, column)| encoder.unseen(column))
            .collect()
    }
}

impl Unseen {
    /// Returns the levels of a column that are not among `known`.
    fn of(column: &InputColumn, known: &[String]) -> Option<Unseen> {
        let ColumnValues::Levels { codes, names, .. } = &column.values else {
            return None;
        };
        let known: HashSet<&String> = known.iter().collect();
        let unseen = |code: u32| {
            names
                .get(code as usize)
                .filter(|name| !known.contains(name))
        };
        let rows = codes.iter().filter(|code| unseen(**code).is_some()).count();
        (rows > 0).then(|| Unseen {
            column: column.name.clone(),
            rows,
            levels: (0..names.len() as u32)
                .filter_map(unseen)
                .cloned()
                .collect(),
        })
    }
}

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
fn as_columns(values: &[f64], names: &[String]) -> Vec<InputColumn> {
    let column = |(c, name): (usize, &String)| InputColumn {
        name: name.clone(),
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
