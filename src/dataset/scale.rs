//! Scaling of columns: scaled = (raw - shift) * factor.

use crate::threads::{map, threads_for};
use serde::{Deserialize, Serialize};

/// Rounding errors, in units of the mean's precision, up to which a column counts as constant.
const ROUNDINGS: f64 = 4.0;

/// The scaling of the columns of a matrix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// The value to subtract, per column.
    pub shift: Vec<f64>,
    /// The factor for the difference, per column; 0 for a constant column.
    pub factor: Vec<f64>,
}

impl Scale {
    /// Computes the scaling to mean 0 and population standard deviation 1 over `rows` of `values`. A column is constant
    /// if its standard deviation is at most a few rounding errors of its mean, or so small that its inverse is not finite
    /// (below 6e-309).
    ///
    /// # Shapes
    /// `values` (all rows, width), row-major; `rows` are row numbers.
    pub fn standard(values: &[f64], width: usize, rows: &[u32]) -> Scale {
        let first = rows.first().map_or(&[][..], |r| row(values, width, *r));
        // Sum the differences to the first row: this loses no precision where the numbers are large beside them.
        let offset = means(values, width, rows, |c, value| value - first[c]);
        let mean: Vec<f64> = offset
            .iter()
            .enumerate()
            .map(|(c, offset)| first.get(c).copied().unwrap_or(0.0) + offset)
            .collect();
        let unit: Vec<f64> = (0..width)
            .map(|c| {
                let apart = rows.iter().map(|&r| row(values, width, r)[c] - first[c]);
                power_of_two(apart.fold(0.0, |most, apart| most.max(apart.abs())))
            })
            .collect();
        let variance = means(values, width, rows, |c, value| {
            ((value - mean[c]) / unit[c]).powi(2)
        });
        let is_constant = |c: usize| rows.iter().all(|&r| row(values, width, r)[c] == first[c]);
        let noise = |c: usize| ROUNDINGS * mean[c].abs() * f64::EPSILON;
        let factor = |(c, variance): (usize, &f64)| match variance.sqrt() * unit[c] {
            deviation if deviation <= noise(c) || is_constant(c) => 0.0,
            deviation => Some(1.0 / deviation)
                .filter(|factor| factor.is_finite())
                .unwrap_or(0.0),
        };
        let shift = |(c, mean): (usize, &f64)| match is_constant(c) {
            true => first.get(c).copied().unwrap_or(0.0),
            false => *mean,
        };
        Scale {
            shift: mean.iter().enumerate().map(shift).collect(),
            factor: variance.iter().enumerate().map(factor).collect(),
        }
    }

    /// Computes the scaling of counts to mean 1 over `rows`, without a shift. Columns with the mean 0 stay as they are.
    ///
    /// # Shapes
    /// As [`Scale::standard`].
    pub fn means(values: &[f64], width: usize, rows: &[u32]) -> Scale {
        let means = means(values, width, rows, |_, value| value);
        let factor = means.iter().map(|mean| {
            let factor = Some(1.0 / mean);
            factor.filter(|f| f.is_finite() && *f > 0.0).unwrap_or(1.0)
        });
        Scale {
            shift: vec![0.0; width],
            factor: factor.collect(),
        }
    }

    /// Computes the scaling of inputs: as [`Scale::standard`], but columns of zeros and ones stay as they are. Scaled,
    /// the rare one of two values would be far from the other.
    ///
    /// # Shapes
    /// As [`Scale::standard`].
    pub fn inputs(values: &[f64], width: usize, rows: &[u32]) -> Scale {
        let mut scale = Scale::standard(values, width, rows);
        let mut is_binary = vec![true; width];
        for &r in rows {
            let cells = is_binary.iter_mut().zip(row(values, width, r));
            cells.for_each(|(is_binary, value)| *is_binary &= *value == 0.0 || *value == 1.0);
        }
        for (c, _) in is_binary.iter().enumerate().filter(|(_, is)| **is) {
            if scale.factor[c] != 0.0 {
                (scale.shift[c], scale.factor[c]) = (0.0, 1.0);
            }
        }
        scale
    }

    /// Computes the scaling of inputs, as [`Scale::inputs`], from columns.
    pub(crate) fn of_columns(columns: &[&[f64]], rows: &[u32]) -> Scale {
        let scales = map(
            threads_for(columns.len() * rows.len()),
            columns.to_vec(),
            |values| Scale::inputs(values, 1, rows),
        );
        Scale {
            shift: scales
                .iter()
                .flat_map(|scale| &scale.shift)
                .copied()
                .collect(),
            factor: scales
                .iter()
                .flat_map(|scale| &scale.factor)
                .copied()
                .collect(),
        }
    }

    /// Checks that there are a shift and a factor for each of `width` columns, and that both can be used.
    ///
    /// # Errors
    /// A message that says what is wrong.
    pub fn check(&self, width: usize) -> Result<(), String> {
        let (shifts, factors) = (self.shift.len(), self.factor.len());
        if [shifts, factors] != [width; 2] {
            return Err(format!(
                "{shifts} shifts and {factors} factors; expected {width} of each"
            ));
        }
        let usable = |factor: &&f64| factor.is_finite() && **factor >= 0.0;
        if let Some(bad) = self.factor.iter().find(|factor| !usable(factor)) {
            return Err(format!(
                "a factor of {bad}; expected a finite number above 0, or 0 for a constant column"
            ));
        }
        match self.shift.iter().find(|shift| !shift.is_finite()) {
            Some(bad) => Err(format!("a shift of {bad}; expected a finite number")),
            None => Ok(()),
        }
    }

    /// Scales pixels from 0 to 255 to the range 0 to 1.
    pub fn images(width: usize) -> Scale {
        Scale {
            shift: vec![0.0; width],
            factor: vec![1.0 / 255.0; width],
        }
    }

    /// Leaves columns unchanged.
    pub fn identity(width: usize) -> Scale {
        Scale {
            shift: vec![0.0; width],
            factor: vec![1.0; width],
        }
    }

    /// Scales some rows of `values` (all rows, width) for a network.
    pub fn apply<T: Copy + Into<f64>>(
        &self,
        values: &[T],
        rows: impl ExactSizeIterator<Item = usize>,
    ) -> Vec<f32> {
        let width = self.shift.len();
        let mut all = Vec::with_capacity(rows.len() * width);
        for row in rows {
            let scaled = |value: f64, shift, factor| ((value - shift) * factor) as f32;
            all.extend(self.each(&values[row * width..][..width], scaled));
        }
        all
    }

    /// Undoes [`Scale::apply`] on `values` (rows, width). A constant column becomes its constant.
    pub fn invert(&self, values: &[f32]) -> Vec<f64> {
        let raw = |value, shift, factor| match factor {
            0.0 => shift,
            _ => value / factor + shift,
        };
        let rows = values.chunks(self.shift.len().max(1));
        rows.flat_map(|row| self.each(row, raw)).collect()
    }

    /// Maps each value of a row, with its column's shift and factor.
    fn each<T: Copy + Into<f64>, U>(
        &self,
        row: &[T],
        of: impl Fn(f64, f64, f64) -> U,
    ) -> impl Iterator<Item = U> {
        let columns = self.shift.iter().zip(&self.factor).zip(row);
        columns.map(move |((shift, factor), v)| of((*v).into(), *shift, *factor))
    }
}

/// Returns the power of two below a value of at least 0. In this unit, squares of differences neither overflow nor
/// underflow, and a division by it is exact.
fn power_of_two(value: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff0_0000_0000_0000;
    match value {
        0.0 => 1.0,
        _ => f64::from_bits(value.to_bits() & EXPONENT).max(f64::MIN_POSITIVE),
    }
}

fn row(values: &[f64], width: usize, row: u32) -> &[f64] {
    &values[row as usize * width..][..width]
}

/// Returns the mean over `rows` of a function of each column's values.
fn means(values: &[f64], width: usize, rows: &[u32], of: impl Fn(usize, f64) -> f64) -> Vec<f64> {
    let mut sums = vec![0.0; width];
    for &r in rows {
        for (c, (sum, value)) in sums.iter_mut().zip(row(values, width, r)).enumerate() {
            *sum += of(c, *value);
        }
    }
    let count = rows.len().max(1) as f64;
    sums.iter().map(|sum| sum / count).collect()
}
