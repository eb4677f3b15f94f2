//! Columns of numbers that only tell rows apart. In a file that is sorted by class, such a column gives the class away.

use crate::dataset::cells::CellColumn;
use std::collections::HashSet;

/// Below this number of rows, whole numbers may follow one another by chance.
const FEW: usize = 10;

/// Returns why a column of numbers only tells rows apart, if it does: it numbers the rows, or it is named as one that
/// does, and no number is there twice.
pub(super) fn counter(column: &CellColumn) -> Option<&'static str> {
    let numbers = column.numbers();
    let is_whole = |number: &f64| number.fract() == 0.0;
    if numbers.len() < 3 || !numbers.iter().all(is_whole) {
        return None;
    }
    let first = numbers[0];
    let mut rows = numbers.iter().enumerate();
    let runs = rows.all(|(row, number)| *number == first + row as f64);
    let named = is_counter_name(&column.name);
    if runs && (named || numbers.len() >= FEW && !is_time_name(&column.name)) {
        return Some("it numbers the rows");
    }
    if !named || numbers.len() < FEW {
        return None;
    }
    let distinct: HashSet<u64> = numbers.iter().map(|number| number.to_bits()).collect();
    (distinct.len() == numbers.len()).then_some("an id: every row has another number")
}

/// Checks whether a column has a usual name for steps of time, which may run as row numbers do.
fn is_time_name(name: &str) -> bool {
    let words = [
        "year", "month", "week", "day", "hour", "minute", "second", "date", "time", "t", "step",
        "epoch",
    ];
    let name = name.to_ascii_lowercase();
    name.split([' ', '_', '-', '.', ':'])
        .any(|word| words.contains(&word))
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
