//! Columns of numbers that only tell rows apart. In a file that is sorted by class, such a column gives the class away.

use super::differences::ends;
use crate::dataset::cells::{CellColumn, Cells};
use std::collections::HashSet;
use std::ops::RangeInclusive;

/// Below this number of rows, whole numbers may follow one another by chance.
const FEW: usize = 10;

/// Years are in this range.
const YEARS: RangeInclusive<f64> = 1500.0..=2100.0;

/// Returns whether the first column of a text has no name where others have one: an index, if its numbers fit.
pub(super) fn has_unnamed_first(cells: &Cells) -> bool {
    let mut names = cells.columns.iter().enumerate();
    let mut is_number = || {
        let (c, column) = names.next()?;
        Some(column.name == format!("column{}", c + 1))
    };
    cells.delimiter.is_some()
        && is_number() == Some(true)
        && std::iter::from_fn(is_number).all(|is_number| !is_number)
}

/// Returns why a column of numbers only tells rows apart, if it does: it numbers the rows, or it is named as one that
/// does, and no number is there twice. `is_unnamed` is for the first column of a text, if it alone has no name.
pub(super) fn counter(column: &CellColumn, is_unnamed: bool) -> Option<&'static str> {
    let numbers = column.numbers();
    let is_whole = |number: &f64| number.fract() == 0.0;
    if numbers.len() < 3 || !numbers.iter().all(is_whole) {
        return None;
    }
    let [low, high] = ends(numbers);
    let are_years = YEARS.contains(&low) && YEARS.contains(&high);
    let first = numbers[0];
    let mut rows = numbers.iter().enumerate();
    let runs = rows.all(|(row, number)| *number == first + row as f64);
    let named = is_counter_name(&column.name);
    let is_time = are_years || is_time_name(&column.name);
    if runs && (named || numbers.len() >= FEW && !is_time) {
        return Some("it numbers the rows");
    }
    let is_run = high - low == (numbers.len() - 1) as f64;
    let is_index = is_unnamed && !are_years || is_run && may_count(&column.name);
    if !named && !is_index || numbers.len() < FEW {
        return None;
    }
    let distinct: HashSet<u64> = numbers.iter().map(|number| number.to_bits()).collect();
    let is_distinct = distinct.len() == numbers.len();
    is_distinct.then_some(match is_unnamed {
        true => "an index: it has no name, and every row has another number",
        false => "an id: every row has another number",
    })
}

/// Checks whether a column has a usual name for steps of time, which may run as row numbers do.
fn is_time_name(name: &str) -> bool {
    let words = [
        "year", "yr", "fy", "season", "quarter", "month", "week", "day", "hour", "minute",
        "second", "date", "time", "t", "step", "epoch", "age",
    ];
    is_among(name, &words) || is_among(&split_camel(name), &words)
}

/// Checks whether a column has a name that row numbers may have, as other numbers may.
fn may_count(name: &str) -> bool {
    let words = ["obs", "case", "serial", "record", "rownumber", "pid", "key"];
    is_among(name, &words)
}

/// Checks whether a name has one of these words.
pub(super) fn is_among(name: &str, words: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    name.split([' ', '_', '-', '.', ':'])
        .any(|word| words.contains(&word))
}

/// Separates the words of a name such as `SeasonStart`.
pub(super) fn split_camel(name: &str) -> String {
    let mut split = String::new();
    let mut was_small = false;
    for c in name.chars() {
        if was_small && c.is_uppercase() {
            split.push(' ');
        }
        was_small = c.is_lowercase();
        split.push(c);
    }
    split
}

/// Checks whether a column has a usual name for row numbers.
pub(super) fn is_counter_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let words = [
        "id", "idx", "index", "row", "rowid", "rownum", "rownames", "uid", "uuid", "guid", "nr",
        "no", "#",
    ];
    let is_word = |word: &str| words.contains(&word);
    // customerId, PassengerId
    let camel = name.ends_with("Id") || name.ends_with("ID");
    lower.is_empty()
        || lower.starts_with("unnamed")
        || camel
        || lower.split([' ', '_', '-', '.', ':']).any(is_word)
}
