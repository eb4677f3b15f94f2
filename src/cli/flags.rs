//! Flags that several commands share.

use super::reading;
use clap::Args;
use std::path::Path;
use wgrad::config::{Config, ConfigFile, Defaults, Recipe, RunConfig};
use wgrad::dataset;
use wgrad::dataset::{Dataset, Delimiter, DialectOptions, MissingRows, ReadOptions, Schema, Task};
use wgrad::model::Initialization;
use wgrad::plan::RateSchedule;

/// How to read a data set.
#[derive(Args, Clone, Debug)]
pub(crate) struct DataFlags {
    /// Target column; for values, several separated by commas [default: the column with a usual name, such as target,
    /// label, class or y; else the last one]
    #[arg(
        long,
        value_name = "COLUMNS",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    pub(crate) target: Vec<String>,
    /// Learn classes or values [default: guessed from the target]
    #[arg(long, value_enum)]
    pub(crate) task: Option<Task>,
    /// Columns to ignore, separated by commas
    #[arg(
        long,
        value_name = "COLUMNS",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    pub(crate) drop: Vec<String>,
    /// The columns to learn from, separated by commas; all others are ignored
    #[arg(
        long,
        value_name = "COLUMNS",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    features: Vec<String>,
    /// Columns to take as numbers, separated by commas
    #[arg(
        long,
        value_name = "COLUMNS",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    numbers: Vec<String>,
    /// Columns to take as categories, separated by commas
    #[arg(
        long,
        value_name = "COLUMNS",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    categories: Vec<String>,
    /// Marks for missing values, as in unknown,-999; in columns of numbers the usual marks are known
    #[arg(
        long,
        value_name = "MARKS",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    missing: Vec<String>,
    /// Rows with missing inputs: fill in what is missing, drop the rows, or refuse the data [default: fill]
    #[arg(long, value_enum, overrides_with = "skip_missing")]
    missing_rows: Option<MissingRows>,
    /// The same as --missing-rows drop
    #[arg(long, overrides_with = "missing_rows")]
    skip_missing: bool,
    /// The largest number of levels of a category; rarer levels become one [default: 100]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    max_levels: Option<u32>,
    /// Encode each number in so many bins too, piecewise linearly; 0 is none [default: by the rows]
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    bins: Option<usize>,
    #[command(flatten)]
    dialect: DialectFlags,
    /// The width and height to which images are scaled, as in 28,28
    #[arg(long, value_name = "W,H", value_parser = size)]
    size: Option<[usize; 2]>,
    /// Split the rows as they are, without shuffling: the last ones are for the test, those before for validation
    #[arg(long)]
    no_shuffle: bool,
    /// Split by the groups in this column: rows of one group are in one part. It is no input
    #[arg(long, value_name = "COLUMN", conflicts_with = "no_shuffle")]
    split_by: Option<String>,
    /// The column of weights: what the error of each row is multiplied by. It is no input
    #[arg(long, value_name = "COLUMN")]
    weights: Option<String>,
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
            (&mut data.features, &self.features),
            (&mut data.numbers, &self.numbers),
            (&mut data.categories, &self.categories),
            (&mut data.missing, &self.missing),
        ] {
            if !typed.is_empty() {
                *setting = typed.clone();
            }
        }
        data.split_seed = self.split_seed.or(data.split_seed);
        data.task = self.task.or(data.task);
        set(&mut data.missing_rows, self.missing_rows);
        if self.skip_missing {
            data.missing_rows = MissingRows::Drop;
        }
        set(
            &mut data.max_levels,
            self.max_levels.map(|most| most as usize),
        );
        data.bins = self.bins.or(data.bins);
        let typed = self.dialect.options();
        data.delimiter = typed.delimiter.or(data.delimiter);
        data.decimal = typed.decimal.or(data.decimal);
        data.encoding = typed.encoding.or(data.encoding.take());
        data.comment = typed.comment.or(data.comment.take());
        data.header = typed.header.or(data.header);
        data.size = self.size.or(data.size);
        data.shuffle &= !self.no_shuffle;
        data.split_by = self.split_by.clone().or(data.split_by.take());
        data.weights = self.weights.clone().or(data.weights.take());
    }
}

/// Parses a width and a height. Returns the height first.
fn size(text: &str) -> Result<[usize; 2], String> {
    let parts = text.split([',', 'x']).map(|part| part.trim().parse());
    match parts.collect::<Result<Vec<usize>, _>>() {
        Ok(sizes) if matches!(sizes[..], [w, h] if w > 0 && h > 0) => Ok([sizes[1], sizes[0]]),
        _ => Err("expected a width and a height in pixels, as in 28,28".to_owned()),
    }
}

/// How the text of a table is written.
#[derive(Args, Clone, Debug)]
pub(crate) struct DialectFlags {
    /// What separates the cells of a table: one character, tab, or blanks [default: detected]
    #[arg(long, value_name = "MARK")]
    delimiter: Option<Delimiter>,
    /// The decimal mark of numbers: . or , [default: detected for each column]
    #[arg(long, value_name = "MARK", value_parser = decimal)]
    decimal: Option<char>,
    /// The encoding of the text, as utf-8, utf-16le or windows-1252 [default: detected]
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// What a comment line begins with [default: # above the header]
    #[arg(long, value_name = "MARK", allow_hyphen_values = true)]
    comment: Option<String>,
    /// Line 1 is a row; the columns are called column1, column2, ...
    #[arg(long)]
    no_header: bool,
    /// Line 1 has the names of the columns, even if it looks like a row
    #[arg(long, conflicts_with = "no_header")]
    header: bool,
}

impl DialectFlags {
    /// Returns what the flags say.
    pub(crate) fn options(&self) -> DialectOptions {
        DialectOptions {
            delimiter: self.delimiter,
            decimal: self.decimal,
            encoding: self.encoding.clone(),
            comment: self.comment.clone(),
            header: (self.header || self.no_header).then_some(self.header),
        }
    }
}

/// Parses a decimal mark.
fn decimal(text: &str) -> Result<char, String> {
    match text {
        "." | "," => Ok(text.chars().next().unwrap_or('.')),
        _ => Err("expected . or ,".to_owned()),
    }
}

/// Reads the configuration from a TOML file, or returns the default.
pub(crate) fn read_config(
    path: Option<&Path>,
    defaults: Defaults,
) -> Result<ConfigFile, wgrad::Error> {
    let mut file = match (path, defaults) {
        (Some(path), _) => ConfigFile::read(path, defaults)?,
        (None, Defaults::Chosen(recipe) | Defaults::Usual(recipe)) => ConfigFile::none(recipe),
    };
    file.config.no_hidden_layers_for_zero();
    Ok(file)
}

/// How to read rows for a model.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReadFlags {
    #[command(flatten)]
    dialect: DialectFlags,
    /// Marks for missing values, besides those that the model was trained with
    #[arg(
        long,
        value_name = "MARKS",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    missing: Vec<String>,
    /// Has no effect: every row is predicted. In commands that were written for older versions
    #[arg(long, hide = true)]
    skip_missing: bool,
}

impl ReadFlags {
    /// Reads the rows of `source`, with the columns of `schema`, and those to `keep`.
    pub(crate) fn rows(
        &self,
        source: &str,
        schema: &Schema,
        keep: &[String],
        quiet: bool,
    ) -> Result<Dataset, wgrad::Error> {
        let options = ReadOptions {
            dialect: self.dialect.options(),
            missing: self.missing.clone(),
            keep: keep.to_vec(),
            ..ReadOptions::default()
        };
        let read = reading::shown(quiet, || dataset::read_for(source, schema, &options));
        Ok(read?)
    }
}

/// Flags that choose the device.
#[derive(Args, Clone, Debug)]
pub(crate) struct DeviceFlags {
    /// auto, cpu, gpu, part of an adapter's name, or for a sweep all: every hardware adapter
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
    /// Defaults for the settings that are not given [default: images for images, tabular for other data]
    #[arg(long, value_enum)]
    recipe: Option<Recipe>,
    /// The learning rate over the run [default: plateau; one-cycle in the recipe images, constant in plain]
    #[arg(long, value_enum)]
    schedule: Option<RateSchedule>,
    /// Steps over which the learning rate rises to its value [default: 0]
    #[arg(long, value_name = "STEPS", allow_negative_numbers = true)]
    warmup: Option<usize>,
    /// Weight decay over the run [default: constant]
    #[arg(long, value_enum)]
    weight_decay_schedule: Option<RateSchedule>,
    /// Dropout over the run [default: constant]
    #[arg(long, value_enum)]
    dropout_schedule: Option<RateSchedule>,
    /// Distribution of the initial weights and biases [default: small-output; auto in the recipe plain]
    #[arg(long, value_enum)]
    init: Option<Initialization>,
    /// Nesterov's momentum
    #[arg(long)]
    nesterov: bool,
    /// No weight decay for biases
    #[arg(long)]
    no_decay_biases: bool,
    /// What the learning rate of biases is multiplied by, as in 0.1 [default: 1]
    #[arg(long, value_name = "FACTOR", allow_negative_numbers = true)]
    bias_rate: Option<f64>,
    /// The largest norm of the gradient of a step, over all parameters [default: no limit]
    #[arg(long, value_name = "NORM", allow_negative_numbers = true)]
    clip_norm: Option<f64>,
    /// The largest magnitude of an element of the gradient [default: no limit]
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    clip_value: Option<f64>,
    /// Cross-entropy: what a label gives away to all classes alike, as in 0.1 [default: 0]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    label_smoothing: Option<f64>,
    /// Quantile loss: the share of the rows whose target is below the answer [default: 0.5]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    quantile: Option<f64>,
    /// What the error of the rows of a class is multiplied by: balanced, or as in yes=5,no=1 [default: 1]
    #[arg(long, value_name = "WEIGHTS", value_delimiter = ',')]
    class_weights: Vec<String>,
}

impl StepFlags {
    /// Returns the defaults of settings, where `usual` is the recipe for the data.
    pub(crate) fn defaults(&self, usual: Recipe) -> Defaults {
        self.recipe.map_or(Defaults::Usual(usual), Defaults::Chosen)
    }

    /// Overrides `config` with the flags.
    pub(crate) fn set(&self, config: &mut Config) {
        let optimizer = &mut config.optimizer;
        set(&mut config.network.init, self.init);
        set(&mut config.loss.label_smoothing, self.label_smoothing);
        config.loss.quantile = self.quantile.or(config.loss.quantile);
        if !self.class_weights.is_empty() {
            config.loss.class_weights = self.class_weights.clone();
        }
        set(&mut optimizer.schedule, self.schedule);
        set(&mut optimizer.warmup, self.warmup);
        set(
            &mut optimizer.weight_decay_schedule,
            self.weight_decay_schedule,
        );
        set(&mut config.network.dropout_schedule, self.dropout_schedule);
        optimizer.nesterov |= self.nesterov;
        optimizer.clip_norm = self.clip_norm.or(optimizer.clip_norm);
        optimizer.clip_value = self.clip_value.or(optimizer.clip_value);
        optimizer.decay_biases &= !self.no_decay_biases;
        set(&mut optimizer.bias_rate, self.bias_rate);
    }
}

/// Overrides a setting with a flag, if it was typed.
pub(crate) fn set<T>(setting: &mut T, typed: Option<T>) {
    if let Some(typed) = typed {
        *setting = typed;
    }
}
