//! Settings of the training loop and the device.

use crate::gpu::{Precision, Sums};
use crate::plan::Order;
use serde::{Deserialize, Serialize};

/// Maximum number of networks of an ensemble.
pub const MOST_NETWORKS: usize = 1000;

/// Settings of the training loop and the device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunConfig {
    /// The defaults of settings that are not given.
    pub recipe: Recipe,
    /// Passes over the training rows. Without it, training ends by `patience` or `max_steps`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<usize>,
    /// The largest number of steps; if neither it nor `epochs` is given, it depends on the number of rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_steps: Option<usize>,
    /// Number of epochs without a better validation loss after which training ends; if neither it nor `epochs` is given,
    /// it depends on the number of rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<usize>,
    /// Which parameters become the model; if not given, the last ones of a fixed number of epochs, else the best ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
    /// Whether to train anew on training and validation rows, as far as the best epoch; if not given, it depends on the
    /// number of rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refit: Option<bool>,
    /// Number of networks to train, each from its own initial weights and with its own validation rows. Predictions are
    /// means over them.
    pub ensemble: usize,
    /// Rows per batch; if not given, it depends on the recipe and on the number of rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<usize>,
    /// Random seed of the initial weights, and of the data unless it has a `split_seed`.
    pub seed: u64,
    /// auto, cpu, gpu, part of an adapter's name, or all in a sweep.
    pub device: String,
    /// vulkan, metal, dx12 or gl; any if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// Limit in MiB for inputs in device memory; larger data is streamed in windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<u64>,
    /// Limit in seconds for the time of training, after which the best parameters so far become the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_time: Option<f64>,
    /// Seconds between checkpoints; 30 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<f64>,
    /// What carries the messages between the processes that train one network together, if several do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distributed: Option<Distributed>,
    /// When to update a layer.
    pub order: Order,
    /// How to sum gradients over a batch. The saved configuration of a run has what the run used.
    pub sums: Sums,
    /// Precision of matrix products.
    pub precision: Precision,
}

/// A set of defaults. Settings that are given win over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Recipe {
    /// The defaults of older versions: 30 epochs, without weight decay.
    #[default]
    Plain,
    /// For tables: trains until the validation loss no longer improves, reduces the learning rate twice, keeps the best
    /// epoch, decays weights, and starts with outputs near 0.
    Tabular,
    /// For images: as tabular, with a wider layer, larger batches, and a fixed number of epochs with a falling learning
    /// rate.
    Images,
}

impl Recipe {
    /// Every recipe.
    pub const ALL: [Recipe; 3] = [Recipe::Plain, Recipe::Tabular, Recipe::Images];
}

/// What carries the messages between the processes that train one network together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Distributed {
    /// MPI: the processes that `mpirun` or `srun` has started.
    Mpi,
}

impl Distributed {
    /// Every choice.
    pub const ALL: [Distributed; 1] = [Distributed::Mpi];
}

/// Which parameters of a run become the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// Those of the epoch with the best validation loss.
    Best,
    /// Those after the last epoch.
    Last,
}

impl Keep {
    /// Both choices.
    pub const ALL: [Keep; 2] = [Keep::Best, Keep::Last];
}

impl Default for RunConfig {
    fn default() -> RunConfig {
        RunConfig {
            recipe: Recipe::Plain,
            epochs: None,
            max_steps: None,
            patience: None,
            keep: None,
            refit: None,
            ensemble: 1,
            batch_size: None,
            seed: 0,
            device: "auto".to_owned(),
            backend: None,
            memory_limit: None,
            max_time: None,
            checkpoint: None,
            distributed: None,
            order: Order::default(),
            sums: Sums::default(),
            precision: Precision::default(),
        }
    }
}
