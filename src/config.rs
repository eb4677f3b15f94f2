//! The configuration of a run: a TOML file, the command line's flags and a program's calls are the same thing.
//!
//! Five blocks: data, network, loss, optimizer, run. What is left out has a default; the resolved configuration, with
//! every default filled in, is written beside the model.

mod builder;
mod keys;
mod kinds;
pub mod origin;
mod rules;

pub use origin::{ConfigFile, ConfigKey, Origin};

use crate::Error;
use crate::dataset::Task;
use crate::gpu::{Precision, Sums};
use crate::model::{Activation, Loss, Optimizer, OptimizerKind};
use crate::plan::Order;
use keys::Source;
use serde::{Deserialize, Serialize};
use toml::de::DeTable;

/// Everything that decides a run: `Config::default().hidden([16]).epochs(40).fit(&data)`. Its defaults are those of
/// `wgrad train`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What to learn from.
    pub data: DataConfig,
    /// The layers.
    pub network: NetworkConfig,
    /// What is minimised.
    pub loss: LossConfig,
    /// How.
    pub optimizer: OptimizerConfig,
    /// For how long, and where.
    pub run: RunConfig,
}

/// What to learn from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// A file, a folder or a built-in name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Target columns; the last column if there are none.
    pub target: Vec<String>,
    /// Classes or values; what the target looks like if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// Columns to leave out.
    pub drop: Vec<String>,
    /// Leave rows with missing values out.
    pub skip_missing: bool,
    /// Share of the rows in the validation set.
    pub val: f64,
    /// Share of the rows in the test set.
    pub test: f64,
}

/// The layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkConfig {
    /// Widths of the hidden layers; none is a linear model.
    pub hidden: Vec<usize>,
    /// Activation of the hidden layers.
    pub activation: Activation,
    /// Whether biases are trained.
    pub train_bias: bool,
}

/// What is minimised.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LossConfig {
    /// Cross-entropy for classes and mse for values if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Loss>,
}

/// How it is minimised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptimizerConfig {
    /// Which optimizer.
    pub kind: OptimizerKind,
    /// Step size; 0.001 for adam and 0.01 for sgd if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
    /// Sgd: share of the last step's velocity that is kept.
    pub momentum: f64,
    /// Sgd: L2 penalty, added to the gradient; adam: decoupled decay.
    pub weight_decay: f64,
    /// Adam: decay of the mean of gradients.
    pub beta1: f64,
    /// Adam: decay of the mean of squared gradients.
    pub beta2: f64,
    /// Adam: added to the denominator.
    pub epsilon: f64,
}

/// For how long, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunConfig {
    /// Passes over the training rows.
    pub epochs: usize,
    /// Rows a step.
    pub batch_size: usize,
    /// Seed of everything random.
    pub seed: u64,
    /// auto, cpu, gpu, or a part of an adapter's name.
    pub device: String,
    /// vulkan, metal, dx12 or gl; any if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// MiB of inputs that the device may hold at once; what does not fit comes a window at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<u64>,
    /// When a layer is updated.
    pub order: Order,
    /// How gradients are added over the rows of a batch; in the configuration of a run, how they were.
    pub sums: Sums,
    /// What products are computed in.
    pub precision: Precision,
}

impl Default for DataConfig {
    fn default() -> DataConfig {
        DataConfig {
            source: None,
            target: Vec::new(),
            task: None,
            drop: Vec::new(),
            skip_missing: false,
            val: 0.1,
            test: 0.2,
        }
    }
}

impl Default for NetworkConfig {
    fn default() -> NetworkConfig {
        NetworkConfig {
            hidden: vec![64],
            activation: Activation::default(),
            train_bias: true,
        }
    }
}

impl Default for OptimizerConfig {
    fn default() -> OptimizerConfig {
        OptimizerConfig {
            kind: OptimizerKind::default(),
            learning_rate: None,
            momentum: 0.0,
            weight_decay: 0.0,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
        }
    }
}

impl Default for RunConfig {
    fn default() -> RunConfig {
        RunConfig {
            epochs: 30,
            batch_size: 32,
            seed: 0,
            device: "auto".to_owned(),
            backend: None,
            memory_limit: None,
            order: Order::default(),
            sums: Sums::default(),
            precision: Precision::default(),
        }
    }
}

impl OptimizerConfig {
    /// The optimizer that is meant.
    pub fn optimizer(&self) -> Optimizer {
        let weight_decay = self.weight_decay;
        match self.kind {
            OptimizerKind::Sgd => Optimizer::Sgd {
                learning_rate: self.learning_rate.unwrap_or(0.01),
                momentum: self.momentum,
                weight_decay,
            },
            OptimizerKind::Adam => Optimizer::Adam {
                learning_rate: self.learning_rate.unwrap_or(1e-3),
                beta1: self.beta1,
                beta2: self.beta2,
                epsilon: self.epsilon,
                weight_decay,
            },
        }
    }
}

impl Config {
    /// Reads a configuration from TOML; `name` is what errors call it.
    pub fn parse(text: &str, name: &str) -> Result<Config, Error> {
        Ok(parsed(&Source { text, name })?.0)
    }

    /// The configuration as TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a configuration is plain tables of plain values")
    }
}

/// The configuration in `source`, and the table that it was read from.
fn parsed<'s>(source: &Source<'s>) -> Result<(Config, DeTable<'s>), Error> {
    let Source { text, name } = *source;
    let table = DeTable::parse(text).map_err(|why| source.not_toml(&why))?;
    source.check_keys(table.get_ref())?;
    let config = toml::from_str(text).map_err(|e| Error::Config(format!("{name}: {e}")))?;
    Ok((config, table.into_inner()))
}
