//! What a column holds, and why.

use super::fault::{Fault, bad_number};
use super::marks::Marks;
use super::number::{NumberMarks, NumberReading, Numbers};
use super::time::{TimeReading, Times};
use super::{codes, identifier, number, time};
use crate::dataset::cells::CellColumn;
use crate::dataset::error::quoted;
use crate::text::counted;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashSet;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// Numbers.
    Number,
    /// One of two texts.
    Flag,
    /// One of a few texts.
    Category,
    /// Dates or times.
    Time,
    /// What only tells rows apart: left out.
    Identifier,
    /// Free text: left out.
    Text,
    /// No values: left out.
    Empty,
}

/// What a column was found to hold.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) kind: ColumnKind,
    /// The reason, for people.
    pub(crate) why: String,
    pub(super) reading: Reading,
}

/// How the cells of a column are read.
#[derive(Clone, Debug)]
pub(super) enum Reading {
    Numbers(NumberReading),
    Times(TimeReading),
    Levels {
        is_flag: bool,
    },
    /// Not at all: the column is left out.
    None,
}

impl Reading {
    /// Returns the unit of numbers, if they have one.
    pub(super) fn unit(&self) -> String {
        match self {
            Reading::Numbers(reading) => reading.unit.clone(),
            Reading::Times(_) | Reading::Levels { .. } | Reading::None => String::new(),
        }
    }
}

/// What a user said about columns.
#[derive(Clone, Copy, Default)]
pub(super) struct Asked {
    pub(super) number: bool,
    pub(super) category: bool,
    /// Whether it is to be learned from, whatever it holds.
    pub(super) feature: bool,
    /// Whether it is the first column of a text, and it alone has no name.
    pub(super) is_unnamed: bool,
    pub(super) numbers: NumberMarks,
}

/// Most distinct cells of a column of numbers and words that is a category.
const MOST_MIXED: usize = 20;
/// From this number of words on average, text is free text.
const WORDS: usize = 5;
/// Below this number of rows, a category may have a level for most of them.
const FEW_ROWS: usize = 20;

/// Decides what an input column holds.
pub(super) fn judge(column: &CellColumn, marks: &Marks, asked: Asked) -> Result<Judged, Fault> {
    let judged = judge_by_content(column, marks, asked)?;
    if !asked.feature || !matches!(judged.reading, Reading::None) {
        return Ok(judged);
    }
    let number = Asked {
        number: true,
        ..asked
    };
    judge_by_content(column, marks, number)
        .or_else(|_| Ok(levels(column, marks, "as `features` says")))
}

fn judge_by_content(column: &CellColumn, marks: &Marks, asked: Asked) -> Result<Judged, Fault> {
    if asked.category {
        return Ok(levels(column, marks, "as `categories` says"));
    }
    let numbers = number::read(column, marks, asked.numbers);
    if !asked.number && matches!(numbers, Numbers::All(_)) && are_codes(column, marks) {
        return Ok(levels(
            column,
            marks,
            "whole numbers that begin with 0: codes",
        ));
    }
    match numbers {
        Numbers::Missing => Ok(left_out(ColumnKind::Empty, "no values")),
        // Two texts are a flag.
        Numbers::All(reading)
            if !asked.number
                && (reading.has_few_with_unit(2) || reading.has_codes(column.len())) =>
        {
            judge_text(column, marks)
        }
        Numbers::All(reading) => {
            let counter = identifier::counter(column, asked.is_unnamed).filter(|_| !asked.number);
            if let Some(why) = counter {
                return Ok(left_out(ColumnKind::Identifier, why));
            }
            let why = match &reading.example {
                Some(example) => format!("numbers: {example}"),
                None => "numbers".to_owned(),
            };
            Ok(Judged {
                kind: ColumnKind::Number,
                why,
                reading: Reading::Numbers(reading),
            })
        }
        Numbers::Twofold(why) => Err(Fault {
            row: None,
            why,
            may_be_category: false,
        }),
        Numbers::OtherMark(why) => Err(Fault {
            row: None,
            why,
            may_be_category: true,
        }),
        Numbers::Some { numbers, words } => {
            let text = numbers == 0
                || is_category(column, marks, numbers, &words)
                || codes::are_codes(column, numbers, &words);
            match text && !asked.number {
                true => judge_text(column, marks),
                false => Err(bad_number(column, numbers, &words)),
            }
        }
    }
}

/// Decides between times, flags, categories, identifiers and free text.
fn judge_text(column: &CellColumn, marks: &Marks) -> Result<Judged, Fault> {
    match time::read(column, marks) {
        Times::All(reading) => {
            return Ok(Judged {
                kind: ColumnKind::Time,
                why: reading.told.clone().unwrap_or("dates or times".to_owned()),
                reading: Reading::Times(reading),
            });
        }
        Times::Twofold(why) => {
            return Err(Fault {
                row: None,
                why,
                may_be_category: true,
            });
        }
        Times::Mostly { row, text } => {
            return Err(Fault {
                row: Some(row),
                why: format!(
                    "found {}, expected a date or time as in most rows; correct the cell, or empty it",
                    quoted(&text)
                ),
                may_be_category: true,
            });
        }
        Times::Not => {}
    }
    let (rows, distinct) = distinct(column, marks);
    let count = distinct.len();
    if count == 2 && rows > 2 {
        return Ok(levels(column, marks, "two values"));
    }
    if count == rows && rows > 2 {
        return Ok(left_out(
            ColumnKind::Identifier,
            "every row has another text",
        ));
    }
    let words: usize = distinct
        .iter()
        .map(|text| text.split_whitespace().count())
        .sum();
    if words >= WORDS * count && count > FEW_ROWS {
        return Ok(left_out(ColumnKind::Text, "free text"));
    }
    if 2 * count > rows && rows > FEW_ROWS {
        let why = format!(
            "{} in {}",
            counted(count, "distinct text"),
            counted(rows, "row")
        );
        return Ok(left_out(ColumnKind::Text, why));
    }
    Ok(levels(column, marks, "text"))
}

/// Whether numbers and words are levels of a category: there are few, and each word is there more than once; or most
/// cells are words.
fn is_category(column: &CellColumn, marks: &Marks, numbers: usize, words: &[u32]) -> bool {
    let counts = column.text_counts();
    let cells: usize = words.iter().map(|&t| counts[t as usize].1).sum();
    if cells > numbers {
        return true;
    }
    if words.iter().any(|&t| counts[t as usize].1 < 2) {
        return false;
    }
    distinct(column, marks).1.len() <= MOST_MIXED
}

/// Whether whole numbers that begin with 0 name a few things.
fn are_codes(column: &CellColumn, marks: &Marks) -> bool {
    column.has_codes() && distinct(column, marks).1.len() <= (column.len() / 2).max(MOST_MIXED)
}

/// Returns the number of cells that are not missing, and the distinct ones.
fn distinct<'c>(column: &'c CellColumn, marks: &Marks) -> (usize, HashSet<Cow<'c, str>>) {
    let (cells, firsts) = column.distinct();
    let mut counts = vec![0; firsts.len()];
    cells.iter().for_each(|cell| counts[*cell as usize] += 1);
    let counted = firsts.into_iter().zip(counts);
    let there = counted.filter(|(row, _)| !marks.has_cell(column, *row));
    let (mut rows, mut distinct) = (0, HashSet::new());
    for (row, count) in there {
        rows += count;
        distinct.insert(column.text(row));
    }
    (rows, distinct)
}

fn levels(column: &CellColumn, marks: &Marks, why: &str) -> Judged {
    let (_, distinct) = distinct(column, marks);
    let is_flag = distinct.len() == 2;
    Judged {
        kind: match (is_flag, distinct.is_empty()) {
            (_, true) => return left_out(ColumnKind::Empty, "no values"),
            (true, _) => ColumnKind::Flag,
            (false, _) => ColumnKind::Category,
        },
        why: why.to_owned(),
        reading: Reading::Levels { is_flag },
    }
}

fn left_out(kind: ColumnKind, why: impl Into<String>) -> Judged {
    Judged {
        kind,
        why: why.into(),
        reading: Reading::None,
    }
}
