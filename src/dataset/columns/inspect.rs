//! What is known about the columns of a table before anything is learned from it.

use super::convert::values;
use super::kind::{ColumnKind, Judged, Reading};
use super::marks::Marks;
use super::roles::Roles;
use super::target::{self, TargetReading};
use crate::dataset::cells::{CellColumn, Cells};
use crate::dataset::encoder::Encoder;
use crate::dataset::error::DataError;
use crate::dataset::inputs::InputColumn;
use crate::dataset::options::ReadOptions;
use crate::dataset::split::Split;
use crate::text::counted;
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
    /// What it is for: `input`, `target`, `left out` or `group`.
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

/// Looks at a table.
pub(in crate::dataset) fn inspect(
    mut cells: Cells,
    options: &ReadOptions,
) -> Result<Inspection, DataError> {
    let marks = Marks::new(&options.missing);
    let roles = Roles::decide(&cells, options, &marks)?;
    let mut columns = Vec::new();
    for c in 0..cells.columns.len() {
        columns.push(report(&cells, c, &roles, &marks));
    }
    let rows = cells.rows();
    let mut classes = Vec::new();
    let mut problems: Vec<String> = roles
        .faults
        .iter()
        .map(|(_, why)| why.to_string())
        .collect();
    if let [(c, TargetReading::Classes, _)] = &roles.targets[..] {
        match target::classes(&cells, &cells.columns[*c]) {
            Ok(crate::dataset::Targets::Classes { labels, names }) => {
                let mut counts = vec![0; names.len()];
                labels.iter().for_each(|label| counts[*label as usize] += 1);
                classes = names.into_iter().zip(counts).collect();
            }
            Ok(_) => {}
            Err(why) => problems.push(why.to_string()),
        }
    }
    let all = Split {
        train: (0..rows as u32).collect(),
        ..Split::default()
    };
    let mut inputs = 0;
    let mut taken: Vec<Option<CellColumn>> = cells.columns.into_iter().map(Some).collect();
    for (c, judged) in roles.inputs() {
        let Some(column) = taken[*c].take() else {
            continue;
        };
        let column = [InputColumn {
            name: columns[*c].name.clone(),
            values: values(column, &judged.reading, &marks),
        }];
        let fitted = Encoder::fit(&column, &all, Some(options.max_levels), &[]);
        columns[*c].inputs = fitted.0.width();
        inputs += columns[*c].inputs;
    }
    Ok(Inspection {
        name: cells.name,
        rows,
        columns,
        classes,
        inputs,
        notes: std::mem::take(&mut cells.notes),
        problems,
    })
}

/// Looks at a column.
fn report(cells: &Cells, c: usize, roles: &Roles, marks: &Marks) -> ColumnReport {
    let column = &cells.columns[c];
    let target = roles.targets.iter().find(|(target, ..)| *target == c);
    let other = roles.others.iter().find(|(other, _)| *other == c);
    let fault = roles.faults.iter().find(|(faulty, _)| *faulty == c);
    let (role, kind, why) = match (target, other, fault) {
        (Some((_, TargetReading::Classes, why)), ..) => (
            "target",
            Some(ColumnKind::Category),
            format!("classes: {why}"),
        ),
        (Some((_, TargetReading::Values(_), why)), ..) => {
            ("target", Some(ColumnKind::Number), format!("values: {why}"))
        }
        (_, Some((_, judged)), _) => {
            let role = match judged.reading {
                Reading::None => "left out",
                _ => "input",
            };
            (role, Some(judged.kind), judged.why.clone())
        }
        (_, _, Some((_, why))) => ("left out", None, why.to_string()),
        _ if roles.group == Some(c) => ("group", None, "as `split_by` says".to_owned()),
        _ => ("left out", None, "as `drop` or `features` says".to_owned()),
    };
    let numbers = reading_of(target.map(|(_, reading, _)| reading), other.map(|(_, j)| j));
    let is_missing = |row: usize| match (column.text_number(row), numbers) {
        (Some(text), Some(texts)) => texts[text as usize].is_nan(),
        (None, Some(_)) => marks.has_number(column.numbers()[row]),
        (_, None) => marks.has_cell(column, row),
    };
    let missing = (0..column.len()).filter(|row| is_missing(*row)).count();
    let is_number = kind == Some(ColumnKind::Number);
    ColumnReport {
        name: column.name.clone(),
        role,
        kind,
        why,
        distinct: distinct(column, is_missing),
        missing,
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
