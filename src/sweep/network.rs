//! A network of a sweep, with its scores and its fate.

use super::axes::{Axes, Setting};

/// A network of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepNetwork {
    /// Index of its setting.
    pub setting: usize,
    /// Seed of the initial weights.
    pub seed: u64,
    /// The fold held out for validation.
    pub fold: usize,
    /// Number of epochs trained.
    pub epochs: usize,
    /// Mean loss on the validation rows, or on the training rows if there are none; `None` if the network diverged.
    pub loss: Option<f64>,
    /// Share of these rows that are classified correctly.
    pub accuracy: Option<f64>,
    /// The state of the network.
    pub fate: Fate,
}

/// The state of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// In training, or trained to the end.
    Trained,
    /// Dropped in favour of better networks.
    Dropped,
    /// Produced values that are not finite.
    Diverged,
}

/// Creates a network for each setting, seed and fold.
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
