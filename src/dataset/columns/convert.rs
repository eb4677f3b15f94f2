//! Turns cells into the values of a data set.

use super::kind::Reading;
use super::marks::Marks;
use super::number::NumberReading;
use super::sort_classes;
use super::time::of_year;
use crate::dataset::cells::CellColumn;
use crate::dataset::inputs::{ColumnValues, MISSING};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Turns the cells of a column into values.
pub(super) fn values(column: CellColumn, reading: &Reading, marks: &Marks) -> ColumnValues {
    match reading {
        Reading::Numbers(reading) => ColumnValues::Numbers(numbers(column, reading, marks)),
        Reading::Times(reading) => ColumnValues::Times {
            values: column.into_times(&reading.texts, |number| match marks.has_number(number) {
                true => f64::NAN,
                false => of_year(number),
            }),
            format: reading.format.clone(),
        },
        Reading::Levels { is_flag } => levels(&column, marks, *is_flag),
        Reading::None => ColumnValues::Numbers(Vec::new()),
    }
}

/// Turns the cells of a column into numbers; NaN is missing.
pub(super) fn numbers(column: CellColumn, reading: &NumberReading, marks: &Marks) -> Vec<f64> {
    let mut numbers = column.into_numbers(&reading.texts);
    if marks.has_numbers() {
        let missing = numbers
            .iter_mut()
            .filter(|number| marks.has_number(**number));
        missing.for_each(|number| *number = f64::NAN);
    }
    numbers
}

/// Turns the cells of a column into levels, sorted as classes are.
fn levels(column: &CellColumn, marks: &Marks, is_flag: bool) -> ColumnValues {
    let (cells, firsts) = column.distinct();
    let there = |row: &usize| (!marks.has_cell(column, *row)).then(|| column.text(*row));
    let texts: Vec<_> = firsts.iter().map(there).collect();
    let (names, places) = numbered(&texts);
    ColumnValues::Levels {
        codes: cells
            .into_iter()
            .map(|cell| places[cell as usize])
            .collect(),
        names,
        is_flag,
    }
}

/// Returns the distinct texts, sorted as classes are, and the place of each text among them: [`MISSING`] for `None`.
pub(super) fn numbered(texts: &[Option<Cow<str>>]) -> (Vec<String>, Vec<u32>) {
    let distinct: HashSet<&str> = texts.iter().flatten().map(Cow::as_ref).collect();
    let mut names: Vec<&str> = distinct.into_iter().collect();
    sort_classes(&mut names, |name| name);
    let places: HashMap<&str, u32> = names.iter().copied().zip(0..).collect();
    let place =
        |text: &Option<Cow<str>>| text.as_ref().map_or(MISSING, |text| places[text.as_ref()]);
    let places_of_texts = texts.iter().map(place).collect();
    (
        names.into_iter().map(str::to_owned).collect(),
        places_of_texts,
    )
}

/// Turns columns into rows.
pub(super) fn interleaved(mut columns: Vec<Vec<f64>>) -> Vec<f64> {
    if let [_] = columns[..] {
        return columns.swap_remove(0);
    }
    let rows = columns.first().map_or(0, Vec::len);
    let row = |row: usize| columns.iter().map(move |column| column[row]);
    (0..rows).flat_map(row).collect()
}
