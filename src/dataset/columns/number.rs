//! Whether a column holds numbers, and which number each text of it is.

use super::clothes::{Dressed, number, scale, usual_unit, with_unit};
use super::marks::Marks;
use crate::dataset::cells::{CellColumn, Cells};
use crate::dataset::error::quoted;

/// The unit of percentages.
pub(super) const PERCENT: &str = "%";

/// How the texts of a column of numbers are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NumberReading {
    /// The number of each distinct text; NaN is missing.
    pub(super) texts: Vec<f64>,
    /// An example of a number in other clothes: `$34.63 is 34.63`.
    pub(super) example: Option<String>,
    /// The unit of the numbers, or `%`; empty if there is none.
    pub(super) unit: String,
}

impl NumberReading {
    /// Returns the distinct numbers that texts stand for, sorted.
    fn distinct(&self) -> Vec<f64> {
        let there = self.texts.iter().filter(|number| !number.is_nan());
        let mut distinct: Vec<f64> = there.copied().collect();
        distinct.sort_unstable_by(f64::total_cmp);
        distinct.dedup();
        distinct
    }

    /// Whether the numbers have a unit other than `%`, as in `5 km`.
    fn has_unit(&self) -> bool {
        !["", PERCENT].contains(&&self.unit[..])
    }

    /// Whether at most so many numbers have a unit.
    pub(super) fn has_few_with_unit(&self, most: usize) -> bool {
        self.has_unit() && self.distinct().len() <= most
    }

    /// Whether the numbers have the unit that a model expects, or none. Models of older versions do not know `%`.
    pub(super) fn fits_unit(&self, expected: &str) -> bool {
        !self.has_unit() && (self.unit.is_empty() || ["", PERCENT].contains(&expected))
            || self.unit == expected
    }

    /// Whether whole numbers with a unit follow one another, one in each of the rows: codes such as `1001 A`.
    pub(super) fn has_codes(&self, rows: usize) -> bool {
        let is_next = |pair: &[f64]| pair[1] == pair[0] + 1.0 && pair[0].fract() == 0.0;
        let is_run =
            |distinct: Vec<f64>| distinct.len() == rows && distinct.windows(2).all(is_next);
        self.has_unit() && is_run(self.distinct())
    }
}

/// What the cells of a column are, read as numbers.
#[derive(Debug, PartialEq)]
pub(super) enum Numbers {
    /// All that are not missing are numbers.
    All(NumberReading),
    /// Some are not. The words are numbers of texts, the most frequent first.
    Some { numbers: usize, words: Vec<u32> },
    /// They may be read in two ways: what and how.
    Twofold(String),
    /// All are numbers, but not with the decimal mark that the user names.
    OtherMark(String),
    /// Every cell is missing.
    Missing,
}

/// What is known about the marks of a column's numbers.
#[derive(Clone, Copy, Default)]
pub(super) struct NumberMarks {
    /// The decimal mark that the user names.
    pub(super) decimal: Option<char>,
    /// The decimal mark that other columns show.
    pub(super) shown: Option<char>,
    /// Whether commas separate cells.
    pub(super) is_comma_table: bool,
    /// Whether semicolons separate cells.
    pub(super) is_semicolon_table: bool,
}

impl NumberMarks {
    /// Finds out what the columns of a table show. `decimal` is the mark that the user names.
    pub(super) fn new(cells: &Cells, decimal: Option<char>) -> NumberMarks {
        let commas = cells.columns.iter().any(|column| column.mark == b',');
        let is_plain = |column: &CellColumn| {
            column.mark == b'.' && column.fractions.count > column.fractions.like_thousands
        };
        let points = cells.has_point || cells.columns.iter().any(is_plain);
        let shown = match (points, commas) {
            (true, false) => Some('.'),
            (false, true) => Some(','),
            _ => None,
        };
        NumberMarks {
            decimal,
            shown,
            is_comma_table: cells.delimiter == Some(b','),
            is_semicolon_table: cells.delimiter == Some(b';'),
        }
    }
}

/// Reads a column as numbers.
pub(super) fn read(column: &CellColumn, marks: &Marks, of: NumberMarks) -> Numbers {
    let counts = column.text_counts();
    let total: usize = counts.iter().map(|(_, count)| count).sum();
    let plain = column.len() - total;
    let is_word = |text: &str| !marks.has_among_numbers(text);
    let words: Vec<u32> = (0..counts.len() as u32)
        .filter(|&t| counts[t as usize].1 > 0 && is_word(counts[t as usize].0))
        .collect();
    if words.is_empty() {
        if plain == 0 {
            return Numbers::Missing;
        }
        let is_known = of.decimal.is_some() || of.shown == Some('.');
        return match (is_known, like_thousands(column, of)) {
            (false, Some(why)) => Numbers::Twofold(why),
            _ => Numbers::All(NumberReading {
                texts: vec![f64::NAN; counts.len()],
                ..NumberReading::default()
            }),
        };
    }
    let own = char::from(column.mark);
    let other = if own == '.' { ',' } else { '.' };
    let tried: &[char] = match of.decimal {
        Some(mark) => &[mark],
        // Plain numbers with a fraction have shown the mark.
        None if column.fractions.count > 0 => &[own],
        None if of.shown == Some(other) => &[other, own],
        None => &[own, other],
    };
    for mark in tried {
        let dressed: Option<Vec<Dressed>> = words
            .iter()
            .map(|&t| number(counts[t as usize].0, *mark))
            .collect();
        if let Some(dressed) = dressed {
            return undress(column, &counts, &words, &dressed, (*mark, of));
        }
    }
    let in_units = |mark: &char| read_units(column, &counts, &words, (*mark, of));
    if let Some(found) = tried.iter().find_map(in_units) {
        return found;
    }
    let mark = tried[0];
    if let Some(told) = of.decimal {
        let other = if told == '.' { ',' } else { '.' };
        let fits = |t: &u32| number(counts[*t as usize].0, other).is_some();
        if plain == 0 && words.iter().all(fits) {
            let first = quoted(counts[words[0] as usize].0);
            return Numbers::OtherMark(format!(
                "found {first}, a number with another decimal mark than `decimal = {told}` says; leave that out"
            ));
        }
    }
    let is_number = |t: &u32| number(counts[*t as usize].0, mark).is_some();
    let (dressed, mut bare): (Vec<u32>, Vec<u32>) = words.into_iter().partition(is_number);
    let dressed: usize = dressed.iter().map(|&t| counts[t as usize].1).sum();
    bare.sort_by_key(|&t| std::cmp::Reverse(counts[t as usize].1));
    Numbers::Some {
        numbers: plain + dressed,
        words: bare,
    }
}

/// Reads texts as numbers in one unit. A unit alone is a missing number.
fn read_units(
    column: &CellColumn,
    counts: &[(&str, usize)],
    words: &[u32],
    (mark, of): (char, NumberMarks),
) -> Option<Numbers> {
    let text = |t: u32| counts[t as usize].0;
    let parts = |t: &u32| with_unit(text(*t), mark);
    let unit = usual_unit(words.iter().find_map(parts)?.1);
    let (mut there, mut found) = (Vec::new(), Vec::new());
    for t in words {
        match parts(t) {
            Some(part) => {
                there.push(*t);
                found.push(part);
            }
            None if usual_unit(text(*t)) == unit => {}
            None => return None,
        }
    }
    let (dressed, is_scaled) = in_one_unit(&found)?;
    if !is_scaled && has_plain_other_than_zero(column) {
        return None;
    }
    Some(
        match undress(column, counts, &there, &dressed, (mark, of)) {
            Numbers::All(reading) => Numbers::All(NumberReading {
                unit: if is_scaled { "" } else { unit }.to_owned(),
                ..reading
            }),
            other => other,
        },
    )
}

/// Returns numbers that have the same unit, or such as `12k` beside `1.5M`, and whether they are of the second kind.
fn in_one_unit(found: &[(Dressed, &str)]) -> Option<(Vec<Dressed>, bool)> {
    let scales = found
        .iter()
        .map(|(number, unit)| scale(unit, number.currency));
    let scales: Option<Vec<f64>> = scales.collect();
    if let Some(scales) = scales {
        let is_amount = |(number, _): &(Dressed, &str)| number.has_decimals || number.currency;
        let are_thousands = scales.iter().all(|scale| *scale < 1e6);
        return (are_thousands || found.iter().any(is_amount)).then(|| {
            let scaled = found
                .iter()
                .zip(scales)
                .map(|((number, _), scale)| Dressed {
                    value: number.value * scale,
                    ..*number
                });
            (scaled.collect(), true)
        });
    }
    let first = usual_unit(found.first()?.1);
    let same = found.iter().all(|(_, unit)| usual_unit(unit) == first);
    same.then(|| (found.iter().map(|(number, _)| *number).collect(), false))
}

/// Takes the clothes off, if they fit one another and the plain numbers.
fn undress(
    column: &CellColumn,
    counts: &[(&str, usize)],
    words: &[u32],
    dressed: &[Dressed],
    (mark, of): (char, NumberMarks),
) -> Numbers {
    let percent = dressed.iter().filter(|number| number.percent).count();
    if percent > 0 && (percent < dressed.len() || has_plain_other_than_zero(column)) {
        let text = counts[words[dressed.iter().position(|n| n.percent).unwrap_or(0)] as usize].0;
        return Numbers::Twofold(format!(
            "{} stands beside numbers without a percent sign; write all of them in the same way",
            quoted(text)
        ));
    }
    let grouped: Vec<&Dressed> = dressed.iter().filter(|n| n.thousands > 0).collect();
    let all_bare_groups = grouped.len() == dressed.len()
        && dressed.iter().all(|n| n.thousands == 1 && !n.has_decimals);
    let text_mark = |t: u32| {
        counts[t as usize]
            .0
            .contains(if mark == '.' { ',' } else { '.' })
    };
    let may_be_decimal = all_bare_groups && words.iter().all(|&t| text_mark(t));
    let below = column.fractions.count == 0
        && column.fractions.whole > 0
        && column.fractions.largest_whole < 1000.0;
    let is_known = of.decimal.or(of.shown).is_some() || of.is_comma_table && mark == '.';
    if may_be_decimal && !is_known && !below {
        let text = counts[words[0] as usize].0;
        let comma = if mark == '.' { ',' } else { '.' };
        return Numbers::Twofold(format!(
            "{} may be {} or {}; use `decimal = {mark}` for the first, or `decimal = {comma}` for the second",
            quoted(text),
            dressed[0].value,
            dressed[0].value / 1000.0
        ));
    }
    let mut texts = vec![f64::NAN; counts.len()];
    for (&t, number) in words.iter().zip(dressed) {
        texts[t as usize] = number.value;
    }
    let (first, value) = (counts[words[0] as usize].0, dressed[0].value);
    Numbers::All(NumberReading {
        texts,
        example: Some(format!("{first} is {value}")),
        unit: if percent > 0 { PERCENT } else { "" }.to_owned(),
    })
}

fn has_plain_other_than_zero(column: &CellColumn) -> bool {
    column
        .numbers()
        .iter()
        .any(|number| !number.is_nan() && *number != 0.0)
}

/// Says that `1.212` beside `554` may be a thousand: every fraction has three digits, and every whole number is below
/// 1000. In a table whose cells semicolons separate, where commas are often decimal marks, it may be one without a whole
/// number beside it, too.
fn like_thousands(column: &CellColumn, of: NumberMarks) -> Option<String> {
    let fractions = &column.fractions;
    let suspect = column.mark == b'.'
        && fractions.count >= 3
        && fractions.like_thousands == fractions.count
        && fractions.largest_whole < 1000.0
        && (fractions.whole > 0 || of.is_semicolon_table);
    if !suspect {
        return None;
    }
    let value = column.numbers()[fractions.first];
    let beside = match fractions.whole {
        0 => "",
        _ => ", and whole numbers below 1000 stand beside them",
    };
    Some(format!(
        "{value:.3} may be {value} or {}: every fraction has three digits{beside}; use `decimal = .` for the first, or `decimal = ,` for the second",
        (value * 1000.0).round()
    ))
}
