//! Learns an encoder and the scaling of its inputs from training rows.

use super::{ColumnEncoder, Encoder, TimePart, bins};
use crate::dataset::columns::sort_classes;
use crate::dataset::inputs::{ColumnValues, InputColumn};
use crate::dataset::options::MAX_LEVELS;
use crate::dataset::scale::Scale;
use crate::dataset::split::Split;
use crate::threads::{map, threads_for};

/// How columns are encoded.
#[derive(Clone, Copy, Debug)]
pub struct Encoding<'a> {
    /// The largest number of levels of a category.
    pub max_levels: usize,
    /// The largest number of bins of a number.
    pub bins: usize,
    /// Marks for missing values that the user named.
    pub marks: &'a [String],
}

impl Default for Encoding<'_> {
    fn default() -> Self {
        Encoding {
            max_levels: MAX_LEVELS,
            bins: 0,
            marks: &[],
        }
    }
}

impl Encoder {
    /// Learns what becomes of `columns` from the training rows of `split`: medians, levels, parts of times, and the
    /// scaling of numbers. Other inputs are 0 and 1, and stay so.
    ///
    /// All folds of a cross-validation have the same levels, so that their networks have the same shape.
    pub(crate) fn fit(
        columns: &[InputColumn],
        split: &Split,
        encoding: Encoding,
    ) -> (Encoder, Scale) {
        let mut encoder = Encoder {
            marks: encoding.marks.to_vec(),
            ..Encoder::default()
        };
        let mut scale = Scale {
            shift: Vec::new(),
            factor: Vec::new(),
        };
        let folds = [&split.train[..], &split.val].concat();
        let of_levels = if split.is_fold { &folds } else { &split.train };
        let count = threads_for(of_levels.len() * columns.len());
        let fitted = map(count, columns.iter().collect(), |column: &InputColumn| {
            let mut fitted = fit(&column.values, of_levels, &split.train, encoding);
            if let ColumnEncoder::Number { unit, .. } = &mut fitted {
                unit.clone_from(&column.unit);
            }
            let number = measured(&fitted, &column.values, &split.train);
            (fitted, number)
        });
        for (fitted, number) in fitted {
            let mut own = Scale::identity(fitted.width());
            if let Some(number) = number {
                (own.shift[0], own.factor[0]) = (number.shift[0], number.factor[0]);
            }
            scale.shift.extend(own.shift);
            scale.factor.extend(own.factor);
            encoder.columns.push(fitted);
        }
        (encoder, scale)
    }

    /// Returns the number of inputs that a column makes if these rows are for training.
    pub(crate) fn width_of(values: &ColumnValues, rows: &[u32], encoding: Encoding) -> usize {
        // Medians do not change it: none is taken.
        fit(values, rows, &[], encoding).width()
    }
}

/// From this number of training rows, an input says that a cell is missing: what fewer rows say is chance. A network
/// learns the target of a single row by heart.
pub(crate) const TELLING: usize = 5;

fn fit(
    values: &ColumnValues,
    of_levels: &[u32],
    train: &[u32],
    encoding: Encoding,
) -> ColumnEncoder {
    let missing = of_levels.iter().map(|&row| row as usize);
    let missing = missing.filter(|row| values.is_missing(*row)).count() >= TELLING;
    match values {
        ColumnValues::Numbers(numbers) => ColumnEncoder::Number {
            fill: median(numbers, train),
            missing,
            unit: String::new(),
            edges: match encoding.bins {
                0 => Vec::new(),
                bins => {
                    let there = of_levels.iter().map(|&row| numbers[row as usize]);
                    bins::edges(there.collect(), bins)
                }
            },
        },
        ColumnValues::Times {
            values: times,
            format,
        } => ColumnEncoder::Time {
            format: format.clone(),
            parts: TimePart::of_format(format)
                .filter(|part| varies(*part, times, of_levels))
                .collect(),
            fill: median(times, train),
            missing,
        },
        ColumnValues::Levels {
            codes,
            names,
            is_flag,
        } => {
            let mut counts = vec![0usize; names.len()];
            for &row in of_levels {
                if let Some(count) = counts.get_mut(codes[row as usize] as usize) {
                    *count += 1;
                }
            }
            match (&names[..], is_flag) {
                ([no, yes], true) => ColumnEncoder::Flag {
                    levels: [no.clone(), yes.clone()],
                    fill: f64::from(u8::from(counts[1] > counts[0])),
                    missing,
                },
                _ => category(names, &counts, encoding.max_levels, missing),
            }
        }
    }
}

/// Takes the most frequent levels, sorted.
fn category(names: &[String], counts: &[usize], most: usize, missing: bool) -> ColumnEncoder {
    let mut used: Vec<usize> = (0..names.len())
        .filter(|&level| counts[level] > 0)
        .collect();
    used.sort_by(|a, b| {
        counts[*b]
            .cmp(&counts[*a])
            .then_with(|| names[*a].cmp(&names[*b]))
    });
    let other = used.len() > most;
    used.truncate(most);
    let mut levels: Vec<&str> = used.iter().map(|&level| names[level].as_str()).collect();
    sort_classes(&mut levels, |level| *level);
    ColumnEncoder::Category {
        levels: levels.into_iter().map(str::to_owned).collect(),
        other,
        missing,
    }
}

/// Returns the median of the numbers that are there; 0 if there are none.
fn median(numbers: &[f64], rows: &[u32]) -> f64 {
    let there = rows.iter().map(|&row| numbers[row as usize]);
    let mut there: Vec<f64> = there.filter(|number| !number.is_nan()).collect();
    let middle = there.len() / 2;
    if there.is_empty() {
        return 0.0;
    }
    let even = there.len().is_multiple_of(2);
    let (below, median, _) = there.select_nth_unstable_by(middle, f64::total_cmp);
    match even {
        true => {
            let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            lower / 2.0 + *median / 2.0
        }
        false => *median,
    }
}

/// Returns whether a part differs between two of the rows.
fn varies(part: TimePart, times: &[f64], rows: &[u32]) -> bool {
    let there = rows.iter().map(|&row| times[row as usize]);
    let mut parts = there
        .filter(|time| !time.is_nan())
        .map(|time| part.of(time));
    let first = parts.next();
    parts.any(|part| Some(part) != first)
}

/// Returns the scale of the first input of a column, if it is a number that is more than 0 or 1.
fn measured(fitted: &ColumnEncoder, values: &ColumnValues, train: &[u32]) -> Option<Scale> {
    let (numbers, fill) = match (fitted, values) {
        (ColumnEncoder::Number { fill, .. }, ColumnValues::Numbers(numbers)) => (numbers, *fill),
        (ColumnEncoder::Time { parts, fill, .. }, ColumnValues::Times { values: times, .. })
            if parts.contains(&TimePart::Elapsed) =>
        {
            (times, *fill)
        }
        _ => return None,
    };
    let filled = |row: &u32| match numbers[*row as usize] {
        missing if missing.is_nan() => fill,
        number => number,
    };
    let filled: Vec<f64> = train.iter().map(filled).collect();
    let rows: Vec<u32> = (0..filled.len() as u32).collect();
    Some(Scale::inputs(&filled, 1, &rows))
}
