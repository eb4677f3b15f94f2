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

/// Returns the minimum and the maximum of the values that are there: NaN is missing. Without any, they are infinite, the
/// minimum above the maximum.
pub(super) fn ends(values: &[f64]) -> [f64; 2] {
    const LANES: usize = 8;
    let (mut low, mut high) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    let mut look_at = |values: &[f64]| {
        for (lane, value) in values.iter().enumerate() {
            low[lane] = low[lane].min(*value);
            high[lane] = high[lane].max(*value);
        }
    };
    // Whole chunks have a length that the compiler knows.
    let (chunks, rest) = values.as_chunks::<LANES>();
    chunks.iter().for_each(|chunk| look_at(chunk));
    look_at(rest);
    [
        low.into_iter().fold(f64::INFINITY, f64::min),
        high.into_iter().fold(f64::NEG_INFINITY, f64::max),
    ]
}

/// Returns how the values of a column differ. NaN is missing.
pub(super) fn differences(values: &[f64]) -> Differences {
    let [low, high] = ends(values);
    // Almost every column ends here. Rounding is far below a millionth.
    if high - low > (1e-6 * low.abs().max(high.abs())).max(1e-300) {
        return Differences::Enough;
    }
    if low >= high {
        return Differences::None;
    }
    let there = values.iter().copied().filter(|value| !value.is_nan());
    let values: Vec<f64> = there.collect();
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
