//! The training of one network of a run: its rows, its epochs, the parameters that are kept, the refit.

use crate::Error;
use crate::model::Mlp;
use crate::plan::Rates;
use crate::train::checkpoint::{NetworkState, Stage};
use crate::train::job::{TrainJob, Trained, Watcher};
use crate::train::resolve::rates;
use crate::train::stopping::{EndReason, Ending, Follower, Next, REDUCTION};
use crate::train::trainer::TrainerState;
use crate::train::{Checkpoints, Epoch, Prepared, Trainer};
use std::borrow::Cow;

/// What changes while a network trains, apart from the trainer.
struct Training {
    stage: Stage,
    follower: Follower,
    rates: Rates,
}

/// One network of a run.
pub struct NetworkRun<'j> {
    pub(super) job: &'j TrainJob<'j>,
    /// Its number in an ensemble, from 0.
    number: usize,
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
            number: k as usize,
            data,
            mlp: match self.started.len() {
                0 => self.mlp.clone().drawn(self.config.network.init, seed),
                networks => self.started[k as usize % networks].clone(),
            },
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
        Trainer::of_rank(
            &job.choice.device,
            self.mlp.clone(),
            &job.training,
            data,
            self.seed,
            limit.map(|mib| mib.saturating_mul(1 << 20)),
            job.group.clone(),
        )
    }

    /// Trains until the run ends, brings the parameters to keep onto the device, and tests them. Goes on from the run's
    /// checkpoint, if it has one.
    ///
    /// # Errors
    /// Returns an error if training diverged, the device failed, or `watcher` returned an error.
    pub fn train(
        &self,
        trainer: &mut Trainer,
        watcher: &mut dyn Watcher,
    ) -> Result<Trained, Error> {
        let mut training = Training {
            stage: Stage::Training,
            follower: Follower::new(self.job.stop),
            rates: rates(&self.job.config, self.steps()),
        };
        let begun = self.begun()?;
        let mut of_refit = None;
        if let Some(state) = begun {
            training.stage = state.stage;
            training.rates.scale = state.scale;
            training.follower.followed = state.followed;
            match state.stage {
                Stage::Training => trainer.restore(&state.trainer)?,
                Stage::Refit(_) => of_refit = Some(state.trainer),
                Stage::Ended(_) => trainer.set_parameters(&state.trainer.parameters)?,
            }
        }
        if training.stage == Stage::Training {
            let reason = self.reason(trainer, watcher, &mut training)?;
            let ending = ending(reason, trainer, &training.follower);
            training.stage = match training.follower.path_to_repeat() {
                Some(_) if !reason.is_cut() && reason != EndReason::Diverged => {
                    Stage::Refit(ending)
                }
                _ => Stage::Ended(ending),
            };
        }
        let mut ending = match training.stage {
            Stage::Refit(ending) | Stage::Ended(ending) => ending,
            Stage::Training => unreachable!("training has ended"),
        };
        if let Some((parameters, ..)) = training.follower.best()
            && !ending.refit
        {
            trainer.set_parameters(parameters)?;
        }
        if matches!(training.stage, Stage::Refit(_)) {
            match self.cut_or(self.refit(trainer, watcher, &training, of_refit.as_ref()))? {
                Ok(refit) => ending.refit = refit,
                Err(cut) => ending.reason = cut,
            }
        }
        if !ending.reason.is_cut() {
            training.stage = Stage::Ended(ending);
            self.note(trainer, &training, false, watcher)?;
        }
        let test = trainer.evaluate(self.data.test)?;
        let cut_in_refit = ending.reason.is_cut() && matches!(training.stage, Stage::Refit(_));
        Ok(Trained {
            ending,
            test,
            cut_in_refit,
        })
    }

    /// Trains until the epochs end, and returns why. A run that diverges ends with its best parameters, if it has some.
    fn reason(
        &self,
        trainer: &mut Trainer,
        watcher: &mut dyn Watcher,
        training: &mut Training,
    ) -> Result<EndReason, Error> {
        let ended = self.epochs(trainer, watcher, training);
        match (ended, training.follower.best()) {
            (Err(Error::Diverged(why)), Some((_, epoch, _))) => {
                trainer.forget_divergence()?;
                watcher.warn(&format!(
                    "{why}; the model is that of epoch {epoch}, the best before"
                ));
                Ok(EndReason::Diverged)
            }
            (ended, _) => Ok(self.cut_or(ended)?.unwrap_or_else(|reason| reason)),
        }
    }

    /// Returns the state that the run goes on from, if there is one. The first rank has it, and gives it to the others.
    fn begun(&self) -> Result<Option<NetworkState>, Error> {
        let state = self.checkpoints().and_then(|all| all.state(self.number));
        let Some(group) = &self.job.group else {
            return Ok(state);
        };
        let bytes = state.map_or_else(Vec::new, NetworkState::into_bytes);
        let of_first = group.gather(bytes)?.swap_remove(0);
        match of_first.is_empty() {
            true => Ok(None),
            false => NetworkState::from_bytes(&of_first).map_err(Error::Ranks),
        }
    }

    fn checkpoints(&self) -> Option<&Checkpoints> {
        self.job.checkpoints.as_ref()
    }

    /// Returns why training was cut short, if it was.
    fn cut_or<T>(&self, ended: Result<T, Error>) -> Result<Result<T, EndReason>, Error> {
        match ended {
            Err(Error::Interrupted) if self.job.is_out_of_time() => Ok(Err(EndReason::MaxTime)),
            Err(Error::Interrupted) => Ok(Err(EndReason::Interrupted)),
            ended => ended.map(Ok),
        }
    }

    /// Notes the state of a trainer for the next checkpoint, which is written `now` or when it is due. A file that cannot be
    /// written is no reason to stop.
    fn note(
        &self,
        trainer: &mut Trainer,
        training: &Training,
        now: bool,
        watcher: &mut dyn Watcher,
    ) -> Result<(), Error> {
        let Some(checkpoints) = self.checkpoints() else {
            return Ok(());
        };
        let state = NetworkState {
            stage: training.stage,
            scale: training.rates.scale,
            followed: training.follower.followed.clone(),
            trainer: trainer.state()?,
        };
        if let Err(why) = checkpoints.note(self.number, state, now) {
            watcher.warn(&format!("no checkpoint was written: {why}"));
        }
        Ok(())
    }

    /// Trains for an epoch, and notes the state from time to time.
    fn epoch(
        &self,
        trainer: &mut Trainer,
        training: &Training,
        watcher: &mut dyn Watcher,
    ) -> Result<Epoch, Error> {
        let epoch = trainer.epoch_with(&mut |trainer, progress| {
            let goes_on = watcher.progress(progress) && !self.job.is_out_of_time();
            let goes_on = trainer.all_go_on(goes_on)?;
            let is_due = |all: &Checkpoints| !goes_on || all.is_due(self.number);
            if self.checkpoints().is_some_and(is_due) {
                self.note(trainer, training, !goes_on, watcher)?;
            }
            Ok(goes_on)
        });
        if let Err(Error::Ranks(_)) = epoch {
            // The step that was not taken leaves the state before it.
            self.note(trainer, training, true, watcher)?;
        }
        epoch
    }

    /// Trains anew along the path to the best parameters, on training and validation rows, from the state `begun` if there is
    /// one, and brings the parameters to `trainer`. Returns whether it did: not if the run diverged.
    fn refit(
        &self,
        trainer: &mut Trainer,
        watcher: &mut dyn Watcher,
        training: &Training,
        begun: Option<&TrainerState>,
    ) -> Result<bool, Error> {
        let Some(path) = training.follower.path_to_repeat() else {
            return Ok(false);
        };
        let data = self.data.with_validation_rows();
        let mut again = self.trainer_on(&data)?;
        begun.map_or(Ok(()), |state| again.restore(state))?;
        let mut rates = rates(&self.job.config, 0);
        let mut end = 0;
        for epochs in path {
            end += epochs;
            again.set_rates(rates);
            while again.epochs_done() < end {
                match self.epoch(&mut again, training, watcher) {
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
        training: &mut Training,
    ) -> Result<EndReason, Error> {
        trainer.set_max_steps(self.job.stop.max_steps);
        trainer.set_rates(training.rates);
        loop {
            let epoch = self.epoch(trainer, training, watcher)?;
            let val = trainer.evaluate(self.data.val)?;
            let follower = &mut training.follower;
            follower.note(&epoch, val, || {
                Ok::<_, Error>(trainer.network()?.parameters)
            })?;
            watcher.epoch(&epoch, val)?;
            match follower.next(epoch.epoch, epoch.steps) {
                Next::Epoch => {}
                Next::Reduction => {
                    training.rates.scale *= REDUCTION;
                    trainer.set_rates(training.rates);
                    if let Some((best, ..)) = follower.best() {
                        trainer.set_parameters(best)?;
                    }
                }
                Next::End(reason) => return Ok(reason),
            }
        }
    }
}

/// Returns how the epochs ended.
fn ending(reason: EndReason, trainer: &Trainer, follower: &Follower) -> Ending {
    let (epochs, steps) = (trainer.epochs_done(), trainer.steps_done());
    let best = follower.best().map(|(_, epoch, step)| (epoch, step));
    let (kept_epoch, kept_step) = best.unwrap_or((epochs, steps));
    Ending {
        reason,
        epochs,
        steps,
        kept_epoch,
        kept_step,
        refit: false,
    }
}
