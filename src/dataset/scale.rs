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
    /// Mean 0 and standard deviation 1 over `rows` of `values` (all rows, width).
    pub fn standard(values: &[f32], width: usize, rows: &[u32]) -> Scale {
        let column = |c: usize| {
            rows.iter()
                .map(move |&r| f64::from(values[r as usize * width + c]))
        };
        let count = rows.len().max(1) as f64;
        let mut scale = Scale {
            shift: Vec::with_capacity(width),
            factor: Vec::with_capacity(width),
        };
        for c in 0..width {
            let mean = column(c).sum::<f64>() / count;
            let variance = column(c).map(|v| (v - mean).powi(2)).sum::<f64>() / count;
            let deviation = variance.sqrt();
            // Below this the deviation is the rounding of a constant.
            let constant = deviation <= mean.abs() * 1e-7;
            scale.shift.push(mean as f32);
            scale.factor.push(if constant {
                0.0
            } else {
                (1.0 / deviation) as f32
            });
        }
        scale
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
        for row in values.chunks_mut(self.shift.len().max(1)) {
            for ((v, shift), factor) in row.iter_mut().zip(&self.shift).zip(&self.factor) {
                *v = (*v - shift) * factor;
            }
        }
    }

    /// Undoes [`Scale::apply`]; a constant column comes back as its constant.
    pub fn invert(&self, values: &mut [f32]) {
        for row in values.chunks_mut(self.shift.len().max(1)) {
            for ((v, shift), factor) in row.iter_mut().zip(&self.shift).zip(&self.factor) {
                *v = if *factor == 0.0 {
                    *shift
                } else {
                    *v / factor + shift
                };
            }
        }
    }
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
}
