//! Finds what separates cells: what gives all lines the same number of them. `dialect` asks, where no flag and no line of the
//! file says it.

use super::kinds::is_plain;
use super::sample::Dialect;
use crate::dataset::options::Delimiter;
use csv::ByteRecord;
use std::cmp::Reverse;
use std::collections::HashMap;

const BYTES: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How well a delimiter fits.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Fit {
    level: Level,
    /// The share of the lines that have as many cells as most of them, in thousandths.
    share: usize,
    /// The share of the rows' cells that are numbers, in thousandths.
    numbers: usize,
    columns: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// Most lines have one cell.
    One,
    Ragged,
    /// All but the first line have the same number of cells, which is one cell short, or the last cells are empty.
    Short,
    Same,
}

/// Returns the delimiter of a text.
pub(super) fn delimiter(
    text: &[u8],
    is_cut: bool,
    dialect: &Dialect,
    prefers_tabs: bool,
) -> Delimiter {
    let fit = |delimiter| {
        let dialect = Dialect {
            delimiter,
            ..dialect.clone()
        };
        fit(&dialect.sample(text, is_cut))
    };
    let fits = BYTES.map(|byte| (byte, fit(Delimiter::Byte(byte))));
    if prefers_tabs && fits[2].1.level >= Level::Short {
        return Delimiter::Byte(b'\t');
    }
    // Of equal fits, `max_by_key` returns the last.
    let fitting = fits.iter().rev();
    let (byte, best) = fitting
        .max_by_key(|(_, fit)| match fit.level {
            Level::One => (fit.level, 0, 0, Reverse(0)),
            Level::Ragged => (fit.level, fit.share, fit.numbers, Reverse(fit.columns)),
            _ => (fit.level, fit.numbers, fit.columns, Reverse(0)),
        })
        .expect("there are delimiters");
    let blanks = fit(Delimiter::Blanks);
    let is_blanks = match best.level {
        Level::One => blanks.level > Level::One,
        Level::Ragged => blanks.level >= Level::Short && blanks.numbers > best.numbers,
        // `1,5 2,5`: decimal commas.
        _ => blanks.level >= Level::Short && blanks.numbers == 1000 && best.numbers < 1000,
    };
    match (is_blanks, best.level) {
        (true, _) => Delimiter::Blanks,
        (false, Level::One) if prefers_tabs => Delimiter::Byte(b'\t'),
        (false, Level::One) => Delimiter::Byte(b','),
        (false, _) => Delimiter::Byte(*byte),
    }
}

/// Returns by how many cells the rows are longer than the first line, if these are empty in all rows.
pub(super) fn trailing(records: &[ByteRecord]) -> usize {
    let Some((first, rows)) = records.split_first() else {
        return 0;
    };
    let longest = rows.iter().map(ByteRecord::len).max().unwrap_or(0);
    let is_empty = |row: &ByteRecord| {
        row.len() > first.len() && row.iter().skip(first.len()).all(<[u8]>::is_empty)
    };
    match rows.iter().all(is_empty) {
        true => longest - first.len(),
        false => 0,
    }
}

/// Whether the first line lacks the name of the first column, as R writes row names.
pub(super) fn has_row_names(records: &[ByteRecord]) -> bool {
    let Some((first, rows)) = records.split_first() else {
        return false;
    };
    first.len() > 1
        && !rows.is_empty()
        && rows.iter().all(|row| row.len() == first.len() + 1)
        && trailing(records) == 0
}

fn fit(records: &[ByteRecord]) -> Fit {
    let rows = records.get(1..).unwrap_or_default();
    let mut counts = HashMap::new();
    for row in if rows.is_empty() { records } else { rows } {
        *counts.entry(row.len()).or_insert(0usize) += 1;
    }
    let most = counts.iter().max_by_key(|(len, count)| (**count, **len));
    let (columns, most) = most.map_or((0, 0), |(columns, most)| (*columns, *most));
    let same = records.iter().filter(|row| row.len() == columns).count();
    let level = match () {
        _ if columns < 2 => Level::One,
        _ if same == records.len() => Level::Same,
        _ if most == rows.len() && (has_row_names(records) || trailing(records) > 0) => {
            Level::Short
        }
        _ => Level::Ragged,
    };
    let cells: usize = rows.iter().map(ByteRecord::len).sum();
    let numbers = rows.iter().flatten().filter(|cell| is_plain(cell)).count();
    Fit {
        level,
        share: same * 1000 / records.len().max(1),
        numbers: numbers * 1000 / cells.max(1),
        columns,
    }
}
