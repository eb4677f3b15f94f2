//! Whether a column holds dates or times, and which time each text of it is.

mod durations;
mod format;
mod months;

use super::marks::Marks;
use crate::dataset::cells::CellColumn;
use crate::dataset::error::quoted;
use crate::dataset::inputs::DURATION;
use durations::are_durations;
use format::{ISO, PARTIAL, Precision, formats, is_rival, is_safe, may_be_time, seconds};
pub(super) use format::{example, of_year};
use jiff::civil::DateTime;
use months::are_no_months;
use std::collections::{BTreeSet, HashSet};

/// How the texts of a column of times are read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TimeReading {
    /// The time of each distinct text, in seconds since 1970; NaN is missing.
    pub(super) texts: Vec<f64>,
    /// How they are written.
    pub(super) format: String,
    /// What they are, with an example, if it has to be told.
    pub(super) told: Option<String>,
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

/// The cells of a column that are there.
struct Words<'c> {
    column: &'c CellColumn,
    marks: &'c Marks,
    /// Number and text of each distinct cell that is no plain number.
    words: Vec<(usize, &'c str)>,
}

impl<'c> Words<'c> {
    fn new(column: &'c CellColumn, marks: &'c Marks) -> Words<'c> {
        let used = column.text_counts().into_iter().enumerate();
        let used = used.filter(|(_, (text, count))| *count > 0 && !marks.has_among_numbers(text));
        Words {
            column,
            marks,
            words: used.map(|(t, (text, _))| (t, text)).collect(),
        }
    }

    fn texts(&self) -> impl Iterator<Item = &'c str> + Clone {
        self.words.iter().map(|(_, text)| *text)
    }

    /// Returns the rows of plain numbers, and the numbers.
    fn numbers(&self) -> impl Iterator<Item = (usize, f64)> {
        let cells = self.column.numbers().iter().copied().enumerate();
        cells.filter(|(_, number)| !number.is_nan() && !self.marks.has_number(*number))
    }

    /// Reads all cells in a format.
    fn read(&self, format: &str) -> Option<TimeReading> {
        let mut texts = vec![f64::NAN; self.column.texts()];
        for (t, text) in &self.words {
            texts[*t] = seconds(text, format)?;
        }
        let is_read = |number: f64| format == PARTIAL && !of_year(number).is_nan();
        self.numbers()
            .all(|(_, number)| is_read(number))
            .then(|| TimeReading {
                texts,
                format: format.to_owned(),
                told: None,
            })
    }

    /// Returns the formats of the first texts.
    fn tried(&self) -> impl Iterator<Item = String> {
        self.texts().take(TRIED).flat_map(formats)
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

    /// Returns a text that is no time, if nine of ten are times of one format. Texts that look like months are often
    /// something else, such as seasons.
    fn mistaken(&self) -> Option<(usize, &'c str)> {
        let is_month = |format: &String| Precision::of(format) == Precision::Month;
        let best = self.nearest(self.tried().filter(|format| !is_month(format)))?;
        let (bad, all) = (self.bad(&best).count(), self.words.len());
        let is_mistake = all >= FEW && 10 * bad <= all;
        self.bad(&best).next().filter(|_| is_mistake)
    }

    /// Returns the ways to read all cells.
    fn ways(&self) -> Vec<TimeReading> {
        let formats = formats(self.words[0].1).into_iter();
        let formats = formats.filter(|format| !are_no_months(format, self.texts()));
        let mut found: Vec<TimeReading> = formats.filter_map(|format| self.read(&format)).collect();
        // Two ways to write the same times are one.
        found.dedup_by(|a, b| same(&a.texts, &b.texts));
        if found.len() > 1 && self.years_are_last() {
            found.retain(|way| !way.format.starts_with("%y"));
        }
        if let [one, two] = &found[..] {
            let chosen = match (are_monthly(&one.texts), are_monthly(&two.texts)) {
                (true, false) => found.swap_remove(0),
                (false, true) => found.swap_remove(1),
                _ => return found,
            };
            found = vec![chosen];
        }
        found
    }

    /// Whether the last part of the dates has fewer values than the first, as years have beside days.
    fn years_are_last(&self) -> bool {
        let date = |text: &'c str| text.split([' ', 'T']).next().unwrap_or_default();
        let separator = |c: char| !c.is_ascii_digit();
        let firsts = self.texts().map(|text| date(text).split(separator).next());
        let lasts = self.texts().map(|text| date(text).rsplit(separator).next());
        firsts.collect::<HashSet<_>>().len() > lasts.collect::<HashSet<_>>().len()
    }

    /// Reads dates of which some lack the day, or month and day. Most have all of it.
    fn partial(&self) -> Option<TimeReading> {
        let reading = self.read(PARTIAL)?;
        let counts = self.column.text_counts();
        let count = |(t, _): &(usize, &str)| counts[*t].1;
        let is_full = |(_, text): &&(usize, &str)| seconds(text, ISO).is_some();
        let full: usize = self.words.iter().filter(is_full).map(count).sum();
        let all = self.words.iter().map(count).sum::<usize>() + self.numbers().count();
        (2 * full > all).then_some(reading)
    }

    /// Reads durations, if they cannot be times of day. Below a tenth of them, `24:10` is a mistake.
    fn durations(&self) -> Option<TimeReading> {
        let are_clear = are_durations(self.texts())?;
        let reading = self.read(DURATION)?;
        (are_clear || self.mistaken().is_none()).then_some(reading)
    }

    /// Says how the cells are read, if there is more to it than usual dates have.
    fn told(&self, reading: &TimeReading) -> Option<String> {
        let format = &reading.format[..];
        // Such dates have two orders, and no day above 12 has told which.
        let is_monthly = is_rival(format) && are_monthly(&reading.texts);
        let what = match Precision::of(format) {
            Precision::Duration => "durations",
            Precision::Month => "dates",
            _ if is_monthly => "dates on the first of each month",
            _ if format == PARTIAL || format.contains("%y") => "dates",
            _ => return None,
        };
        let shows = |(t, text): &&(usize, &str)| match is_monthly {
            true => civil(reading.texts[*t]).month() > 1,
            false => format != PARTIAL || seconds(text, ISO).is_none(),
        };
        let (text, time) = match self.words.iter().find(shows) {
            Some((t, text)) => ((*text).to_owned(), reading.texts[*t]),
            None => {
                let (_, year) = self.numbers().next()?;
                (year.to_string(), of_year(year))
            }
        };
        Some(match what {
            "durations" => format!("{what}: {text} is {time} seconds"),
            _ => format!("{what}: {text} is {}", written(format, time)),
        })
    }
}

/// Reads a column as dates or times.
pub(super) fn read(column: &CellColumn, marks: &Marks) -> Times {
    let words = Words::new(column, marks);
    if !words.texts().take(TRIED).any(may_be_time) {
        return Times::Not;
    }
    let has_numbers = words.numbers().next().is_some();
    let mut found = match has_numbers {
        true => Vec::new(),
        false => words.ways(),
    };
    if found.is_empty() {
        found.extend(words.partial().or_else(|| words.durations()));
    }
    if found.is_empty()
        && !has_numbers
        && let Some((text, bad)) = words.mistaken()
    {
        return Times::Mostly {
            row: column.first_row(text as u32).unwrap_or(0),
            text: bad.to_owned(),
        };
    }
    match found.len() {
        0 => Times::Not,
        1 => {
            let mut one = found.swap_remove(0);
            one.told = words.told(&one);
            Times::All(one)
        }
        _ => Times::Twofold(twofold(&words, &found)),
    }
}

/// Says how a text may be read.
fn twofold(words: &Words, found: &[TimeReading]) -> String {
    let (one, two) = (&found[0], &found[1]);
    let differs = |(t, _): &&(usize, &str)| one.texts[*t] != two.texts[*t];
    let (t, text) = words.words.iter().find(differs).unwrap_or(&words.words[0]);
    let ways = [one, two].map(|way| written(&way.format, way.texts[*t]));
    let cure = match Precision::of(&two.format) {
        Precision::Clock => format!("write dates as {}, or times as {}", ways[0], ways[1]),
        _ => format!("write dates as {}", ways[0]),
    };
    format!("{} may be {} or {}; {cure}", quoted(text), ways[0], ways[1])
}

/// Reads a column for a model that was trained on times of a format: the same text is the same time in each file.
/// Another format is read if no text has a second reading in it.
///
/// # Errors
/// Returns the first row that is no time of the format that fits most.
pub(super) fn read_as(
    column: &CellColumn,
    marks: &Marks,
    trained: &str,
) -> Result<TimeReading, usize> {
    let words = Words::new(column, marks);
    if let Some(reading) = words.read(trained) {
        return Ok(reading);
    }
    let others = words.tried().filter(|format| is_safe(format, trained));
    let formats = std::iter::once(trained.to_owned()).chain(others);
    let format = words.nearest(formats).unwrap_or_default();
    let text = words.bad(&format).next();
    let text = text.and_then(|(text, _)| column.first_row(text as u32));
    let is_read = |number: f64| format == PARTIAL && !of_year(number).is_nan();
    let mut numbers = words.numbers().filter(|(_, number)| !is_read(*number));
    let number = numbers.next().map(|(row, _)| row);
    let bad = text.into_iter().chain(number).min();
    words.read(&format).ok_or(bad.unwrap_or(0))
}

/// Whether times are the first days of months: of all twelve, and of two years at least.
fn are_monthly(times: &[f64]) -> bool {
    let there = || {
        times
            .iter()
            .filter(|time| !time.is_nan())
            .map(|time| civil(*time))
    };
    let months: BTreeSet<i8> = there().map(|time| time.month()).collect();
    let years: BTreeSet<i16> = there().map(|time| time.year()).collect();
    months.len() == 12 && years.len() > 1 && there().all(|time| time.day() == 1)
}

fn same(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

fn civil(seconds: f64) -> DateTime {
    let timestamp = jiff::Timestamp::from_second(seconds as i64).unwrap_or_default();
    jiff::tz::TimeZone::UTC.to_datetime(timestamp)
}

/// Formats a time: its day, or the time of day if it has no day.
fn written(format: &str, seconds: f64) -> String {
    let time = civil(seconds);
    match Precision::of(format) {
        Precision::Clock => time.time().to_string(),
        _ => time.date().to_string(),
    }
}

#[cfg(test)]
mod tests;
