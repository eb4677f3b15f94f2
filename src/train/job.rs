//! A training run: its data, network and device, and the training loop.

use crate::Error;
use crate::config::{Config, ConfigKey, Origin};
use crate::dataset::{Dataset, Split};
use crate::device::{Choice, Device, Request, choose};
use crate::gpu::{Precision, Sums};
use crate::model::Mlp;
use crate::plan::Training;
use crate::train::resolve::{check_size, rates, split, training};
use crate::train::stopping::{EndReason, Ending, Follower, Next, Path, REDUCTION, StopRule};
use crate::train::{Epoch, Metrics, Model, Prepared, Progress, Trainer};

/// Observes the training of a network. Closures from [`Progress`] to whether to go on are watchers.
pub trait Watcher {
    /// Called after each chunk of steps, about every tenth of a second. Returns whether to go on.
    fn progress(&mut self, progress: Progress) -> bool;

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

/// The result of a training run.
#[derive(Clone, Copy, Debug)]
pub struct Trained {
    /// How it ended, and which parameters were kept.
    pub ending: Ending,
    /// Metrics of these parameters on the test rows, if there are any.
    pub test: Option<Metrics>,
}

/// All parts of a training run.
pub struct TrainJob<'a> {
    /// The settings, with defaults filled in.
    pub config: Config,
    /// The data set.
    pub data: &'a Dataset,
    /// The rows for training, validation and test.
    pub split: Split,
    /// The rows, scaled.
    pub prepared: Prepared,
    /// The untrained network.
    pub mlp: Mlp,
    /// The training settings.
    pub training: Training,
    /// When training ends, and which parameters become the model.
    pub stop: StopRule,
    steps_per_epoch: usize,
    /// The device, with the reason for it.
    pub choice: Choice,
}

/// Settings that may cause an error about the shares of a split.
pub const SHARES: [ConfigKey; 4] = [
    ("data", "fold"),
    ("data", "split_by"),
    ("data", "val"),
    ("data", "test"),
];
/// Settings that may cause an error about the loss.
pub const LOSS: [ConfigKey; 2] = [("loss", "kind"), ("data", "task")];
/// Settings that may cause an error about the size of the network.
pub const HIDDEN: [ConfigKey; 1] = [("network", "hidden")];
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
        let split = split(&config, data).map_err(|why| origin.blame(why.into(), &SHARES))?;
        let prepared = Prepared::new(data, &split)?;
        let training = training(&mut config, &prepared).map_err(|why| origin.blame(why, &LOSS))?;
        let steps_per_epoch = prepared.train.count.div_ceil(training.batch_size.max(1));
        let stop = StopRule::resolve(
            &mut config.run,
            config.optimizer.schedule,
            &prepared,
            steps_per_epoch,
            data.val_from.is_none() && config.data.fold.is_none(),
        );
        let widths: Vec<usize> = [prepared.schema.inputs]
            .into_iter()
            .chain(config.network.hidden.iter().copied())
            .chain([prepared.outputs])
            .collect();
        check_size(&widths).map_err(|why| origin.blame(why, &HIDDEN))?;
        let output = training.loss.output_activation(prepared.classes);
        let mlp = Mlp::zeros(&widths, config.network.activation, output)
            .drawn(config.network.init, config.run.seed);
        let request = match Request::from(config.run.device.as_str()) {
            Request::Auto if config.run.precision == Precision::Mixed => Request::Gpu,
            request => request,
        };
        let work = 3 * mlp.multiply_adds() * training.batch_size;
        let mut choice = choose(&request, config.run.backend.as_deref(), work)
            .map_err(|why| origin.blame(why, &DEVICE))?;
        choice.warning.as_deref().into_iter().for_each(warn);
        resolve_device(&mut config, &choice);
        let device = choice.device.adding(config.run.sums);
        let computing = device.computing(config.run.precision);
        choice.device = computing.map_err(|why| origin.blame(why, &PRECISION))?;
        Ok(TrainJob {
            config,
            data,
            split,
            prepared,
            mlp,
            training,
            stop,
            steps_per_epoch,
            choice,
        })
    }

    /// Loads network and data onto the device.
    ///
    /// # Errors
    /// Returns an error if the device cannot hold them.
    pub fn trainer(&self) -> Result<Trainer<'_>, Error> {
        self.trainer_on(&self.prepared)
    }

    fn trainer_on<'d>(&self, data: &'d Prepared) -> Result<Trainer<'d>, Error> {
        let (mlp, run) = (self.mlp.clone(), &self.config.run);
        Trainer::new(
            &self.choice.device,
            mlp,
            &self.training,
            data,
            self.config.split_seed(),
            run.memory_limit.map(|mib| mib.saturating_mul(1 << 20)),
        )
    }

    /// Trains until the run ends, brings the parameters to keep onto the device, and tests them.
    ///
    /// # Errors
    /// Returns an error if training diverged, the device failed, or `watcher` returned an error.
    pub fn train(
        &self,
        trainer: &mut Trainer,
        watcher: &mut dyn Watcher,
    ) -> Result<Trained, Error> {
        let mut follower = Follower::new(self.stop);
        let mut reason = match self.epochs(trainer, watcher, &mut follower) {
            Err(Error::Interrupted) => EndReason::Interrupted,
            ended => ended?,
        };
        let (epochs, steps) = (trainer.epochs_done(), trainer.steps_done());
        let (mut kept_epoch, mut kept_step) = (epochs, steps);
        if let Some((parameters, epoch, step)) = follower.best() {
            trainer.set_parameters(parameters)?;
            (kept_epoch, kept_step) = (epoch, step);
        }
        let path = follower.path_to_repeat();
        let path = path.filter(|_| reason != EndReason::Interrupted);
        let refit = match path.map(|path| self.refit(trainer, path, watcher)) {
            None => false,
            Some(Err(Error::Interrupted)) => {
                reason = EndReason::Interrupted;
                false
            }
            Some(refit) => refit?,
        };
        let ending = Ending {
            reason,
            epochs,
            steps,
            kept_epoch,
            kept_step,
            refit,
        };
        let test = trainer.evaluate(self.prepared.test)?;
        Ok(Trained { ending, test })
    }

    /// Trains anew along `path` on training and validation rows, and brings the parameters to `trainer`. Returns whether it
    /// did: not if the run diverged.
    fn refit(
        &self,
        trainer: &mut Trainer,
        path: &Path,
        watcher: &mut dyn Watcher,
    ) -> Result<bool, Error> {
        let data = self.prepared.with_validation_rows();
        let mut again = self.trainer_on(&data)?;
        let mut rates = rates(&self.config.optimizer, 0);
        for epochs in path {
            again.set_rates(rates);
            for _ in 0..*epochs {
                match again.epoch(&mut |progress| watcher.progress(progress)) {
                    Err(Error::Diverged(_)) => return Ok(false),
                    epoch => epoch?,
                };
            }
            rates.scale *= REDUCTION;
        }
        trainer.set_parameters(&again.network()?.parameters)?;
        Ok(true)
    }

    /// Returns the largest number of steps.
    fn steps(&self) -> usize {
        let of_epochs = self
            .stop
            .epochs
            .map(|epochs| epochs.saturating_mul(self.steps_per_epoch));
        let most = [of_epochs, self.stop.max_steps];
        most.into_iter().flatten().min().unwrap_or(0)
    }

    fn epochs(
        &self,
        trainer: &mut Trainer,
        watcher: &mut dyn Watcher,
        follower: &mut Follower,
    ) -> Result<EndReason, Error> {
        trainer.set_max_steps(self.stop.max_steps);
        let mut rates = rates(&self.config.optimizer, self.steps());
        trainer.set_rates(rates);
        loop {
            let epoch = trainer.epoch(&mut |progress| watcher.progress(progress))?;
            let val = trainer.evaluate(self.prepared.val)?;
            follower.note(&epoch, val, || {
                Ok::<_, Error>(trainer.network()?.parameters)
            })?;
            watcher.epoch(&epoch, val)?;
            match follower.next(epoch.epoch, epoch.steps) {
                Next::Epoch => {}
                Next::Reduction => {
                    rates.scale *= REDUCTION;
                    trainer.set_rates(rates);
                    if let Some((best, ..)) = follower.best() {
                        trainer.set_parameters(best)?;
                    }
                }
                Next::End(reason) => return Ok(reason),
            }
        }
    }

    /// Returns the model with the current parameters of `trainer`, and how the run `ended`, if it did.
    ///
    /// # Errors
    /// Returns an error if the device failed.
    pub fn model(&self, trainer: &mut Trainer, ended: Option<Ending>) -> Result<Model, Error> {
        let mlp = trainer.network()?;
        let model = Model::new(mlp, self.training.loss, &self.prepared);
        Ok(Model {
            ending: ended,
            ..model
        })
    }

    /// Returns the configuration that repeats the run, including how `trainer` sums gradients.
    pub fn resolved(&self, trainer: &Trainer) -> Config {
        let mut config = self.config.clone();
        let mut chosen = trainer.kernel_choices().iter();
        if !chosen.any(|chosen| chosen.variant.starts_with("split")) {
            config.run.sums = Sums::InOrder;
        }
        config
    }
}

/// Stores the chosen device in `config`, so that it repeats the run even where the automatic choice would differ.
pub fn resolve_device(config: &mut Config, choice: &Choice) {
    let (device, backend) = match &choice.device {
        Device::Cpu => ("cpu".to_owned(), None),
        Device::Gpu(gpu) => (gpu.info.name.clone(), Some(choice.device.backend())),
    };
    (config.run.device, config.run.backend) = (device, backend);
    if matches!(choice.device, Device::Cpu) {
        config.run.sums = Sums::InOrder;
    }
}
