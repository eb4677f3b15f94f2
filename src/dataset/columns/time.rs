//! Whether a column holds dates or times, and which time each text of it is.

use super::marks::Marks;
use crate::dataset::cells::CellColumn;
use crate::dataset::error::quoted;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime;

/// How dates are written, as `strftime` has it, with what may follow them.
const DATES: [&str; 17] = [
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
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%m/%d/%y",
    "%b %d %Y",
    "%B %d %Y",
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
pub(crate) const ISO: &str = "iso";

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

/// Reads a column as dates or times. `format` is how a model was trained on them.
pub(super) fn read(column: &CellColumn, marks: &Marks, format: Option<&str>) -> Times {
    let counts = column.text_counts();
    let used = counts
        .iter()
        .enumerate()
        .filter(|(_, (_, count))| *count > 0);
    let words: Vec<(usize, &str)> = used
        .map(|(t, (text, _))| (t, *text))
        .filter(|(_, text)| !marks.has_among_numbers(text))
        .collect();
    let plain = column.len() > counts.iter().map(|(_, count)| count).sum::<usize>();
    let Some((_, first)) = words.first() else {
        return Times::Not;
    };
    if plain || !words.iter().take(TRIED).any(|(_, text)| may_be_time(text)) {
        return Times::Not;
    }
    let all = |format: &str| -> Option<TimeReading> {
        let mut texts = vec![f64::NAN; counts.len()];
        for (t, text) in &words {
            texts[*t] = seconds(text, format)?;
        }
        Some(TimeReading {
            texts,
            format: format.to_owned(),
        })
    };
    if let Some(reading) = format.and_then(all) {
        return Times::All(reading);
    }
    let mut found: Vec<TimeReading> = formats(first)
        .iter()
        .filter_map(|format| all(format))
        .collect();
    if found.is_empty()
        && let Some((text, bad)) = mistaken(&words, format)
    {
        return Times::Mostly {
            row: column.first_row(text as u32).unwrap_or(0),
            text: bad.to_owned(),
        };
    }
    // Two ways to write the same times are one.
    found.dedup_by(|a, b| same(&a.texts, &b.texts));
    match (
        found.len(),
        words
            .iter()
            .find(|(t, _)| found.len() > 1 && found[0].texts[*t] != found[1].texts[*t]),
    ) {
        (0, _) => Times::Not,
        (1, _) | (_, None) => Times::All(found.swap_remove(0)),
        (_, Some((t, text))) => {
            let [one, two] = [&found[0], &found[1]].map(|way| day(way.texts[*t]));
            Times::Twofold(format!(
                "{} may be {one} or {two}; write dates as {one}",
                quoted(text)
            ))
        }
    }
}

/// Number of texts whose formats are tried.
const TRIED: usize = 3;
/// Fewer texts than this may be times by chance.
const FEW: usize = 5;

/// Returns a text that is no time, if nine of ten are times of one format.
fn mistaken<'t>(words: &[(usize, &'t str)], format: Option<&str>) -> Option<(usize, &'t str)> {
    let tried = words.iter().take(TRIED).flat_map(|(_, text)| formats(text));
    let known = format.map(str::to_owned).into_iter().chain(tried);
    let of = |format: &String| {
        let bad = words
            .iter()
            .filter(|(_, text)| seconds(text, format).is_none());
        bad.count()
    };
    let (best, bad) = known
        .map(|format| (of(&format), format))
        .map(|(bad, f)| (f, bad))
        .min_by_key(|(_, bad)| *bad)?;
    let is_mistake = bad > 0 && words.len() >= FEW && 10 * bad <= words.len();
    let is_bad = |(_, text): &&(usize, &str)| seconds(text, &best).is_none();
    words.iter().find(is_bad).filter(|_| is_mistake).copied()
}

fn same(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

/// Whether it is worth trying to read a text as a time.
fn may_be_time(text: &str) -> bool {
    text.len() >= 4 && text.len() <= 40 && text.bytes().any(|b| b.is_ascii_digit())
}

/// Returns the formats that fit a text.
fn formats(text: &str) -> Vec<String> {
    if seconds(text, ISO).is_some() {
        return vec![ISO.to_owned()];
    }
    let dated = DATES
        .iter()
        .flat_map(|date| TIMES.iter().map(move |time| format!("{date}{time}")));
    let all = dated.chain(CLOCKS.iter().map(|clock| (*clock).to_owned()));
    all.filter(|format| seconds(text, format).is_some())
        .collect()
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

/// Formats the day of a time.
fn day(seconds: f64) -> String {
    let timestamp = jiff::Timestamp::from_second(seconds as i64).unwrap_or_default();
    jiff::tz::TimeZone::UTC
        .to_datetime(timestamp)
        .date()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(texts: &[&str]) -> CellColumn {
        let mut column = CellColumn::new("when".to_owned());
        texts.iter().for_each(|text| column.push(text));
        column
    }

    #[test]
    fn dates_are_read_as_they_are_usually_written() {
        let new_year = 1_704_067_200.0;
        for (text, seconds) in [
            ("2024-01-01", new_year),
            ("2024-01-01T01:00:00", new_year + 3600.0),
            ("2024-01-01 01:00:00.5", new_year + 3600.0),
            ("2024-01-01T01:00:00Z", new_year + 3600.0),
            ("2024-01-01T01:00:00+02:00", new_year + 3600.0),
            ("2024-01-01 01:00", new_year + 3600.0),
            ("01.01.2024", new_year),
            ("31.12.2023 23:00", new_year - 3600.0),
            ("2024/01/01", new_year),
            ("01-Jan-2024", new_year),
            ("Jan 1, 2024", new_year),
            ("12/31/2023", new_year - 86400.0),
            ("31/12/2023", new_year - 86400.0),
            ("01:30", 5400.0),
        ] {
            match read(&column(&[text]), &Marks::default(), None) {
                Times::All(reading) => assert_eq!(reading.texts, [seconds], "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_is_no_date_is_none_and_two_readings_are_told() {
        for text in [
            "abcd",
            "1234",
            "12-3456",
            "2024-13-01",
            "1.5.3",
            "A-12",
            "10-20",
            "2024-1",
            "north",
        ] {
            assert_eq!(
                read(&column(&[text]), &Marks::default(), None),
                Times::Not,
                "{text}"
            );
        }
        let told = read(&column(&["03/04/2024", "NA"]), &Marks::default(), None);
        assert!(
            matches!(&told, Times::Twofold(why) if why.contains("2024-04-03 or 2024-03-04")),
            "{told:?}"
        );
        let clear = read(
            &column(&["03/04/2024", "13/04/2024"]),
            &Marks::default(),
            None,
        );
        assert!(matches!(clear, Times::All(reading) if reading.format == "%d/%m/%Y"));
        let known = read(
            &column(&["03/04/2024"]),
            &Marks::default(),
            Some("%m/%d/%Y"),
        );
        assert!(matches!(known, Times::All(reading) if reading.format == "%m/%d/%Y"));
    }
}
