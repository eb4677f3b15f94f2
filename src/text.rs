//! Text for people and for tables: numbers, names without control characters, cells that no spreadsheet runs.

use std::borrow::Cow;
use std::fmt::Write;

/// Returns whether a terminal or a spreadsheet acts on a character instead of showing it: control characters, and those
/// that reorder text or have no width. Joiners and tags, which names in Persian, Hindi or emoji have, are none.
pub fn is_hidden(c: char) -> bool {
    let format = [
        '\u{61c}'..='\u{61c}',
        '\u{180e}'..='\u{180e}',
        '\u{200b}'..='\u{200b}',
        '\u{200e}'..='\u{200f}',
        '\u{2028}'..='\u{202e}',
        '\u{2060}'..='\u{206f}',
        '\u{feff}'..='\u{feff}',
        '\u{fff9}'..='\u{fffb}',
    ];
    c.is_control() || format.iter().any(|range| range.contains(&c))
}

/// Replaces each character that is `hidden` by what `escape` writes for it.
fn escaped(
    text: &str,
    hidden: impl Fn(char) -> bool,
    escape: impl Fn(&mut String, char),
) -> Cow<'_, str> {
    if !text.contains(&hidden) {
        return text.into();
    }
    let mut shown = String::new();
    for c in text.chars() {
        match hidden(c) {
            true => escape(&mut shown, c),
            false => shown.push(c),
        }
    }
    shown.into()
}

/// Returns a line for a terminal: hidden characters, line ends among them, are escaped as in Rust (`\n`, `\u{1b}`).
/// Names of columns, classes, files and adapters may hold any character.
pub fn shown(line: &str) -> Cow<'_, str> {
    escaped(line, is_hidden, |shown, c| {
        let _ = match c {
            '\n' | '\t' | '\r' => write!(shown, "{}", c.escape_default()),
            _ => write!(shown, "{}", c.escape_unicode()),
        };
    })
}

/// Returns a line of JSON for a terminal, with the same meaning: JSON itself leaves some hidden characters as they are.
pub fn shown_json(json: &str) -> Cow<'_, str> {
    escaped(json, is_hidden, |shown, c| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(shown, "\\u{unit:04x}");
        }
    })
}

/// Returns the text of a cell of a table that we write. [`from_cell`] returns the text again.
///
/// A spreadsheet runs a cell that begins with `=`, `+`, `-`, `@` or a tab, so such a cell gets an apostrophe in front,
/// unless it is a number. Hidden characters become `\u{...}`, except tabs and line ends.
pub fn cell(text: &str) -> Cow<'_, str> {
    let shown = match text.contains("\\u{") {
        true => text.replace("\\u{", "\\u{5c}u{").into(),
        false => Cow::from(text),
    };
    let kept = |c: char| is_hidden(c) && !matches!(c, '\n' | '\t');
    let shown = match shown.contains(kept) {
        true => escaped(&shown, kept, |shown, c| {
            let _ = write!(shown, "{}", c.escape_unicode());
        })
        .into_owned()
        .into(),
        false => shown,
    };
    match is_run(&shown) {
        true => format!("'{shown}").into(),
        false => shown,
    }
}

/// Returns the text that [`cell`] wrote into a cell. Other cells stay as they are.
pub fn from_cell(cell: &str) -> Cow<'_, str> {
    let cell = match cell.strip_prefix('\'') {
        Some(text) if is_run(text) => text,
        _ => cell,
    };
    if !cell.contains("\\u{") {
        return cell.into();
    }
    let (mut text, mut rest) = (String::new(), cell);
    while let Some((before, after)) = rest.split_once("\\u{") {
        text.push_str(before);
        let code = after.split_once('}').and_then(|(code, behind)| {
            let c = char::from_u32(u32::from_str_radix(code, 16).ok()?)?;
            (is_hidden(c) || c == '\\').then_some((c, behind))
        });
        match code {
            Some((c, _)) => text.push(c),
            None => text.push_str("\\u{"),
        }
        rest = code.map_or(after, |(_, behind)| behind);
    }
    (text + rest).into()
}

/// Returns whether a spreadsheet runs a cell, also one with apostrophes in front.
fn is_run(cell: &str) -> bool {
    let first = cell.trim_start_matches('\'').chars().next();
    matches!(first, Some('=' | '+' | '-' | '@' | '\t')) && cell.parse::<f64>().is_err()
}

/// Returns `text`, shortened to `most` characters with an ellipsis.
pub fn clipped(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => text.into(),
        Some(_) => {
            let kept: String = text.chars().take(most.saturating_sub(1)).collect();
            format!("{kept}…").into()
        }
    }
}

/// Formats a count with its noun: `1 row`, `2 rows`, `3 classes`.
pub fn counted(count: usize, what: &str) -> String {
    match (count, what.ends_with('s')) {
        (1, _) => format!("1 {what}"),
        (_, false) => format!("{count} {what}s"),
        (_, true) => format!("{count} {what}es"),
    }
}

/// Formats a loss or an error: with four decimals if these are significant, else with four significant digits.
pub fn figure(value: f64) -> String {
    match is_plain(value) {
        true => format!("{value:.4}"),
        false => format!("{value:.3e}"),
    }
}

/// Formats a mean and a deviation, with the format that [`figure`] picks for the mean.
pub fn spread(mean: f64, deviation: f64) -> String {
    match is_plain(mean) && deviation < LARGE {
        true => format!("{mean:.4} ± {deviation:.4}"),
        false => format!("{mean:.3e} ± {deviation:.1e}"),
    }
}

/// Formats a setting with four digits, as short as possible: `0.01`, `0.3162`, `1e-5`, `1e30`.
pub fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    match value == 0.0 || (1e-4..LARGE).contains(&value.abs()) {
        true => format!("{rounded}"),
        false => format!("{rounded:e}"),
    }
}

/// Returns the name in `known` that is most similar to `typed`, if any is similar.
pub fn nearest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.map(|k| (strsim::jaro_winkler(typed, k), k));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(score, _)| *score > 0.75)
        .map(|(_, name)| name)
}

/// Above this, a number has more digits before the point than are significant.
const LARGE: f64 = 1e6;
/// Below this, four decimals hide significant digits.
const SMALL: f64 = 1e-3;

fn is_plain(value: f64) -> bool {
    value == 0.0 || (SMALL..LARGE).contains(&value.abs()) || !value.is_finite()
}

/// Quotes `text` for a shell, if needed.
pub fn typed(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-/:+,=@%\\".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// Aligns the cells of rows to the right, with `between` between columns.
pub fn aligned(rows: &[Vec<String>], between: &str) -> Vec<String> {
    let width = |c: usize| {
        rows.iter()
            .map(|row| row[c].chars().count())
            .max()
            .unwrap_or(0)
    };
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:>width$}"));
        cells
            .collect::<Vec<_>>()
            .join(between)
            .trim_end()
            .to_owned()
    };
    rows.iter().map(line).collect()
}
