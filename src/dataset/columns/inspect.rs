//! What is known about the columns of a table before anything is learned from it.

use super::convert::values;
use super::kind::{ColumnKind, Judged, Reading};
use super::leaks::{self, Trace};
use super::learn;
use super::marks::Marks;
use super::missing::target_marks;
use super::roles::Roles;
use super::target::{self, TargetReading};
use super::warnings::{self, Unusual};
use crate::dataset::cells::{CellColumn, Cells};
use crate::dataset::encoder::{Encoder, Encoding, usual_bins};
use crate::dataset::error::DataError;
use crate::dataset::inputs::InputColumn;
use crate::dataset::options::ReadOptions;
use crate::dataset::types::Targets;
use crate::text::counted;
use crate::threads::{map, threads_for};
use serde::Serialize;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// A table, looked at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inspection {
    /// Name of the data set.
    pub name: String,
    /// The number of rows.
    pub rows: usize,
    /// The columns, in the order of the file.
    pub columns: Vec<ColumnReport>,
    /// The classes with the number of rows of each; empty for values.
    pub classes: Vec<(String, usize)>,
    /// The number of inputs of a network, if all rows were for training.
    pub inputs: usize,
    /// Decisions made while reading.
    pub notes: Vec<String>,
    /// What keeps the table from being learned from, with the cure.
    pub problems: Vec<String>,
}

/// A column, looked at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnReport {
    /// Its name.
    pub name: String,
    /// What it is for: `input`, `target`, `left out`, `group`, or `refused` if it cannot be read.
    pub role: &'static str,
    /// What it holds; `None` if it cannot be read.
    pub kind: Option<ColumnKind>,
    /// The reason for both.
    pub why: String,
    /// The number of distinct cells that are not missing; at most [`MOST_DISTINCT`] are counted.
    pub distinct: usize,
    /// The number of missing cells.
    pub missing: usize,
    /// The smallest and the largest number.
    pub range: Option<[f64; 2]>,
    /// The most frequent cells of a column that holds no numbers, each with its number of rows.
    pub frequent: Vec<(String, usize)>,
    /// The number of inputs that it makes.
    pub inputs: usize,
}

/// The largest number of distinct cells that is counted.
pub const MOST_DISTINCT: usize = 10_000;
/// Number of frequent cells.
const FREQUENT: usize = 3;

/// Looks at a table, as [`to_learn`](super::to_learn) would learn from it. Also returns the number of rows to split.
pub(in crate::dataset) fn inspect(
    mut cells: Cells,
    options: &ReadOptions,
) -> Result<(Inspection, usize), DataError> {
    learn::require_rows(&cells, 1)?;
    let marks = Marks::new(&options.missing);
    let roles = Roles::decide(&cells, options, &marks)?;
    let looks = Look {
        of_target: target_marks(&cells, &roles, options),
        cells: &cells,
        roles: &roles,
        marks: &marks,
    };
    let count = threads_for(cells.rows() * cells.columns.len());
    let columns = map(count, (0..cells.columns.len()).collect(), |c| looks.at(c));
    let mut inspection = Inspection {
        name: cells.name.clone(),
        rows: cells.rows(),
        columns,
        classes: Vec::new(),
        inputs: 0,
        notes: std::mem::take(&mut cells.notes),
        problems: faults(&cells, &roles),
    };
    let notes = &mut inspection.notes;
    notes.extend(learn::described(&cells, &roles));
    let told = learn::keep_rows(&mut cells, &roles, options, notes);
    let told = told.and_then(|()| learn::targets(&cells, &roles, &marks, notes));
    let targets = match told {
        Ok(targets) => Some(targets),
        Err(why) => {
            inspection.problems.push(why.to_string());
            None
        }
    };
    let to_train = match learn::starts(&cells) {
        Ok([val, test]) => val.or(test).unwrap_or(cells.rows()),
        Err(why) => {
            inspection.problems.push(why.to_string());
            cells.rows()
        }
    };
    inspection.count_inputs(cells, &roles, to_train, (targets.as_ref(), options));
    inspection.classes = targets.map_or(Vec::new(), |(_, targets)| counts(targets));
    Ok((inspection, to_train))
}

/// Returns what is wrong with the inputs: all of it, where training names the first fault.
fn faults(cells: &Cells, roles: &Roles) -> Vec<String> {
    let faults = roles.faults.iter().map(|(_, why)| why.to_string());
    let faults: Vec<String> = faults.collect();
    match learn::require_inputs(cells, roles) {
        Err(why) if faults.is_empty() => vec![why.to_string()],
        _ => faults,
    }
}

/// Counts the rows of each class.
fn counts(targets: Targets) -> Vec<(String, usize)> {
    let Targets::Classes { labels, names } = targets else {
        return Vec::new();
    };
    let mut counts = vec![0; names.len()];
    labels.iter().for_each(|label| counts[*label as usize] += 1);
    names.into_iter().zip(counts).collect()
}

impl Inspection {
    /// Counts the inputs that each column makes, column by column: the values of all would take much memory.
    fn count_inputs(
        &mut self,
        cells: Cells,
        roles: &Roles,
        to_train: usize,
        (targets, options): (Option<&(Vec<String>, Targets)>, &ReadOptions),
    ) {
        let marks = Marks::new(&options.missing);
        let rows: Vec<u32> = (0..to_train as u32).collect();
        let mut taken: Vec<Option<CellColumn>> = cells.columns.into_iter().map(Some).collect();
        let is_number = |judged: &Judged| matches!(judged.reading, Reading::Numbers(_));
        let numbers = roles.inputs().filter(|(_, judged)| is_number(judged));
        // Without a file for it, training leaves a fifth of the rows for the test.
        let learned = match options.test_file {
            Some(_) => to_train,
            None => to_train - to_train / 5,
        };
        let usual = usual_bins(learned, numbers.count());
        let encoding = Encoding {
            max_levels: options.max_levels,
            bins: options.bins.unwrap_or(usual),
            ..Encoding::default()
        };
        let taken = |(c, judged): &'_ (usize, Judged)| {
            Some((*c, taken[*c].take()?, judged.reading.clone()))
        };
        let taken: Vec<(usize, CellColumn, Reading)> = roles.inputs().filter_map(taken).collect();
        let count = threads_for(taken.len() * to_train);
        let looked_at = map(count, taken, |(c, column, reading)| {
            let name = column.name.clone();
            let values = values(column, &reading, &marks);
            let inputs = Encoder::width_of(&values, &rows, encoding);
            let unit = reading.unit();
            let column = InputColumn { name, unit, values };
            let trace = targets.map(|(_, targets)| Trace::of(&column, targets));
            (c, inputs, Unusual::look_at(&column), trace)
        });
        let (mut unusual, mut traces) = (Vec::new(), Vec::new());
        for (c, inputs, look, trace) in looked_at {
            self.columns[c].inputs = inputs;
            self.inputs += inputs;
            unusual.push(look);
            traces.extend(trace);
        }
        if to_train > 0 {
            self.notes.extend(warnings::notes(unusual));
        }
        if let Some((names, targets)) = targets {
            let told = leaks::notes(&traces, targets, names, options);
            self.notes.extend(told);
        }
    }
}

/// What looking at a column takes.
struct Look<'a> {
    cells: &'a Cells,
    roles: &'a Roles,
    marks: &'a Marks,
    /// The marks of the targets.
    of_target: Marks,
}

impl Look<'_> {
    fn at(&self, c: usize) -> ColumnReport {
        let (column, roles) = (&self.cells.columns[c], self.roles);
        let target = roles.targets.iter().find(|(target, ..)| *target == c);
        let other = roles.other(c);
        let (role, kind, why) = self.role(c);
        let is_missing = |row: usize| match (target, other, kind) {
            (.., Some(ColumnKind::Empty)) => true,
            (Some((_, reading, _)), ..) => {
                target::is_missing(column, reading, &self.of_target, row)
            }
            (_, Some((_, judged)), _) if !matches!(judged.reading, Reading::None) => {
                judged.is_missing(column, self.marks, row)
            }
            _ => self.marks.has_cell(column, row),
        };
        let numbers = reading_of(target.map(|(_, reading, _)| reading), other.map(|(_, j)| j));
        let is_number = kind == Some(ColumnKind::Number);
        ColumnReport {
            name: column.name.clone(),
            role,
            kind,
            why,
            distinct: distinct(column, is_missing),
            missing: (0..column.len()).filter(|row| is_missing(*row)).count(),
            range: numbers
                .filter(|_| is_number)
                .and_then(|texts| range(column, texts, is_missing)),
            frequent: match is_number {
                true => Vec::new(),
                false => frequent(column, is_missing),
            },
            inputs: 0,
        }
    }

    /// Returns what a column is for, what it holds, and why.
    fn role(&self, c: usize) -> (&'static str, Option<ColumnKind>, String) {
        let roles = self.roles;
        if let Some((_, reading, why)) = roles.targets.iter().find(|(target, ..)| *target == c) {
            let (kind, what) = match reading {
                TargetReading::Classes => (ColumnKind::Category, "classes"),
                TargetReading::Values(_) => (ColumnKind::Number, "values"),
            };
            return ("target", Some(kind), format!("{what}: {why}"));
        }
        if let Some((_, judged)) = roles.other(c) {
            let role = match judged.reading {
                Reading::None => "left out",
                _ => "input",
            };
            return (role, Some(judged.kind), judged.why.clone());
        }
        if let Some((_, why)) = roles.faults.iter().find(|(faulty, _)| *faulty == c) {
            return ("refused", None, why.to_string());
        }
        if roles.group == Some(c) {
            return ("group", None, "as `split_by` says".to_owned());
        }
        match &roles.weights {
            Some((weights, _)) if *weights == c => (
                "weights",
                Some(ColumnKind::Number),
                "as `weights` says".to_owned(),
            ),
            _ => ("left out", None, "as `drop` or `features` says".to_owned()),
        }
    }
}

/// Returns the number or time of each text of a column, if it is read so.
fn reading_of<'r>(
    target: Option<&'r TargetReading>,
    judged: Option<&'r Judged>,
) -> Option<&'r [f64]> {
    match (target, judged.map(|judged| &judged.reading)) {
        (Some(TargetReading::Values(reading)), _) => Some(&reading.texts),
        (_, Some(Reading::Numbers(reading))) => Some(&reading.texts),
        (_, Some(Reading::Times(reading))) => Some(&reading.texts),
        _ => None,
    }
}

fn range(
    column: &CellColumn,
    texts: &[f64],
    is_missing: impl Fn(usize) -> bool,
) -> Option<[f64; 2]> {
    let number = |row: usize| match column.text_number(row) {
        Some(text) => texts[text as usize],
        None => column.numbers()[row],
    };
    let there = (0..column.len())
        .filter(|row| !is_missing(*row))
        .map(number);
    there.fold(None, |ends, number| match ends {
        None => Some([number; 2]),
        Some([low, high]) => Some([low.min(number), high.max(number)]),
    })
}

fn distinct(column: &CellColumn, is_missing: impl Fn(usize) -> bool) -> usize {
    let mut seen = HashSet::new();
    for row in (0..column.len()).filter(|row| !is_missing(*row)) {
        seen.insert(column.numbers()[row].to_bits());
        if seen.len() == MOST_DISTINCT {
            break;
        }
    }
    seen.len()
}

/// Returns the most frequent cells, of those among the first distinct ones.
fn frequent(column: &CellColumn, is_missing: impl Fn(usize) -> bool) -> Vec<(String, usize)> {
    let mut counts: HashMap<u64, (usize, usize)> = HashMap::new();
    for row in (0..column.len()).filter(|row| !is_missing(*row)) {
        let bits = column.numbers()[row].to_bits();
        let is_full = counts.len() == MOST_DISTINCT;
        match counts.entry(bits) {
            Entry::Occupied(mut known) => known.get_mut().1 += 1,
            Entry::Vacant(new) if !is_full => {
                new.insert((row, 1));
            }
            Entry::Vacant(_) => {}
        }
    }
    let mut counts: Vec<(usize, usize)> = counts.into_values().collect();
    counts.sort_by_key(|(row, count)| (std::cmp::Reverse(*count), *row));
    let top = counts.into_iter().take(FREQUENT);
    top.map(|(row, count)| (column.text(row).into_owned(), count))
        .collect()
}

impl ColumnReport {
    /// Says in a few words what becomes of the column.
    pub fn becomes(&self) -> String {
        match (self.role, self.inputs) {
            ("input", inputs) => counted(inputs, "input"),
            (role, _) => role.to_owned(),
        }
    }
}
