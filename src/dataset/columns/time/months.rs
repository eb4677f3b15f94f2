//! Months, quarters and weeks: times without a day. Each is its first day.

use jiff::civil::{Date, ISOWeekDate, Weekday};
use std::collections::BTreeSet;

/// How they are written, as `strftime` has it, with `%b` for a name of a month, short or in full.
pub(super) const MONTHS: [&str; 20] = [
    "%Y-%m", "%Y/%m", "%m/%Y", "%b %Y", "%b-%Y", "%b/%Y", "%b, %Y", "%b-%y", "%Y %b", "%Y-%b",
    "%YM%m", "%YQ%q", "%Y Q%q", "%Y-Q%q", "Q%q %Y", "Q%q-%Y", "Q%q/%Y", "%GW%V", "%G W%V",
    "%G-W%V",
];
/// Years that are not between these are numbers of something else.
const YEARS: std::ops::Range<i16> = 1500..2300;
/// Fewer texts such as `Jun-15` may be days.
const FEW: usize = 12;
/// The months, in English.
const NAMES: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Returns the first day of a month, a quarter or a week in one of these formats.
pub(super) fn first_day(text: &str, format: &str) -> Option<Date> {
    let (mut rest, mut of_format) = (text, format);
    let (mut year, mut month, mut week) = (None, None, None);
    while let Some(byte) = of_format.bytes().next() {
        if byte != b'%' {
            let literal = rest.get(..1)?.eq_ignore_ascii_case(&of_format[..1]);
            (rest, of_format) = (literal.then(|| &rest[1..])?, &of_format[1..]);
            continue;
        }
        let is_digit = of_format.as_bytes()[1] != b'b';
        let is_part = |c: char| {
            if is_digit {
                c.is_ascii_digit()
            } else {
                c.is_ascii_alphabetic()
            }
        };
        let (part, behind) = rest.split_at(rest.find(|c| !is_part(c)).unwrap_or(rest.len()));
        let digits = |least: usize, most: usize| -> Option<i16> {
            let fits = (least..=most).contains(&part.len());
            fits.then(|| part.parse().ok())?
        };
        match &of_format[..2] {
            "%Y" | "%G" => year = Some(digits(4, 4).filter(|year| YEARS.contains(year))?),
            // As `strptime` has it.
            "%y" => year = digits(2, 2).map(|year| year + if year < 69 { 2000 } else { 1900 }),
            "%b" => month = named(part),
            "%q" => month = digits(1, 1).map(|quarter| 3 * quarter - 2),
            "%V" => week = digits(2, 2),
            // 2024-1 is a number of something.
            _ if matches!(format, "%Y-%m" | "%Y/%m") => month = digits(2, 2),
            _ => month = digits(1, 2),
        }
        (rest, of_format) = (behind, &of_format[2..]);
    }
    let year = year.filter(|_| rest.is_empty())?;
    match week {
        Some(week) => Some(
            ISOWeekDate::new(year, i8::try_from(week).ok()?, Weekday::Monday)
                .ok()?
                .date(),
        ),
        None => Date::new(year, i8::try_from(month?).ok()?, 1).ok(),
    }
}

fn named(text: &str) -> Option<i16> {
    let name = text.to_ascii_lowercase();
    let is_name = |full: &str| full == name || name.len() == 3 && full.starts_with(&name);
    let found = (1..).zip(NAMES).find(|(_, full)| is_name(full));
    found
        .map(|(month, _)| month)
        .or((name == "sept").then_some(9))
}

/// Whether texts of a format are something else: seasons, as `2009-10`, or days of a month, as `Sep-30`.
pub(super) fn are_no_months<'t>(format: &str, texts: impl Iterator<Item = &'t str>) -> bool {
    if !["%Y-%m", "%Y/%m", "%b-%y"].contains(&format) {
        return false;
    }
    let dates: Vec<Date> = texts.filter_map(|text| first_day(text, format)).collect();
    let distinct = |of: fn(&Date) -> i16| dates.iter().map(of).collect::<BTreeSet<i16>>();
    if format == "%b-%y" {
        let (years, months) = (
            distinct(|date| date.year()),
            distinct(|date| date.month().into()),
        );
        let are_days = years.iter().all(|year| (2001..=2031).contains(year));
        // `Jun-01` and `Jun-15` may be two days of one June.
        let are_few = dates.len() < FEW || years.len() > 2 * months.len();
        return are_days && are_few;
    }
    let is_season = |date: &Date| i16::from(date.month()) == (date.year() + 1) % 100;
    dates.iter().all(is_season)
}
