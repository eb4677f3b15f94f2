//! A training run: its data, network and device, and the training loop.

mod distribute;

use crate::Error;
use crate::config::{Config, ConfigKey, Origin};
use crate::dataset::{Dataset, Split};
use crate::device::{Choice, Device, Request, choose};
use crate::distributed::Group;
use crate::gpu::{Precision, Sums};
use crate::model::Mlp;
use crate::plan::Training;
use crate::train::checkpoint::Identity;
use crate::train::resolve::{
    all_rows, bins, check_size, member_splits, prepare, prepare_for, rates, split, start, training,
};
use crate::train::start::Start;
use crate::train::stopping::{Ending, StopRule};
use crate::train::{Checkpoints, Epoch, Metrics, Model, Prepared, Progress, Trainer};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Observes the training of a network. Closures from [`Progress`] to whether to go on are watchers.
pub trait Watcher {
    /// Called before the first epoch of network `k` of an ensemble, from 0. What follows is about it.
    fn network(&mut self, _k: usize) {}

    /// Called after each chunk of steps, about every tenth of a second. Returns whether to go on.
    fn progress(&mut self, progress: Progress) -> bool;

    /// Called with what went wrong without harm to the model.
    fn warn(&mut self, _warning: &str) {}

    /// Called after each epoch, with the metrics on the validation rows, if there are any.
    ///
    /// # Errors
    /// An error ends the training.
    fn epoch(&mut self, _epoch: &Epoch, _val: Option<Metrics>) -> Result<(), Error> {
        Ok(())
    }
}

impl<F: FnMut(Progress) -> bool> Watcher for F {
    fn progress(&mut self, progress: Progress) -> bool {
        self(progress)
    }
}

/// The result of the training of a network.
#[derive(Clone, Copy, Debug)]
pub struct Trained {
    /// How it ended, and which parameters were kept.
    pub ending: Ending,
    /// Metrics of these parameters on the test rows, if there are any.
    pub test: Option<Metrics>,
    /// Whether it was cut short while it trained anew.
    pub cut_in_refit: bool,
}

/// All parts of a training run.
pub struct TrainJob<'a> {
    /// The settings, with defaults filled in.
    pub config: Config,
    /// The data set.
    pub data: &'a Dataset,
    /// The rows for training, validation and test; those of the first network of an ensemble.
    pub split: Split,
    /// These rows, scaled.
    pub prepared: Prepared,
    /// The splits of an ensemble, whose networks take them in turn; empty if all have the same rows.
    pub folds: Vec<Split>,
    /// The untrained network, the first one of an ensemble.
    pub mlp: Mlp,
    /// The networks of a file to start from, in turn; empty for random initial parameters.
    pub(super) started: Vec<Mlp>,
    /// The training settings.
    pub training: Training,
    /// When training ends, and which parameters become the model.
    pub stop: StopRule,
    /// The device, with the reason for it.
    pub choice: Choice,
    /// Where the state of the run is kept, if it is.
    pub checkpoints: Option<Checkpoints>,
    /// When training is cut short, if it does not end before.
    deadline: Option<Instant>,
    /// The ranks that train together, if there are several.
    pub(super) group: Option<Arc<Group>>,
    /// The checksum of the rows of all ranks.
    checksum: Option<u32>,
}

/// Settings that may cause an error about the shares of a split.
pub const SHARES: [ConfigKey; 4] = [
    ("data", "fold"),
    ("data", "split_by"),
    ("data", "val"),
    ("data", "test"),
];
/// Settings that may cause an error about the weights of rows.
pub const WEIGHTS: [ConfigKey; 2] = [("loss", "class_weights"), ("data", "weights")];
/// Settings that may cause an error about the file to start from.
pub const FROM: [ConfigKey; 3] = [
    ("network", "from"),
    ("network", "hidden"),
    ("network", "activation"),
];
/// Settings that may cause an error about the loss.
pub const LOSS: [ConfigKey; 2] = [("loss", "kind"), ("data", "task")];
/// Settings that may cause an error about schedules.
pub const SCHEDULES: [ConfigKey; 2] = [
    ("optimizer", "weight_decay_schedule"),
    ("network", "dropout_schedule"),
];
/// Settings that may cause an error about the size of the network.
pub const HIDDEN: [ConfigKey; 2] = [("network", "hidden"), ("run", "ensemble")];
/// Settings that may cause an error about the device.
pub const DEVICE: [ConfigKey; 2] = [("run", "device"), ("run", "backend")];
/// Settings that may cause an error about the precision.
const PRECISION: [ConfigKey; 1] = [("run", "precision")];

impl<'a> TrainJob<'a> {
    /// Creates the network, chooses the device, and fills in the defaults. `origin` says where settings come from.
    /// Calls `warn` for harmless problems with the choice of the device.
    ///
    /// # Errors
    /// Returns an error if the settings do not fit the data, or there is no such device.
    pub fn new(
        mut config: Config,
        data: &'a Dataset,
        origin: &Origin,
        warn: &mut dyn FnMut(&str),
    ) -> Result<TrainJob<'a>, Error> {
        let start = start(&mut config).map_err(|why| origin.blame(why, &FROM))?;
        let split = split(&config, data).map_err(|why| origin.blame(why.into(), &SHARES))?;
        let folds = member_splits(&config, data, &split);
        let bins = bins(&mut config, data, &split);
        let loss = config.loss.clone();
        let prepared = |split: &Split| {
            let prepared = match &start {
                Some(Start::Model(model)) => prepare_for(&loss, data, split, model),
                _ => prepare(&loss, data, split, bins),
            };
            prepared.map_err(|why| origin.blame(why, &WEIGHTS))
        };
        let (split, prepared) = match folds.first() {
            None => (split.clone(), prepared(&split)?),
            Some(first) => {
                // The networks share an encoder, so it learns from the rows of all.
                let all = all_rows(first);
                let whole = prepared(&all)?;
                (first.clone(), whole.resorted(&all, first))
            }
        };
        let mut training =
            training(&mut config, &prepared).map_err(|why| origin.blame(why, &LOSS))?;
        let rows = folds.iter().map(|fold| fold.train.len());
        let most = rows.fold(prepared.train.count, usize::max);
        training.batch_size = config.run.batch_size.unwrap_or(most).min(most);
        let steps_per_epoch = prepared.train.count.div_ceil(training.batch_size.max(1));
        let rates = rates(&config, 0);
        let stop = StopRule::resolve(
            &mut config.run,
            &rates,
            &prepared,
            steps_per_epoch,
            data.val_from.is_none() && config.data.fold.is_none() && folds.is_empty(),
        );
        // Together, the networks of an ensemble have learned from all rows already.
        let stop = StopRule {
            refit: stop.refit && folds.is_empty(),
            ..stop
        };
        let widths: Vec<usize> = [prepared.schema.inputs]
            .into_iter()
            .chain(config.network.hidden.iter().copied())
            .chain([prepared.outputs])
            .collect();
        check_size(&widths, config.run.ensemble).map_err(|why| origin.blame(why, &HIDDEN))?;
        let output = training.loss.output_activation(prepared.classes);
        let mlp = Mlp::zeros(&widths, config.network.activation, output);
        let started = start.map(|start| start.networks(&mlp)).transpose();
        let started = started.map_err(|why| origin.blame(why, &FROM))?;
        let mlp = match started.as_deref() {
            Some([first, ..]) => first.clone(),
            _ => mlp.drawn(config.network.init, config.run.seed),
        };
        let work = 3 * mlp.multiply_adds() * training.batch_size;
        let choice = choose_device(&mut config, origin, work, warn)?;
        let time = config.run.max_time.map(Duration::from_secs_f64);
        Ok(TrainJob {
            deadline: time.map(|time| Instant::now() + time),
            checkpoints: None,
            group: None,
            checksum: None,
            config,
            data,
            split,
            prepared,
            folds,
            mlp,
            started: started.unwrap_or_default(),
            training,
            stop,
            choice,
        })
    }

    /// Returns the ranks that train together, if there are several.
    pub fn group(&self) -> Option<&Group> {
        self.group.as_deref()
    }

    /// Returns whether training has taken as long as it may.
    pub(super) fn is_out_of_time(&self) -> bool {
        self.deadline.is_some_and(|end| Instant::now() >= end)
    }

    /// Returns what tells this run from others.
    pub fn identity(&self) -> Identity {
        let rows = self.checksum.unwrap_or_else(|| self.prepared.checksum());
        let mut hasher = crc32fast::Hasher::new_with_initial(rows);
        let network = (&self.mlp.layers, self.prepared.train, self.prepared.val);
        hasher.update(format!("{network:?}").as_bytes());
        Identity {
            networks: self.config.run.ensemble,
            data: hasher.finalize(),
            device: self.choice.device.kind(),
        }
    }

    /// Returns the model with the current parameters of `trainer`, and how the run `ended`, if it did.
    ///
    /// # Errors
    /// Returns an error if the device failed.
    pub fn model(&self, trainer: &mut Trainer, ended: Option<Ending>) -> Result<Model, Error> {
        let mlp = trainer.network()?;
        let model = Model::new(mlp, &self.training, &self.prepared);
        Ok(Model {
            endings: ended.into_iter().collect(),
            ..model
        })
    }

    /// Returns the configuration that repeats the run, including how `trainer` sums gradients.
    pub fn resolved(&self, trainer: &Trainer) -> Config {
        let mut config = self.config.clone();
        // How long this run may take says nothing of the next.
        config.run.max_time = None;
        let mut chosen = trainer.kernel_choices().iter();
        if !chosen.any(|chosen| chosen.variant.starts_with("split")) {
            config.run.sums = Sums::InOrder;
        }
        config
    }
}

/// Chooses and opens the device for steps of so many multiply-adds, and stores it in `config`.
///
/// # Errors
/// Returns an error if there is no such device, or it does not compute as asked for.
fn choose_device(
    config: &mut Config,
    origin: &Origin,
    multiply_adds: usize,
    warn: &mut dyn FnMut(&str),
) -> Result<Choice, Error> {
    let request = match Request::from(config.run.device.as_str()) {
        Request::Auto if config.run.precision == Precision::Mixed => Request::Gpu,
        request => request,
    };
    let mut choice = choose(&request, config.run.backend.as_deref(), multiply_adds)
        .map_err(|why| origin.blame(why, &DEVICE))?;
    choice.warning.as_deref().into_iter().for_each(warn);
    resolve_device(config, &choice);
    let device = choice.device.adding(config.run.sums);
    let computing = device.computing(config.run.precision);
    choice.device = computing.map_err(|why| origin.blame(why, &PRECISION))?;
    Ok(choice)
}

/// Stores the chosen device in `config`, so that it repeats the run even where the automatic choice would differ.
pub fn resolve_device(config: &mut Config, choice: &Choice) {
    match &choice.device {
        Device::Cpu => set_device(config, CPU, None),
        Device::Gpu(gpu) => set_device(config, &gpu.info.name, Some(choice.device.backend())),
    }
}

/// Name of the CPU device in configurations.
const CPU: &str = "cpu";

/// Stores a device in `config`, by its name there.
pub fn set_device(config: &mut Config, name: &str, backend: Option<String>) {
    (config.run.device, config.run.backend) = (name.to_owned(), backend);
    if name == CPU {
        config.run.sums = Sums::InOrder;
    }
}
