//! Numbers in words for people.

/// `1 row`, `2 rows`, `3 classes`.
pub fn counted(count: usize, what: &str) -> String {
    match (count, what.ends_with('s')) {
        (1, _) => format!("1 {what}"),
        (_, false) => format!("{count} {what}s"),
        (_, true) => format!("{count} {what}es"),
    }
}

/// A loss or an error: with four decimals where they tell something, else by its four leading digits.
pub fn figure(value: f64) -> String {
    match is_plain(value) {
        true => format!("{value:.4}"),
        false => format!("{value:.3e}"),
    }
}

/// A mean and how far values are from it, both as [`figure`] writes the mean.
pub fn spread(mean: f64, deviation: f64) -> String {
    match is_plain(mean) && deviation < LARGE {
        true => format!("{mean:.4} ± {deviation:.4}"),
        false => format!("{mean:.3e} ± {deviation:.1e}"),
    }
}

/// A setting to four digits, as short as it is written: `0.01`, `0.3162`, `1e-5`, `1e30`.
pub fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    match value == 0.0 || (1e-4..LARGE).contains(&value.abs()) {
        true => format!("{rounded}"),
        false => format!("{rounded:e}"),
    }
}

/// The name of `known` that is most like `typed`, if one is at all.
pub fn nearest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.map(|k| (strsim::jaro_winkler(typed, k), k));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(score, _)| *score > 0.75)
        .map(|(_, name)| name)
}

/// Where a number begins to have more digits than tell something.
const LARGE: f64 = 1e6;
/// Where four decimals begin to hide digits.
const SMALL: f64 = 1e-3;

fn is_plain(value: f64) -> bool {
    value == 0.0 || (SMALL..LARGE).contains(&value.abs()) || !value.is_finite()
}
