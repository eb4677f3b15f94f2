//! Turns cells into the values of a data set.

use super::kind::Reading;
use super::marks::Marks;
use super::number::NumberReading;
use super::sort_classes;
use crate::dataset::cells::CellColumn;
use crate::dataset::inputs::{ColumnValues, InputColumn, Inputs, MISSING};
use std::collections::HashMap;

/// Turns the cells of a column into values.
pub(super) fn values(column: CellColumn, reading: &Reading, marks: &Marks) -> ColumnValues {
    match reading {
        Reading::Numbers(reading) => ColumnValues::Numbers(numbers(column, reading, marks)),
        Reading::Times(reading) => ColumnValues::Times {
            values: column.into_numbers(&reading.texts),
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
    let (mut codes, mut numbers) = (Vec::with_capacity(column.len()), HashMap::new());
    // A text is looked up once: it has a number.
    let mut of_texts: Vec<Option<u32>> = vec![None; column.texts()];
    for row in 0..column.len() {
        let text = column.text_number(row).map(|text| text as usize);
        if let Some(code) = text.and_then(|text| of_texts[text]) {
            codes.push(code);
            continue;
        }
        let next = numbers.len() as u32;
        let code = match marks.has_cell(column, row) {
            true => MISSING,
            false => *numbers.entry(column.text(row).into_owned()).or_insert(next),
        };
        if let Some(text) = text {
            of_texts[text] = Some(code);
        }
        codes.push(code);
    }
    let mut names: Vec<(String, u32)> = numbers.into_iter().collect();
    sort_classes(&mut names, |(name, _)| name);
    let mut place = vec![0; names.len()];
    for (n, (_, code)) in names.iter().enumerate() {
        place[*code as usize] = n as u32;
    }
    for code in codes.iter_mut().filter(|code| **code != MISSING) {
        *code = place[*code as usize];
    }
    ColumnValues::Levels {
        codes,
        names: names.into_iter().map(|(name, _)| name).collect(),
        is_flag,
    }
}

/// Returns rows of numbers if no column needs to be encoded.
pub(super) fn inputs(columns: Vec<InputColumn>) -> Inputs {
    let is_whole = |column: &InputColumn| match &column.values {
        ColumnValues::Numbers(numbers) => numbers.iter().all(|number| !number.is_nan()),
        _ => false,
    };
    match columns.iter().all(is_whole) {
        true => {
            let columns = columns.into_iter().map(|column| match column.values {
                ColumnValues::Numbers(numbers) => numbers,
                _ => Vec::new(),
            });
            Inputs::Numbers(interleaved(columns.collect()))
        }
        false => Inputs::Columns(columns),
    }
}

/// Turns columns into rows.
pub(super) fn interleaved(mut columns: Vec<Vec<f64>>) -> Vec<f64> {
    if let [_] = columns[..] {
        return columns.swap_remove(0);
    }
    let (width, rows) = (columns.len(), columns.first().map_or(0, Vec::len));
    let mut all = vec![0.0; width * rows];
    // Blocks of rows stay in the cache while each column is written into them.
    const BLOCK: usize = 256;
    for first in (0..rows).step_by(BLOCK) {
        let last = (first + BLOCK).min(rows);
        for (c, column) in columns.iter().enumerate() {
            for (row, value) in (first..last).zip(&column[first..last]) {
                all[row * width + c] = *value;
            }
        }
    }
    all
}
