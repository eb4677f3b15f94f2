//! Why a column cannot be read, and what to do.

use crate::dataset::cells::CellColumn;
use crate::dataset::error::quoted;
use crate::text::counted;

/// Why a column cannot be read. Names neither file nor column.
#[derive(Debug, PartialEq)]
pub(super) struct Fault {
    /// The row of an example.
    pub(super) row: Option<usize>,
    /// What is wrong, and the cure that does not name the column.
    pub(super) why: String,
    /// The column may be dropped, or taken as a category.
    pub(super) may_be_category: bool,
}

/// Returns the fault of a word among numbers.
pub(super) fn bad_number(column: &CellColumn, numbers: usize, words: &[u32]) -> Fault {
    let counts = column.text_counts();
    let (text, count) = counts[words[0] as usize];
    let row = column.first_of(words);
    let first = row.map_or(text.into(), |row| column.text(row));
    let found = quoted(&first);
    let finite = ["inf", "infinity", "nan"].contains(
        &first
            .trim_start_matches(['-', '+'])
            .to_ascii_lowercase()
            .as_str(),
    );
    let too_large = first.parse::<f64>().is_ok_and(|value| value.is_finite());
    let why = match () {
        () if too_large => {
            format!("found {found}, expected a number up to 1e140; change the column's unit")
        }
        () if finite => {
            format!("found {found}, expected a finite number; correct the cell, or empty it")
        }
        () if numbers == 0 => format!("found {found}, expected a number"),
        () if count > 1 && first == text && is_limit(text) => format!(
            "found {found} in {} beside {}, expected a number; write the limit as a number, or half of it; `missing = {}` fills in the median",
            counted(count, "row"),
            counted(numbers, "number"),
            super::names::flag_value(&[text])
        ),
        // A flag takes what is around a comma for two marks.
        () if count > 1 && first == text && !text.contains(',') => format!(
            "found {found} in {} beside {}, expected a number; if it stands for a missing value, use `missing = {}`",
            counted(count, "row"),
            counted(numbers, "number"),
            super::names::flag_value(&[text])
        ),
        () => match others(&counts, words, &first) {
            None => format!(
                "found {found}, expected a number as in most rows; correct the cell, or empty it"
            ),
            Some(others) => format!(
                "found {found} and {others}, expected numbers as in most rows; correct the cells, or empty them"
            ),
        },
    };
    Fault {
        row,
        why,
        may_be_category: !too_large && !finite,
    }
}

/// Counts the cells with words beside the `first` one, and quotes some.
fn others(counts: &[(&str, usize)], words: &[u32], first: &str) -> Option<String> {
    const SHOWN: usize = 3;
    let cells: usize = words.iter().map(|&t| counts[t as usize].1).sum();
    let texts = words.iter().map(|&t| counts[t as usize].0);
    let shown = texts.filter(|text| *text != first).take(SHOWN);
    let shown: Vec<String> = shown.map(quoted).collect();
    let such = match shown.is_empty() {
        true => String::new(),
        false => format!(" ({})", shown.join(", ")),
    };
    let others = counted(cells - 1, "other cell");
    (cells > 1).then(|| format!("{others}{such}"))
}

/// Whether a text is the limit of what was measured: `<0.05`.
fn is_limit(text: &str) -> bool {
    let number = text.strip_prefix(['<', '>', '≤', '≥']);
    number.is_some_and(|number| number.trim().parse::<f64>().is_ok())
}
