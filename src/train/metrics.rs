//! How good predictions are.

use serde::Serialize;

/// The error of a set of rows, and the share that was classified right.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Metrics {
    /// The mean of the rows' errors.
    pub loss: f64,
    /// The share of rows classified right; none for values.
    pub accuracy: Option<f64>,
}

/// How far predicted values are from the true ones, in the data's own units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Regression {
    /// Root of the mean squared error.
    pub rmse: f64,
    /// Mean absolute error.
    pub mae: f64,
    /// 1 - squared error / squared deviation from the mean; none where the true values are all equal.
    pub r2: Option<f64>,
}

/// Compares predicted with true values (rows, width), a column at a time.
pub fn regressions(predicted: &[f64], truth: &[f64], width: usize) -> Vec<Regression> {
    let column = |values: &[f64], c: usize| -> Vec<f64> {
        values.iter().skip(c).step_by(width).copied().collect()
    };
    (0..width)
        .map(|c| regression(&column(predicted, c), &column(truth, c)))
        .collect()
}

/// Compares predicted with true values of one kind, which are in the same order.
pub fn regression(predicted: &[f64], truth: &[f64]) -> Regression {
    let count = truth.len().max(1) as f64;
    let mean = truth.iter().sum::<f64>() / count;
    let (mut squared, mut absolute, mut spread) = (0.0, 0.0, 0.0);
    for (p, t) in predicted.iter().zip(truth) {
        squared += (p - t) * (p - t);
        absolute += (p - t).abs();
        spread += (t - mean) * (t - mean);
    }
    Regression {
        rmse: (squared / count).sqrt(),
        mae: absolute / count,
        r2: (spread > 0.0).then(|| 1.0 - squared / spread),
    }
}

/// How often each true class (row) was taken for each class (column).
pub fn confusion(predicted: &[u32], truth: &[u32], classes: usize) -> Vec<Vec<usize>> {
    let mut counts = vec![vec![0; classes]; classes];
    for (p, t) in predicted.iter().zip(truth) {
        counts[*t as usize][*p as usize] += 1;
    }
    counts
}
