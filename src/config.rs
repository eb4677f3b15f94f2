//! The configuration of a run, shared by TOML files, command-line flags and calls from programs.
//!
//! It has five blocks: data, network, loss, optimizer, run. Omitted settings have defaults. Runs save the resolved
//! configuration, with all defaults filled in, next to the model.

mod builder;
mod commented;
mod data;
mod docs;
mod keys;
mod kinds;
pub mod origin;
mod recipe;
mod rules;
mod run;
mod schema;
mod split;

pub use data::DataConfig;
pub use origin::{ConfigFile, ConfigKey, Origin};
pub use run::{Distributed, Keep, MOST_NETWORKS, Recipe, RunConfig};
pub use schema::schema;

use crate::Error;
use crate::dataset::MissingRows;
use crate::model::{Activation, Initialization, Loss, Optimizer, OptimizerKind};
use crate::plan::RateSchedule;
use keys::Source;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// All settings of a run, as in `Config::default().hidden([16]).epochs(40).fit(&data)`. The defaults are those of
/// `wgrad train`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Data set and split.
    #[serde(default)]
    pub data: DataConfig,
    /// Layers of the network.
    #[serde(default)]
    pub network: NetworkConfig,
    /// Loss function.
    #[serde(default)]
    pub loss: LossConfig,
    /// Optimizer.
    #[serde(default)]
    pub optimizer: OptimizerConfig,
    /// Training loop and device.
    #[serde(default)]
    pub run: RunConfig,
}

/// Settings of the network's layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NetworkConfig {
    /// Widths of the hidden layers; empty for a linear model.
    pub hidden: Vec<usize>,
    /// Activation of the hidden layers.
    pub activation: Activation,
    /// Distribution of the initial parameters.
    pub init: Initialization,
    /// A model to start from, or a safetensors file with weights and biases, instead of initial parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Whether biases are trained.
    pub train_bias: bool,
    /// Probability that a neuron of a hidden layer is left out of a step.
    #[serde(skip_serializing_if = "is_zero")]
    pub dropout: f64,
    /// Dropout over the run.
    #[serde(skip_serializing_if = "is_constant")]
    pub dropout_schedule: RateSchedule,
}

/// What `class_weights` says for classes with the same weight in all, however many rows they have.
pub const BALANCED: &str = "balanced";

/// Settings of the loss function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LossConfig {
    /// Loss function; if not given, cross-entropy for classes and mse for values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Loss>,
    /// Cross-entropy: what a label gives away to all classes alike, from 0 to below 1.
    #[serde(skip_serializing_if = "is_zero")]
    pub label_smoothing: f64,
    /// Quantile: the share of the rows whose target is below the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantile: Option<f64>,
    /// What the error of the rows of a class is multiplied by: `balanced`, or classes with their weights, as in `yes=5`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub class_weights: Vec<String>,
}

/// Settings of the optimizer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OptimizerConfig {
    /// Kind of optimizer.
    pub kind: OptimizerKind,
    /// Learning rate; if not given, it depends on the recipe for adam and rmsprop, is a tenth of that for lion, and 0.01 for
    /// sgd.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
    /// The learning rate over the run.
    pub schedule: RateSchedule,
    /// Number of steps over which the learning rate rises to its value.
    pub warmup: usize,
    /// Sgd and rmsprop: momentum, the factor for the previous velocity.
    pub momentum: f64,
    /// Sgd: whether momentum is Nesterov's.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub nesterov: bool,
    /// Sgd and rmsprop: L2 penalty, added to the gradient; adam and lion: decoupled decay. If not given, it depends on the
    /// recipe for adam and lion, and is 0 for the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,
    /// Weight decay over the run.
    #[serde(skip_serializing_if = "is_constant")]
    pub weight_decay_schedule: RateSchedule,
    /// Whether weight decay is for biases too.
    #[serde(skip_serializing_if = "data::is_true")]
    pub decay_biases: bool,
    /// What the learning rate of biases is multiplied by.
    #[serde(skip_serializing_if = "is_one")]
    pub bias_rate: f64,
    /// The largest norm of the gradient of a step, over all parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
    /// The largest magnitude of an element of the gradient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_value: Option<f64>,
    /// Adam: decay rate of the mean of gradients; lion: what that mean counts in a step.
    pub beta1: f64,
    /// Adam and rmsprop: decay rate of the mean of squared gradients; lion: of the mean of gradients. If not given, it is 0.999
    /// for adam, and 0.99 for the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta2: Option<f64>,
    /// Adam and rmsprop: added to the denominator.
    pub epsilon: f64,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_one(number: &f64) -> bool {
    *number == 1.0
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_constant(schedule: &RateSchedule) -> bool {
    *schedule == RateSchedule::Constant
}

impl Default for NetworkConfig {
    fn default() -> NetworkConfig {
        NetworkConfig {
            hidden: vec![64],
            activation: Activation::default(),
            init: Initialization::default(),
            from: None,
            train_bias: true,
            dropout: 0.0,
            dropout_schedule: RateSchedule::default(),
        }
    }
}

impl Default for OptimizerConfig {
    fn default() -> OptimizerConfig {
        OptimizerConfig {
            kind: OptimizerKind::default(),
            learning_rate: None,
            schedule: RateSchedule::default(),
            warmup: 0,
            momentum: 0.0,
            nesterov: false,
            weight_decay: None,
            weight_decay_schedule: RateSchedule::default(),
            decay_biases: true,
            bias_rate: 1.0,
            clip_norm: None,
            clip_value: None,
            beta1: 0.9,
            beta2: None,
            epsilon: 1e-8,
        }
    }
}

impl OptimizerConfig {
    /// Returns the optimizer, with the defaults of `recipe` for a batch.
    pub fn optimizer(&self, recipe: Recipe, batch_size: usize) -> Optimizer {
        let of_adam = recipe.learning_rate(batch_size);
        let usual = match self.kind {
            OptimizerKind::Sgd => 0.01,
            OptimizerKind::Adam | OptimizerKind::Rmsprop => of_adam,
            // Its authors: 3 to 10 times smaller than Adam's.
            OptimizerKind::Lion => 0.1 * of_adam,
        };
        let learning_rate = self.learning_rate.unwrap_or(usual);
        let decoupled = recipe.weight_decay(learning_rate);
        let decay = |usual| self.weight_decay.unwrap_or(usual);
        match self.kind {
            OptimizerKind::Sgd => Optimizer::Sgd {
                learning_rate,
                momentum: self.momentum,
                weight_decay: decay(0.0),
            },
            OptimizerKind::Adam => Optimizer::Adam {
                learning_rate,
                beta1: self.beta1,
                beta2: self.beta2(),
                epsilon: self.epsilon,
                weight_decay: decay(decoupled),
            },
            OptimizerKind::Rmsprop => Optimizer::Rmsprop {
                learning_rate,
                alpha: self.beta2(),
                epsilon: self.epsilon,
                momentum: self.momentum,
                weight_decay: decay(0.0),
            },
            OptimizerKind::Lion => Optimizer::Lion {
                learning_rate,
                beta1: self.beta1,
                beta2: self.beta2(),
                weight_decay: decay(decoupled),
            },
        }
    }

    /// Returns beta2, or its default.
    pub fn beta2(&self) -> f64 {
        self.beta2.unwrap_or(match self.kind {
            OptimizerKind::Sgd | OptimizerKind::Adam => 0.999,
            OptimizerKind::Rmsprop | OptimizerKind::Lion => 0.99,
        })
    }
}

/// The defaults of `wgrad train` for tables.
impl Default for Config {
    fn default() -> Config {
        Recipe::Tabular.config()
    }
}

impl Config {
    /// Reads a configuration from TOML, with the defaults of its recipe. Errors refer to the text as `name`.
    ///
    /// # Errors
    /// Returns an error if the text is no TOML, or has unknown keys or values.
    pub fn parse(text: &str, name: &str) -> Result<Config, Error> {
        Ok(parsed(&Source { text, name }, Defaults::Usual(Recipe::Tabular))?.0)
    }

    /// Returns the defaults of the plain recipe.
    fn plain() -> Config {
        Config {
            data: DataConfig::default(),
            network: NetworkConfig::default(),
            loss: LossConfig::default(),
            optimizer: OptimizerConfig::default(),
            run: RunConfig::default(),
        }
    }

    /// Returns the configuration as TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a configuration is plain tables of plain values")
    }
}

/// The recipe of a configuration file.
#[derive(Clone, Copy, Debug)]
pub enum Defaults {
    /// This one, whatever the file says.
    Chosen(Recipe),
    /// That of the file, else this one. A file with `epochs` and without a recipe is from an older version: its recipe is
    /// plain.
    Usual(Recipe),
}

/// Parses the configuration in `source`. Also returns its TOML table.
fn parsed<'s>(source: &Source<'s>, defaults: Defaults) -> Result<(Config, DeTable<'s>), Error> {
    let Source { text, name } = *source;
    let table = DeTable::parse(text).map_err(|why| source.not_toml(&why))?;
    source.check_keys(table.get_ref())?;
    let refused = |why: toml::de::Error| Error::Config(format!("{name}: {}", why.message()));
    let mut config: Config = toml::from_str(text).map_err(refused)?;
    let is_given = |(block, key): ConfigKey| match table.get_ref().get(block).map(Spanned::get_ref)
    {
        Some(DeValue::Table(keys)) => keys.contains_key(key),
        _ => false,
    };
    let recipe = match defaults {
        Defaults::Chosen(recipe) => recipe,
        Defaults::Usual(_) if is_given(("run", "recipe")) => config.run.recipe,
        Defaults::Usual(_) if is_given(("run", "epochs")) => Recipe::Plain,
        Defaults::Usual(usual) => usual,
    };
    // The saved configuration of a run of an older version, which had no bins.
    if is_given(("run", "refit")) && !is_given(("data", "bins")) {
        config.data.bins = Some(0);
    }
    recipe.fill(&mut config, is_given);
    if std::mem::take(&mut config.data.skip_missing) {
        config.data.missing_rows = MissingRows::Drop;
    }
    Ok((config, table.into_inner()))
}
