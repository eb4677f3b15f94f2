//! Metrics of predictions, as scikit-learn defines them.

mod advice;
mod classes;
mod probabilities;

pub use advice::{Advice, falls_between, still_falls};
pub use classes::{Average, ClassScore, ClassScores, Majority, worst_pairs};
pub use probabilities::{log_loss, roc_auc};

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
    /// The errors of always predicting the mean of the true values.
    pub baseline: MeanError,
}

/// Errors of always predicting the mean of the true values, in the units of the data.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MeanError {
    /// Root mean squared error.
    pub rmse: f64,
    /// Mean absolute error.
    pub mae: f64,
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
    let (mut squared, mut absolute, mut spread, mut distance) = (0.0, 0.0, 0.0, 0.0);
    for (p, t) in predicted.iter().zip(truth) {
        squared += (p - t) * (p - t);
        absolute += (p - t).abs();
        spread += (t - mean) * (t - mean);
        distance += (t - mean).abs();
    }
    Regression {
        rmse: (squared / count).sqrt(),
        mae: absolute / count,
        r2: (spread > 0.0).then(|| 1.0 - squared / spread),
        baseline: MeanError {
            rmse: (spread / count).sqrt(),
            mae: distance / count,
        },
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
