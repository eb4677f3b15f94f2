//! Whether a column holds dates or times, and which time each text of it is.

mod format;

use super::marks::Marks;
use crate::dataset::cells::CellColumn;
use crate::dataset::error::quoted;
pub(super) use format::example;
use format::{formats, is_safe, may_be_time, seconds};

/// How the texts of a column of times are read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TimeReading {
    /// The time of each distinct text, in seconds since 1970; NaN is missing.
    pub(super) texts: Vec<f64>,
    /// How they are written.
    pub(super) format: String,
}

/// What the cells of a column are, read as times.
#[derive(Debug, PartialEq)]
pub(super) enum Times {
    All(TimeReading),
    /// They may be read in two ways.
    Twofold(String),
    /// Most are times of one format; this one is not.
    Mostly {
        /// Its row.
        row: usize,
        /// Its text.
        text: String,
    },
    /// They are no times.
    Not,
}

/// Number of texts whose formats are tried.
const TRIED: usize = 3;
/// Fewer texts than this may be times by chance.
const FEW: usize = 5;

/// The distinct cells of a column that are there and no plain numbers.
struct Words<'c> {
    column: &'c CellColumn,
    /// Number and text of each.
    words: Vec<(usize, &'c str)>,
    /// Whether plain numbers stand beside them.
    has_numbers: bool,
}

impl<'c> Words<'c> {
    fn new(column: &'c CellColumn, marks: &Marks) -> Words<'c> {
        let counts = column.text_counts();
        let texts: usize = counts.iter().map(|(_, count)| count).sum();
        let used = counts.into_iter().enumerate();
        let used = used.filter(|(_, (_, count))| *count > 0);
        let words = used.map(|(t, (text, _))| (t, text));
        Words {
            column,
            words: words
                .filter(|(_, text)| !marks.has_among_numbers(text))
                .collect(),
            has_numbers: column.len() > texts,
        }
    }

    /// Reads all of them in a format.
    fn read(&self, format: &str) -> Option<TimeReading> {
        let mut texts = vec![f64::NAN; self.column.texts()];
        for (t, text) in &self.words {
            texts[*t] = seconds(text, format)?;
        }
        Some(TimeReading {
            texts,
            format: format.to_owned(),
        })
    }

    /// Returns the formats of the first texts.
    fn tried(&self) -> impl Iterator<Item = String> {
        let first = self.words.iter().take(TRIED);
        first.flat_map(|(_, text)| formats(text))
    }

    /// Returns the texts that are no times of a format.
    fn bad(&self, format: &str) -> impl Iterator<Item = (usize, &'c str)> {
        let words = self.words.iter().copied();
        words.filter(move |(_, text)| seconds(text, format).is_none())
    }

    /// Returns the format that fits most texts.
    fn nearest(&self, formats: impl Iterator<Item = String>) -> Option<String> {
        formats.min_by_key(|format| self.bad(format).count())
    }

    /// Returns a text that is no time, if nine of ten are times of one format.
    fn mistaken(&self) -> Option<(usize, &'c str)> {
        let best = self.nearest(self.tried())?;
        let (bad, all) = (self.bad(&best).count(), self.words.len());
        let is_mistake = all >= FEW && 10 * bad <= all;
        self.bad(&best).next().filter(|_| is_mistake)
    }
}

/// Reads a column as dates or times.
pub(super) fn read(column: &CellColumn, marks: &Marks) -> Times {
    let words = Words::new(column, marks);
    let tried = words.words.iter().take(TRIED);
    if words.has_numbers || !tried.into_iter().any(|(_, text)| may_be_time(text)) {
        return Times::Not;
    }
    let of_first = formats(words.words[0].1);
    let mut found: Vec<TimeReading> = of_first.iter().filter_map(|f| words.read(f)).collect();
    if found.is_empty()
        && let Some((text, bad)) = words.mistaken()
    {
        return Times::Mostly {
            row: column.first_row(text as u32).unwrap_or(0),
            text: bad.to_owned(),
        };
    }
    // Two ways to write the same times are one.
    found.dedup_by(|a, b| same(&a.texts, &b.texts));
    let differs = |(t, _): &&(usize, &str)| found[0].texts[*t] != found[1].texts[*t];
    match found.len() {
        0 => Times::Not,
        1 => Times::All(found.swap_remove(0)),
        _ => {
            let (t, text) = words.words.iter().find(differs).expect("they differ");
            let [one, two] = [&found[0], &found[1]].map(|way| day(way.texts[*t]));
            Times::Twofold(format!(
                "{} may be {one} or {two}; write dates as {one}",
                quoted(text)
            ))
        }
    }
}

/// Reads a column for a model that was trained on times of a format: the same text is the same time in each file.
/// Other formats are read if each text of theirs tells what its parts are.
///
/// # Errors
/// Returns the first row that is no time of the format that fits most.
pub(super) fn read_as(
    column: &CellColumn,
    marks: &Marks,
    trained: &str,
) -> Result<TimeReading, usize> {
    let words = Words::new(column, marks);
    let is_number = |row: &usize| column.text_number(*row).is_none();
    if words.has_numbers {
        return Err((0..column.len()).find(is_number).unwrap_or(0));
    }
    if let Some(reading) = words.read(trained) {
        return Ok(reading);
    }
    let others = words.tried().filter(|format| is_safe(format, trained));
    let formats = std::iter::once(trained.to_owned()).chain(others);
    let format = words.nearest(formats).unwrap_or_default();
    let bad = words.bad(&format).next();
    let row = |(text, _)| column.first_row(text as u32).unwrap_or(0);
    words.read(&format).ok_or(bad.map_or(0, row))
}

fn same(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

/// Formats the day of a time.
fn day(seconds: f64) -> String {
    let timestamp = jiff::Timestamp::from_second(seconds as i64).unwrap_or_default();
    jiff::tz::TimeZone::UTC
        .to_datetime(timestamp)
        .date()
        .to_string()
}

#[cfg(test)]
mod tests;
