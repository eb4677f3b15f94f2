//! Marks for missing values.

use crate::dataset::cells::CellColumn;

/// What stands for a missing value in columns of numbers and times, in upper or lower case.
const USUAL: [&str; 19] = [
    "", "na", "n/a", "nan", "null", "none", "nil", "#n/a", "#na", "<na>", "nat", ".", "?", "-",
    "\\n", "--", "n.a.", "missing", "unknown",
];

/// The marks for missing values that a user or a model names, for all columns. An empty cell is always missing.
#[derive(Default)]
pub(super) struct Marks {
    texts: Vec<String>,
    numbers: Vec<f64>,
}

impl Marks {
    pub(super) fn new<'a>(marks: impl IntoIterator<Item = &'a String>) -> Marks {
        let texts: Vec<String> = marks
            .into_iter()
            .map(|mark| mark.trim().to_owned())
            .collect();
        let numbers = texts.iter().filter_map(|mark| mark.parse().ok());
        let numbers = numbers.filter(|number: &f64| number.is_finite()).collect();
        Marks { texts, numbers }
    }

    /// Whether a text is missing in any column.
    pub(super) fn has(&self, text: &str) -> bool {
        text.is_empty() || self.texts.iter().any(|mark| mark == text)
    }

    /// Whether a text is missing in a column of numbers or times.
    pub(super) fn has_among_numbers(&self, text: &str) -> bool {
        self.has(text) || is_usual_mark(text)
    }

    /// Whether a number is missing.
    pub(super) fn has_number(&self, number: f64) -> bool {
        self.numbers.contains(&number)
    }

    /// Whether numbers may be missing.
    pub(super) fn has_numbers(&self) -> bool {
        !self.numbers.is_empty()
    }

    /// Whether a cell is missing in any column.
    pub(super) fn has_cell(&self, column: &CellColumn, row: usize) -> bool {
        match column.text_number(row) {
            Some(_) => self.has(&column.text(row)),
            None => {
                self.has_number(column.numbers()[row])
                    || !self.texts.is_empty() && self.has(&column.text(row))
            }
        }
    }
}

/// Whether a text usually stands for a missing value, as it does in columns of numbers. In a column of text it is a level.
pub fn is_usual_mark(text: &str) -> bool {
    text.len() <= 7 && USUAL.iter().any(|mark| text.eq_ignore_ascii_case(mark))
}
