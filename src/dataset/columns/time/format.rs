//! The formats of dates and times, and which time a text is in each.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime;

/// How dates are written, as `strftime` has it, where a text tells what its parts are.
const DATES: [&str; 12] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%B %d %Y",
];
/// Dates whose parts only a column tells apart, if at all: each of them has a rival.
const RIVALS: [&str; 5] = ["%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%m/%d/%y"];
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

/// Whether it is worth trying to read a text as a time.
pub(super) fn may_be_time(text: &str) -> bool {
    text.len() >= 4 && text.len() <= 40 && text.bytes().any(|b| b.is_ascii_digit())
}

/// Returns the formats that fit a text.
pub(super) fn formats(text: &str) -> Vec<String> {
    if seconds(text, ISO).is_some() {
        return vec![ISO.to_owned()];
    }
    let dates = DATES.iter().chain(&RIVALS);
    let dated = dates.flat_map(|date| TIMES.iter().map(move |time| format!("{date}{time}")));
    let all = dated.chain(CLOCKS.iter().map(|clock| (*clock).to_owned()));
    all.filter(|format| seconds(text, format).is_some())
        .collect()
}

/// Whether a model that was trained on times of the format `trained` may read times of another one: both are dates, or
/// both are times of day, and each text tells what its parts are, or has them in the order of `trained`.
pub(super) fn is_safe(format: &str, trained: &str) -> bool {
    let is_clock = |format: &str| CLOCKS.contains(&format);
    let order = |format: &str| RIVALS.into_iter().find(|date| format.starts_with(date));
    // Years of two and of four digits follow the same order.
    let is_ordered = |date: &str| order(trained).is_some_and(|own| own.eq_ignore_ascii_case(date));
    is_clock(format) == is_clock(trained) && order(format).is_none_or(is_ordered)
}

/// Returns a time in a format: 31 December 2024.
pub(crate) fn example(format: &str) -> String {
    let time = DateTime::constant(2024, 12, 31, 23, 59, 58, 0);
    let format = if format == ISO { DATES[0] } else { format };
    strtime::format(format, time).unwrap_or_default()
}

/// Reads a time in a format. Returns the seconds since 1970 on its own clock.
pub(super) fn seconds(text: &str, format: &str) -> Option<f64> {
    let time = match format {
        ISO => iso(text)?,
        _ => {
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
            let time = parsed.to_time().unwrap_or(Time::midnight());
            date.to_datetime(time)
        }
    };
    let timestamp = time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    Some(timestamp.as_second() as f64)
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
    let is_date = text.len() >= 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    is_date.then(|| text.parse().ok())?
}
