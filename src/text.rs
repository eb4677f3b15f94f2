//! Formatting of numbers.

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
