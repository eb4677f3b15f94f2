//! Scaling, column by column: scaled = (raw - shift) * factor.

use serde::{Deserialize, Serialize};

/// How the columns of a matrix are scaled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// What is subtracted, a column at a time.
    pub shift: Vec<f32>,
    /// What the difference is multiplied by; 0 for a constant column.
    pub factor: Vec<f32>,
}

impl Scale {
    /// Mean 0 and standard deviation 1 (of the population) over `rows` of `values`, in f64.
    ///
    /// # Shapes
    /// `values` (all rows, width), row-major; `rows` are row numbers.
    pub fn standard(values: &[f32], width: usize, rows: &[u32]) -> Scale {
        let mean = means(values, width, rows, |_, value| value);
        let variance = means(values, width, rows, |c, value| (value - mean[c]).powi(2));
        let first = rows.first().map_or(&[][..], |r| row(values, width, *r));
        let is_constant = |c: usize| rows.iter().all(|&r| row(values, width, r)[c] == first[c]);
        let factor = |(c, variance): (usize, &f64)| match 1.0 / variance.sqrt() {
            // A factor that f32 cannot hold is of a column that is as good as constant.
            factor if factor > f64::from(f32::MAX) || is_constant(c) => 0.0,
            factor => factor as f32,
        };
        Scale {
            factor: variance.iter().enumerate().map(factor).collect(),
            shift: mean.iter().map(|mean| *mean as f32).collect(),
        }
    }

    /// Pixels, 0 to 255, to 0 to 1.
    pub fn images(width: usize) -> Scale {
        Scale {
            shift: vec![0.0; width],
            factor: vec![1.0 / 255.0; width],
        }
    }

    /// No change.
    pub fn identity(width: usize) -> Scale {
        Scale {
            shift: vec![0.0; width],
            factor: vec![1.0; width],
        }
    }

    /// Scales `values` (rows, width).
    pub fn apply(&self, values: &mut [f32]) {
        self.each(values, |value, shift, factor| (value - shift) * factor);
    }

    /// Undoes [`Scale::apply`] on `values` (rows, width); a constant column comes back as its constant.
    pub fn invert(&self, values: &mut [f32]) {
        self.each(values, |value, shift, factor| match factor {
            0.0 => shift,
            _ => value / factor + shift,
        });
    }

    /// Replaces each value by a function of itself, its column's shift and its factor. In f64, where the difference of
    /// two large f32 is finite too.
    fn each(&self, values: &mut [f32], of: impl Fn(f64, f64, f64) -> f64) {
        for row in values.chunks_mut(self.shift.len().max(1)) {
            for ((v, shift), factor) in row.iter_mut().zip(&self.shift).zip(&self.factor) {
                *v = of((*v).into(), (*shift).into(), (*factor).into()) as f32;
            }
        }
    }
}

fn row(values: &[f32], width: usize, row: u32) -> &[f32] {
    &values[row as usize * width..][..width]
}

/// The mean over `rows` of a function of each column's values.
fn means(values: &[f32], width: usize, rows: &[u32], of: impl Fn(usize, f64) -> f64) -> Vec<f64> {
    let mut sums = vec![0.0; width];
    for &r in rows {
        for (c, (sum, value)) in sums.iter_mut().zip(row(values, width, r)).enumerate() {
            *sum += of(c, f64::from(*value));
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
        let mut values = raw;
        scale.apply(&mut values);
        let column: Vec<f32> = values.iter().step_by(2).copied().collect();
        assert!(column.iter().sum::<f32>().abs() < 1e-6);
        assert!((column.iter().map(|v| v * v).sum::<f32>() / 3.0 - 1.0).abs() < 1e-6);
        assert_eq!(values[1], 0.0, "a constant column");
        scale.invert(&mut values);
        assert_eq!(values, raw);
    }

    #[test]
    fn only_the_named_rows_count() {
        let scale = Scale::standard(&[0.0, 100.0, 2.0], 1, &[0, 2]);
        assert_eq!((scale.shift[0], scale.factor[0]), (1.0, 1.0));
    }

    #[test]
    fn a_constant_that_f32_rounds_is_still_constant_and_neighbours_are_not() {
        let tenths = Scale::standard(&[0.1; 7], 1, &[0, 1, 2, 3, 4, 5, 6]);
        assert_eq!((tenths.shift[0], tenths.factor[0]), (0.1, 0.0));
        let neighbours = Scale::standard(&[16_777_216.0, 16_777_218.0], 1, &[0, 1]);
        assert_eq!(neighbours.factor[0], 1.0);
    }

    #[test]
    fn the_largest_and_the_smallest_numbers_stay_finite() {
        for pair in [[f32::MAX, f32::MIN], [0.0, 1e-45], [f32::MAX, 0.0]] {
            let scale = Scale::standard(&pair, 1, &[0, 1]);
            let mut values = pair;
            scale.apply(&mut values);
            assert!(values.iter().all(|v| v.abs() < 1.1), "{pair:?}: {values:?}");
            scale.invert(&mut values);
            assert!(values.iter().all(|v| v.is_finite()), "{pair:?}: {values:?}");
        }
    }

    #[test]
    fn no_rows_and_no_columns_are_no_trouble() {
        assert_eq!(Scale::standard(&[], 2, &[]).factor, [0.0, 0.0]);
        assert_eq!(Scale::standard(&[], 0, &[0, 1]), Scale::identity(0));
        Scale::identity(0).apply(&mut [1.0]);
    }

    #[test]
    fn pixels_go_from_zero_to_one() {
        let mut pixels = [0.0, 127.5, 255.0];
        Scale::images(3).apply(&mut pixels);
        assert_eq!(pixels, [0.0, 0.5, 1.0]);
    }
}
