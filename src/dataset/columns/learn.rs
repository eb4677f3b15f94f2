//! From a table to a data set to learn from.

use super::convert::{inputs, interleaved, numbers, values};
use super::differences::{Differences, differences, taken_as_constant};
use super::kind::{ColumnKind, Judged, Reading};
use super::marks::Marks;
use super::names::flag_value;
use super::number::NumberReading;
use super::roles::Roles;
use super::target::{self, TargetReading, nothing_left};
use super::time::TimeReading;
use super::warnings;
use crate::dataset::cells::{CellColumn, Cells, Lines, Use};
use crate::dataset::error::{DataError, DataErrorKind as Kind, listed};
use crate::dataset::inputs::InputColumn;
use crate::dataset::options::{MissingRows, ReadOptions};
use crate::dataset::types::{Dataset, Targets};
use crate::text::counted;
use std::collections::HashMap;

/// Turns a table into a data set to learn from.
pub(in crate::dataset) fn to_learn(
    mut cells: Cells,
    options: &ReadOptions,
) -> Result<Dataset, DataError> {
    let marks = Marks::new(&options.missing);
    require_rows(&cells, 1)?;
    let roles = Roles::decide(&cells, options, &marks)?;
    if let Some((_, why)) = roles.faults.first() {
        return Err(why.clone());
    }
    if roles.inputs().next().is_none() {
        return Err(no_inputs(&cells, &roles));
    }
    let mut notes = std::mem::take(&mut cells.notes);
    notes.extend(described(&cells, &roles));
    let beside = beside_numbers(&cells, &roles);
    let marks = Marks::new(options.missing.iter().chain(&beside));
    let keep = with_target(&cells, &roles, &marks);
    notes.extend(left_out(&cells, &keep, "without a target"));
    cells.retain(&keep);
    require_rows(&cells, 2)?;
    let input_marks = Marks::new(&options.missing);
    notes.extend(missing_inputs(&mut cells, &roles, &input_marks, options)?);
    require_rows(&cells, 2)?;
    build(cells, &roles, options, notes)
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
    let groups = roles.group.map(|c| groups(&cells.columns[c]));
    let rows = cells.rows();
    let [val_from, test_from] = starts(&cells)?;
    let lines: Lines = (0..rows).map(|row| cells.place(row).1).collect();
    let mut columns: Vec<Option<CellColumn>> = cells.columns.into_iter().map(Some).collect();
    let inputs_of = |(c, judged): &(usize, Judged)| {
        let column = columns[*c].take()?;
        Some(InputColumn {
            name: column.name.clone(),
            values: values(column, &judged.reading, &marks),
        })
    };
    let of_columns: Vec<InputColumn> = roles.inputs().filter_map(inputs_of).collect();
    notes.extend(warnings::notes(&of_columns));
    Ok(Dataset {
        name: cells.name,
        rows,
        columns: of_columns.iter().map(|c| c.name.clone()).collect(),
        inputs: inputs(of_columns),
        target_names,
        targets: Some(targets),
        val_from,
        test_from,
        lines,
        groups,
        max_levels: Some(options.max_levels),
        marks: options.missing.clone(),
        notes,
        ..Dataset::default()
    })
}

/// Returns the first row for validation and the first row for the test, if the table has rows for them.
fn starts(cells: &Cells) -> Result<[Option<usize>; 2], DataError> {
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
fn targets(
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
            TargetReading::Classes => target::classes(cells, column)?,
            TargetReading::Values(reading) => Targets::Values {
                values: numbers(column.clone(), reading, marks),
            },
        };
        notes.push(target::describe(name, roles.chosen, why, &one));
        notes.extend(target::doubt(name, &one));
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

fn groups(column: &CellColumn) -> Vec<u32> {
    let mut numbers = HashMap::new();
    let group = |row| {
        let next = numbers.len() as u32;
        *numbers.entry(column.text(row).into_owned()).or_insert(next)
    };
    (0..column.len()).map(group).collect()
}

/// Returns a note if the values of a target are constant, or scaling makes them so.
fn constant(name: &str, values: &[f64]) -> Option<String> {
    match differences(values.iter().copied()) {
        Differences::None => Some(format!(
            "target {name} is constant: there is nothing to learn"
        )),
        Differences::TooSmall => Some(taken_as_constant("target", name)),
        Differences::Enough => None,
    }
}

fn require_rows(cells: &Cells, least: usize) -> Result<(), DataError> {
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

/// Returns notes on columns that are no plain numbers.
fn described(cells: &Cells, roles: &Roles) -> Vec<String> {
    let name = |c: usize| cells.columns[c].name.clone();
    let of = |kinds: &[ColumnKind]| -> Vec<&(usize, Judged)> {
        roles
            .others
            .iter()
            .filter(|(_, judged)| kinds.contains(&judged.kind))
            .collect()
    };
    let mut notes = Vec::new();
    for (c, judged) in of(&[ColumnKind::Number]) {
        if let Reading::Numbers(reading) = &judged.reading {
            let example = reading.example.iter();
            notes.extend(
                example.map(|example| format!("column {} is read as numbers: {example}", name(*c))),
            );
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
            ColumnKind::Identifier if cells.columns[*c].text_number(0).is_none() => {
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

/// Returns the marks for missing targets beside classes that are numbers.
fn beside_numbers(cells: &Cells, roles: &Roles) -> Vec<String> {
    match &roles.targets[..] {
        [(c, TargetReading::Classes, _)] => target::marks_beside_numbers(&cells.columns[*c]),
        _ => Vec::new(),
    }
}

/// Returns which rows have all targets.
fn with_target(cells: &Cells, roles: &Roles, marks: &Marks) -> Vec<bool> {
    let has = |row: usize| {
        let mut targets = roles.targets.iter();
        targets.all(|(c, reading, _)| !target::is_missing(&cells.columns[*c], reading, marks, row))
    };
    (0..cells.rows()).map(has).collect()
}

/// Maximum number of lines that a note lists.
const MOST_TOLD: usize = 5;

/// Returns a note on rows that are left out.
fn left_out(cells: &Cells, keep: &[bool], why: &str) -> Option<String> {
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
fn missing_inputs(
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
        let missing_texts = judged.missing_texts(column, marks);
        if !missing_texts.contains(&true) && !marks.has_numbers() {
            continue;
        }
        let mut missing = 0;
        for (row, keep) in keep.iter_mut().enumerate() {
            let is_missing = match column.text_number(row) {
                Some(text) => missing_texts[text as usize],
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
    /// Returns which texts of the column are missing.
    fn missing_texts(&self, column: &CellColumn, marks: &Marks) -> Vec<bool> {
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
}
