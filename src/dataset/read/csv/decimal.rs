//! Decides for each column whether a comma is its decimal mark.

use super::kinds::is_missing;
use crate::dataset::cells::numeral::plain;
use csv::ByteRecord;

/// What a cell says about the comma.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// It is the decimal mark: `1,5`, `0,414` or `1.212,50`.
    Decimal,
    /// It is a thousands mark, or the point is the decimal mark: `1,234,567`, `1,212.50` or `1.5`.
    Other,
    /// The cell fits both: `7` or `1,414`.
    Open,
    /// It is no number.
    None,
}

/// Returns the decimal mark of column `c` of these rows, if they tell, with an example.
pub(super) fn mark(rows: &[ByteRecord], c: usize) -> Option<(u8, &[u8])> {
    let cells = rows.iter().filter_map(|row| row.get(c));
    let (mut signs, mut example, mut count) = ([0; 4], None, 0);
    for cell in cells.filter(|cell| !is_missing(cell)) {
        let sign = sign(cell);
        signs[sign as usize] += 1;
        count += 1;
        if sign == Sign::Decimal {
            example = example.or(Some(cell));
        }
    }
    let [decimal, other, open, _] = signs;
    match example {
        Some(cell) if decimal > other && (decimal + open) * 2 >= count => Some((b',', cell)),
        _ if other > 0 => Some((b'.', b"")),
        _ => None,
    }
}

fn sign(cell: &[u8]) -> Sign {
    let commas = cell.iter().filter(|byte| **byte == b',').count();
    let points = cell.iter().filter(|byte| **byte == b'.').count();
    match (commas, points) {
        (0, 0) if plain(cell, b'.').is_some() => Sign::Open,
        (0, 1) => match plain(cell, b'.') {
            Some(number) if number.decimals == 3 => Sign::Open,
            Some(_) => Sign::Other,
            None => Sign::None,
        },
        (1, 0) => match plain(cell, b',') {
            Some(_) if is_thousand(cell) => Sign::Open,
            Some(_) => Sign::Decimal,
            None => Sign::None,
        },
        (1.., 0 | 1) if is_grouped(cell, b',', b'.') => Sign::Other,
        (1, 1..) if is_grouped(cell, b'.', b',') => Sign::Decimal,
        (0, 2..) if is_grouped(cell, b'.', b',') => Sign::Open,
        _ => Sign::None,
    }
}

/// Whether the comma may be a thousands mark: `1,414`, not `0,414` or `1,5`.
fn is_thousand(cell: &[u8]) -> bool {
    let digits = cell.strip_prefix(b"-").unwrap_or(cell);
    let at = digits.iter().position(|byte| *byte == b',').unwrap_or(0);
    let behind = &digits[at + 1..];
    (1..=3).contains(&at)
        && digits[0] != b'0'
        && behind.len() == 3
        && behind.iter().all(u8::is_ascii_digit)
}

/// Whether a cell is digits in groups of three, with thousands marks between and maybe one decimal mark.
fn is_grouped(cell: &[u8], thousands: u8, decimal: u8) -> bool {
    let digits = cell.strip_prefix(b"-").unwrap_or(cell);
    let mut halves = digits.splitn(2, |byte| *byte == decimal);
    let (whole, fraction) = (halves.next().unwrap_or_default(), halves.next());
    let mut groups = whole.split(|byte| *byte == thousands);
    let is_digits = |group: &[u8]| group.iter().all(u8::is_ascii_digit);
    let first = groups.next().unwrap_or_default();
    (1..=3).contains(&first.len())
        && is_digits(first)
        && groups.all(|group| group.len() == 3 && is_digits(group))
        && fraction.is_none_or(is_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cells: &[&str]) -> Option<u8> {
        let rows: Vec<ByteRecord> = cells.iter().map(|cell| vec![*cell].into()).collect();
        mark(&rows, 0).map(|(mark, _)| mark)
    }

    #[test]
    fn a_comma_is_the_decimal_mark_if_a_cell_can_be_nothing_else() {
        for cells in [
            &["1,5", "2"][..],
            &["1,414", "0,414"],
            &["1,414", "2,5"],
            &["1.212,50", "954"],
            &["-0,5", "NA", ""],
            &["1234,567"],
        ] {
            assert_eq!(of(cells), Some(b','), "{cells:?}");
        }
        for cells in [
            &["1,414", "954"][..],
            &["1,234,567", "1,5"],
            &["1.5", "1,5"],
            &["1,212.50"],
            &["1.212", "554"],
            &["1,5", "a list", "another", "text"],
            &["7", "8"],
        ] {
            assert_ne!(of(cells), Some(b','), "{cells:?}");
        }
    }
}
