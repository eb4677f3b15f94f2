//! Whether the values of a column differ enough to scale them.

use crate::dataset::Scale;

/// How the values of a column differ.
pub(super) enum Differences {
    /// Not at all.
    None,
    /// By no more than rounding, or by less than about 6e-309: scaling makes them one value.
    TooSmall,
    /// Enough to scale them.
    Enough,
}

/// Returns how the values of a column differ.
pub(super) fn differences(values: impl Iterator<Item = f64> + Clone) -> Differences {
    let none = (f64::INFINITY, f64::NEG_INFINITY);
    let ends = |(low, high): (f64, f64), value| (low.min(value), high.max(value));
    let (low, high) = values.clone().fold(none, ends);
    // Almost every column ends here. Rounding is far below a millionth.
    if high - low > (1e-6 * low.abs().max(high.abs())).max(1e-300) {
        return Differences::Enough;
    }
    if low >= high {
        return Differences::None;
    }
    let values: Vec<f64> = values.collect();
    let rows: Vec<u32> = (0..values.len() as u32).collect();
    match Scale::standard(&values, 1, &rows).factor[0] {
        0.0 => Differences::TooSmall,
        _ => Differences::Enough,
    }
}

/// Returns the note on a column whose values differ by too little.
pub(super) fn taken_as_constant(what: &str, name: &str) -> String {
    format!(
        "{what} {name} is taken as constant: its values are too close to one another to scale; subtract their mean, or change the unit"
    )
}
