//! From a table to a data set to learn from.

use super::convert::{interleaved, numbers, values};
use super::differences::{Differences, differences, taken_as_constant};
use super::kind::{ColumnKind, Judged, Reading};
use super::leaks::{self, Trace};
use super::marks::Marks;
use super::missing::{
    left_out, missing_inputs, require_targets, target_marks, with_target, without_inputs,
};
use super::names::flag_value;
use super::roles::Roles;
use super::target::{self, TargetReading, nothing_left};
use super::target_notes;
use super::warnings::{self, Unusual};
use super::weights;
use crate::dataset::cells::{CellColumn, Cells, Use};
use crate::dataset::error::{DataError, DataErrorKind as Kind, listed, quoted};
use crate::dataset::inputs::{InputColumn, Inputs};
use crate::dataset::options::ReadOptions;
use crate::dataset::types::{Dataset, Targets};
use crate::text::counted;
use crate::threads::{map, threads_for};

/// Turns a table into a data set to learn from.
pub(in crate::dataset) fn to_learn(
    mut cells: Cells,
    options: &ReadOptions,
) -> Result<Dataset, DataError> {
    require_rows(&cells, 1)?;
    let roles = Roles::decide(&cells, options, &Marks::new(&options.missing))?;
    require_inputs(&cells, &roles)?;
    let mut notes = std::mem::take(&mut cells.notes);
    notes.extend(described(&cells, &roles));
    keep_rows(&mut cells, &roles, options, &mut notes)?;
    build(cells, &roles, options, notes)
}

/// Leaves out the rows without a target, and those with missing inputs if they are not filled in. Adds notes on both.
pub(super) fn keep_rows(
    cells: &mut Cells,
    roles: &Roles,
    options: &ReadOptions,
    notes: &mut Vec<String>,
) -> Result<(), DataError> {
    let keep = with_target(cells, roles, &target_marks(cells, roles, options));
    require_targets(cells, roles, &keep)?;
    notes.extend(without_inputs(cells, roles, &Marks::new(&options.missing)));
    notes.extend(left_out(cells, &keep, "without a target"));
    cells.retain(&keep);
    require_rows(cells, 2)?;
    let marks = Marks::new(&options.missing);
    notes.extend(missing_inputs(cells, roles, &marks, options)?);
    require_rows(cells, 2)
}

/// Converts the cells.
fn build(
    cells: Cells,
    roles: &Roles,
    options: &ReadOptions,
    mut notes: Vec<String>,
) -> Result<Dataset, DataError> {
    let marks = Marks::new(&options.missing);
    let (target_names, targets) = targets(&cells, roles, &marks, &mut notes)?;
    let groups = roles.group.map(|c| cells.columns[c].distinct().0);
    let weights = roles.weights.as_ref();
    let weights = weights.map(|column| weights::weights(&cells, column, &marks));
    let weights = weights.transpose()?;
    let rows = cells.rows();
    let [val_from, test_from] = starts(&cells)?;
    let lines = cells.lines();
    let mut columns: Vec<Option<CellColumn>> = cells.columns.into_iter().map(Some).collect();
    let taken =
        |(c, judged): &'_ (usize, Judged)| Some((columns[*c].take()?, judged.reading.clone()));
    let taken: Vec<(CellColumn, Reading)> = roles.inputs().filter_map(taken).collect();
    let count = threads_for(rows * taken.len());
    let looked_at = map(count, taken, |(column, reading)| {
        let name = column.name.clone();
        let values = values(column, &reading, &marks);
        let unit = reading.unit();
        let column = InputColumn { name, unit, values };
        let looks = (Unusual::look_at(&column), Trace::of(&column, &targets));
        (column, looks)
    });
    let (of_columns, looks): (Vec<InputColumn>, Vec<_>) = looked_at.into_iter().unzip();
    let (unusual, traces): (Vec<Unusual>, Vec<Trace>) = looks.into_iter().unzip();
    notes.extend(warnings::notes(unusual));
    notes.extend(leaks::notes(&traces, &targets, &target_names, options));
    Ok(Dataset {
        name: cells.name,
        rows,
        columns: of_columns.iter().map(|c| c.name.clone()).collect(),
        inputs: Inputs::Columns(of_columns),
        target_names,
        targets: Some(targets),
        val_from,
        test_from,
        lines,
        groups,
        weights,
        max_levels: Some(options.max_levels),
        marks: options.missing.clone(),
        notes,
        ..Dataset::default()
    })
}

/// Returns the first row for validation and the first row for the test, if the table has rows for them.
pub(super) fn starts(cells: &Cells) -> Result<[Option<usize>; 2], DataError> {
    if !cells.parts.is_sorted_by_key(|part| part.purpose as u8) {
        let message = format!(
            "{}: it has rows for the test of its own; leave the file for validation out",
            cells.file()
        );
        return Err(DataError::new(Kind::Split, message));
    }
    let start = |purpose: Use| {
        let before = cells.parts.iter();
        let before = before.take_while(|part| (part.purpose as u8) < purpose as u8);
        let has_some = cells.parts.iter().any(|part| part.purpose == purpose);
        has_some.then(|| before.map(|part| part.rows).sum())
    };
    Ok([start(Use::Val), start(Use::Test)])
}

/// Returns the names of the targets, and the targets.
pub(super) fn targets(
    cells: &Cells,
    roles: &Roles,
    marks: &Marks,
    notes: &mut Vec<String>,
) -> Result<(Vec<String>, Targets), DataError> {
    let (mut names, mut learned) = (Vec::new(), Vec::new());
    let mut classes = None;
    for (c, reading, why) in &roles.targets {
        let column = &cells.columns[*c];
        let name = &column.name;
        let one = match reading {
            TargetReading::Classes => target::classes(cells, column, marks)?,
            TargetReading::Values(reading) => Targets::Values {
                values: numbers(column.clone(), reading, marks),
            },
        };
        notes.push(target_notes::describe(name, roles.chosen, why, &one));
        notes.extend(target_notes::doubt(cells, column, &one));
        match one {
            Targets::Values { values } => {
                notes.extend(constant(name, &values));
                learned.push(values);
            }
            one => classes = Some(one),
        }
        names.push(name.clone());
    }
    let targets = classes.unwrap_or_else(|| Targets::Values {
        values: interleaved(learned),
    });
    Ok((names, targets))
}

/// Returns a note if the values of a target are constant, or scaling makes them so.
fn constant(name: &str, values: &[f64]) -> Option<String> {
    match differences(values) {
        Differences::None => Some(format!(
            "target {name} is constant: there is nothing to learn"
        )),
        Differences::TooSmall => Some(taken_as_constant("target", name)),
        Differences::Enough => None,
    }
}

pub(super) fn require_rows(cells: &Cells, least: usize) -> Result<(), DataError> {
    let (file, rows) = (cells.file(), cells.rows());
    if rows >= least {
        return Ok(());
    }
    let message = match (rows, least) {
        (0, 1) => format!("{file}: a header and no rows below it"),
        _ => format!(
            "{file}: {} to learn from, expected at least {least}",
            counted(rows, "row")
        ),
    };
    Err(DataError::new(Kind::Shape, message))
}

/// Checks that all columns can be read, and that one is left to learn from.
pub(super) fn require_inputs(cells: &Cells, roles: &Roles) -> Result<(), DataError> {
    match (roles.faults.first(), roles.inputs().next()) {
        (Some((_, why)), _) => Err(why.clone()),
        (None, None) => Err(no_inputs(cells, roles)),
        (None, Some(_)) => Ok(()),
    }
}

fn no_inputs(cells: &Cells, roles: &Roles) -> DataError {
    let why: Vec<String> = roles
        .others
        .iter()
        .map(|(c, judged)| format!("{} ({})", cells.columns[*c].name, judged.why))
        .collect();
    if why.is_empty() {
        return nothing_left(cells);
    }
    let names: Vec<&str> = roles
        .others
        .iter()
        .map(|(c, _)| cells.columns[*c].name.as_str())
        .collect();
    let message = format!(
        "{}: no column is left to learn from: {}; expected numbers, categories or dates; `features = {}` takes columns as they are",
        cells.file(),
        listed(&why),
        flag_value(&names)
    );
    DataError::new(Kind::LeaveOut, message)
}

/// What the last row of a table is called where it adds up the others.
const TOTALS: [&str; 6] = ["total", "totals", "grand total", "sum", "summe", "gesamt"];

/// Returns a note if the last row to learn from seems to add up the others.
fn total(cells: &Cells) -> Option<String> {
    let last = cells.parts[0].rows.checked_sub(1)?;
    let is_total = |column: &&CellColumn| {
        let text = column.text_number(last);
        let is_word = text.is_some() && TOTALS.contains(&&*column.text(last).to_lowercase());
        is_word && column.text_counts()[text.unwrap_or(0) as usize].1 == 1
    };
    let column = cells.columns.iter().find(is_total)?;
    Some(format!(
        "{}: {} is {} here alone: if this row adds up the others, delete it",
        cells.place(last),
        column.name,
        quoted(&column.text(last))
    ))
}

/// Returns notes on columns that are no plain numbers.
pub(super) fn described(cells: &Cells, roles: &Roles) -> Vec<String> {
    let name = |c: usize| cells.columns[c].name.clone();
    let of = |kinds: &[ColumnKind]| -> Vec<&(usize, Judged)> {
        roles
            .others
            .iter()
            .filter(|(_, judged)| kinds.contains(&judged.kind))
            .collect()
    };
    let mut notes = Vec::new();
    notes.extend(total(cells));
    for (c, judged) in of(&[ColumnKind::Number]) {
        if let Reading::Numbers(reading) = &judged.reading {
            let example = reading.example.iter();
            notes.extend(
                example.map(|example| format!("column {} is read as numbers: {example}", name(*c))),
            );
        }
    }
    for (c, judged) in of(&[ColumnKind::Time]) {
        if let Reading::Times(reading) = &judged.reading {
            let told = reading.told.iter();
            notes.extend(told.map(|told| format!("column {} is read as {told}", name(*c))));
        }
    }
    for (kinds, what) in [
        (&[ColumnKind::Flag, ColumnKind::Category][..], "categories"),
        (&[ColumnKind::Time], "dates or times"),
    ] {
        let names: Vec<String> = of(kinds).iter().map(|(c, _)| name(*c)).collect();
        if !names.is_empty() {
            notes.push(format!("{what}: {}", listed(&names)));
        }
    }
    let left_out = of(&[ColumnKind::Identifier, ColumnKind::Text, ColumnKind::Empty]);
    let left_out = left_out
        .into_iter()
        .filter(|(_, judged)| matches!(judged.reading, Reading::None));
    for (c, judged) in left_out {
        let cure = match judged.kind {
            ColumnKind::Identifier if !cells.columns[*c].numbers().iter().any(|n| n.is_nan()) => {
                format!("; `numbers = {}` takes it in", flag_value(&[name(*c)]))
            }
            ColumnKind::Empty => String::new(),
            _ => format!("; `categories = {}` takes it in", flag_value(&[name(*c)])),
        };
        notes.push(format!(
            "column {} is left out: {}{cure}",
            name(*c),
            judged.why
        ));
    }
    notes
}
