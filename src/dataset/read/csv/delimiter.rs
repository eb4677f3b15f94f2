//! Finds what separates cells: what gives all lines the same number of them. `dialect` asks, where no flag and no line of the
//! file says it.

use super::kinds::{is_missing, is_plain};
use super::rewriter::Quoting;
use super::sample::Dialect;
use crate::dataset::options::Delimiter;
use csv::ByteRecord;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

const BYTES: [u8; 4] = [b',', b';', b'\t', b'|'];
/// The most lines of titles above a table.
const MOST_TITLES: usize = 20;

/// How well a delimiter fits.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Fit {
    level: Level,
    /// The share of the lines that have as many cells as most of them, in thousandths.
    share: usize,
    /// The share of the rows' cells that are numbers, in thousandths.
    numbers: usize,
    columns: usize,
    /// The number of cells in the first line.
    first: usize,
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

/// Returns how the cells of a text are quoted and what separates them: `given`, or what fits.
pub(super) fn quoting_and_delimiter(
    text: &[u8],
    is_cut: bool,
    dialect: &Dialect,
    given: Option<Delimiter>,
    prefers_tabs: bool,
) -> (Quoting, Delimiter) {
    let of = |quoting: Quoting| {
        let mut dialect = Dialect {
            quoting,
            ..dialect.clone()
        };
        let found = || delimiter(text, is_cut, &dialect, prefers_tabs);
        dialect.delimiter = given.unwrap_or_else(found);
        let sample = dialect.sample(text, is_cut);
        let has_mark = sample.iter().flatten().any(|cell| cell.starts_with(b"\""));
        (dialect.delimiter, fit(&sample).level, has_mark)
    };
    let (usual, level, has_mark) = of(Quoting::Doubled);
    let may_be_other = level < Level::Same || has_mark || usual == Delimiter::Blanks;
    let is_after_blank = |bytes: &[u8]| BYTES.contains(&bytes[0]) && bytes[1..] == *b" \"";
    let occurs = |quoting: &Quoting| match quoting {
        Quoting::Doubled => false,
        Quoting::AfterBlanks => may_be_other && text.windows(3).any(is_after_blank),
        Quoting::Backslash => level < Level::Same && text.windows(2).any(|pair| pair == b"\\\""),
        Quoting::Apostrophes => level < Level::Same && text.contains(&b'\''),
    };
    for quoting in Quoting::OTHERS.into_iter().filter(occurs) {
        let (delimiter, found, _) = of(quoting);
        if found == Level::Same {
            return (quoting, delimiter);
        }
    }
    (Quoting::Doubled, usual)
}

/// Returns the delimiter of a text.
fn delimiter(text: &[u8], is_cut: bool, dialect: &Dialect, prefers_tabs: bool) -> Delimiter {
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
        // One name above several words in each row: a column of text.
        Level::One => blanks.level > Level::One && blanks.first > 1,
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

/// Returns by how many empty cells the first line is longer than all rows.
pub(super) fn surplus(records: &[ByteRecord]) -> usize {
    let Some((first, rows)) = records.split_first() else {
        return 0;
    };
    let longest = rows
        .iter()
        .map(ByteRecord::len)
        .max()
        .unwrap_or(first.len());
    let behind = first.iter().skip(longest);
    match longest > 0 && behind.clone().all(<[u8]>::is_empty) {
        true => behind.count(),
        false => 0,
    }
}

/// Returns the number of titles above the header: lines of one cell, or of fewer than all lines below have.
pub(super) fn titles(records: &[ByteRecord]) -> usize {
    let columns = usual_length(records);
    let cells = |row: &ByteRecord| row.iter().filter(|cell| !cell.is_empty()).count();
    // A spreadsheet fills lines up with delimiters.
    let is_padded = |row: &ByteRecord| row.len() == columns && columns > 2 && cells(row) < 2;
    let is_title =
        |row: &&ByteRecord| row.len() != columns && cells(row) < columns.min(3) || is_padded(row);
    let above = records.iter().take_while(is_title).count();
    let (titles, table) = records.split_at(above);
    let whole = table.iter().filter(|row| row.len() == columns).count();
    let is_table = table.len() > 2 && 2 * whole > table.len() && table[0].len() == columns;
    let is_name = |cell: &[u8]| !is_missing(cell) && !is_plain(cell);
    let has_names = || table[0].iter().all(is_name);
    let fits = || !titles.iter().any(is_padded) || has_names();
    let is_other = || above == 0 || has_row_names(&records[above - 1..]);
    match is_table && fits() && !is_other() && above <= MOST_TITLES {
        true => above,
        false => 0,
    }
}

/// Whether the first line lacks the name of the first column, as R writes row names: each row has another one.
pub(super) fn has_row_names(records: &[ByteRecord]) -> bool {
    let Some((first, rows)) = records.split_first() else {
        return false;
    };
    let is_name = |name: &&[u8]| !(name.contains(&b'"') || is_plain(name) && name.contains(&b'.'));
    let names = || rows.iter().filter_map(|row| row.get(0));
    first.len() > 1
        && !rows.is_empty()
        && rows.iter().all(|row| row.len() == first.len() + 1)
        && trailing(records) == 0
        && names().filter(is_name).collect::<HashSet<_>>().len() == rows.len()
}

/// Returns the number of cells that most lines below the first one have.
fn usual_length(records: &[ByteRecord]) -> usize {
    let mut counts = HashMap::new();
    let rows = records.get(1..).unwrap_or_default();
    for row in if rows.is_empty() { records } else { rows } {
        *counts.entry(row.len()).or_insert(0usize) += 1;
    }
    let most = counts
        .into_iter()
        .max_by_key(|(length, count)| (*count, *length));
    most.map_or(0, |(length, _)| length)
}

fn fit(records: &[ByteRecord]) -> Fit {
    let rows = records.get(1..).unwrap_or_default();
    let columns = usual_length(records);
    let most = rows.iter().filter(|row| row.len() == columns).count();
    let same = records.iter().filter(|row| row.len() == columns).count();
    let level = match () {
        _ if columns < 2 => Level::One,
        _ if same == records.len() => Level::Same,
        _ if most == rows.len()
            && (has_row_names(records) || trailing(records) + surplus(records) > 0) =>
        {
            Level::Short
        }
        _ if titles(records) > 0 => Level::Short,
        _ => Level::Ragged,
    };
    let cells: usize = rows.iter().map(ByteRecord::len).sum();
    let numbers = rows.iter().flatten().filter(|cell| is_plain(cell)).count();
    Fit {
        level,
        share: same * 1000 / records.len().max(1),
        numbers: numbers * 1000 / cells.max(1),
        columns,
        first: records.first().map_or(0, ByteRecord::len),
    }
}
