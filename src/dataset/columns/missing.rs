//! Rows that cannot be learned from: without a target, or with missing inputs that are not filled in.

use super::kind::{Judged, Reading};
use super::marks::Marks;
use super::names::flag_value;
use super::roles::Roles;
use super::target::{self, TargetReading};
use crate::dataset::cells::{CellColumn, Cells};
use crate::dataset::error::{DataError, DataErrorKind as Kind, listed};
use crate::dataset::options::{MissingRows, ReadOptions};
use crate::text::counted;

/// Returns the marks for missing values of the targets: those of the user, and those beside classes that are numbers.
pub(super) fn target_marks(cells: &Cells, roles: &Roles, options: &ReadOptions) -> Marks {
    let beside = match &roles.targets[..] {
        [(c, TargetReading::Classes, _)] => target::marks_beside_numbers(&cells.columns[*c]),
        _ => Vec::new(),
    };
    Marks::new(options.missing.iter().chain(&beside))
}

/// Returns which rows have all targets.
pub(super) fn with_target(cells: &Cells, roles: &Roles, marks: &Marks) -> Vec<bool> {
    let has = |row: usize| {
        let mut targets = roles.targets.iter();
        targets.all(|(c, reading, _)| !target::is_missing(&cells.columns[*c], reading, marks, row))
    };
    (0..cells.rows()).map(has).collect()
}

/// Maximum number of lines that a note lists.
const MOST_TOLD: usize = 5;

/// Returns a note on rows that are left out.
pub(super) fn left_out(cells: &Cells, keep: &[bool], why: &str) -> Option<String> {
    let rows: Vec<usize> = (0..keep.len()).filter(|row| !keep[*row]).collect();
    let line = |row: &usize| match cells.place(*row).1 {
        0 => *row as u64 + 1,
        line => line,
    };
    let what = match rows.first().map(|row| cells.place(*row).1) {
        Some(0) => "row",
        _ => "line",
    };
    let plural = if rows.len() == 1 { "" } else { "s" };
    let told = rows.iter().take(MOST_TOLD).map(|row| line(row).to_string());
    let mut told: Vec<String> = told.collect();
    if rows.len() > MOST_TOLD {
        told.push(format!("and {} more", rows.len() - MOST_TOLD));
    }
    let count = counted(rows.len(), "row");
    (!rows.is_empty()).then(|| {
        format!(
            "{count} {why} left out ({what}{plural} {})",
            told.join(", ")
        )
    })
}

/// Fills, drops or refuses rows with missing inputs. Returns notes.
pub(super) fn missing_inputs(
    cells: &mut Cells,
    roles: &Roles,
    marks: &Marks,
    options: &ReadOptions,
) -> Result<Vec<String>, DataError> {
    let mut keep = vec![true; cells.rows()];
    let mut costs: Vec<(usize, &str)> = Vec::new();
    let mut first: Option<(usize, &str)> = None;
    for (c, judged) in roles.inputs() {
        let column = &cells.columns[*c];
        let mut missing = 0;
        for (row, keep) in keep.iter_mut().enumerate() {
            if judged.is_missing(column, marks, row) {
                missing += 1;
                *keep = false;
                if first.is_none_or(|(at, _)| row < at) {
                    first = Some((row, &column.name));
                }
            }
        }
        if missing > 0 {
            costs.push((missing, &column.name));
        }
    }
    let Some((row, name)) = first else {
        return Ok(Vec::new());
    };
    costs.sort_by_key(|(missing, _)| std::cmp::Reverse(*missing));
    let rows = cells.rows();
    let lost = keep.iter().filter(|keep| !**keep).count();
    let (worst, worst_name) = costs[0];
    let with = |name: &str| {
        let names = options.drop.iter().map(String::as_str).chain([name]);
        flag_value(&names.collect::<Vec<_>>())
    };
    let most = match worst == lost {
        true => format!("all of them in {worst_name}"),
        false => format!("{worst} of them in {worst_name}"),
    };
    let drop = format!("`drop = {}`", with(worst_name));
    match options.missing_rows {
        MissingRows::Fill => {
            let told: Vec<String> = costs
                .iter()
                .map(|(missing, name)| format!("{name} ({missing})"))
                .collect();
            let cure = match 2 * worst > rows {
                true => format!("; {worst_name} is mostly missing: {drop} leaves it out"),
                false => String::new(),
            };
            Ok(vec![format!(
                "{lost} of {} with missing cells, filled in: {}{cure}",
                counted(rows, "row"),
                listed(&told)
            )])
        }
        MissingRows::Refuse => {
            let (file, line) = cells.place(row);
            let message = format!(
                "{file}:{line}: column {name} is missing; {lost} of {} have missing cells, {most}; use `missing_rows = fill`, or `missing_rows = drop`, or leave the column out with {drop}",
                counted(rows, "row")
            );
            Err(DataError::new(Kind::LeaveOut, message))
        }
        MissingRows::Drop if lost == rows => {
            let message = format!(
                "{}: every row has a missing cell, {most}; leave it out with {drop}, or use `missing_rows = fill`",
                cells.file()
            );
            Err(DataError::new(Kind::LeaveOut, message))
        }
        MissingRows::Drop => {
            let note = left_out(cells, &keep, "with a missing cell").unwrap_or_default();
            let cure = match 4 * worst > rows {
                true => format!("; {drop} keeps them"),
                false => String::new(),
            };
            let note = format!("{note}: {lost} of {rows}, {most}{cure}");
            cells.retain(&keep);
            Ok(vec![note])
        }
    }
}

impl Judged {
    /// Whether the cell of a row is missing.
    pub(super) fn is_missing(&self, column: &CellColumn, marks: &Marks, row: usize) -> bool {
        let texts = match &self.reading {
            Reading::Numbers(reading) => &reading.texts,
            Reading::Times(reading) => &reading.texts,
            Reading::Levels { .. } => return marks.has_cell(column, row),
            Reading::None => return false,
        };
        match column.text_number(row) {
            Some(text) => texts[text as usize].is_nan(),
            None => marks.has_number(column.numbers()[row]),
        }
    }
}
