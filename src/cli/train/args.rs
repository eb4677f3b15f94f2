//! The arguments of `wgrad train`, combined with the file into one configuration.

use crate::cli::duration::time;
use crate::cli::flags::{DataFlags, DeviceFlags, StepFlags, read_config, set};
use crate::cli::messages::typed;
use crate::cli::run_folder;
use crate::cli::shares::ShareFlags;
use clap::Args;
use std::path::{Path, PathBuf};
use std::time::Duration;
use wgrad::config::{Config, Distributed, Keep, Origin, Recipe};
use wgrad::gpu::{Precision, Sums};
use wgrad::model::{Activation, Loss, OptimizerKind};
use wgrad::plan::Order;

/// Train a network
#[derive(Args)]
pub(crate) struct Train {
    /// A table (CSV and the like, JSON lines, .npy, .npz, Parquet; .gz and .zst too), a folder of images or of IDX files, - for
    /// stdin, or a built-in: digits, iris, xor, spirals
    #[arg(value_name = "DATA")]
    source: Option<String>,
    #[command(flatten)]
    data: DataFlags,
    #[command(flatten)]
    shares: ShareFlags,
    /// Widths of the hidden layers, as in 128,64; 0 is a linear model [default: 128; 512 in the recipe images, 64 in plain]
    #[arg(long, value_name = "WIDTHS", value_parser = widths)]
    hidden: Option<Widths>,
    /// Activation of the hidden layers [default: tanh for tables; relu in the recipes images and plain]
    #[arg(long, value_enum)]
    activation: Option<Activation>,
    /// Start from a model, its encoding included, or from weights and biases in a safetensors file
    #[arg(long, value_name = "MODEL")]
    from: Option<String>,
    /// Loss function [default: cross-entropy for classes, mse for values]
    #[arg(long, value_enum)]
    loss: Option<Loss>,
    /// Optimizer [default: adam]
    #[arg(long, value_enum)]
    optimizer: Option<OptimizerKind>,
    /// Learning rate [default: 0.001 for adam and rmsprop, 0.002 with batches of 128, 0.004 in the recipe images; a tenth of it
    /// for lion; 0.01 for sgd]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    lr: Option<f64>,
    /// Momentum of sgd and rmsprop [default: 0]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    momentum: Option<f64>,
    /// Weight decay [default: with adam and lion 0.0001 / learning rate, except in the recipe plain; else 0]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    weight_decay: Option<f64>,
    /// Probability that a neuron of a hidden layer is left out of a step [default: 0]
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    dropout: Option<f64>,
    /// Rows per batch [default: 32, 64 from 10000 rows and 128 from 20000 rows on; 32 in the recipe plain, 128 in images]
    #[arg(long, value_name = "ROWS", allow_negative_numbers = true)]
    batch_size: Option<usize>,
    #[command(flatten)]
    steps: StepFlags,
    /// Passes over the training rows [default: as many as it takes; 30 in the recipe plain, 15 in images]
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    epochs: Option<usize>,
    /// The largest number of steps [default: 20000, or 100 epochs if they have more; none with --epochs]
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    max_steps: Option<usize>,
    /// End after so many epochs without a better validation loss [default: 10, or as many as take 1000 steps; none
    /// with --epochs]
    #[arg(long, value_name = "EPOCHS", allow_negative_numbers = true)]
    patience: Option<usize>,
    /// The parameters to test and save: those with the best validation loss, or the last ones [default: best; last
    /// with --epochs alone]
    #[arg(long, value_enum)]
    keep: Option<Keep>,
    /// Train anew on training and validation rows, as far as the best epoch [default: up to 10000 rows, unless --epochs,
    /// --keep last or a file of validation rows is given]
    #[arg(long, overrides_with = "no_refit")]
    refit: bool,
    /// Keep the parameters of the best epoch, without training anew
    #[arg(long)]
    no_refit: bool,
    /// Train so many networks, each from other initial weights and with other validation rows; predictions are their
    /// means [default: 1]
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    ensemble: Option<usize>,
    /// Random seed: the same seed gives the same model. With --split-seed it is that of the initial weights alone
    /// [default: 0]
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<u64>,
    /// When to update a layer: after the whole backward pass, or as soon as its gradient is known
    #[arg(long, value_enum)]
    order: Option<Order>,
    /// How GPUs sum gradients over a batch: row by row, or in parallel slices if that uses more cores [default: split]
    #[arg(long, value_enum)]
    sums: Option<Sums>,
    /// Precision of matrix products: f32, or mixed, which rounds factors to f16 and needs a GPU with cooperative
    /// matrices (see wgrad devices); auto then picks such a GPU [default: f32]
    #[arg(long, value_enum)]
    precision: Option<Precision>,
    #[command(flatten)]
    device: DeviceFlags,
    /// Limit for inputs in device memory; larger data is streamed in windows, with the same result
    #[arg(long, value_name = "MIB")]
    memory_limit: Option<u64>,
    /// End training after this time, as 90s, 5m or 1h, with the best parameters so far
    #[arg(long, value_name = "TIME", value_parser = time)]
    max_time: Option<Duration>,
    /// Write a checkpoint this often, as 90s, 5m or 1h [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = time)]
    checkpoint: Option<Duration>,
    /// Train one network on all processes of mpirun or srun: each has its part of the rows, and a device
    #[arg(long, value_enum)]
    pub(super) distributed: Option<Distributed>,
    /// Go on with the run in this folder, which was interrupted or killed, from its last checkpoint
    #[arg(long, value_name = "RUN", conflicts_with_all = ["source", "config", "out", "force"])]
    pub(super) resume: Option<PathBuf>,
    /// The same settings as TOML; flags override the file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder for the model and its records [default: the next free runs/NAME-N]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Overwrite the run in --out, once this run has a model
    #[arg(long)]
    pub(super) force: bool,
    /// Write a page about the run, report.html, into its folder
    #[arg(long)]
    pub(super) report: bool,
    /// Print JSON lines to stdout
    #[arg(long)]
    pub(super) json: bool,
    /// Hide progress
    #[arg(long)]
    pub(super) quiet: bool,
}

impl Train {
    /// Combines flags, file and defaults, in this order of precedence.
    pub(super) fn config(&self, usual: Recipe) -> Result<(Config, Origin), wgrad::Error> {
        let path = match &self.resume {
            Some(run) => Some(run_folder::config_to_resume(run)?),
            None => self.config.clone(),
        };
        let file = read_config(path.as_deref(), self.steps.defaults(usual))?;
        let mut config = file.config.clone();
        self.data.set(&mut config, self.source.as_ref());
        self.shares.set(&mut config.data);
        let (network, optimizer) = (&mut config.network, &mut config.optimizer);
        set(
            &mut network.hidden,
            self.hidden.clone().map(|widths| widths.0),
        );
        set(&mut network.activation, self.activation);
        set(&mut network.dropout, self.dropout);
        network.from = self.from.clone().or(network.from.take());
        config.loss.kind = self.loss.or(config.loss.kind);
        set(&mut optimizer.kind, self.optimizer);
        optimizer.learning_rate = self.lr.or(optimizer.learning_rate);
        set(&mut optimizer.momentum, self.momentum);
        optimizer.weight_decay = self.weight_decay.or(optimizer.weight_decay);
        self.steps.set(&mut config);
        let run = &mut config.run;
        run.epochs = self.epochs.or(run.epochs);
        run.batch_size = self.batch_size.or(run.batch_size);
        run.max_steps = self.max_steps.or(run.max_steps);
        run.patience = self.patience.or(run.patience);
        run.keep = self.keep.or(run.keep);
        if self.refit || self.no_refit {
            run.refit = Some(self.refit);
        }
        set(&mut run.ensemble, self.ensemble);
        set(&mut run.seed, self.seed);
        set(&mut run.order, self.order);
        set(&mut run.sums, self.sums);
        set(&mut run.precision, self.precision);
        self.device.set(run);
        run.memory_limit = self.memory_limit.or(run.memory_limit);
        run.max_time = self
            .max_time
            .map(|time| time.as_secs_f64())
            .or(run.max_time);
        run.checkpoint = self
            .checkpoint
            .map(|time| time.as_secs_f64())
            .or(run.checkpoint);
        run.distributed = self.distributed.or(run.distributed);
        config.no_hidden_layers_for_zero();
        let origin = Origin::new(&file, &config);
        config.check(&origin)?;
        if let Some(run) = &self.resume {
            require_same(run, &file.config, &config)?;
        }
        Ok((config, origin))
    }
}

/// Checks that nothing changes that a resumed run has begun with: only where and how long it trains.
fn require_same(run: &Path, begun: &Config, wanted: &Config) -> Result<(), wgrad::Error> {
    let mut allowed = begun.clone();
    let (to, from) = (&mut allowed.run, &wanted.run);
    to.device.clone_from(&from.device);
    to.backend.clone_from(&from.backend);
    to.memory_limit = from.memory_limit;
    to.max_time = from.max_time;
    to.checkpoint = from.checkpoint;
    if allowed == *wanted {
        return Ok(());
    }
    let [before, after] = [&allowed, wanted].map(Config::to_toml);
    let mut lines = after.lines();
    let changed = lines.find(|line| !before.lines().any(|known| known == *line));
    let run = run.display().to_string();
    let config = typed(&format!("{run}/config.toml"));
    Err(wgrad::Error::Config(format!(
        "--resume {run}: the run has begun with other settings than {}; leave it out, or begin a new run with --config {config}",
        changed.unwrap_or("these")
    )))
}

/// Widths of the hidden layers.
#[derive(Clone, Debug)]
struct Widths(Vec<usize>);

/// Parses widths separated by commas, or by dashes as in other commands.
fn widths(text: &str) -> Result<Widths, String> {
    let parsed = text.split([',', '-']).map(|width| width.trim().parse());
    parsed.collect::<Result<_, _>>().map(Widths).map_err(|_| {
        "expected widths with commas between the layers, as in 128,64, or 0".to_owned()
    })
}
