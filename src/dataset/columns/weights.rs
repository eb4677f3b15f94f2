//! The column of weights: what the error of each row is multiplied by.

use super::convert::numbers;
use super::fault::Fault;
use super::kind::{Asked, Reading, judge};
use super::marks::Marks;
use super::number::{NumberMarks, NumberReading};
use crate::dataset::cells::Cells;
use crate::dataset::error::{DataError, DataErrorKind as Kind};

const EXPECTED: &str = "expected a weight for each row, a number of at least 0";

/// Decides how the cells of column `c` are read.
pub(super) fn reading(
    cells: &Cells,
    c: usize,
    marks: &Marks,
    of_numbers: NumberMarks,
) -> Result<NumberReading, DataError> {
    let asked = Asked {
        number: true,
        numbers: of_numbers,
        ..Asked::default()
    };
    match judge(&cells.columns[c], marks, asked) {
        Ok(judged) => match judged.reading {
            Reading::Numbers(reading) => Ok(reading),
            _ => Err(refused(cells, c, None, &judged.why)),
        },
        Err(Fault { row, why, .. }) => Err(refused(cells, c, row, &why)),
    }
}

/// Returns the weights of the rows.
pub(super) fn weights(
    cells: &Cells,
    (c, reading): &(usize, NumberReading),
    marks: &Marks,
) -> Result<Vec<f64>, DataError> {
    let weights = numbers(cells.columns[*c].clone(), reading, marks);
    let is_weight = |weight: &f64| *weight >= 0.0 && weight.is_finite();
    match weights.iter().position(|weight| !is_weight(weight)) {
        None => Ok(weights),
        Some(row) => {
            let found = match weights[row] {
                missing if missing.is_nan() => "found none".to_owned(),
                weight => format!("found {weight}"),
            };
            Err(refused(cells, *c, Some(row), &found))
        }
    }
}

fn refused(cells: &Cells, c: usize, row: Option<usize>, found: &str) -> DataError {
    let place = row.map_or(cells.file().to_owned(), |row| cells.place(row).to_string());
    let name = &cells.columns[c].name;
    let message = format!("{place}: `weights = {name}`: {EXPECTED}; {found}");
    DataError::new(Kind::Cell, message)
}
