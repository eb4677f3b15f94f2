//! The formats of dates and times, and which time a text is in each.

use super::durations::duration;
use super::months::{MONTHS, first_day};
use crate::dataset::inputs::DURATION;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime;

/// Formats of dates, for `strftime`, in which no date has a second reading.
const DATES: [&str; 14] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %B %Y",
    "%d. %b %Y",
    "%d. %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%B %d %Y",
];
/// Dates whose parts only a column tells apart, if at all: each of them has a rival.
const RIVALS: [&str; 12] = [
    "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y", "%y/%m/%d", "%d-%m-%y",
    "%m-%d-%y", "%y-%m-%d", "%d.%m.%y", "%y.%m.%d",
];
/// What may follow a date.
const TIMES: [&str; 7] = [
    "",
    " %H:%M",
    " %H:%M:%S",
    " %H:%M:%S%.f",
    "T%H:%M:%S%.f",
    " %I:%M %p",
    " %I:%M:%S %p",
];
/// Times of a day without a date.
const CLOCKS: [&str; 4] = ["%H:%M", "%H:%M:%S", "%H.%M.%S", "%I:%M %p"];
/// ISO 8601, with an offset or not.
pub(super) const ISO: &str = "iso";
/// ISO 8601, of which a cell may have the year alone, or year and month.
pub(super) const PARTIAL: &str = "iso-partial";

/// Whether it is worth trying to read a text as a time.
pub(super) fn may_be_time(text: &str) -> bool {
    text.len() >= 4 && text.len() <= 40 && text.bytes().any(|b| b.is_ascii_digit())
}

/// Returns the formats that fit a text.
pub(super) fn formats(text: &str) -> Vec<String> {
    if iso(text).is_some() {
        return vec![ISO.to_owned()];
    }
    if let Some(month) = MONTHS.iter().find(|month| first_day(text, month).is_some()) {
        return vec![(*month).to_owned()];
    }
    let dates = DATES.iter().chain(&RIVALS);
    let dated = dates.flat_map(|date| TIMES.iter().map(move |time| format!("{date}{time}")));
    let all = dated.chain(CLOCKS.iter().map(|clock| (*clock).to_owned()));
    all.filter(|format| seconds(text, format).is_some())
        .collect()
}

/// What the times of a format are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Precision {
    /// Dates, maybe with a time.
    Day,
    /// Months, quarters or weeks.
    Month,
    /// Times of day.
    Clock,
    /// Durations.
    Duration,
}

impl Precision {
    pub(super) fn of(format: &str) -> Precision {
        match format {
            DURATION => Precision::Duration,
            clock if CLOCKS.contains(&clock) => Precision::Clock,
            month if MONTHS.contains(&month) => Precision::Month,
            _ => Precision::Day,
        }
    }
}

/// Returns the date of a format whose parts a text alone does not tell.
fn order(format: &str) -> Option<&'static str> {
    RIVALS.into_iter().find(|date| format.starts_with(date))
}

/// Whether only a column tells the parts of dates of a format.
pub(super) fn is_rival(format: &str) -> bool {
    order(format).is_some()
}

/// Whether a model that was trained on times of the format `trained` may read times of another one: they are of the same
/// precision, and no date has a second reading, or the order of day and month is that of `trained`.
pub(super) fn is_safe(format: &str, trained: &str) -> bool {
    // Years of two and of four digits follow the same order.
    let is_ordered = |date: &str| order(trained).is_some_and(|own| own.eq_ignore_ascii_case(date));
    let is_near = match (Precision::of(format), Precision::of(trained)) {
        (Precision::Day, Precision::Month) => true,
        (one, other) => one == other,
    };
    is_near && order(format).is_none_or(is_ordered)
}

/// Returns a time in a format: 31 December 2024.
pub(crate) fn example(format: &str) -> String {
    let time = DateTime::constant(2024, 12, 31, 23, 59, 58, 0);
    let format = match format {
        ISO | PARTIAL => DATES[0],
        DURATION => return "46:32".to_owned(),
        _ => format,
    };
    strtime::format(format.replace("%q", "4"), time).unwrap_or_default()
}

/// Reads a time in a format. Returns the seconds since 1970 on its own clock.
pub(super) fn seconds(text: &str, format: &str) -> Option<f64> {
    let time = match format {
        DURATION => return duration(text),
        ISO => iso(text)?,
        PARTIAL => iso(text).or_else(|| beginning(text))?,
        month if MONTHS.contains(&month) => first_day(text, month)?.into(),
        _ => by_parts(text, format)?,
    };
    since_1970(time)
}

fn since_1970(time: DateTime) -> Option<f64> {
    let timestamp = time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    Some(timestamp.as_second() as f64)
}

fn by_parts(text: &str, format: &str) -> Option<DateTime> {
    let text = match format.starts_with("%Y") && format.contains("%M") {
        true => without_offset(text),
        false => text,
    };
    let parsed = strtime::parse(format, text).ok()?;
    let date = match parsed.to_date() {
        Ok(date) => date,
        Err(_) if CLOCKS.contains(&format) => Date::constant(1970, 1, 1),
        Err(_) => return None,
    };
    // 1.5.3 is a version.
    if format == "%H.%M.%S" && text.len() != 8 {
        return None;
    }
    // Two digits are no year here.
    if format.contains("%Y") && date.year() < 1000 {
        return None;
    }
    if format.contains("%y") && !has_two_digits(text, format) {
        return None;
    }
    let time = parsed.to_time().unwrap_or(Time::midnight());
    Some(date.to_datetime(time))
}

/// Whether the year of a date has two digits; the day and the month too, where `1-5-03` and `1.5.03` are usually no dates.
fn has_two_digits(text: &str, format: &str) -> bool {
    let date = text.split([' ', 'T']).next().unwrap_or_default();
    match &format[2..3] {
        "/" if format.contains("/%y") => date.rsplit('/').next().map(str::len) == Some(2),
        "-" if format.contains("%b") => true,
        separator => date.split(separator).all(|part| part.len() == 2),
    }
}

/// Takes the offset from a time, which the clock of the file has: `+00`, `-05:30`.
fn without_offset(text: &str) -> &str {
    let Some(at) = text.rfind(['+', '-']).filter(|at| *at > 12) else {
        return text;
    };
    let digits = text[at + 1..].bytes().filter(u8::is_ascii_digit).count();
    let is_offset = matches!((digits, text.len() - at), (2, 3) | (4, 5 | 6));
    if is_offset {
        text[..at].trim_end()
    } else {
        text
    }
}

/// Reads a year, or a year and a month, as ISO 8601 has them.
fn beginning(text: &str) -> Option<DateTime> {
    let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let year = is_year.then(|| text.parse::<f64>().ok());
    match year {
        Some(year) => year_start(year?),
        None => Some(first_day(text, MONTHS[0])?.into()),
    }
}

/// Returns the beginning of a year.
fn year_start(year: f64) -> Option<DateTime> {
    let is_year = year.fract() == 0.0 && (1000.0..10_000.0).contains(&year);
    let date = is_year.then(|| Date::new(year as i16, 1, 1).ok())??;
    Some(date.into())
}

/// Returns the seconds of 1970 to the beginning of a year; NaN if the number is none.
pub(crate) fn of_year(year: f64) -> f64 {
    year_start(year).and_then(since_1970).unwrap_or(f64::NAN)
}

/// Reads ISO 8601: a date, maybe with a time, maybe with an offset, which the clock of the file has.
fn iso(text: &str) -> Option<DateTime> {
    let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let text = match text.rfind(['+', '-']) {
        Some(at) if at > 10 => text[..at].trim_end(),
        _ => text,
    };
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    // jiff takes more than ISO 8601 has, such as a bare year and month in one number.
    let bytes = text.as_bytes();
    let is_extended = text.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-';
    let is_basic =
        text.len() >= 13 && bytes[8] == b'T' && bytes[..8].iter().all(u8::is_ascii_digit);
    (is_extended || is_basic).then(|| text.parse().ok())?
}
