//! The validation losses of a sweep's networks at earlier evaluations.

use crate::train::metrics::falls_between;

/// Losses at the first evaluation, at the one before the last, and at the last.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct History(pub(super) Vec<EvaluatedLosses>);

/// A number of epochs, and the loss of each network then.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct EvaluatedLosses {
    pub(super) epoch: usize,
    pub(super) losses: Vec<Option<f64>>,
}

impl History {
    /// Notes the losses of an evaluation.
    pub(super) fn note(&mut self, losses: EvaluatedLosses) {
        if self.0.len() == 3 {
            self.0.remove(1);
        }
        self.0.push(losses);
    }

    /// Returns whether the validation loss of a network still fell at the last evaluation.
    pub(super) fn still_falls(&self, network: usize) -> bool {
        let at = |losses: &EvaluatedLosses| Some((losses.epoch, (*losses.losses.get(network)?)?));
        let [first, .., last] = &self.0[..] else {
            return false;
        };
        let before = &self.0[self.0.len() - 2];
        match (at(first), at(before), at(last)) {
            (Some((_, first)), Some(before), Some(last)) => falls_between(first, before, last),
            _ => false,
        }
    }
}
