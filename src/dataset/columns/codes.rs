//! Codes that are whole numbers for the most part: `A/5 21171` beside `113803`, `120a` beside `120`.

use super::identifier::{is_among, is_counter_name, split_camel};
use crate::dataset::cells::CellColumn;
use std::collections::HashSet;

/// Names of columns of ids, whose words need no digit ...
const IDS: [&str; 5] = ["id", "ids", "uid", "guid", "rownames"];
/// ... and of other codes.
const CODES: [&str; 6] = ["code", "zip", "zipcode", "postcode", "postal", "ticket"];
/// Without such a name, one in so many cells is a word.
const FEW: usize = 20;
/// Of words behind numbers, so many are no units.
const UNITS: usize = 4;

/// Whether whole numbers and words are codes, not numbers with mistakes: by the name of the column, or because many
/// cells are words that look so. `numbers` is the number of cells that may be numbers.
pub(super) fn are_codes(column: &CellColumn, numbers: usize, words: &[u32]) -> bool {
    let counts = column.text_counts();
    let words: Vec<(&str, usize)> = words.iter().map(|&t| counts[t as usize]).collect();
    let plain = column.numbers().iter().filter(|number| !number.is_nan());
    let is_dressed = plain.count() < numbers && !column.has_codes();
    if column.fractions.count > 0 || is_dressed || numbers == 0 {
        return false;
    }
    let cells: usize = words.iter().map(|(_, count)| count).sum();
    let share = |is: &dyn Fn(&str) -> bool| {
        let those = words.iter().filter(|(text, _)| is(text));
        those.map(|(_, count)| count).sum::<usize>() as f64 / cells as f64
    };
    let is_named = |names: &[&str]| is_among(&split_camel(&column.name), names);
    let has_digit = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    match () {
        () if is_named(&IDS) || is_counter_name(&column.name) && is_distinct(column) => true,
        () if is_named(&CODES) => share(&has_digit) > 0.5,
        () => {
            let many = FEW * cells > numbers + cells;
            let differ = 2 * words.len() > cells || words.len() > FEW;
            let behind: HashSet<&str> =
                words.iter().filter_map(|(text, _)| letters(text)).collect();
            let is_code = |text: &str| {
                let is_first = match text.as_bytes() {
                    [b'A'..=b'Z', ..] => has_digit(text),
                    [b'a'..=b'z', b'0'..=b'9', ..] => true,
                    _ => false,
                };
                is_first || behind.len() >= UNITS && letters(text).is_some()
            };
            many && differ && share(&is_code) > 0.9
        }
    }
}

/// Whether no cell is there twice.
fn is_distinct(column: &CellColumn) -> bool {
    column.distinct().1.len() == column.len()
}

/// Returns the one or two letters behind a whole number, as in `85123A`.
fn letters(text: &str) -> Option<&str> {
    let letters = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_short = (1..=2).contains(&letters.len()) && letters.len() < text.len();
    let are_letters = letters.bytes().all(|byte| byte.is_ascii_alphabetic());
    (is_short && are_letters).then_some(letters)
}
