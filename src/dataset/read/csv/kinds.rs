//! What kind of cell a text looks like, to tell rows from names.

use crate::dataset::cells::numeral::plain;
use csv::ByteRecord;

/// Marks for missing values.
const MISSING: [&str; 15] = [
    "", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "#N/A", "<NA>", "NaT", ".", "?", "-",
    "\\N",
];
/// The share of a column's cells, in percent, that has to be of a kind.
const MOST: usize = 90;

/// One in so many rows makes a cell frequent.
const FREQUENT: usize = 10;

/// What a column's cells have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ColumnKind {
    Number,
    Time,
}

impl ColumnKind {
    fn has(self, cell: &[u8]) -> bool {
        match self {
            ColumnKind::Number => is_number(cell),
            ColumnKind::Time => is_time(cell),
        }
    }
}

/// Whether a cell is empty or has a mark for missing values.
pub(super) fn is_missing(cell: &[u8]) -> bool {
    MISSING.iter().any(|mark| mark.as_bytes() == cell)
}

/// Whether a cell is a number with either decimal mark, and nothing else.
pub(super) fn is_plain(cell: &[u8]) -> bool {
    plain(cell, b'.').is_some() || plain(cell, b',').is_some()
}

/// Whether a cell is a number, maybe with thousands marks, a currency sign or a percent sign.
fn is_number(cell: &[u8]) -> bool {
    if is_plain(cell) {
        return true;
    }
    let Ok(text) = std::str::from_utf8(cell) else {
        return false;
    };
    let around = |c: char| c.is_whitespace() || "+-()%$€£¥".contains(c);
    let digits = text.trim_matches(around);
    let inside = |c: char| c.is_ascii_digit() || ".,'’_ \u{a0}\u{202f}\u{2009}".contains(c);
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(inside)
}

/// Whether a cell is a date or a time in digits.
fn is_time(cell: &[u8]) -> bool {
    let digits = cell.iter().filter(|byte| byte.is_ascii_digit()).count();
    let inside = |byte: &u8| byte.is_ascii_digit() || b"-/:.TZ +,".contains(byte);
    digits >= 3 && cell[0].is_ascii_digit() && cell.iter().all(inside)
}

/// Returns why `line` looks like one of the `rows` below it, and not like their names.
pub(super) fn why_row(line: &ByteRecord, rows: &[ByteRecord]) -> Option<String> {
    if rows.is_empty() {
        let numbers: Vec<&[u8]> = line.iter().collect();
        let all = numbers.iter().all(|cell| is_plain(cell));
        return all.then(|| format!("only numbers: {}", examples(&numbers, "and")));
    }
    let kinds: Vec<Option<ColumnKind>> = (0..line.len()).map(|c| kind(rows, c)).collect();
    if kinds.iter().all(Option::is_none) {
        return why_repeated(line, rows);
    }
    let typed = line.iter().zip(&kinds);
    let typed: Vec<(&[u8], ColumnKind)> = typed
        .filter_map(|(cell, kind)| Some((cell, (*kind)?)))
        .collect();
    let mut alike = Vec::new();
    for (cell, kind) in &typed {
        match kind.has(cell) {
            true => alike.push((*cell, *kind)),
            false if is_missing(cell) => {}
            false => return None,
        }
    }
    if alike.is_empty() {
        return why_repeated(line, rows);
    }
    if are_counted(line, rows, &kinds) {
        return None;
    }
    let (_, first) = alike[0];
    let cells = alike.iter().filter(|(_, kind)| *kind == first);
    let cells: Vec<&[u8]> = cells.map(|(cell, _)| *cell).collect();
    let what = match (first, cells.len()) {
        (ColumnKind::Number, 1) => "is a number",
        (ColumnKind::Number, _) => "are numbers",
        (ColumnKind::Time, 1) => "is a date or a time",
        (ColumnKind::Time, _) => "are dates or times",
    };
    Some(format!(
        "{} {what}, as in the rows below",
        examples(&cells, "and")
    ))
}

/// Returns a number with a fraction that is among names.
pub(super) fn doubtful(names: &[String]) -> Option<&String> {
    let is_fraction = |name: &&String| name.contains('.') && plain(name.as_bytes(), b'.').is_some();
    names.iter().find(is_fraction)
}

/// Returns which cells of `line` are in the rows below, in the same columns: all of them, or one that is frequent there.
fn why_repeated(line: &ByteRecord, rows: &[ByteRecord]) -> Option<String> {
    let times =
        |(c, cell): (usize, &[u8])| rows.iter().filter(|row| row.get(c) == Some(cell)).count();
    let there = line
        .iter()
        .enumerate()
        .filter(|(_, cell)| !is_missing(cell));
    let there: Vec<(&[u8], usize)> = there.map(|(c, cell)| (cell, times((c, cell)))).collect();
    let are_all = there.iter().all(|(_, times)| *times > 0);
    let is_frequent = |(_, times): &&(&[u8], usize)| *times > 2 && times * FREQUENT >= rows.len();
    let cells = there.iter().filter(|cell| are_all || is_frequent(cell));
    let cells: Vec<&[u8]> = cells.map(|(cell, _)| *cell).collect();
    let are = if cells.len() == 1 { "is" } else { "are" };
    (!cells.is_empty()).then(|| format!("{} {are} in the rows below, too", examples(&cells, "and")))
}

/// Returns cells of `line` in columns of numbers, if there are two such columns or more, and none of its cells there is a
/// number.
pub(super) fn no_numbers(line: &ByteRecord, rows: &[ByteRecord]) -> Option<String> {
    if rows.len() < 3 {
        return None;
    }
    let of_numbers = line.iter().enumerate();
    let of_numbers = of_numbers.filter(|(c, _)| kind(rows, *c) == Some(ColumnKind::Number));
    let cells: Vec<&[u8]> = of_numbers.map(|(_, cell)| cell).collect();
    let texts: Vec<&[u8]> = cells
        .iter()
        .copied()
        .filter(|cell| !is_missing(cell))
        .collect();
    let is_text = |cell: &&[u8]| !is_number(cell);
    (texts.len() > 1 && 2 * texts.len() > cells.len() && texts.iter().all(is_text))
        .then(|| examples(&texts, "and"))
}

/// Whether the numbers in a line count its columns, as names of columns that were never named do.
fn are_counted(line: &ByteRecord, rows: &[ByteRecord], kinds: &[Option<ColumnKind>]) -> bool {
    let numbers: Vec<usize> = line
        .iter()
        .filter_map(|cell| std::str::from_utf8(cell).ok()?.parse().ok())
        .collect();
    let counts = matches!(numbers.first(), Some(0 | 1))
        && numbers.windows(2).all(|pair| pair[1] == pair[0] + 1);
    let is_name = |(c, cell): (usize, &[u8])| {
        let again = || rows.iter().any(|row| row.get(c) == Some(cell));
        (c == 0 && cell.is_empty()) || (kinds[c].is_none() && !is_missing(cell) && !again())
    };
    let named = line.iter().enumerate().any(is_name);
    counts && numbers.len() >= if named { 2 } else { 4 }
}

fn kind(rows: &[ByteRecord], column: usize) -> Option<ColumnKind> {
    let cells = rows.iter().filter_map(|row| row.get(column));
    let cells: Vec<&[u8]> = cells.filter(|cell| !is_missing(cell)).collect();
    let most = |kind: ColumnKind| {
        let count = cells.iter().filter(|cell| kind.has(cell)).count();
        count > 0 && count * 100 >= cells.len() * MOST
    };
    [ColumnKind::Number, ColumnKind::Time]
        .into_iter()
        .find(|kind| most(*kind))
}

/// Names two cells.
fn examples(cells: &[&[u8]], and: &str) -> String {
    let shown = |cell: &&[u8]| {
        let text = String::from_utf8_lossy(cell);
        match is_plain(cell) && text.len() < 40 {
            true => text.into_owned(),
            false => crate::dataset::error::quoted(&text),
        }
    };
    let shown: Vec<String> = cells.iter().take(2).map(shown).collect();
    shown.join(&format!(" {and} "))
}
