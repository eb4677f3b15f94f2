//! The configuration of a run, shared by TOML files, command-line flags and calls from programs.
//!
//! It has five blocks: data, network, loss, optimizer, run. Omitted settings have defaults. Runs save the resolved
//! configuration, with all defaults filled in, next to the model.

mod builder;
mod keys;
mod kinds;
pub mod origin;
mod rules;
mod split;

pub use origin::{ConfigFile, ConfigKey, Origin};

use crate::Error;
use crate::dataset::{Delimiter, DialectOptions, MAX_LEVELS, MissingRows, ReadOptions, Task};
use crate::gpu::{Precision, Sums};
use crate::model::{Activation, Loss, Optimizer, OptimizerKind};
use crate::plan::Order;
use keys::Source;
use serde::{Deserialize, Serialize};
use toml::de::DeTable;

/// All settings of a run, as in `Config::default().hidden([16]).epochs(40).fit(&data)`. The defaults are those of
/// `wgrad train`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Data set and split.
    pub data: DataConfig,
    /// Layers of the network.
    pub network: NetworkConfig,
    /// Loss function.
    pub loss: LossConfig,
    /// Optimizer.
    pub optimizer: OptimizerConfig,
    /// Training loop and device.
    pub run: RunConfig,
}

/// Settings of the data set and its split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataConfig {
    /// A file, a folder or a built-in name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Target columns; if there are none, the one with a usual name, else the last column.
    pub target: Vec<String>,
    /// Classes or values; guessed from the target if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<Task>,
    /// Columns to ignore.
    pub drop: Vec<String>,
    /// The columns to learn from; all others if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// Columns to take as numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<String>,
    /// Columns to take as categories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// Marks for missing values, in all columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// What to do with rows with missing inputs.
    pub missing_rows: MissingRows,
    /// In older files: `true` for `missing_rows = "drop"`.
    #[serde(skip_serializing)]
    skip_missing: bool,
    /// The largest number of levels of a category.
    pub max_levels: usize,
    /// What separates cells; detected if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<Delimiter>,
    /// The decimal mark, `.` or `,`; detected if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// The encoding of the text; detected if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// What a comment line begins with; detected if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Whether line 1 has the names of the columns; detected if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// The height and width to which images are scaled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<[usize; 2]>,
    /// Share of the rows in the validation set.
    pub val: f64,
    /// Share of the rows in the test set.
    pub test: f64,
    /// A file with the validation rows. Replaces `val`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub val_file: Option<String>,
    /// A file with the test rows. Replaces `test`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_file: Option<String>,
    /// Whether rows are shuffled before they are split; else the last rows are for the test.
    #[serde(skip_serializing_if = "is_true")]
    pub shuffle: bool,
    /// The column of groups: rows of one group are in one part of the split.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_by: Option<String>,
    /// Of a cross-validation: the fold to validate on, from 1, and the number of folds. Replaces `val`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fold: Option<[usize; 2]>,
    /// Seed of the split, the row order and generated data; that of `[run]` if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_seed: Option<u64>,
}

/// Settings of the network's layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkConfig {
    /// Widths of the hidden layers; empty for a linear model.
    pub hidden: Vec<usize>,
    /// Activation of the hidden layers.
    pub activation: Activation,
    /// Whether biases are trained.
    pub train_bias: bool,
}

/// Settings of the loss function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LossConfig {
    /// Loss function; if not given, cross-entropy for classes and mse for values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Loss>,
}

/// Settings of the optimizer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptimizerConfig {
    /// Kind of optimizer.
    pub kind: OptimizerKind,
    /// Learning rate; if not given, 0.001 for adam and 0.01 for sgd.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
    /// Sgd: momentum, the factor for the previous velocity.
    pub momentum: f64,
    /// Sgd: L2 penalty, added to the gradient; adam: decoupled decay.
    pub weight_decay: f64,
    /// Adam: decay rate of the mean of gradients.
    pub beta1: f64,
    /// Adam: decay rate of the mean of squared gradients.
    pub beta2: f64,
    /// Adam: added to the denominator.
    pub epsilon: f64,
}

/// Settings of the training loop and the device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunConfig {
    /// Passes over the training rows.
    pub epochs: usize,
    /// Rows per batch.
    pub batch_size: usize,
    /// Random seed of the initial weights, and of the data unless it has a `split_seed`.
    pub seed: u64,
    /// auto, cpu, gpu, or part of an adapter's name.
    pub device: String,
    /// vulkan, metal, dx12 or gl; any if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// Limit in MiB for inputs in device memory; larger data is streamed in windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<u64>,
    /// When to update a layer.
    pub order: Order,
    /// How to sum gradients over a batch. The saved configuration of a run has what the run used.
    pub sums: Sums,
    /// Precision of matrix products.
    pub precision: Precision,
}

impl Default for DataConfig {
    fn default() -> DataConfig {
        DataConfig {
            source: None,
            target: Vec::new(),
            task: None,
            drop: Vec::new(),
            features: Vec::new(),
            numbers: Vec::new(),
            categories: Vec::new(),
            missing: Vec::new(),
            missing_rows: MissingRows::default(),
            skip_missing: false,
            max_levels: MAX_LEVELS,
            delimiter: None,
            decimal: None,
            encoding: None,
            comment: None,
            header: None,
            size: None,
            val: 0.1,
            test: 0.2,
            val_file: None,
            test_file: None,
            shuffle: true,
            split_by: None,
            fold: None,
            split_seed: None,
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
    /// Returns the optimizer, with defaults resolved.
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

/// Whether a switch is at its default, on.
#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_true(switch: &bool) -> bool {
    *switch
}

impl DataConfig {
    /// Returns the options for reading the data.
    pub fn read_options(&self) -> ReadOptions {
        ReadOptions {
            target: self.target.clone(),
            task: self.task,
            drop: self.drop.clone(),
            features: self.features.clone(),
            numbers: self.numbers.clone(),
            categories: self.categories.clone(),
            missing: self.missing.clone(),
            missing_rows: self.missing_rows,
            max_levels: self.max_levels,
            dialect: DialectOptions {
                delimiter: self.delimiter,
                decimal: self.decimal,
                encoding: self.encoding.clone(),
                comment: self.comment.clone(),
                header: self.header,
            },
            size: self.size,
            val_file: self.val_file.clone(),
            test_file: self.test_file.clone(),
            split_by: self.split_by.clone(),
            keep: Vec::new(),
        }
    }
}

impl Config {
    /// Reads a configuration from TOML. Errors refer to the text as `name`.
    pub fn parse(text: &str, name: &str) -> Result<Config, Error> {
        Ok(parsed(&Source { text, name })?.0)
    }

    /// Returns the configuration as TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a configuration is plain tables of plain values")
    }
}

/// Parses the configuration in `source`. Also returns its TOML table.
fn parsed<'s>(source: &Source<'s>) -> Result<(Config, DeTable<'s>), Error> {
    let Source { text, name } = *source;
    let table = DeTable::parse(text).map_err(|why| source.not_toml(&why))?;
    source.check_keys(table.get_ref())?;
    let mut config: Config =
        toml::from_str(text).map_err(|why| Error::Config(format!("{name}: {}", why.message())))?;
    if std::mem::take(&mut config.data.skip_missing) {
        config.data.missing_rows = MissingRows::Drop;
    }
    Ok((config, table.into_inner()))
}
