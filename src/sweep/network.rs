//! The networks of a sweep, each with its scores and its fate, and the memory that they take.

use super::axes::{Axes, Setting};
use crate::Error;
use crate::dataset::memory;
use crate::device::Device;
use crate::model::{Initialization, Mlp};
use crate::plan::Training;
use crate::text::counted;
use crate::train::Prepared;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
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

/// Checks that the parameters of all networks fit into memory: as they begin, joined, and on the CPU device with their
/// gradients and moments.
pub(super) fn require_memory(
    device: &Device,
    fold: &Prepared,
    settings: &[Setting],
    axes: &Axes,
    networks: &[SweepNetwork],
) -> Result<(), Error> {
    let moments = axes.variants.iter().map(|v| v.training.optimizer.moments());
    let numbers = match device {
        Device::Cpu => 4 + moments.max().unwrap_or(0),
        Device::Gpu(_) => 2,
    };
    let parameters = |setting: &Setting| -> u128 {
        let widths = widths(fold.schema.inputs, &setting.hidden, fold.outputs);
        let pairs = widths.windows(2);
        pairs.map(|w| w[1] as u128 * (1 + w[0] as u128)).sum()
    };
    let of_settings: Vec<u128> = settings.iter().map(parameters).collect();
    let all = networks.iter().map(|n| of_settings[n.setting]);
    let bytes = 4 * numbers as u128 * all.sum::<u128>();
    let cure = "use fewer `seeds` or `folds`, shorter lists, or smaller `hidden` layers";
    let what = format!("a sweep of {}", counted(networks.len(), "network"));
    Ok(memory::require(bytes, 1, &what, cure)?)
}

/// Returns the widths of a network: inputs, hidden layers, outputs.
pub fn widths(inputs: usize, hidden: &[usize], outputs: usize) -> Vec<usize> {
    let ends = ([inputs], [outputs]);
    ends.0
        .into_iter()
        .chain(hidden.iter().copied())
        .chain(ends.1)
        .collect()
}

/// Returns a network of a setting with the initial parameters of seed 0.
pub(super) fn network_of(
    setting: &Setting,
    training: &Training,
    init: Initialization,
    fold: &Prepared,
) -> Mlp {
    let widths = widths(fold.schema.inputs, &setting.hidden, fold.outputs);
    let output = training.loss.output_activation(fold.classes);
    Mlp::zeros(&widths, setting.activation, output).drawn(init, 0)
}
