//! Numbers in other clothes: thousands marks, decimal commas, currency signs, percent signs, parentheses, units.

use crate::dataset::cells::numeral::plain;
use crate::dataset::limits::LARGEST;

/// A number, and what it wears.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Dressed {
    pub(super) value: f64,
    /// Marks between groups of three digits.
    pub(super) thousands: usize,
    /// Whether it has a decimal mark.
    pub(super) has_decimals: bool,
    pub(super) percent: bool,
    pub(super) currency: bool,
}

/// Signs of currencies, before or behind a number.
const CURRENCIES: [&str; 24] = [
    "$", "€", "£", "¥", "₹", "₩", "₽", "₺", "₫", "₪", "US$", "R$", "USD", "EUR", "GBP", "CHF",
    "JPY", "CNY", "INR", "kr", "zł", "Rs.", "Rs", "C$",
];

/// Reads a number with this decimal mark, `.` or `,`.
pub(super) fn number(text: &str, mark: char) -> Option<Dressed> {
    let text = text.trim();
    if text.len() > 64 {
        return None;
    }
    let (inner, in_parentheses) = match text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        Some(inner) => (inner.trim(), true),
        None => (text, false),
    };
    let (inner, sign) = signed(inner);
    let (inner, before) = without_currency(inner, |text, sign| text.strip_prefix(sign));
    let (inner, inner_sign) = signed(inner.trim());
    let (inner, percent) = match inner.strip_suffix('%') {
        Some(inner) => (inner.trim(), true),
        None => (inner, false),
    };
    let (inner, behind) = without_currency(inner, |text, sign| text.strip_suffix(sign));
    if sign.is_some() && inner_sign.is_some() || in_parentheses && (sign.or(inner_sign)).is_some() {
        return None;
    }
    let negative = in_parentheses || sign.or(inner_sign) == Some('-');
    let (digits, thousands) = ungrouped(inner.trim(), mark)?;
    let value = plain(digits.as_bytes(), b'.')?.value;
    (value.abs() <= LARGEST).then_some(Dressed {
        value: if negative { -value } else { value },
        thousands,
        has_decimals: digits.contains('.'),
        percent,
        currency: before || behind,
    })
}

/// Units of one letter without a blank before it. Others are the ends of codes, as in `12A`.
const LETTERS: &str = "gGhkKlLmstVW°";
/// Words of a unit, at most.
const WORDS: usize = 3;

/// Reads a number with a unit behind it, which is empty if there is none.
pub(super) fn with_unit(text: &str, mark: char) -> Option<(Dressed, &str)> {
    if let Some(number) = number(text, mark) {
        return Some((number, ""));
    }
    let end = 1 + text.rfind(|c: char| c.is_ascii_digit())?;
    let (front, unit) = text.split_at(end);
    let is_attached = !unit.starts_with(char::is_whitespace);
    let unit = unit.trim();
    let is_inside =
        |c: char| c.is_alphabetic() || c.is_whitespace() || "/°²³·^*.%'\"′″€$£".contains(c);
    let has_letter = unit.contains(|c: char| c.is_alphabetic() || "°'\"′″".contains(c));
    let mut letters = unit.chars();
    let is_letter = match (letters.next(), letters.next()) {
        (Some(letter), None) => letter.is_alphabetic() && !LETTERS.contains(letter),
        (first, _) => first == Some('.'),
    };
    let is_unit = has_letter
        && unit.chars().all(is_inside)
        && unit.split_whitespace().count() <= WORDS
        && !(is_attached && is_letter && scale(unit, true).is_none());
    Some((number(front, mark).filter(|_| is_unit)?, unit))
}

/// Returns what a number is multiplied by: `k` is a thousand. `m` is a million only in amounts of money.
pub(super) fn scale(unit: &str, currency: bool) -> Option<f64> {
    match unit {
        "" => Some(1.0),
        "k" | "K" => Some(1e3),
        "m" if currency => Some(1e6),
        "M" | "mn" | "Mn" | "million" => Some(1e6),
        "b" if currency => Some(1e9),
        "B" | "bn" | "Bn" | "billion" => Some(1e9),
        _ => None,
    }
}

/// Returns the unit in one spelling: those of ordinal numbers are one. Upper and lower case differ, as `mW` and `MW` do.
pub(super) fn usual_unit(unit: &str) -> &str {
    match unit {
        "st" | "nd" | "rd" => "th",
        _ => unit,
    }
}

/// Takes a sign off.
fn signed(text: &str) -> (&str, Option<char>) {
    match text.chars().next() {
        Some('+') => (text[1..].trim_start(), Some('+')),
        Some(c @ ('-' | '\u{2212}' | '\u{2013}')) => (text[c.len_utf8()..].trim_start(), Some('-')),
        _ => (text, None),
    }
}

fn without_currency<'t>(
    text: &'t str,
    strip: impl Fn(&'t str, &str) -> Option<&'t str>,
) -> (&'t str, bool) {
    let found = CURRENCIES.iter().filter_map(|sign| strip(text, sign));
    match found.min_by_key(|rest| rest.len()) {
        Some(rest) => (rest.trim(), true),
        None => (text, false),
    }
}

/// Returns the digits with a decimal point and without marks between groups, and the number of such marks.
fn ungrouped(text: &str, mark: char) -> Option<(String, usize)> {
    let (whole, rest) = match text.split_once(mark) {
        Some((whole, rest)) => (whole, Some(rest)),
        None => (text, None),
    };
    // Digits behind the mark, and maybe an exponent.
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == mark) {
        return None;
    }
    let is_group = |c: char| match c {
        '.' | ',' => c != mark,
        ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}' => true,
        _ => false,
    };
    let separator = whole.chars().find(|c| is_group(*c));
    let (whole, thousands) = match separator {
        None => (whole.to_owned(), 0),
        Some(separator) => {
            let groups: Vec<&str> = whole.split(separator).collect();
            if !are_groups(&groups) {
                return None;
            }
            (groups.concat(), groups.len() - 1)
        }
    };
    match rest {
        Some(rest) => Some((format!("{whole}.{rest}"), thousands)),
        None => Some((whole, thousands)),
    }
}

/// Whether these are groups of digits as in 1,234,567, or as in 12,34,567 (India).
fn are_groups(groups: &[&str]) -> bool {
    let digits = |group: &&str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    if !groups.iter().all(digits) {
        return false;
    }
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let (first, others) = (lengths[0], &lengths[1..]);
    let last = others.last() == Some(&3);
    let by_three = first <= 3 && others.iter().all(|length| *length == 3);
    let by_two = others.len() > 1
        && first <= 2
        && others[..others.len() - 1].iter().all(|length| *length == 2);
    last && !groups[0].starts_with('0') && (by_three || by_two)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_stands_behind_a_number_and_is_not_the_end_of_a_code() {
        for (text, value, unit) in [
            ("26.6 km/kg", 26.6, "km/kg"),
            ("51,000 km", 51_000.0, "km"),
            ("2.2kg", 2.2, "kg"),
            ("38.9°C", 38.9, "°C"),
            ("5'", 5.0, "'"),
            ("80 m²", 80.0, "m²"),
            ("40th", 40.0, "th"),
            ("$1.1 B", 1.1, "B"),
            ("$52k", 52.0, "k"),
            ("-3 A", -3.0, "A"),
            ("7", 7.0, ""),
            ("18%", 18.0, ""),
        ] {
            let (found, of) = with_unit(text, '.').unwrap_or_default();
            assert_eq!((found.value, of), (value, unit), "{text}");
        }
        for text in [
            "12A",
            "1001-A",
            "km 5",
            "Q1",
            "1.2.3 km",
            "km",
            "10+ years",
            "5 km 3 m",
            "1 a b c d",
        ] {
            assert_eq!(with_unit(text, '.'), None, "{text}");
        }
        assert_eq!((scale("m", true), scale("m", false)), (Some(1e6), None));
    }

    #[test]
    fn numbers_are_read_through_their_clothes() {
        for (text, mark, value) in [
            ("1,414", '.', 1414.0),
            ("1,414,000.5", '.', 1_414_000.5),
            ("1.212", ',', 1212.0),
            ("1.212,50", ',', 1212.5),
            ("1 000", '.', 1000.0),
            ("1'000", '.', 1000.0),
            ("12,34,567", '.', 1_234_567.0),
            ("$34.63", '.', 34.63),
            ("-$5", '.', -5.0),
            ("$-5", '.', -5.0),
            ("5 €", ',', 5.0),
            ("EUR 1.000,5", ',', 1000.5),
            ("18%", '.', 18.0),
            ("18.5 %", '.', 18.5),
            ("(1,234)", '.', -1234.0),
            ("($7.50)", '.', -7.5),
            ("+3", '.', 3.0),
            ("\u{2212}3,5", ',', -3.5),
            ("1,5e3", ',', 1500.0),
        ] {
            let found = number(text, mark).map(|n| n.value);
            assert_eq!(found, Some(value), "{text}");
        }
        for (text, mark) in [
            ("1,41", '.'),
            ("1,4144", '.'),
            ("0,414", '.'),
            ("1,,414", '.'),
            ("1.2.3", '.'),
            ("1,414.", ','),
            ("abc", '.'),
            ("$", '.'),
            ("%", '.'),
            ("12a", '.'),
            ("--1", '.'),
            ("(-1)", '.'),
            ("", '.'),
            ("10.0.0.1", '.'),
            ("1-2", '.'),
        ] {
            assert_eq!(number(text, mark), None, "{text}");
        }
    }
}
