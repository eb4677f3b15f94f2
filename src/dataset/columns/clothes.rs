//! Numbers in other clothes: thousands marks, decimal commas, currency signs, percent signs, parentheses.

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
