//! Metrics of predictions.

use serde::Serialize;

/// Loss and accuracy on a set of rows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Metrics {
    /// Mean loss over the rows.
    pub loss: f64,
    /// Share of rows classified correctly; `None` for values.
    pub accuracy: Option<f64>,
}

/// Errors of predicted values, in the units of the data.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Regression {
    /// Root mean squared error.
    pub rmse: f64,
    /// Mean absolute error.
    pub mae: f64,
    /// 1 - squared error / squared deviation from the mean; `None` if all true values are equal.
    pub r2: Option<f64>,
}

/// Compares predicted and true values (rows, width), column by column.
pub fn regressions(predicted: &[f64], truth: &[f64], width: usize) -> Vec<Regression> {
    let column = |values: &[f64], c: usize| -> Vec<f64> {
        values.iter().skip(c).step_by(width).copied().collect()
    };
    (0..width)
        .map(|c| regression(&column(predicted, c), &column(truth, c)))
        .collect()
}

/// Compares predicted and true values of one column.
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

/// Returns the confusion matrix: counts for each true class (row) and predicted class (column).
pub fn confusion(predicted: &[u32], truth: &[u32], classes: usize) -> Vec<Vec<usize>> {
    let mut counts = vec![vec![0; classes]; classes];
    for (p, t) in predicted.iter().zip(truth) {
        counts[*t as usize][*p as usize] += 1;
    }
    counts
}
