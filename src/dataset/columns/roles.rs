//! What each column of a table to learn from is for.

use super::fault::Fault;
use super::identifier::{self, is_counter_name};
use super::kind::{Asked, ColumnKind, Judged, Reading, judge};
use super::marks::Marks;
use super::names::{find, flag_value};
use super::number::{NumberMarks, NumberReading};
use super::target::{self, TargetReading};
use super::weights;
use crate::dataset::cells::Cells;
use crate::dataset::error::{DataError, DataErrorKind as Kind, listed};
use crate::dataset::options::ReadOptions;
use crate::dataset::types::Task;
use crate::threads::{map, threads_for};
use std::collections::HashSet;

/// What each column is for.
pub(crate) struct Roles {
    /// The targets, as they were asked for, how each is read, and why.
    pub(super) targets: Vec<(usize, TargetReading, String)>,
    /// Why these are the targets, if they were not named.
    pub(super) chosen: &'static str,
    /// All other columns that were not dropped, in the order of the file, with what they hold.
    pub(super) others: Vec<(usize, Judged)>,
    /// Columns that cannot be read, and why.
    pub(super) faults: Vec<(usize, DataError)>,
    /// The column of groups.
    pub(super) group: Option<usize>,
    /// The column of weights, and how it is read.
    pub(super) weights: Option<(usize, NumberReading)>,
}

impl Roles {
    /// Decides what each column is for.
    pub(super) fn decide(
        cells: &Cells,
        options: &ReadOptions,
        marks: &Marks,
    ) -> Result<Roles, DataError> {
        require_two_columns(cells)?;
        let find = |key, asked: &[String]| find(cells, key, asked);
        let asked = find("target", &options.target)?;
        let features = find("features", &options.features)?;
        let group: Vec<String> = options.split_by.iter().cloned().collect();
        let group = find("split_by", &group)?.first().copied();
        let mut dropped: HashSet<usize> = find("drop", &options.drop)?.into_iter().collect();
        dropped.extend(group);
        let weights: Vec<String> = options.weights.iter().cloned().collect();
        let weights = find("weights", &weights)?.first().copied();
        dropped.extend(weights);
        let (targets, chosen) = target::find(cells, &asked, &dropped)?;
        let numbers = find("numbers", &options.numbers)?;
        let categories = find("categories", &options.categories)?;
        let is_input = |c: &usize| {
            let is_feature = features.is_empty() || features.contains(c);
            is_feature && !dropped.contains(c) && !targets.contains(c)
        };
        let targets = targets
            .iter()
            .map(|&c| {
                judge_target(cells, c, marks, options).map(|(reading, why)| (c, reading, why))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let marks_of_numbers = NumberMarks::new(cells, options.dialect.decimal);
        let weights = weights
            .map(|c| {
                weights::reading(cells, c, marks, marks_of_numbers).map(|reading| (c, reading))
            })
            .transpose()?;
        let has_unnamed_first = identifier::has_unnamed_first(cells);
        let (mut others, mut faults) = (Vec::new(), Vec::new());
        let inputs = (0..cells.columns.len()).filter(is_input).collect();
        let count = threads_for(cells.rows() * cells.columns.len());
        let judged = map(count, inputs, |c| {
            let asked = Asked {
                number: numbers.contains(&c),
                category: categories.contains(&c),
                feature: features.contains(&c),
                is_unnamed: c == 0 && has_unnamed_first,
                numbers: marks_of_numbers,
            };
            (c, judge(&cells.columns[c], marks, asked))
        });
        for (c, judged) in judged {
            match judged {
                Ok(judged) => others.push((c, judged)),
                Err(fault) => faults.push((c, refused(cells, c, fault, options))),
            }
        }
        keep_counters(cells, &mut others, marks, options);
        if several_classes(&targets, options) {
            return Err(no_classes(cells, &targets));
        }
        Ok(Roles {
            targets,
            chosen,
            others,
            faults,
            group,
            weights,
        })
    }

    /// Returns what column `c` holds, if it is neither a target nor dropped.
    pub(super) fn other(&self, c: usize) -> Option<&(usize, Judged)> {
        let at = self.others.binary_search_by_key(&c, |(other, _)| *other);
        at.ok().map(|at| &self.others[at])
    }

    /// Returns the columns to learn from.
    pub(super) fn inputs(&self) -> impl Iterator<Item = &(usize, Judged)> {
        let is_read = |judged: &Judged| !matches!(judged.reading, Reading::None);
        self.others
            .iter()
            .filter(move |(_, judged)| is_read(judged))
    }
}

/// Takes columns that number the rows as numbers, where nothing else is left to learn from.
fn keep_counters(
    cells: &Cells,
    others: &mut [(usize, Judged)],
    marks: &Marks,
    options: &ReadOptions,
) {
    let is_read = |(_, judged): &(usize, Judged)| !matches!(judged.reading, Reading::None);
    if others.iter().any(is_read) {
        return;
    }
    for (c, judged) in others {
        let column = &cells.columns[*c];
        let asked = Asked {
            number: true,
            numbers: NumberMarks::new(cells, options.dialect.decimal),
            ..Asked::default()
        };
        let is_counter = judged.kind == ColumnKind::Identifier && !is_counter_name(&column.name);
        if is_counter && let Ok(numbers) = judge(column, marks, asked) {
            *judged = numbers;
        }
    }
}

fn judge_target(
    cells: &Cells,
    c: usize,
    marks: &Marks,
    options: &ReadOptions,
) -> Result<(TargetReading, String), DataError> {
    let column = &cells.columns[c];
    let several = options.target.len() > 1;
    let asked = match (several, options.task) {
        (true, None) => ReadOptions {
            task: Some(Task::Regress),
            ..options.clone()
        },
        _ => options.clone(),
    };
    let judged = target::judge(cells, column, marks, &asked);
    judged.map_err(|fault| {
        let place = place(cells, &fault);
        let message = format!("{place}: target {}: {}", column.name, fault.why);
        DataError::new(Kind::Target, message)
    })
}

fn several_classes(targets: &[(usize, TargetReading, String)], options: &ReadOptions) -> bool {
    targets.len() > 1 && options.task == Some(Task::Classify)
}

fn no_classes(cells: &Cells, targets: &[(usize, TargetReading, String)]) -> DataError {
    let names: Vec<&str> = targets
        .iter()
        .map(|(c, ..)| cells.columns[*c].name.as_str())
        .collect();
    let message = format!(
        "{}: several targets ({}) cannot be classes; name one with `target`, or use `task = regress`",
        cells.file(),
        listed(&names)
    );
    DataError::new(Kind::Target, message)
}

/// Returns the file of a fault, with the line if there is one.
fn place(cells: &Cells, fault: &Fault) -> String {
    let row = fault.row.map(|row| cells.place(row).to_string());
    row.unwrap_or_else(|| cells.file().to_owned())
}

/// Returns the error for a column that cannot be read.
fn refused(cells: &Cells, c: usize, fault: Fault, options: &ReadOptions) -> DataError {
    let name = &cells.columns[c].name;
    let with = |asked: &[String]| {
        let names = asked.iter().chain([name]);
        flag_value(&names.collect::<Vec<_>>())
    };
    let category = match fault.may_be_category {
        true => format!(
            "; or use `categories = {}`, or leave it out with `drop = {}`",
            with(&options.categories),
            with(&options.drop)
        ),
        false => format!("; or leave it out with `drop = {}`", with(&options.drop)),
    };
    let names = match (options.dialect.header, fault.row) {
        (Some(false), Some(0)) => {
            "; or, if the first line has the names of the columns, leave `header = false` out"
        }
        _ => "",
    };
    let message = format!(
        "{}: column {name}: {}{category}{names}",
        place(cells, &fault),
        fault.why
    );
    DataError::new(Kind::Cell, message)
}

fn require_two_columns(cells: &Cells) -> Result<(), DataError> {
    match &cells.columns[..] {
        [_, _, ..] => Ok(()),
        columns => {
            let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
            let message = format!(
                "{}: one column, {:?}; expected inputs and a target, separated by commas, semicolons, tabs, | or blanks",
                cells.file(),
                listed(&names)
            );
            Err(DataError::new(Kind::Shape, message))
        }
    }
}
