//! The arguments of `wgrad sweep`.

use super::shards::ShardFlags;
use super::variants::VariedFlags;
use crate::cli::{
    duration::time,
    flags::{DataFlags, DeviceFlags, StepFlags, read_config, set},
    shares::ShareFlags,
};
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;
use wgrad::config::{Config, Origin, Recipe};
use wgrad::dataset::Dataset;
use wgrad::gpu::Precision;
use wgrad::model::{Activation, Loss};
use wgrad::sweep::search::Ranges;
use wgrad::sweep::{Axes, learning_rates};

/// Train many networks side by side, and rank their settings
#[derive(Args)]
pub(crate) struct Sweep {
    /// A table (CSV and the like, JSON lines, .npy, .npz, Parquet; .gz and .zst too), a folder of images or of IDX files, - for
    /// stdin, or a built-in: digits, iris, xor, spirals
    #[arg(value_name = "DATA")]
    source: Option<String>,
    #[command(flatten)]
    data: DataFlags,
    /// Cross-validation: train each setting and seed once per fold, and validate it on that fold
    #[arg(
        long,
        value_name = "COUNT",
        conflicts_with = "val",
        allow_negative_numbers = true
    )]
    pub(super) folds: Option<usize>,
    #[command(flatten)]
    pub(super) shares: ShareFlags,
    /// Hidden layers to try, as in 16,32,64-32; 0 is a linear model [default: 128; 512 in the recipe images, 64 in plain; four
    /// shapes if nothing says what to vary]
    #[arg(long, value_name = "LAYERS", value_delimiter = ',', value_parser = layers)]
    hidden: Vec<Layers>,
    /// Activations to try, separated by commas [default: tanh for tables; relu in the recipes images and plain]
    #[arg(long, value_enum, value_delimiter = ',')]
    activation: Vec<Activation>,
    /// Learning rates to try, as in 0.1,0.01 or 1e-3:1e-1:log:8 [default: 0.001 for adam and rmsprop, 0.002 with batches of
    /// 128, 0.004 in the recipe images; a tenth of it for lion; 0.01 for sgd; 0.3, 1 and 3 times that if nothing says what to vary]
    #[arg(long, value_name = "RATES", allow_negative_numbers = true)]
    lr: Option<String>,
    /// Number of random initialisations per setting [default: 8; 3 if nothing says what to vary]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    seeds: Option<u32>,
    /// The first of these seeds, and the seed of the split and the row order unless --split-seed is given [default: 0]
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Try so many random settings of layers, activation, learning rate, weight decay, dropout, batch size and bins,
    /// cross-validated; then train the best one as wgrad train does. --hidden, --activation, --lr and other flags fix what they name
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["folds", "halving", "seeds"], value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(super) search: Option<u32>,
    /// End the search after this time, as 90s, 5m or 1h
    #[arg(long, value_name = "TIME", requires = "search", conflicts_with = "shard", value_parser = time)]
    pub(super) time: Option<Duration>,
    /// After 1/8, 1/4 and 1/2 of the epochs, keep only the better half of the settings
    #[arg(long)]
    pub(super) halving: bool,
    #[command(flatten)]
    pub(super) shards: ShardFlags,
    /// Write the state that --resume goes on from this often, as 90s, 5m or 1h [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "search")]
    checkpoint: Option<Duration>,
    /// Loss function [default: cross-entropy for classes, mse for values]
    #[arg(long, value_enum)]
    loss: Option<Loss>,
    #[command(flatten)]
    pub(super) varied: VariedFlags,
    #[command(flatten)]
    steps: StepFlags,
    /// A flag of train, defined here only for a better error message than that of an unknown flag
    #[arg(long, value_enum, hide = true)]
    precision: Option<Precision>,
    #[command(flatten)]
    device: DeviceFlags,
    /// Settings that all networks share, as TOML; flags override the file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder for the best model and the records [default: the next free runs/sweep-NAME-N]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Overwrite the run in --out, once this run has a model
    #[arg(long)]
    pub(super) force: bool,
    /// Write a page about the sweep, report.html, into its folder
    #[arg(long)]
    pub(super) report: bool,
    /// Print one JSON object to stdout
    #[arg(long)]
    pub(super) json: bool,
    /// Hide progress
    #[arg(long)]
    pub(super) quiet: bool,
}

/// Default of `--seeds`, and what it is if nothing says what to vary.
const SEEDS: u32 = 8;
const FEW_SEEDS: u32 = 3;
/// What the usual learning rate is multiplied by, if nothing says what to vary.
const TRIED_RATES: [f64; 3] = [0.3, 1.0, 3.0];

/// Returns the shapes to try if nothing says what to vary: half, once and twice the usual widths, and one layer more.
fn tried_shapes(usual: &[usize]) -> Vec<Vec<usize>> {
    let scaled = |factor: fn(usize) -> usize| usual.iter().map(|width| factor(*width)).collect();
    let deeper = usual.iter().chain(usual.last()).copied().collect();
    vec![
        scaled(|width| width.div_ceil(2)),
        scaled(|width| width),
        scaled(|width| 2 * width),
        deeper,
    ]
}

/// Widths of the hidden layers.
#[derive(Clone, Debug)]
struct Layers(Vec<usize>);

fn layers(text: &str) -> Result<Layers, String> {
    if text.trim() == "0" {
        return Ok(Layers(Vec::new()));
    }
    let widths: Result<Vec<usize>, _> = text.trim().split('-').map(str::parse).collect();
    match widths {
        Ok(widths) if !widths.contains(&0) => Ok(Layers(widths)),
        _ => Err("expected widths with dashes between the layers, as in 64-32, or 0".into()),
    }
}

/// Returns an error for mixed precision, which sweeps do not support.
fn check_precision(config: &Config, origin: &Origin) -> Result<(), wgrad::Error> {
    if config.run.precision == Precision::F32 {
        return Ok(());
    }
    let given = origin.given(("run", "precision"));
    Err(wgrad::Error::Config(format!(
        "{given}: a sweep trains its networks in f32; leave it out, or train the best setting with wgrad train --precision mixed"
    )))
}

/// Returns the default batch. Three tenths of the rows are not trained on.
pub(super) fn usual_batch(config: &Config, data: &Dataset) -> usize {
    config.run.recipe.batch_size(data.rows * 7 / 10)
}

/// Fills in the default batch, on which the default learning rate depends.
pub(super) fn settle_batch(config: &mut Config, data: &Dataset) {
    let usual = usual_batch(config, data);
    config.run.batch_size.get_or_insert(usual);
}

impl Sweep {
    /// Overrides where the data is, what trains on it, and how often its state is written, with what was typed in `now`.
    pub(super) fn set_place(&mut self, now: &Sweep) {
        self.source = now.source.clone().or(self.source.take());
        self.checkpoint = now.checkpoint.or(self.checkpoint);
        let device = &now.device;
        self.device.device = device.device.clone().or(self.device.device.take());
        self.device.backend = device.backend.clone().or(self.device.backend.take());
    }

    /// Returns the data that was typed.
    pub(super) fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// Returns the configuration that all networks share.
    pub(super) fn config(&self, usual: Recipe) -> Result<(Config, Origin), wgrad::Error> {
        let file = read_config(self.config.as_deref(), self.steps.defaults(usual))?;
        let mut config = file.config.clone();
        self.data.set(&mut config, self.source.as_ref());
        self.shares.set(&mut config.data);
        // Use the first candidate of each axis, so that the file's unused value for it cannot cause an error.
        if let Some(first) = self.hidden.first() {
            config.network.hidden = first.0.clone();
        }
        config.network.activation = *self
            .activation
            .first()
            .unwrap_or(&config.network.activation);
        config.loss.kind = self.loss.or(config.loss.kind);
        self.varied.set_first(&mut config);
        self.steps.set(&mut config);
        let run = &mut config.run;
        set(&mut run.seed, self.seed);
        run.checkpoint = self
            .checkpoint
            .map(|time| time.as_secs_f64())
            .or(run.checkpoint);
        set(&mut run.precision, self.precision);
        self.device.set(run);
        for combination in self.varied.combinations(&config) {
            let config = &combination.config;
            config.check(&Origin::new(&file, config))?;
        }
        let origin = Origin::new(&file, &config);
        check_precision(&config, &origin)?;
        Ok((config, origin))
    }

    /// Returns the configuration for reading the data: a cross-validation needs no rows for validation.
    pub(super) fn to_read(&self, config: &Config) -> Config {
        let mut config = config.clone();
        config.data.fold = None;
        if self.folds.is_some() {
            config.data.val_file = None;
        }
        config
    }

    /// Returns what a search draws settings from: lists that were typed, and single values of other settings.
    pub(super) fn ranges(&self, config: &Config, origin: &Origin) -> Result<Ranges, wgrad::Error> {
        if let Some(flag) = self.varied.list() {
            return Err(wgrad::Error::Config(format!(
                "{flag}: expected one value with --search, found a list; give one, or leave out --search to try each"
            )));
        }
        let axes = self.axes(config)?;
        let in_file = origin.place(("network", "dropout"));
        let in_file = in_file.map(|_| config.network.dropout);
        let only = |typed: bool, list| if typed { list } else { Vec::new() };
        Ok(Ranges {
            hidden: match self.hidden.is_empty() {
                true => Vec::new(),
                false => axes.hidden,
            },
            activation: match self.activation.is_empty() {
                true => Vec::new(),
                false => axes.activation,
            },
            learning_rate: only(self.lr.is_some(), self.rates(config)?),
            batch_size: self.varied.batch_size(),
            weight_decay: config.optimizer.weight_decay,
            dropout: self.varied.dropout().or(in_file),
            bins: config.data.bins,
        })
    }

    /// Returns whether nothing says what to vary, so that a sensible set is tried.
    fn is_open(&self) -> bool {
        let named = [
            !self.hidden.is_empty(),
            !self.activation.is_empty(),
            self.lr.is_some(),
            self.seeds.is_some(),
            self.search.is_some(),
            self.varied.list().is_some(),
            self.config.is_some(),
        ];
        !named.contains(&true)
    }

    /// Returns the learning rates to try with a configuration.
    pub(super) fn rates(&self, config: &Config) -> Result<Vec<f64>, wgrad::Error> {
        if let Some(text) = &self.lr {
            return learning_rates(text);
        }
        let batch = config.run.batch_size.unwrap_or(1);
        let optimizer = config.optimizer.optimizer(config.run.recipe, batch);
        let usual = optimizer.learning_rate();
        Ok(match self.is_open() {
            true => TRIED_RATES.map(|factor| factor * usual).into(),
            false => vec![usual],
        })
    }

    /// Returns the settings to vary, without variants of the training yet.
    pub(super) fn axes(&self, config: &Config) -> Result<Axes, wgrad::Error> {
        let network = &config.network;
        let first = config.run.seed;
        let open = self.is_open();
        let hidden = match self.hidden.is_empty() {
            true if open => tried_shapes(&network.hidden),
            true => vec![network.hidden.clone()],
            false => self.hidden.iter().map(|layers| layers.0.clone()).collect(),
        };
        let activation = match self.activation.is_empty() {
            true => vec![network.activation],
            false => self.activation.clone(),
        };
        let usual = if open { FEW_SEEDS } else { SEEDS };
        let count = self.seeds.unwrap_or(usual);
        let last = first.checked_add(u64::from(count));
        let seeds = first..last.ok_or_else(|| {
            wgrad::Error::Config(format!(
                "--seed {first}: leaves no room for --seeds {count}"
            ))
        })?;
        Ok(Axes {
            hidden,
            activation,
            variants: Vec::new(),
            init: network.init,
            seeds,
        })
    }
}
