//! One network of a sweep, and what became of it.

use super::axes::{Axes, Setting};

/// One network of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepNetwork {
    /// Which of the sweep's settings it has.
    pub setting: usize,
    /// Seed of its initial weights.
    pub seed: u64,
    /// The fold that it does not learn from.
    pub fold: usize,
    /// Epochs that it was trained for.
    pub epochs: usize,
    /// Mean error of the validation rows, or of the training rows if there are no others; none if it diverged.
    pub loss: Option<f64>,
    /// Share of these rows that it classifies right.
    pub accuracy: Option<f64>,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It is, or was to the end, in training.
    Trained,
    /// It was dropped for better ones.
    Dropped,
    /// It left the finite numbers.
    Diverged,
}

/// A network for each setting, seed and fold.
pub(super) fn networks(settings: &[Setting], axes: &Axes, folds: usize) -> Vec<SweepNetwork> {
    let mut networks = Vec::new();
    for setting in 0..settings.len() {
        for seed in axes.seeds.clone() {
            networks.extend((0..folds).map(|fold| SweepNetwork {
                setting,
                seed,
                fold,
                epochs: 0,
                loss: None,
                accuracy: None,
                fate: Fate::Trained,
            }));
        }
    }
    networks
}
