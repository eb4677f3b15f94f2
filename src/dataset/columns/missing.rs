//! Rows that cannot be learned from: without a target, or with missing inputs that are not filled in.

use super::kind::{Judged, Reading};
use super::marks::Marks;
use super::names::flag_value;
use super::number::NumberReading;
use super::roles::Roles;
use super::target::{self, TargetReading};
use super::time::TimeReading;
use crate::dataset::cells::{CellColumn, Cells, Use};
use crate::dataset::error::{DataError, DataErrorKind as Kind, listed};
use crate::dataset::options::{MissingRows, ReadOptions};
use crate::text::counted;
use std::ops::Range;

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

/// Checks that each file of rows for validation or test has some with a target.
pub(super) fn require_targets(
    cells: &Cells,
    roles: &Roles,
    has_target: &[bool],
) -> Result<(), DataError> {
    let mut first = 0;
    for part in &cells.parts {
        let rows = first..first + part.rows;
        first = rows.end;
        let key = match part.purpose {
            Use::Train => continue,
            Use::Val => "val_file",
            Use::Test => "test_file",
        };
        if part.rows == 0 || has_target[rows].contains(&true) {
            continue;
        }
        let names = roles.targets.iter();
        let names: Vec<&str> = names.map(|(c, ..)| &cells.columns[*c].name[..]).collect();
        let message = format!(
            "{}: no target {}: there is no such column, or no value in it; add it, or leave out `{key}`",
            part.file,
            listed(&names)
        );
        return Err(DataError::new(Kind::Target, message));
    }
    Ok(())
}

/// Returns a note for each file of rows for validation or test that lacks inputs which the rows to learn from have.
pub(super) fn without_inputs(cells: &Cells, roles: &Roles, marks: &Marks) -> Vec<String> {
    let (mut notes, mut first) = (Vec::new(), 0);
    for part in &cells.parts {
        let rows = first..first + part.rows;
        first = rows.end;
        if part.purpose == Use::Train || part.rows == 0 {
            continue;
        }
        let is_absent = |(c, judged): &&(usize, Judged)| {
            let column = &cells.columns[*c];
            // Almost every column ends here.
            column.text_number(rows.start).is_some()
                && rows
                    .clone()
                    .all(|row| judged.is_missing(column, marks, row))
        };
        let absent = roles.inputs().filter(is_absent);
        let absent: Vec<&str> = absent.map(|(c, _)| &cells.columns[*c].name[..]).collect();
        if !absent.is_empty() {
            let (file, names) = (&part.file, listed(&absent));
            notes.push(format!("{file}: no value of {names} in any row"));
        }
    }
    notes
}

/// Maximum number of lines that a note lists.
const MOST_TOLD: usize = 5;

/// Returns notes on rows that are left out: one for each file that has some.
pub(super) fn left_out(cells: &Cells, keep: &[bool], why: &str) -> Vec<String> {
    let (mut notes, mut first) = (Vec::new(), 0);
    for part in &cells.parts {
        let rows = first..first + part.rows;
        let note = left_out_of(cells, rows, keep, why);
        notes.extend(note.map(|note| match first {
            0 => note,
            _ => format!("{}: {note}", part.file),
        }));
        first += part.rows;
    }
    notes
}

/// Returns a note on those of some rows that are left out.
fn left_out_of(cells: &Cells, rows: Range<usize>, keep: &[bool], why: &str) -> Option<String> {
    let first = rows.start;
    let rows: Vec<usize> = rows.filter(|row| !keep[*row]).collect();
    let line = |row: &usize| match cells.place(*row).number {
        0 => (*row - first) as u64 + 1,
        line => line,
    };
    let what = match rows.first().map(|row| cells.place(*row)) {
        Some(place) if place.number == 0 || place.is_row => "row",
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

/// Missing cells of the inputs.
struct Missing<'c> {
    /// Which rows have none.
    keep: Vec<bool>,
    /// The number of missing cells of each column that has some, most first.
    costs: Vec<(usize, &'c str)>,
    /// The first row with one, and its column.
    first: (usize, &'c str),
}

impl<'c> Missing<'c> {
    /// Returns `None` if no cell is missing.
    fn find(cells: &'c Cells, roles: &Roles, marks: &Marks) -> Option<Missing<'c>> {
        let mut keep = vec![true; cells.rows()];
        let mut costs: Vec<(usize, &str)> = Vec::new();
        let mut first: Option<(usize, &str)> = None;
        for (c, judged) in roles.inputs() {
            let column = &cells.columns[*c];
            let texts = judged.missing_texts(column, marks);
            if !texts.contains(&true) && !marks.has_numbers() {
                continue;
            }
            let mut missing = 0;
            for (row, keep) in keep.iter_mut().enumerate() {
                let is_missing = match column.text_number(row) {
                    Some(text) => texts[text as usize],
                    None => marks.has_number(column.numbers()[row]),
                };
                if is_missing {
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
        costs.sort_by_key(|(missing, _)| std::cmp::Reverse(*missing));
        first.map(|first| Missing { keep, costs, first })
    }

    /// Returns the number of rows with a missing cell.
    fn lost(&self) -> usize {
        self.keep.iter().filter(|keep| !**keep).count()
    }

    /// Says how many of these rows the worst column costs.
    fn most(&self) -> String {
        let (worst, name) = self.costs[0];
        match worst == self.lost() {
            true => format!("all of them in {name}"),
            false => format!("{worst} of them in {name}"),
        }
    }

    /// Returns the note on cells that are filled in.
    fn filled(&self, drop: &str) -> String {
        let (rows, (worst, name)) = (self.keep.len(), self.costs[0]);
        let told = self.costs.iter();
        let told: Vec<String> = told
            .map(|(missing, name)| format!("{name} ({missing})"))
            .collect();
        let cure = match 2 * worst > rows {
            true => format!("; {name} is mostly missing: {drop} leaves it out"),
            false => String::new(),
        };
        format!(
            "{} of {} with missing cells, filled in: {}{cure}",
            self.lost(),
            counted(rows, "row"),
            listed(&told)
        )
    }
}

/// Fills, drops or refuses rows with missing inputs. Returns notes.
pub(super) fn missing_inputs(
    cells: &mut Cells,
    roles: &Roles,
    marks: &Marks,
    options: &ReadOptions,
) -> Result<Vec<String>, DataError> {
    let Some(missing) = Missing::find(cells, roles, marks) else {
        return Ok(Vec::new());
    };
    let (rows, lost, most) = (cells.rows(), missing.lost(), missing.most());
    let (worst, worst_name) = missing.costs[0];
    let dropped = options.drop.iter().map(String::as_str).chain([worst_name]);
    let drop = format!("`drop = {}`", flag_value(&dropped.collect::<Vec<_>>()));
    let refused = |message: String| Err(DataError::new(Kind::LeaveOut, message));
    match options.missing_rows {
        MissingRows::Fill => Ok(vec![missing.filled(&drop)]),
        MissingRows::Refuse => {
            let (row, name) = missing.first;
            let place = cells.place(row);
            refused(format!(
                "{place}: column {name} is missing; {lost} of {} have missing cells, {most}; use `missing_rows = fill`, or `missing_rows = drop`, or leave the column out with {drop}",
                counted(rows, "row")
            ))
        }
        MissingRows::Drop if lost == rows => refused(format!(
            "{}: every row has a missing cell, {most}; leave it out with {drop}, or use `missing_rows = fill`",
            cells.file()
        )),
        MissingRows::Drop => {
            let mut notes = left_out(cells, &missing.keep, "with a missing cell");
            let cure = match 4 * worst > rows {
                true => format!("; {drop} keeps them"),
                false => String::new(),
            };
            let last = notes.last_mut().into_iter();
            last.for_each(|note| *note += &format!(": {lost} of {rows}, {most}{cure}"));
            let keep = missing.keep;
            cells.retain(&keep);
            Ok(notes)
        }
    }
}

impl Judged {
    /// Returns which texts of the column are missing.
    pub(super) fn missing_texts(&self, column: &CellColumn, marks: &Marks) -> Vec<bool> {
        match &self.reading {
            Reading::Numbers(NumberReading { texts, .. })
            | Reading::Times(TimeReading { texts, .. }) => {
                texts.iter().map(|number| number.is_nan()).collect()
            }
            Reading::Levels { .. } => {
                let counts = column.text_counts();
                let missing = |(text, count): &(&str, usize)| *count > 0 && marks.has(text);
                counts.iter().map(missing).collect()
            }
            Reading::None => vec![false; column.texts()],
        }
    }

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
