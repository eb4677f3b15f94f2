//! What is noticed about a column while its cells become numbers.

use crate::dataset::error::{DataError, DataErrorKind as Kind, quoted};

/// A cell that stands out, and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) line: u64,
    pub(super) cell: String,
}

/// Counts and first finds of a column; its numbers are kept elsewhere.
#[derive(Default)]
pub(super) struct Column {
    pub(super) name: String,
    /// Cells so far.
    pub(super) cells: usize,
    /// Cells without a value.
    pub(super) missing: usize,
    /// Cells that are no numbers.
    pub(super) words: usize,
    /// Words that would be numbers with a decimal point for their comma.
    pub(super) commas: usize,
    /// The line of the first missing value.
    pub(super) first_missing: Option<u64>,
    /// The first word, or number that f32 cannot hold.
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

    /// The number in a cell; NaN if there is none, or none that f32 can hold.
    pub(super) fn number(&mut self, cell: &str, line: u64) -> f64 {
        self.cells += 1;
        let parsed = cell.parse::<f64>();
        match parsed {
            Ok(value) if (value as f32).is_finite() => return value,
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

    /// Whether there is no value at all.
    pub(super) fn is_empty(&self) -> bool {
        self.missing == self.cells
    }

    /// The first decimal comma, if most of the words are numbers with one.
    pub(super) fn decimal_comma(&self) -> Option<&Found> {
        let found = self.first_comma.as_ref();
        found.filter(|_| 2 * self.commas > self.words)
    }
}

/// Whether a cell is one of the usual marks for a value that is not known.
fn is_missing(cell: &str) -> bool {
    const MARKS: [&str; 7] = ["", "na", "n/a", "nan", "null", "?", "-"];
    MARKS.iter().any(|mark| cell.eq_ignore_ascii_case(mark))
}

fn has_decimal_comma(cell: &str) -> bool {
    let is_number = |text: &str| text.parse::<f32>().is_ok();
    cell.matches(',').count() == 1 && is_number(&cell.replace(',', "."))
}

/// A target column: its values both as numbers and as classes.
pub(super) struct Target {
    pub(super) column: Column,
    /// NaN where a cell is missing or no number.
    pub(super) values: Vec<f64>,
    /// Indices into `classes`; or [`MISSING`], or [`TOO_MANY`].
    pub(super) labels: Vec<u32>,
    /// In the order of the file, each with the line that it is first on.
    pub(super) classes: Vec<Found>,
    /// Whether there are more than [`MOST_CLASSES`] of them, and the rest was given up.
    pub(super) too_many: bool,
    known: std::collections::HashMap<String, u32>,
}

/// The label of a missing cell.
const MISSING: u32 = u32::MAX;
/// The label of one class too many.
const TOO_MANY: u32 = u32::MAX - 1;
/// Distinct values up to which a target can be taken for classes at all.
pub(super) const MOST_CLASSES: usize = 10_000;

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
        let class = class_name(cell);
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
        self.known.insert(cell.to_owned(), label);
        label
    }

    /// Whether a row has a value.
    pub(super) fn is_missing(&self, row: usize) -> bool {
        self.labels[row] == MISSING
    }
}

/// What a cell is called as a class: integers without a fraction, anything else as it stands.
fn class_name(cell: &str) -> String {
    /// Beyond this not every integer is an f64.
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    match cell.parse::<f64>() {
        Ok(value) if value.fract() == 0.0 && value.abs() < LARGEST => {
            format!("{}", value as i64)
        }
        _ => cell.to_owned(),
    }
}

/// The error for a cell that is not a finite number.
pub(super) fn bad_cell(file: &str, column: &str, found: &Found) -> DataError {
    let line = found.line;
    let cure = match found.cell.parse::<f64>() {
        Ok(value) if value.is_finite() => {
            "expected a number up to 3.4e38; change the column's unit, or leave the row out"
        }
        Ok(_) => "expected a finite number; correct the cell, or leave the row out",
        Err(_) => "expected a number; correct the cell, or empty it and use `skip_missing`",
    };
    let cell = quoted(&found.cell);
    let message = format!("{file}:{line}: column {column}: found {cell}, {cure}");
    DataError::new(Kind::Cell, message)
}
