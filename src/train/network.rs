//! The training of one network of a run: its rows, its epochs, the parameters that are kept, the refit.

use crate::Error;
use crate::model::Mlp;
use crate::train::job::{TrainJob, Trained, Watcher};
use crate::train::resolve::rates;
use crate::train::stopping::{EndReason, Ending, Follower, Next, Path, REDUCTION};
use crate::train::{Prepared, Trainer};
use std::borrow::Cow;

/// One network of a run.
pub struct NetworkRun<'j> {
    pub(super) job: &'j TrainJob<'j>,
    /// Its rows, scaled.
    pub data: Cow<'j, Prepared>,
    /// The untrained network.
    pub mlp: Mlp,
    /// Seed of the order of rows.
    pub(super) seed: u64,
}

impl TrainJob<'_> {
    /// Returns network `k` of the run, from 0.
    pub fn network(&self, k: usize) -> NetworkRun<'_> {
        let (run, k) = (&self.config.run, k as u64);
        let seed = run.seed.wrapping_add(k);
        let data = match self.folds.get(k as usize % self.folds.len().max(1)) {
            Some(fold) if *fold != self.split => {
                Cow::Owned(self.prepared.resorted(&self.split, fold))
            }
            _ => Cow::Borrowed(&self.prepared),
        };
        NetworkRun {
            job: self,
            data,
            mlp: self.mlp.clone().drawn(self.config.network.init, seed),
            seed: self.config.split_seed().wrapping_add(k),
        }
    }
}

impl NetworkRun<'_> {
    /// Loads network and data onto the device.
    ///
    /// # Errors
    /// Returns an error if the device cannot hold them.
    pub fn trainer(&self) -> Result<Trainer<'_>, Error> {
        self.trainer_on(&self.data)
    }

    fn trainer_on<'d>(&self, data: &'d Prepared) -> Result<Trainer<'d>, Error> {
        let job = self.job;
        let limit = job.config.run.memory_limit;
        Trainer::new(
            &job.choice.device,
            self.mlp.clone(),
            &job.training,
            data,
            self.seed,
            limit.map(|mib| mib.saturating_mul(1 << 20)),
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
        let mut follower = Follower::new(self.job.stop);
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
        let test = trainer.evaluate(self.data.test)?;
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
        let data = self.data.with_validation_rows();
        let mut again = self.trainer_on(&data)?;
        let mut rates = rates(&self.job.config.optimizer, 0);
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
        let (stop, batch) = (&self.job.stop, self.job.training.batch_size);
        let per_epoch = self.data.train.count.div_ceil(batch.max(1));
        let of_epochs = stop.epochs.map(|epochs| epochs.saturating_mul(per_epoch));
        let most = [of_epochs, stop.max_steps];
        most.into_iter().flatten().min().unwrap_or(0)
    }

    fn epochs(
        &self,
        trainer: &mut Trainer,
        watcher: &mut dyn Watcher,
        follower: &mut Follower,
    ) -> Result<EndReason, Error> {
        trainer.set_max_steps(self.job.stop.max_steps);
        let mut rates = rates(&self.job.config.optimizer, self.steps());
        trainer.set_rates(rates);
        loop {
            let epoch = trainer.epoch(&mut |progress| watcher.progress(progress))?;
            let val = trainer.evaluate(self.data.val)?;
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
}
