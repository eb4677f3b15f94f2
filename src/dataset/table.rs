//! A table in memory: its columns, what is wrong with them, and the numbers in them.

use super::target::Label;
use super::{DataError, Dataset, Form};
use std::collections::HashMap;

/// A table's cells, a column at a time.
pub(super) struct Table<'a> {
    /// What errors call the file.
    pub(super) file: &'a str,
    pub(super) columns: Vec<Column>,
    /// Line of each row.
    pub(super) lines: Vec<u64>,
}

/// What is kept of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Input,
    Target,
    Ignored,
}

pub(super) struct Column {
    name: String,
    pub(super) role: Role,
    /// NaN where a cell is missing or not a number.
    values: Vec<f32>,
    /// Targets only: the cell's text, as an index into `texts`.
    labels: Vec<u32>,
    texts: Vec<String>,
    known: HashMap<String, u32>,
    missing: usize,
    words: usize,
    /// The first cell that is not a finite number: line and text.
    bad: Option<(u64, String)>,
}

impl Column {
    pub(super) fn new(name: String, role: Role) -> Column {
        Column {
            name,
            role,
            values: Vec::new(),
            labels: Vec::new(),
            texts: Vec::new(),
            known: HashMap::new(),
            missing: 0,
            words: 0,
            bad: None,
        }
    }

    pub(super) fn push(&mut self, cell: &str, line: u64) {
        let value = match is_missing(cell) {
            true => {
                self.missing += 1;
                f32::NAN
            }
            false => self.number(cell, line),
        };
        self.values.push(value);
        if self.role == Role::Target {
            let next = self.texts.len() as u32;
            let label = match self.known.get(cell) {
                Some(label) => *label,
                None => {
                    self.known.insert(cell.to_owned(), next);
                    self.texts.push(cell.to_owned());
                    next
                }
            };
            self.labels.push(label);
        }
    }

    fn number(&mut self, cell: &str, line: u64) -> f32 {
        let parsed = cell.parse::<f64>().ok();
        let value = parsed.map_or(f32::NAN, |v| v as f32);
        if parsed.is_none() {
            self.words += 1;
        }
        if !value.is_finite() {
            self.bad.get_or_insert_with(|| (line, cell.to_owned()));
            return f32::NAN;
        }
        value
    }

    /// More words than numbers.
    fn is_text(&self) -> bool {
        2 * self.words > self.values.len() - self.missing
    }

    fn is_constant(&self, kept: &[usize]) -> bool {
        let first = kept.first().map(|&row| self.values[row]);
        kept.iter().all(|&row| Some(self.values[row]) == first)
    }

    /// 0, 1, 2, ... or 1, 2, 3, ...
    fn counts_rows(&self, kept: &[usize]) -> bool {
        let first = kept.first().map_or(f32::NAN, |&row| self.values[row]);
        let from_here = |(i, &row): (usize, &usize)| self.values[row] == first + i as f32;
        kept.len() > 2 && (first == 0.0 || first == 1.0) && kept.iter().enumerate().all(from_here)
    }

    fn is_missing(&self, row: usize) -> bool {
        match self.role {
            Role::Target => is_missing(&self.texts[self.labels[row] as usize]),
            _ => self.values[row].is_nan(),
        }
    }
}

fn is_missing(cell: &str) -> bool {
    let names = ["", "na", "n/a", "nan", "null", "?", "-"];
    names.iter().any(|name| cell.eq_ignore_ascii_case(name))
}

/// A few names, and how many more.
pub(super) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<&str> = names.iter().take(8).map(AsRef::as_ref).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{}, ... and {more} more", shown.join(", ")),
    }
}

impl Table<'_> {
    fn used(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|c| c.role != Role::Ignored)
    }

    /// The rows that can be used, or one error that names everything in the way.
    pub(super) fn usable_rows(&self, skip_missing: bool) -> Result<Vec<usize>, DataError> {
        let inputs = || self.columns.iter().filter(|c| c.role == Role::Input);
        let text: Vec<&str> = inputs()
            .filter(|c| c.is_text())
            .map(|c| c.name.as_str())
            .collect();
        let numbers = inputs().filter(|c| !c.is_text());
        if let Some((column, (line, cell))) =
            numbers.clone().find_map(|c| c.bad.as_ref().map(|b| (c, b)))
        {
            return Err(self.bad_cell(column, *line, cell));
        }
        let targets = self.columns.iter().filter(|c| c.role == Role::Target);
        let checked: Vec<&Column> = numbers.chain(targets).collect();
        let is_whole = |row: &usize| !checked.iter().any(|c| c.is_missing(*row));
        let kept: Vec<usize> = (0..self.lines.len()).filter(is_whole).collect();
        let missing = self.lines.len() - kept.len();
        if text.is_empty() && (missing == 0 || skip_missing) {
            return match kept.is_empty() {
                false => Ok(kept),
                true => Err(DataError(format!(
                    "{}: every row has a missing value; leave the columns that have most of them out with --drop",
                    self.file
                ))),
            };
        }
        Err(self.in_the_way(&text, &checked, if skip_missing { 0 } else { missing }))
    }

    fn bad_cell(&self, column: &Column, line: u64, cell: &str) -> DataError {
        let (file, name) = (self.file, &column.name);
        let cure = match cell.parse::<f64>() {
            Ok(_) => "a number that f32 can hold; scale the column, or leave the row out",
            Err(_) if cell.replace(',', ".").parse::<f64>().is_ok() => {
                "a number with a decimal point, not a comma; replace the commas"
            }
            Err(_) => {
                "a number; correct the cell, or leave it empty and use --skip-missing, or leave the column out with --drop"
            }
        };
        DataError(format!(
            "{file}:{line}: column {name}: found {cell:?}, expected {cure}"
        ))
    }

    fn in_the_way(&self, text: &[&str], checked: &[&Column], missing: usize) -> DataError {
        let (mut problems, mut cures) = (Vec::new(), Vec::new());
        if !text.is_empty() {
            let plural = if text.len() == 1 { "column" } else { "columns" };
            problems.push(format!("{plural} with text: {}", listed(text)));
            cures.push(format!("the {plural} with --drop {}", text.join(",")));
        }
        if missing > 0 {
            let first = (0..self.lines.len())
                .find_map(|row| Some((row, checked.iter().find(|c| c.is_missing(row))?)));
            let first = first.map_or(String::new(), |(row, column)| {
                format!(" (the first: line {}, {})", self.lines[row], column.name)
            });
            let plural = if missing == 1 { "row" } else { "rows" };
            problems.push(format!("{missing} {plural} with missing values{first}"));
            cures.push(format!("the {plural} with --skip-missing"));
        }
        DataError(format!(
            "{}: {}; leave out {}",
            self.file,
            problems.join("; "),
            cures.join(" and ")
        ))
    }

    /// The inputs of the rows `kept`, columns in the order of `order` or, without one, of the file.
    pub(super) fn dataset(&self, name: &str, kept: &[usize], order: &[String]) -> Dataset {
        let inputs = || self.columns.iter().filter(|c| c.role == Role::Input);
        let columns: Vec<&Column> = match order.is_empty() {
            true => inputs().collect(),
            false => order
                .iter()
                .filter_map(|o| inputs().find(|c| c.name == *o))
                .collect(),
        };
        let row = |&row: &usize| columns.iter().map(move |c| c.values[row]);
        Dataset {
            name: name.to_owned(),
            form: Form::Table,
            rows: kept.len(),
            columns: columns.iter().map(|c| c.name.clone()).collect(),
            inputs: kept.iter().flat_map(row).collect(),
            target_names: Vec::new(),
            targets: None,
            test_from: None,
            notes: Vec::new(),
        }
    }

    /// The cells of a target column.
    pub(super) fn labels(&self, target: &str, kept: &[usize]) -> Vec<Label<'_>> {
        let column = self.used().find(|c| c.name == *target);
        let cells = column.into_iter().flat_map(|c| {
            kept.iter().map(|&row| Label {
                text: &c.texts[c.labels[row] as usize],
                value: c.values[row],
            })
        });
        cells.collect()
    }

    /// Remarks on columns that tell a network nothing.
    pub(super) fn remarks(&self, kept: &[usize]) -> Vec<String> {
        let inputs = || self.columns.iter().filter(|c| c.role == Role::Input);
        let constant: Vec<&str> = inputs()
            .filter(|c| c.is_constant(kept))
            .map(|c| c.name.as_str())
            .collect();
        let mut remarks = Vec::new();
        if !constant.is_empty() {
            remarks.push(format!(
                "constant, and so without effect: {}",
                listed(&constant)
            ));
        }
        remarks.extend(inputs().filter(|c| c.counts_rows(kept)).map(|c| {
            let name = &c.name;
            format!("column {name} only counts the rows: leave it out with --drop {name}")
        }));
        remarks
    }
}
