//! Flags that several commands share.

use clap::Args;
use std::path::Path;
use wgrad::config::{Config, ConfigFile, OptimizerConfig, RunConfig};
use wgrad::dataset;
use wgrad::dataset::{Dataset, ReadOptions, Schema, Task};

/// How to read a data set.
#[derive(Args, Clone, Debug)]
pub(crate) struct DataFlags {
    /// Target column; for values, several separated by commas [default: the last column]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) target: Vec<String>,
    /// Learn classes or values [default: guessed from the target]
    #[arg(long, value_enum)]
    pub(crate) task: Option<Task>,
    /// Columns to ignore, separated by commas
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) drop: Vec<String>,
    /// Skip rows with missing values
    #[arg(long)]
    pub(crate) skip_missing: bool,
    /// Seed of the split, the row order and generated data [default: that of --seed]
    #[arg(long, value_name = "SEED", allow_negative_numbers = true)]
    pub(crate) split_seed: Option<u64>,
}

impl DataFlags {
    /// Overrides `config` with the flags.
    pub(crate) fn set(&self, config: &mut Config, source: Option<&String>) {
        let data = &mut config.data;
        data.source = source.cloned().or(data.source.take());
        for (setting, typed) in [
            (&mut data.target, &self.target),
            (&mut data.drop, &self.drop),
        ] {
            if !typed.is_empty() {
                *setting = typed.clone();
            }
        }
        data.split_seed = self.split_seed.or(data.split_seed);
        data.task = self.task.or(data.task);
        data.skip_missing |= self.skip_missing;
    }
}

/// Reads the configuration from a TOML file, or returns the default.
pub(crate) fn read_config(path: Option<&Path>) -> Result<ConfigFile, wgrad::Error> {
    let mut file = path.map_or_else(|| Ok(ConfigFile::default()), ConfigFile::read)?;
    file.config.no_hidden_layers_for_zero();
    Ok(file)
}

/// How to read rows for a model.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReadFlags {
    /// Skip rows with missing values
    #[arg(long)]
    skip_missing: bool,
}

impl ReadFlags {
    /// Reads the rows of `source`, with the columns of `schema`.
    pub(crate) fn rows(&self, source: &str, schema: &Schema) -> Result<Dataset, wgrad::Error> {
        let options = ReadOptions {
            skip_missing: self.skip_missing,
            ..ReadOptions::default()
        };
        Ok(dataset::read_for(source, schema, &options)?)
    }
}

/// Flags that choose the device.
#[derive(Args, Clone, Debug)]
pub(crate) struct DeviceFlags {
    /// auto, cpu, gpu, or part of an adapter's name
    #[arg(long, value_name = "DEVICE")]
    pub(crate) device: Option<String>,
    /// vulkan, metal, dx12, or gl (in builds with that feature)
    #[arg(long, value_name = "BACKEND")]
    pub(crate) backend: Option<String>,
}

impl DeviceFlags {
    /// Overrides `run` with the flags.
    pub(crate) fn set(&self, run: &mut RunConfig) {
        if let Some(device) = &self.device {
            run.device = device.clone();
        }
        run.backend = self.backend.clone().or(run.backend.take());
    }
}

/// How a network takes its steps.
#[derive(Args, Clone, Debug)]
pub(crate) struct StepFlags {
    /// Momentum of sgd [default: 0]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    momentum: Option<f64>,
    /// Weight decay [default: 0]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    weight_decay: Option<f64>,
    /// Rows per batch [default: 32]
    #[arg(long, value_name = "ROWS", allow_negative_numbers = true)]
    batch_size: Option<usize>,
    /// Passes over the training rows [default: 30]
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    epochs: Option<usize>,
}

impl StepFlags {
    /// Overrides `optimizer` and `run` with the flags.
    pub(crate) fn set(&self, optimizer: &mut OptimizerConfig, run: &mut RunConfig) {
        set(&mut optimizer.momentum, self.momentum);
        set(&mut optimizer.weight_decay, self.weight_decay);
        set(&mut run.batch_size, self.batch_size);
        set(&mut run.epochs, self.epochs);
    }
}

/// Overrides a setting with a flag, if it was typed.
pub(crate) fn set<T>(setting: &mut T, typed: Option<T>) {
    if let Some(typed) = typed {
        *setting = typed;
    }
}
