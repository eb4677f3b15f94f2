//! What a search has found of its candidates, and their order.

use super::candidates::Candidate;
use crate::train::Model;

/// A candidate and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// The setting.
    pub candidate: Candidate,
    /// The losses on the validation rows of each fold so far; infinite where training diverged.
    pub losses: Vec<f64>,
    /// The accuracies, for classes.
    pub accuracies: Vec<f64>,
    /// The network of the last of these folds.
    pub model: Option<Model>,
}

/// Sorts candidates: those with more folds first, then by their mean loss.
pub(super) fn rank<T>(tried: &mut [T], losses: impl Fn(&T) -> &Vec<f64>) {
    tried.sort_by(|a, b| {
        let [a, b] = [a, b].map(&losses);
        let by_folds = b.len().cmp(&a.len());
        by_folds.then_with(|| mean(a).total_cmp(&mean(b)))
    });
}

/// Returns the mean; NaN of nothing.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

impl Tried {
    /// Returns the mean loss and its standard error, which is `None` for one fold.
    pub fn loss(&self) -> (f64, Option<f64>) {
        (mean(&self.losses), standard_error(&self.losses))
    }

    /// Returns the mean accuracy and its standard error, for classes.
    pub fn accuracy(&self) -> Option<(f64, Option<f64>)> {
        let some = !self.accuracies.is_empty();
        some.then(|| (mean(&self.accuracies), standard_error(&self.accuracies)))
    }

    /// Returns whether the mean loss is within one standard error of that of `best`, by the differences on the folds that
    /// both have. Never for a single fold.
    pub fn is_tied(&self, best: &Tried) -> bool {
        let pairs = self.losses.iter().zip(&best.losses);
        let differences: Vec<f64> = pairs.map(|(own, best)| own - best).collect();
        standard_error(&differences).is_some_and(|error| mean(&differences) <= error)
    }
}

/// Returns the standard error of the mean.
fn standard_error(values: &[f64]) -> Option<f64> {
    let count = values.len() as f64;
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (count - 1.0) / count).sqrt())
}
