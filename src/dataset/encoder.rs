//! From columns to the inputs of a network: what is learned from the training rows, and kept in the model.
//!
//! A number is one input, and one more for each of its bins if there are any ([`Encoding`]), a flag is one, a category
//! has one per level, and a time has several ([`TimePart`]). A column whose cells are missing in at least five training
//! rows has one more, which says that the cell is missing.

mod bins;
mod column;
mod fit;
mod time;
mod unseen;

pub use bins::usual_bins;
pub use column::ColumnEncoder;
pub use fit::Encoding;
pub(crate) use fit::TELLING;
pub use time::TimePart;
pub use unseen::Unseen;

use super::inputs::InputColumn;
use super::scale::Scale;
use crate::threads::{map, threads_for};
use column::Ready;
use serde::{Deserialize, Serialize};

/// Rows that a thread encodes at once: their cells stay in the cache.
const BLOCK: usize = 1024;

/// What the inputs of a network are made of, column by column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Encoder {
    /// One per column of the schema.
    pub columns: Vec<ColumnEncoder>,
    /// Marks for missing values that the user named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
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
    pub(super) fn apply(
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
        let rows: Vec<usize> = rows.collect();
        let mut all = vec![0.0; rows.len() * width];
        let blocks = all.chunks_mut(BLOCK * width.max(1)).zip(rows.chunks(BLOCK));
        let count = threads_for(rows.len() * width);
        map(
            count,
            blocks.collect(),
            |(all, rows): (&mut [f32], &[usize])| {
                let mut encoded = vec![0.0; width];
                for (scaled, row) in all.chunks_exact_mut(width.max(1)).zip(rows) {
                    let mut rest = &mut encoded[..];
                    for (column, width) in &ready {
                        let (own, others) = rest.split_at_mut(*width);
                        column.encode(*row, own);
                        rest = others;
                    }
                    let scales = scale.shift.iter().zip(&scale.factor);
                    let values = encoded.iter().zip(scales).zip(scaled);
                    values.for_each(|((value, (shift, factor)), scaled)| {
                        *scaled = ((value - shift) * factor) as f32;
                    });
                }
            },
        );
        all
    }

    /// Returns the levels of `columns` that were not there in training.
    pub fn unseen(&self, columns: &[InputColumn]) -> Vec<Unseen> {
        let each = self.columns.iter().zip(columns);
        each.filter_map(|(encoder, column)| encoder.unseen(column))
            .collect()
    }
}
