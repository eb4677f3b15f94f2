//! Statistics of a column, collected while its cells are parsed.

use crate::dataset::{
    check::{LARGEST, MOST_CLASSES},
    error::{DataError, DataErrorKind as Kind, quoted},
};
use crate::text::from_cell;

/// A cell to report, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) line: u64,
    pub(super) cell: String,
}

/// Counts and first problems of a column. Its numbers are stored elsewhere.
#[derive(Default)]
pub(super) struct Column {
    pub(super) name: String,
    /// Number of cells so far.
    pub(super) cells: usize,
    /// Number of missing cells.
    pub(super) missing: usize,
    /// Number of cells that are not numbers.
    pub(super) words: usize,
    /// Number of words that are numbers with a decimal comma.
    pub(super) commas: usize,
    /// The line of the first missing cell.
    pub(super) first_missing: Option<u64>,
    /// The first word, or the first number that is not finite or beyond [`LARGEST`].
    pub(super) first_bad: Option<Found>,
    /// The first number with a decimal comma.
    pub(super) first_comma: Option<Found>,
}

impl Column {
    pub(super) fn new(name: &str) -> Column {
        Column {
            name: name.to_owned(),
            ..Column::default()
        }
    }

    /// Parses a cell. Returns NaN if it is not a number, or is too large.
    pub(super) fn number(&mut self, cell: &str, line: u64) -> f64 {
        self.cells += 1;
        let parsed = cell.parse::<f64>();
        match parsed {
            Ok(value) if value.abs() <= LARGEST => return value,
            _ if is_missing(cell) => {
                self.missing += 1;
                self.first_missing.get_or_insert(line);
            }
            _ => {
                self.words += usize::from(parsed.is_err());
                self.find_bad(cell, line);
            }
        }
        f64::NAN
    }

    fn find_bad(&mut self, cell: &str, line: u64) {
        let found = || Found {
            line,
            cell: cell.to_owned(),
        };
        self.first_bad.get_or_insert_with(found);
        if has_decimal_comma(cell) {
            self.commas += 1;
            self.first_comma.get_or_insert_with(found);
        }
    }

    /// Whether more than half of the values are words.
    pub(super) fn is_text(&self) -> bool {
        2 * self.words > self.cells - self.missing
    }

    /// Whether all cells are missing.
    pub(super) fn is_empty(&self) -> bool {
        self.missing == self.cells
    }

    /// Returns the first number with a decimal comma, if most words are such numbers.
    pub(super) fn decimal_comma(&self) -> Option<&Found> {
        let found = self.first_comma.as_ref();
        found.filter(|_| 2 * self.commas > self.words)
    }
}

/// Checks whether a cell is one of the usual marks for a missing value.
fn is_missing(cell: &str) -> bool {
    const MARKS: [&str; 7] = ["", "na", "n/a", "nan", "null", "?", "-"];
    MARKS.iter().any(|mark| cell.eq_ignore_ascii_case(mark))
}

fn has_decimal_comma(cell: &str) -> bool {
    let is_number = |text: &str| text.parse::<f32>().is_ok();
    cell.matches(',').count() == 1 && is_number(&cell.replace(',', "."))
}

/// A target column, parsed both as numbers and as classes.
pub(super) struct Target {
    pub(super) column: Column,
    /// The numbers; NaN if a cell is missing or not a number.
    pub(super) values: Vec<f64>,
    /// Indices into `classes`, or [`MISSING`], or [`TOO_MANY`].
    pub(super) labels: Vec<u32>,
    /// The classes in order of appearance, each with its first line.
    pub(super) classes: Vec<Found>,
    /// Whether there are more than [`MOST_CLASSES`] classes. The other classes are not recorded.
    pub(super) too_many: bool,
    known: std::collections::HashMap<String, u32>,
}

/// The label of a missing cell.
const MISSING: u32 = u32::MAX;
/// The label of classes beyond [`MOST_CLASSES`].
const TOO_MANY: u32 = u32::MAX - 1;

impl Target {
    pub(super) fn new(name: &str) -> Target {
        Target {
            column: Column::new(name),
            values: Vec::new(),
            labels: Vec::new(),
            classes: Vec::new(),
            too_many: false,
            known: std::collections::HashMap::new(),
        }
    }

    pub(super) fn push(&mut self, cell: &str, line: u64) {
        let missing = self.column.missing;
        self.values.push(self.column.number(cell, line));
        let label = match self.column.missing > missing {
            true => MISSING,
            false => self.label(cell, line),
        };
        self.labels.push(label);
    }

    fn label(&mut self, cell: &str, line: u64) -> u32 {
        if self.too_many {
            return TOO_MANY;
        }
        if let Some(label) = self.known.get(cell) {
            return *label;
        }
        let class = class_name(&from_cell(cell));
        let label = match self.known.get(&class) {
            Some(label) => *label,
            None => self.classes.len() as u32,
        };
        if label as usize == MOST_CLASSES {
            self.too_many = true;
            return TOO_MANY;
        }
        if label as usize == self.classes.len() {
            let cell = class.clone();
            self.classes.push(Found { line, cell });
            self.known.insert(class, label);
        }
        // A class may have any number of spellings: 1, 1.0, 1.00.
        if self.known.len() < 2 * MOST_CLASSES {
            self.known.insert(cell.to_owned(), label);
        }
        label
    }

    /// Whether the cell of a row is missing.
    pub(super) fn is_missing(&self, row: usize) -> bool {
        self.labels[row] == MISSING
    }
}

/// Returns the class name of a cell: integers lose a zero fraction, other cells stay as they are.
fn class_name(cell: &str) -> String {
    /// 2^53. Above, not every integer is an f64.
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    match cell.parse::<f64>() {
        Ok(value) if value.fract() == 0.0 && value.abs() < LARGEST => {
            format!("{}", value as i64)
        }
        _ => cell.to_owned(),
    }
}

/// Returns the error for a cell that is not a finite number.
pub(super) fn bad_cell(file: &str, column: &str, found: &Found) -> DataError {
    let line = found.line;
    let cure = match found.cell.parse::<f64>() {
        Ok(value) if value.is_finite() => {
            "expected a number up to 1e140; change the column's unit, or leave the row out"
        }
        Ok(_) => "expected a finite number; correct the cell, or leave the row out",
        Err(_) => "expected a number; correct the cell, or empty it and use `skip_missing`",
    };
    let cell = quoted(&found.cell);
    let message = format!("{file}:{line}: column {column}: found {cell}, {cure}");
    DataError::new(Kind::Cell, message)
}
