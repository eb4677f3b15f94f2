//! Notes about unusual columns that do not prevent learning.

use super::differences::{Differences, differences, taken_as_constant};
use super::names::flag_value;
use crate::dataset::error::listed;
use crate::dataset::inputs::{ColumnValues, InputColumn};
use crate::text::counted;

/// Returns notes on the columns.
pub(super) fn notes(columns: &[InputColumn]) -> Vec<String> {
    let mut unusual = Unusual::default();
    columns.iter().for_each(|column| unusual.look_at(column));
    unusual.notes()
}

/// What is unusual about columns.
#[derive(Default)]
pub(super) struct Unusual {
    constant: Vec<String>,
    notes: Vec<String>,
}

impl Unusual {
    pub(super) fn look_at(&mut self, column: &InputColumn) {
        let name = &column.name;
        match &column.values {
            ColumnValues::Levels { names, .. } if names.len() == 1 => {
                self.constant.push(name.clone());
            }
            ColumnValues::Numbers(numbers) => {
                let there = numbers.iter().copied().filter(|number| !number.is_nan());
                match differences(there) {
                    Differences::None => self.constant.push(name.clone()),
                    Differences::TooSmall => self.notes.push(taken_as_constant("column", name)),
                    Differences::Enough => self.notes.extend(far_value(name, numbers)),
                }
            }
            _ => {}
        }
    }

    /// Returns the notes.
    pub(super) fn notes(mut self) -> Vec<String> {
        let note = match &self.constant[..] {
            [] => return self.notes,
            [name] => format!("column {name} is constant: it carries no information"),
            names => format!(
                "columns {} are constant: they carry no information",
                listed(names)
            ),
        };
        self.notes.insert(0, note);
        self.notes
    }
}

/// Numbers that often stand for a missing value.
const CODES: [f64; 8] = [
    -1e5 + 1.0,
    -9999.0,
    -999.0,
    -99.0,
    999.0,
    9999.0,
    99999.0,
    -1e20,
];

/// Returns a note on a column with an extreme value, next to which scaling makes all other values nearly equal, or that
/// is there many times. Such values are mistakes, or codes for missing values.
fn far_value(name: &str, numbers: &[f64]) -> Option<String> {
    if let Some((code, rows)) = repeated_extreme(numbers) {
        let (code, count) = (written(code), counted(rows, "row"));
        let flag = flag_value(&[&code]);
        return Some(format!(
            "column {name}: {code} in {count} is far from all other values: if it stands for a missing value, use `missing = {flag}`"
        ));
    }
    let spread = Spread::new(numbers);
    let most = (numbers.len() / 100).max(1);
    let far = spread.far > 0 && spread.far <= most && spread.others_differ();
    far.then(|| {
        let value = written(spread.farthest());
        format!(
            "column {name}: {value} is so far from the others that scaling makes them nearly one value: is it a mistake, or a code for a missing value?"
        )
    })
}

/// Returns a minimum or maximum that is there more than once, and further from the next value than all other values
/// are from one another; and the number of its rows.
fn repeated_extreme(numbers: &[f64]) -> Option<(f64, usize)> {
    [1.0, -1.0].into_iter().find_map(|sign| {
        let there = || numbers.iter().filter(|n| !n.is_nan()).map(|n| sign * n);
        let least = there().fold(f64::INFINITY, f64::min);
        let (mut count, mut next, mut most) = (0, f64::INFINITY, f64::NEG_INFINITY);
        let mut second = None;
        let mut differ = false;
        for value in there() {
            if value == least {
                count += 1;
                continue;
            }
            next = next.min(value);
            most = most.max(value);
            differ |= *second.get_or_insert(value) != value;
        }
        let factor = if CODES.contains(&(sign * least)) {
            0.3
        } else {
            1.0
        };
        let is_far = count >= 3 && differ && next - least > factor * (most - next) && least != 0.0;
        is_far.then_some((sign * least, count))
    })
}

/// The spread of a column's values.
struct Spread {
    /// The median, estimated from a sample.
    middle: f64,
    /// The minimum and the maximum.
    ends: [f64; 2],
    /// The number of values far from the median.
    far: usize,
    /// The minimum and the maximum of the other values.
    others: [f64; 2],
}

/// Values are near the median if their distance is below this share of the range.
const NEAR: f64 = 1e-4;
/// Maximum size of the sample for a median.
const SAMPLE: usize = 1000;

impl Spread {
    fn new(numbers: &[f64]) -> Spread {
        let there = || numbers.iter().copied().filter(|number| !number.is_nan());
        let none = [f64::INFINITY, f64::NEG_INFINITY];
        let wider = |[low, high]: [f64; 2], value: f64| [low.min(value), high.max(value)];
        let mut spread = Spread {
            middle: middle(there(), numbers.len()),
            ends: there().fold(none, wider),
            far: 0,
            others: none,
        };
        let range = spread.ends[1] - spread.ends[0];
        for value in there() {
            match (value - spread.middle).abs() / range > NEAR {
                true => spread.far += 1,
                false => spread.others = wider(spread.others, value),
            }
        }
        spread
    }

    fn others_differ(&self) -> bool {
        self.others[0] < self.others[1]
    }

    fn farthest(&self) -> f64 {
        let [low, high] = self.ends;
        match self.middle - low > high - self.middle {
            true => low,
            false => high,
        }
    }
}

/// Formats a value about as the file has it.
fn written(value: f64) -> String {
    match value.abs() {
        1e-4..1e7 => format!("{value}"),
        _ => format!("{value:e}"),
    }
}

/// Returns the median of a sample, spread evenly over the values.
fn middle(values: impl Iterator<Item = f64>, count: usize) -> f64 {
    let mut sample: Vec<f64> = values.step_by(count.div_ceil(SAMPLE).max(1)).collect();
    sample.sort_by(f64::total_cmp);
    sample.get(sample.len() / 2).copied().unwrap_or(0.0)
}
