//! Targets: which columns they are, and whether they are classes or values.

use super::convert::numbered;
use super::fault::{Fault, bad_number};
use super::marks::{Marks, is_usual_mark};
use super::number::{self, NumberMarks, NumberReading, Numbers};
use crate::dataset::cells::{CellColumn, Cells};
use crate::dataset::error::{DataError, DataErrorKind as Kind, quoted};
use crate::dataset::limits::{LONGEST_NAME, MOST_CLASSES};
use crate::dataset::options::ReadOptions;
use crate::dataset::types::{Targets, Task};
use crate::text::from_cell;
use std::collections::HashSet;

/// Names of columns that are targets if no other is named, in lower case.
pub(super) const USUAL: [&str; 10] = [
    "target",
    "label",
    "labels",
    "class",
    "classes",
    "species",
    "outcome",
    "diagnosis",
    "response",
    "y",
];
/// Maximum number of distinct whole numbers that are classes without being asked for.
const MOST_NUMERIC_CLASSES: usize = 20;

/// Finds the target columns, and says why if they were not named.
pub(super) fn find(
    cells: &Cells,
    asked: &[usize],
    dropped: &HashSet<usize>,
) -> Result<(Vec<usize>, &'static str), DataError> {
    if let Some(&both) = asked.iter().find(|c| dropped.contains(c)) {
        let name = &cells.columns[both].name;
        let message = format!(
            "{}: {name} is the target, and left out, too; name another `target`, or do not leave it out",
            cells.file()
        );
        return Err(DataError::new(Kind::Column, message));
    }
    if !asked.is_empty() {
        return Ok((asked.to_vec(), ""));
    }
    let names: Vec<String> = cells
        .columns
        .iter()
        .map(|c| c.name.to_ascii_lowercase())
        .collect();
    let is_free = |c: &usize| !dropped.contains(c);
    let named = |usual: &&str| names.iter().position(|name| name == usual).filter(is_free);
    // x and y are coordinates where other columns stand beside them.
    let are_coordinates = names.iter().any(|name| name == "x") && names.len() > 2;
    let usual = USUAL
        .iter()
        .filter(|usual| **usual != "y" || !are_coordinates);
    if let Some(target) = usual.into_iter().find_map(named) {
        return Ok((vec![target], ", by its name"));
    }
    // A column without a name is hardly the target where others have one.
    let is_named = |c: &usize| is_free(c) && names[*c] != format!("column{}", c + 1);
    let last = (0..names.len()).rev().find(is_named);
    let last = last.or_else(|| (0..names.len()).rev().find(is_free));
    last.map(|last| (vec![last], ", the last column"))
        .ok_or_else(|| nothing_left(cells))
}

/// Returns the error for a table without a column to learn from.
pub(super) fn nothing_left(cells: &Cells) -> DataError {
    let message = format!(
        "{}: no column is left to learn from; leave fewer out with `drop`, or name another `target`",
        cells.file()
    );
    DataError::new(Kind::Shape, message)
}

/// How a target column is read.
pub(super) enum TargetReading {
    Classes,
    Values(NumberReading),
}

/// Decides between classes and values. Also returns the reason.
pub(super) fn judge(
    cells: &Cells,
    column: &CellColumn,
    marks: &Marks,
    options: &ReadOptions,
) -> Result<(TargetReading, String), Fault> {
    let of = NumberMarks::new(cells, options.dialect.decimal);
    let numbers = number::read(column, marks, of);
    let told = |reading| (reading, "as `task` says".to_owned());
    let reading = match (options.task, numbers) {
        (Some(Task::Classify), _) => return Ok(told(TargetReading::Classes)),
        (_, Numbers::Twofold(why) | Numbers::OtherMark(why)) => {
            return Err(Fault {
                row: None,
                why,
                may_be_category: false,
            });
        }
        (Some(Task::Regress), Numbers::Some { numbers, words }) => {
            let fault = bad_number(column, numbers, &words);
            let cure = match options.target.len() {
                0 | 1 if may_be_classes(column) => "; or use `task = classify`",
                0 | 1 if numbers == 0 => "; name another `target`",
                0 | 1 => "",
                _ => "; or leave the column out of `target`",
            };
            let why = format!("{}{cure}", fault.why);
            return Err(Fault { why, ..fault });
        }
        (None, Numbers::Some { numbers, words }) => {
            return words_among_numbers(column, numbers, &words)
                .map(|why| (TargetReading::Classes, why.to_owned()));
        }
        (_, Numbers::Missing) => {
            return Err(Fault {
                row: None,
                why: "no value in any row; name another `target`".to_owned(),
                may_be_category: false,
            });
        }
        (Some(Task::Regress), Numbers::All(reading)) => {
            return Ok(told(TargetReading::Values(reading)));
        }
        (None, Numbers::All(reading)) => reading,
    };
    if column.has_codes() {
        return Ok((
            TargetReading::Classes,
            "whole numbers that begin with 0: codes".to_owned(),
        ));
    }
    if reading.has_few_with_unit(MOST_NUMERIC_CLASSES) {
        return Ok((TargetReading::Classes, "text".to_owned()));
    }
    if let Some(example) = &reading.example {
        let why = format!("numbers: {example}");
        return Ok((TargetReading::Values(reading), why));
    }
    let is_there = |number: &f64| !number.is_nan() && !marks.has_number(*number);
    let there = column.numbers().iter().copied().filter(is_there);
    let is_whole = there.clone().all(|number| number.fract() == 0.0);
    let distinct = distinct(there);
    let few = distinct.len() <= MOST_NUMERIC_CLASSES;
    Ok(match (is_whole, few) {
        (true, true) => (
            TargetReading::Classes,
            format!(
                "integers, {} distinct; `task = regress` takes them for values",
                distinct.len()
            ),
        ),
        (false, false) => (TargetReading::Values(reading), "numbers".to_owned()),
        _ => (
            TargetReading::Values(reading),
            "numbers; `task = classify` takes them for classes".to_owned(),
        ),
    })
}

/// Returns the distinct numbers, but no more than tell whether they are few.
fn distinct(numbers: impl Iterator<Item = f64>) -> Vec<u64> {
    let mut distinct = Vec::new();
    for number in numbers.map(f64::to_bits) {
        if !distinct.contains(&number) {
            distinct.push(number);
        }
        if distinct.len() > MOST_NUMERIC_CLASSES {
            break;
        }
    }
    distinct
}

/// Words are classes, unless they are a few mistakes in a column of numbers.
fn words_among_numbers(
    column: &CellColumn,
    numbers: usize,
    words: &[u32],
) -> Result<&'static str, Fault> {
    let counts = column.text_counts();
    let count: usize = words.iter().map(|&t| counts[t as usize].1).sum();
    if numbers == 0 || count > numbers {
        return Ok("text");
    }
    if column.distinct().1.len() <= MOST_NUMERIC_CLASSES {
        return Ok("numbers and text");
    }
    let fault = bad_number(column, numbers, words);
    let cure = match may_be_classes(column) {
        true => "; or use `task = classify`",
        false => "",
    };
    let why = format!("{}{cure}", fault.why);
    Err(Fault { why, ..fault })
}

/// Whether [`classes`] takes a column.
fn may_be_classes(column: &CellColumn) -> bool {
    let (_, firsts) = column.distinct();
    let is_short = |row: &usize| column.text(*row).len() <= LONGEST_NAME;
    let most = match has_fractions(column) {
        true => MOST_NUMERIC_CLASSES,
        false => MOST_CLASSES,
    };
    (2..=most).contains(&firsts.len()) && firsts.iter().all(is_short)
}

fn has_fractions(column: &CellColumn) -> bool {
    let mut numbers = column.numbers().iter();
    numbers.any(|number| !number.is_nan() && number.fract() != 0.0)
}

/// Returns whether the target of a row is missing. In a column of classes, only an empty cell and the marks that the
/// user names are: `-` and `NA` may be classes.
pub(super) fn is_missing(
    column: &CellColumn,
    reading: &TargetReading,
    marks: &Marks,
    row: usize,
) -> bool {
    match (reading, column.text_number(row)) {
        (TargetReading::Values(reading), Some(text)) => reading.texts[text as usize].is_nan(),
        (TargetReading::Values(_), None) => marks.has_number(column.numbers()[row]),
        (TargetReading::Classes, _) => marks.has_cell(column, row),
    }
}

/// Returns the marks that are missing among classes that are numbers, such as `NA` beside 0 and 1.
pub(super) fn marks_beside_numbers(column: &CellColumn) -> Vec<String> {
    let counts = column.text_counts();
    let words: Vec<&str> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(text, _)| *text)
        .collect();
    let plain = column.len() > counts.iter().map(|(_, count)| count).sum::<usize>();
    match plain && words.iter().all(|text| is_usual_mark(text)) {
        true => words
            .into_iter()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect(),
        false => Vec::new(),
    }
}

/// Turns a column into classes.
pub(super) fn classes(
    cells: &Cells,
    column: &CellColumn,
    marks: &Marks,
) -> Result<Targets, DataError> {
    let (file, name) = (cells.file(), &column.name);
    let fail = |message: String| {
        Err(DataError::new(
            Kind::Target,
            format!("{file}: target {name} {message}"),
        ))
    };
    let (labels, firsts) = column.distinct();
    let texts = firsts.iter().map(|row| (column.text(*row), *row));
    let (mut classes, mut seen) = (Vec::new(), HashSet::new());
    for (text, row) in texts {
        if text.len() > LONGEST_NAME {
            return Err(too_long(cells, name, text.len(), row));
        }
        let class = from_cell(&text).into_owned();
        seen.insert(class.clone());
        classes.push(Some(class.into()));
        // Before all of them are sorted: this may be a column of texts that are all different.
        if seen.len() > MOST_CLASSES {
            let cure = instead_of_classes(cells, column, marks);
            return fail(format!(
                "has more than {MOST_CLASSES} distinct values, too many for classes; {cure}"
            ));
        }
    }
    let (names, places) = numbered(&classes);
    if has_fractions(column) && names.len() > MOST_NUMERIC_CLASSES {
        let cure = instead_of_classes(cells, column, marks);
        return fail(format!(
            "has {} distinct numbers with fractions, expected classes: text, integers, or at most {MOST_NUMERIC_CLASSES} distinct numbers; {cure}",
            names.len()
        ));
    }
    if let [] | [_] = names[..] {
        let only = names.first().map_or("", String::as_str);
        return fail(format!(
            "has one class, {}, in all rows; expected at least two",
            quoted(only)
        ));
    }
    let labels = labels.into_iter().map(|label| places[label as usize]);
    Ok(Targets::Classes {
        labels: labels.collect(),
        names,
    })
}

/// Returns what to do with a column that cannot be classes.
fn instead_of_classes(cells: &Cells, column: &CellColumn, marks: &Marks) -> String {
    match number::read(column, marks, NumberMarks::new(cells, None)) {
        Numbers::Some { numbers, words } if numbers > 0 => {
            let bad = column.text_counts()[words[0] as usize].0;
            format!(
                "for values, correct the cells that are no numbers, such as {}; or name another `target`",
                quoted(bad)
            )
        }
        Numbers::Some { .. } => "name another `target`".to_owned(),
        _ => "use `task = regress`, or another `target`".to_owned(),
    }
}

fn too_long(cells: &Cells, name: &str, length: usize, row: usize) -> DataError {
    let place = cells.place(row);
    let message = format!(
        "{place}: {name} has {length} bytes, expected at most {LONGEST_NAME}; shorten it, or name another `target`"
    );
    DataError::new(Kind::TooLarge, message)
}
