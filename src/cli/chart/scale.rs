//! Scales: positions of values along an axis, and round numbers for its ticks.

use wgrad::text::clipped;

/// The kind of a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Equal differences are equally far apart.
    Linear,
    /// Equal ratios are equally far apart.
    Log,
}

/// An axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    /// Label, with the unit.
    pub label: String,
    /// Linear or logarithmic.
    pub scale: Scale,
    /// Names of the values 0, 1, 2, ..., if that is what they are.
    names: Vec<String>,
    /// The ends, if they do not depend on the values.
    span: Option<[f64; 2]>,
}

impl Axis {
    /// Creates an axis of numbers.
    pub(crate) fn new(label: impl Into<String>, scale: Scale) -> Axis {
        Axis {
            label: label.into(),
            scale,
            names: Vec::new(),
            span: None,
        }
    }

    /// Creates an axis of names: its values are 0, 1, 2, ...
    pub(crate) fn of_names(label: impl Into<String>, names: Vec<String>) -> Axis {
        let last = names.len().saturating_sub(1) as f64;
        Axis {
            names,
            ..Axis::new(label, Scale::Linear).spanning([-0.5, last + 0.5])
        }
    }

    /// Returns the axis with these ends.
    pub(crate) fn spanning(self, ends: [f64; 2]) -> Axis {
        Axis {
            span: Some(ends),
            ..self
        }
    }

    /// Returns the range for `values`.
    pub(super) fn range(&self, values: impl Iterator<Item = f64>) -> Range {
        match self.span {
            None => self.scale.range(values),
            Some([low, high]) => Range {
                scale: self.scale,
                low: self.scale.forth(low),
                high: self.scale.forth(high),
            },
        }
    }

    /// Returns the values to mark, with their labels, where all labels side by side may have `letters`.
    pub(super) fn ticks(&self, range: &Range, letters: usize) -> Vec<(f64, String)> {
        if self.names.is_empty() {
            return range.ticks();
        }
        let fit = (letters / LETTERS).max(1);
        let step = self.names.len().div_ceil(fit);
        let room = letters * step / self.names.len();
        let names = self.names.iter().enumerate().step_by(step);
        let each = names.map(|(k, name)| (k as f64, clipped(name, room).into_owned()));
        each.collect()
    }

    /// Words a value: `batch size 32`.
    pub(super) fn worded(&self, value: f64) -> String {
        let name = self.names.get(value.max(0.0) as usize);
        let value = name.map_or_else(|| label(value), String::clone);
        format!("{}: {value}", self.label)
    }
}

/// The fewest letters of a name that still tell it.
const LETTERS: usize = 7;

/// A range of values along an axis.
pub(super) struct Range {
    scale: Scale,
    low: f64,
    high: f64,
}

impl Scale {
    /// Whether `value` can be shown on the scale.
    pub(crate) fn shows(self, value: f64) -> bool {
        value.is_finite() && (self == Scale::Linear || value > 0.0)
    }

    fn forth(self, value: f64) -> f64 {
        match self {
            Scale::Linear => value,
            Scale::Log => value.log10(),
        }
    }

    fn back(self, value: f64) -> f64 {
        match self {
            Scale::Linear => value,
            Scale::Log => 10f64.powf(value),
        }
    }

    /// Returns the range of `values` with a small margin, or a default range if there are no values.
    pub(super) fn range(self, values: impl Iterator<Item = f64>) -> Range {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.map(|v| self.forth(v)) {
            (low, high) = (low.min(value), high.max(value));
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        let least = match self {
            Scale::Linear => (low.abs() * 1e-6).max(1e-9),
            Scale::Log => 0.5,
        };
        let air = (0.05 * (high - low)).max((least - (high - low)) / 2.0);
        Range {
            scale: self,
            low: low - air,
            high: high + air,
        }
    }
}

impl Range {
    /// Returns the position of `value`, from 0 to 1.
    pub(super) fn place(&self, value: f64) -> f64 {
        (self.scale.forth(value) - self.low) / (self.high - self.low)
    }

    /// Returns the values to mark, with their labels.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let values = match self.scale {
            Scale::Linear => self.even(),
            Scale::Log => self.decades(),
        };
        values.into_iter().map(|v| (v, label(v))).collect()
    }

    /// Returns about five multiples of 1, 2 or 5 times a power of ten.
    fn even(&self) -> Vec<f64> {
        let rough = (self.high - self.low) / 5.0;
        let power = 10f64.powf(rough.log10().floor());
        let nice = [1.0, 2.0, 5.0, 10.0].map(|m| m * power);
        let step = nice.into_iter().find(|s| *s >= rough).unwrap_or(rough);
        let (first, last) = ((self.low / step).ceil(), (self.high / step).floor());
        (0..=(last - first).clamp(0.0, 20.0) as usize)
            .map(|i| (first + i as f64) * step)
            .collect()
    }

    /// Returns at most seven powers of ten. For a narrow range, also 2 and 5 times these.
    fn decades(&self) -> Vec<f64> {
        let (first, last) = (self.low.floor() as i32, self.high.ceil() as i32);
        let stride = (last - first).max(1) as usize / 7 + 1;
        let narrow = self.high - self.low < 2.0;
        let within: &[f64] = if narrow { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let powers = (first..=last).step_by(stride);
        let marks = powers.flat_map(|p| within.iter().map(move |m| m * Scale::Log.back(p.into())));
        marks
            .filter(|v| (self.low..=self.high).contains(&v.log10()))
            .collect()
    }
}

/// Formats a number in short: 20k, 1.5M, 0.02.
pub(crate) fn label(value: f64) -> String {
    let size = value.abs();
    let (divided, unit) = match size {
        1e15.. => return format!("{value:.0e}"),
        1e12.. => (value / 1e12, "T"),
        1e9.. => (value / 1e9, "G"),
        1e6.. => (value / 1e6, "M"),
        1e3.. => (value / 1e3, "k"),
        1e-3.. => (value, ""),
        0.0 => (0.0, ""),
        _ => return format!("{value:.0e}"),
    };
    // Round to six digits, which drops the noise of additions, and strip trailing zeros.
    let digits = format!("{divided:.4}");
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    format!("{digits}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, values: &[f64]) -> Vec<String> {
        let ticks = scale.range(values.iter().copied()).ticks();
        ticks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_and_few() {
        let wide = labels(Scale::Log, &[1.0, 16_384.0]);
        assert_eq!(wide, ["1", "10", "100", "1k", "10k"]);
        let narrow = labels(Scale::Log, &[300.0, 900.0]);
        assert_eq!(narrow, ["500"]);
        let even = labels(Scale::Linear, &[0.0, 1.0]);
        assert_eq!(even, ["0", "0.5", "1"]);
        let many = labels(Scale::Log, &[1e-6, 1e14]);
        assert!(many.len() <= 7, "{many:?}");
    }

    #[test]
    fn a_single_value_and_no_value_at_all_have_ranges_too() {
        for scale in [Scale::Linear, Scale::Log] {
            let one = scale.range([5.0].into_iter());
            assert!((one.place(5.0) - 0.5).abs() < 1e-9);
            let none = scale.range([].into_iter());
            assert!(none.place(1.0).is_finite() && !none.ticks().is_empty());
        }
    }
}
