//! Parses the rows of a table, and drops rows with missing values.

use super::column::{Column, Target};
use super::header::{Header, LONGEST_NAME};
use crate::dataset::{
    Dataset, Form, Inputs, Targets,
    error::{DataError, DataErrorKind as Kind},
    input::InputOrigin,
    memory,
};
use crate::text::counted;
use std::collections::HashMap;

/// Maximum number of dropped rows that a note lists.
const MOST_TOLD: usize = 20;
/// The share of the free memory for the numbers of a table: training holds them in f32 twice, too.
const SHARE: u64 = 3;

/// A parsed table.
pub(super) struct Table {
    pub(super) origin: InputOrigin,
    /// The delimiter.
    pub(super) delimiter: u8,
    pub(super) inputs: Vec<Column>,
    pub(super) targets: Vec<Target>,
    pub(super) rows: usize,
    /// (rows, inputs); NaN if a cell is missing or not a number.
    cells: Vec<f64>,
}

/// The role of a column of the file.
#[derive(Clone, Copy)]
enum Role {
    Input(usize),
    Target(usize),
    Ignored,
}

impl Table {
    /// Reads all rows. Sorts the columns as `inputs` and `targets` are sorted.
    pub(super) fn read(
        mut header: Header,
        inputs: &[String],
        targets: &[String],
    ) -> Result<Table, DataError> {
        let roles = roles(&header.names, inputs, targets);
        let mut inputs: Vec<Column> = inputs.iter().map(|name| Column::new(name)).collect();
        let mut targets: Vec<Target> = targets.iter().map(|name| Target::new(name)).collect();
        let (mut cells, mut rows) = (Vec::new(), 0);
        let mut row = vec![f64::NAN; inputs.len()];
        let limit = memory::free() / SHARE;
        // A target has a number and a label.
        let bytes = (8 * inputs.len() + 12 * targets.len()).max(1);
        let most = usize::try_from(limit).unwrap_or(usize::MAX) / bytes;
        while header.records.advance()? {
            require_length(&header)?;
            let line = header.records.line();
            if rows == most || cells.try_reserve(row.len()).is_err() {
                return Err(too_large(&header, rows, limit));
            }
            for (role, cell) in roles.iter().zip(header.records.cells()) {
                match *role {
                    Role::Input(i) => row[i] = inputs[i].number(cell?, line),
                    Role::Target(t) => {
                        let cell = cell?;
                        require_name(&header, &targets[t].column.name, cell)?;
                        targets[t].push(cell, line);
                    }
                    Role::Ignored => {}
                }
            }
            cells.extend_from_slice(&row);
            rows += 1;
        }
        let (origin, delimiter) = (header.records.origin, header.records.delimiter);
        if rows == 0 {
            let message = format!("{}: a header and no rows below it", origin.file);
            return Err(DataError::new(Kind::Shape, message));
        }
        Ok(Table {
            origin,
            delimiter,
            inputs,
            targets,
            rows,
            cells,
        })
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.cells[row * self.inputs.len()..][..self.inputs.len()]
    }

    pub(super) fn column(&self, i: usize) -> impl Iterator<Item = f64> + Clone {
        self.cells
            .iter()
            .skip(i)
            .step_by(self.inputs.len())
            .copied()
    }

    /// Removes targets without any value, as in data for prediction.
    pub(super) fn forget_empty_targets(&mut self) {
        if self.targets.iter().all(|t| t.column.is_empty()) {
            self.targets.clear();
        }
    }

    /// Counts the rows with a missing value in the inputs `among` or in a target.
    pub(super) fn rows_with_missing(&self, among: &[usize]) -> usize {
        let has_missing = |row: &usize| {
            let cells = self.row(*row);
            among.iter().any(|&i| cells[i].is_nan())
                || self.targets.iter().any(|t| t.is_missing(*row))
        };
        (0..self.rows).filter(has_missing).count()
    }

    /// Drops the rows with missing values. Returns a note if there are any.
    pub(super) fn leave_missing_out(&mut self) -> Option<String> {
        let width = self.inputs.len();
        let (mut kept, mut left_out) = (0, Vec::new());
        for row in 0..self.rows {
            let is_whole = !self.row(row).iter().any(|cell| cell.is_nan())
                && !self.targets.iter().any(|t| t.is_missing(row));
            if is_whole {
                self.cells
                    .copy_within(row * width..(row + 1) * width, kept * width);
                for target in &mut self.targets {
                    target.values[kept] = target.values[row];
                    target.labels[kept] = target.labels[row];
                }
                kept += 1;
            } else {
                left_out.push(row + 1);
            }
        }
        self.truncate(kept);
        // Format only the row numbers that the note lists.
        let numbers = left_out.iter().take(MOST_TOLD + 1);
        let mut which: Vec<String> = numbers.map(|row| format!("row {row}")).collect();
        let more = left_out.len().saturating_sub(MOST_TOLD);
        if more > 0 {
            which[MOST_TOLD] = format!("and {more} more");
        }
        let (rows, which) = (counted(left_out.len(), "row"), which.join(", "));
        (!left_out.is_empty()).then(|| format!("{rows} with a missing value left out ({which})"))
    }

    fn truncate(&mut self, rows: usize) {
        self.rows = rows;
        self.cells.truncate(rows * self.inputs.len());
        for target in &mut self.targets {
            target.values.truncate(rows);
            target.labels.truncate(rows);
        }
    }

    /// Converts the table into a data set with these targets.
    pub(super) fn into_dataset(
        mut self,
        target_names: Vec<String>,
        targets: Option<Targets>,
        notes: Vec<String>,
    ) -> Dataset {
        self.cells.shrink_to_fit();
        Dataset {
            name: self.origin.name,
            form: Form::Table,
            rows: self.rows,
            columns: self.inputs.into_iter().map(|column| column.name).collect(),
            inputs: Inputs::Numbers(self.cells),
            target_names,
            targets,
            test_from: None,
            notes,
        }
    }
}

/// Returns the role of each column of the file.
fn roles(names: &[String], inputs: &[String], targets: &[String]) -> Vec<Role> {
    let inputs = inputs
        .iter()
        .enumerate()
        .map(|(i, name)| (name, Role::Input(i)));
    let targets = targets
        .iter()
        .enumerate()
        .map(|(t, name)| (name, Role::Target(t)));
    let known: HashMap<&String, Role> = inputs.chain(targets).collect();
    let role = |name: &String| known.get(name).copied().unwrap_or(Role::Ignored);
    names.iter().map(role).collect()
}

fn too_large(header: &Header, rows: usize, limit: u64) -> DataError {
    let what = format!(
        "{}: {} do not fit into memory",
        header.file(),
        counted(rows, "row")
    );
    let cure = "leave columns out with `drop`, or take a sample of the rows";
    memory::too_large(&what, limit, cure)
}

/// Checks that the cell of a target can be a class.
fn require_name(header: &Header, target: &str, cell: &str) -> Result<(), DataError> {
    let length = cell.len();
    if length <= LONGEST_NAME {
        return Ok(());
    }
    let message = format!(
        "{}:{}: {target} has {length} bytes, expected at most {LONGEST_NAME}; shorten it, or name another `target`",
        header.file(),
        header.records.line()
    );
    Err(DataError::new(Kind::TooLarge, message))
}

fn require_length(header: &Header) -> Result<(), DataError> {
    let (records, expected) = (&header.records, header.names.len());
    if records.len() == expected {
        return Ok(());
    }
    Err(DataError::new(
        Kind::Shape,
        format!(
            "{}:{}: expected {}, found {}",
            header.file(),
            records.line(),
            counted(expected, "column"),
            records.len()
        ),
    ))
}
