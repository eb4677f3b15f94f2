//! Scaling of columns: scaled = (raw - shift) * factor.

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
    /// if its standard deviation is at most a few rounding errors of its mean.
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
        let variance = means(values, width, rows, |c, value| (value - mean[c]).powi(2));
        let is_constant = |c: usize| rows.iter().all(|&r| row(values, width, r)[c] == first[c]);
        let noise = |c: usize| ROUNDINGS * mean[c].abs() * f64::EPSILON;
        let factor = |(c, variance): (usize, &f64)| match variance.sqrt() {
            deviation if deviation <= noise(c) || is_constant(c) => 0.0,
            deviation => 1.0 / deviation,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_columns_have_mean_zero_and_deviation_one_and_come_back() {
        let raw = [1.0, 7.0, 3.0, 7.0, 5.0, 7.0];
        let scale = Scale::standard(&raw, 2, &[0, 1, 2]);
        let values = scale.apply(&raw, 0..3);
        let column: Vec<f32> = values.iter().step_by(2).copied().collect();
        assert!(column.iter().sum::<f32>().abs() < 1e-6);
        assert!((column.iter().map(|v| v * v).sum::<f32>() / 3.0 - 1.0).abs() < 1e-6);
        assert_eq!(values[1], 0.0, "a constant column");
        let back = scale.invert(&values);
        let near = |(back, raw): (&f64, &f64)| (back - raw).abs() < 1e-6;
        assert!(back.iter().zip(&raw).all(near), "{back:?}");
        assert_eq!(scale.apply(&raw, [2, 0].into_iter()).len(), 4);
    }

    #[test]
    fn only_the_named_rows_count() {
        let scale = Scale::standard(&[0.0, 100.0, 2.0], 1, &[0, 2]);
        assert_eq!((scale.shift[0], scale.factor[0]), (1.0, 1.0));
    }

    #[test]
    fn a_constant_whose_mean_is_rounded_is_still_constant_and_neighbours_are_not() {
        let tenths = Scale::standard(&[0.1; 7], 1, &[0, 1, 2, 3, 4, 5, 6]);
        assert_eq!((tenths.shift[0], tenths.factor[0]), (0.1, 0.0));
        let neighbours = Scale::standard(&[16_777_216.0, 16_777_218.0], 1, &[0, 1]);
        assert_eq!(neighbours.factor[0], 1.0);
        let rounded = Scale::standard(&[0.1 + 0.2, 0.3], 1, &[0, 1]);
        assert_eq!(rounded.factor[0], 0.0, "what differs by rounding alone");
    }

    #[test]
    fn differences_that_are_small_beside_the_numbers_are_kept() {
        let times: Vec<f64> = (0..100).map(|i| 1.7e9 + 1.7 * f64::from(i)).collect();
        let rows: Vec<u32> = (0..100).collect();
        let scale = Scale::standard(&times, 1, &rows);
        let scaled = scale.apply(&times, 0..100);
        let steps = scaled.windows(2).map(|pair| pair[1] - pair[0]);
        let step = 1.7 * scale.factor[0] as f32;
        assert!(steps.into_iter().all(|s| (s - step).abs() < 1e-6));
        let back = scale.invert(&scaled);
        let near = |(back, time): (&f64, &f64)| (back - time).abs() < 1e-5;
        assert!(back.iter().zip(&times).all(near));
    }

    #[test]
    fn the_largest_and_the_smallest_numbers_stay_finite() {
        let (most, least) = (f64::from(f32::MAX), f64::from(f32::MIN));
        for pair in [[most, least], [0.0, 1e-45], [most, 0.0]] {
            let scale = Scale::standard(&pair, 1, &[0, 1]);
            let values = scale.apply(&pair, 0..2);
            let one = |v: &f32| v.abs() > 0.9 && v.abs() < 1.1;
            assert!(values.iter().all(one), "{pair:?}: {values:?}");
            let values = scale.invert(&values);
            assert!(values.iter().all(|v| v.is_finite()), "{pair:?}: {values:?}");
        }
    }

    #[test]
    fn no_rows_and_no_columns_are_no_trouble() {
        assert_eq!(Scale::standard(&[], 2, &[]).factor, [0.0, 0.0]);
        assert_eq!(Scale::standard(&[], 0, &[0, 1]), Scale::identity(0));
        assert!(Scale::identity(0).apply::<f64>(&[], 0..2).is_empty());
        assert!(Scale::identity(0).invert(&[]).is_empty());
    }

    #[test]
    fn pixels_go_from_zero_to_one() {
        let pixels = Scale::images(3).apply(&[0u8, 51, 255], 0..1);
        assert_eq!(pixels, [0.0, 0.2, 1.0]);
    }
}
