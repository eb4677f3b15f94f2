//! Flags that several commands have.

use clap::Args;
use std::path::Path;
use wgrad::config::{Config, ConfigFile, RunConfig};
use wgrad::dataset;
use wgrad::dataset::{Dataset, ReadOptions, Schema, Task};

/// How a data set is read.
#[derive(Args, Clone, Debug)]
pub(crate) struct DataFlags {
    /// Target column; several, separated by commas, for values [default: the last column]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) target: Vec<String>,
    /// Learn classes or values [default: what the target looks like]
    #[arg(long, value_enum)]
    pub(crate) task: Option<Task>,
    /// Columns to leave out, separated by commas
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) drop: Vec<String>,
    /// Leave out rows with missing values
    #[arg(long)]
    pub(crate) skip_missing: bool,
}

impl DataFlags {
    /// Puts what was typed over what `config` has.
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
        data.task = self.task.or(data.task);
        data.skip_missing |= self.skip_missing;
    }
}

/// The configuration in a TOML file, or the default one.
pub(crate) fn read_config(path: Option<&Path>) -> Result<ConfigFile, wgrad::Error> {
    let mut file = path.map_or_else(|| Ok(ConfigFile::default()), ConfigFile::read)?;
    file.config.no_hidden_layers_for_zero();
    Ok(file)
}

/// How rows for a model are read.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReadFlags {
    /// Leave out rows with missing values
    #[arg(long)]
    skip_missing: bool,
}

impl ReadFlags {
    /// The rows of `source` with the columns that `schema` names.
    pub(crate) fn rows(&self, source: &str, schema: &Schema) -> Result<Dataset, wgrad::Error> {
        let options = ReadOptions {
            skip_missing: self.skip_missing,
            ..ReadOptions::default()
        };
        Ok(dataset::read_for(source, schema, &options)?)
    }
}

/// Flags that mean the same everywhere.
#[derive(Args, Clone, Debug)]
pub(crate) struct DeviceFlags {
    /// auto, cpu, gpu, or a part of an adapter's name
    #[arg(long, value_name = "DEVICE")]
    pub(crate) device: Option<String>,
    /// vulkan, metal, dx12, or gl (in builds with that feature)
    #[arg(long, value_name = "BACKEND")]
    pub(crate) backend: Option<String>,
}

impl DeviceFlags {
    /// Puts what was typed over what `run` has.
    pub(crate) fn set(&self, run: &mut RunConfig) {
        if let Some(device) = &self.device {
            run.device = device.clone();
        }
        run.backend = self.backend.clone().or(run.backend.take());
    }
}
