//! Notes about unusual columns that do not prevent learning.

use super::differences::{Differences, differences, ends, taken_as_constant};
use super::names::flag_value;
use crate::dataset::encoder::TELLING;
use crate::dataset::error::listed;
use crate::dataset::inputs::{ColumnValues, InputColumn, MISSING};
use crate::text::counted;

/// What is unusual about a column.
pub(super) enum Unusual {
    Nothing,
    /// The column of this name is constant.
    Constant(String),
    /// The column of this name has one value, and gaps that are an input.
    OnlyGaps(String),
    /// Something else, as a note.
    Noted(String),
}

impl Unusual {
    pub(super) fn look_at(column: &InputColumn) -> Unusual {
        let name = &column.name;
        match &column.values {
            ColumnValues::Levels { names, codes, .. } if names.len() == 1 => {
                let gaps = codes.iter().filter(|code| **code == MISSING).count();
                constant(name, gaps)
            }
            ColumnValues::Numbers(numbers) => match differences(numbers) {
                Differences::None => {
                    let gaps = numbers.iter().filter(|number| number.is_nan()).count();
                    constant(name, gaps)
                }
                Differences::TooSmall => Unusual::Noted(taken_as_constant("column", name)),
                Differences::Enough => {
                    far_value(name, numbers).map_or(Unusual::Nothing, Unusual::Noted)
                }
            },
            _ => Unusual::Nothing,
        }
    }
}

/// Returns what a column of one value with so many gaps is.
fn constant(name: &str, gaps: usize) -> Unusual {
    match gaps < TELLING {
        true => Unusual::Constant(name.to_owned()),
        false => Unusual::OnlyGaps(name.to_owned()),
    }
}

/// Returns notes on what is unusual about columns, in their order.
pub(super) fn notes(columns: impl IntoIterator<Item = Unusual>) -> Vec<String> {
    let (mut constant, mut only_gaps, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for unusual in columns {
        match unusual {
            Unusual::Nothing => {}
            Unusual::Constant(name) => constant.push(name),
            Unusual::OnlyGaps(name) => only_gaps.push(name),
            Unusual::Noted(note) => others.push(note),
        }
    }
    let constant = match &constant[..] {
        [] => None,
        [name] => Some(format!(
            "column {name} is constant: it carries no information"
        )),
        names => Some(format!(
            "columns {} are constant: they carry no information",
            listed(names)
        )),
    };
    let only_gaps = match &only_gaps[..] {
        [] => None,
        [name] => Some(format!(
            "column {name} is the same in every row that has it: what it tells is which rows lack it"
        )),
        names => Some(format!(
            "columns {} are each the same in every row that has them: what they tell is which rows lack them",
            listed(names)
        )),
    };
    let notes = constant.into_iter().chain(only_gaps);
    notes.chain(others).collect()
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
    let value = written(few_far_values(numbers)?);
    Some(format!(
        "column {name}: {value} is so far from the others that scaling makes them nearly one value: is it a mistake, or a code for a missing value?"
    ))
}

/// Returns a minimum or maximum that is there more than once, and further from the next value than all other values
/// are from one another; and the number of its rows.
fn repeated_extreme(numbers: &[f64]) -> Option<(f64, usize)> {
    let extremes = ends(numbers);
    extremes.into_iter().find_map(|extreme| {
        let is_extreme = |number: &&f64| **number == extreme;
        let count = numbers.iter().filter(is_extreme).count();
        if count < 3 || extreme == 0.0 {
            return None;
        }
        let others = numbers.iter().copied().filter(|n| *n != extreme);
        let [low, high] = ends(&others.collect::<Vec<f64>>());
        let gap = (low - extreme).abs().min((high - extreme).abs());
        let factor = if CODES.contains(&extreme) { 0.3 } else { 1.0 };
        (low < high && gap > factor * (high - low)).then_some((extreme, count))
    })
}

/// Values are near the median if their distance is below this share of the range.
const NEAR: f64 = 1e-4;
/// Maximum size of the sample for a median.
const SAMPLE: usize = 1000;

/// Returns the value that is farthest from the median, if at most a hundredth of the values are far from it, and the
/// others differ.
fn few_far_values(numbers: &[f64]) -> Option<f64> {
    let there = || numbers.iter().copied().filter(|number| !number.is_nan());
    let [low, high] = ends(numbers);
    let (middle, range) = (middle(there(), numbers.len()), high - low);
    let most = (numbers.len() / 100).max(1);
    let (mut far, mut others) = (0, [f64::INFINITY, f64::NEG_INFINITY]);
    for value in there() {
        match (value - middle).abs() / range > NEAR {
            // Almost every column ends here.
            true if far == most => return None,
            true => far += 1,
            false => others = [others[0].min(value), others[1].max(value)],
        }
    }
    let farthest = if middle - low > high - middle {
        low
    } else {
        high
    };
    (far > 0 && others[0] < others[1]).then_some(farthest)
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
