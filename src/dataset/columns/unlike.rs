//! What is said of a table that is not like the one that a model learned from.

use super::number::PERCENT;
use super::time;
use crate::dataset::cells::{CellColumn, Cells};
use crate::dataset::encoder::{ColumnEncoder, Encoder};
use crate::dataset::error::{DataError, DataErrorKind as Kind, listed, quoted};
use crate::dataset::inputs::{ColumnValues, InputColumn};
use crate::text::counted;

/// Returns warnings of levels that were not there in training, and of percentages without their sign.
pub(super) fn warnings(encoder: &Encoder, columns: &[InputColumn]) -> Vec<String> {
    let unseen = encoder.unseen(columns).into_iter().map(|unseen| {
        let levels: Vec<String> = unseen.levels.iter().map(|level| quoted(level)).collect();
        format!(
            "column {}: {} with values that training did not have: {}",
            unseen.column,
            counted(unseen.rows, "row"),
            listed(&levels)
        )
    });
    let bare = encoder.columns.iter().zip(columns).filter_map(without_sign);
    unseen.chain(bare).collect()
}

fn without_sign((encoder, column): (&ColumnEncoder, &InputColumn)) -> Option<String> {
    let (ColumnEncoder::Number { unit, .. }, ColumnValues::Numbers(numbers)) =
        (encoder, &column.values)
    else {
        return None;
    };
    let first = numbers
        .iter()
        .find(|number| !number.is_nan() && **number != 0.0)?;
    (unit == PERCENT && column.unit.is_empty()).then(|| {
        format!(
            "column {}: numbers without %, which they had in training: {first} is read as {first} %",
            column.name
        )
    })
}

/// Returns the error for numbers in another unit than those of training.
pub(super) fn other_unit(cells: &Cells, column: &CellColumn, unit: &str) -> DataError {
    let is_text = |row: &usize| column.text_number(*row).is_some();
    let row = (0..column.len()).find(is_text).unwrap_or(0);
    let expected = match unit {
        "" => "a number without a unit".to_owned(),
        unit => format!("a number in {unit}"),
    };
    let message = format!(
        "{}: column {}: found {}, expected {expected}, as in training; convert the column",
        cells.place(row),
        column.name,
        quoted(&column.text(row)),
    );
    DataError::new(Kind::Cell, message)
}

/// Returns the error for a cell that is no date or time in the form of training.
pub(super) fn bad_time(cells: &Cells, column: &CellColumn, format: &str, row: usize) -> DataError {
    let place = cells.place(row);
    let message = format!(
        "{place}: column {}: found {}, expected a date or time as in training, as {}; correct the cell, or empty it",
        column.name,
        quoted(&column.text(row)),
        time::example(format)
    );
    DataError::new(Kind::Cell, message)
}
