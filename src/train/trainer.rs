//! Trains a network: runs a plan on a device, epoch by epoch in chunks of steps.

mod accounts;
mod divergence;
mod evaluation;
mod ranks;
mod state;

pub use state::TrainerState;

use crate::Error;
use crate::device::Device;
use crate::distributed::Group;
use crate::kernels::{Buffer, Step};
use crate::model::Mlp;
use crate::plan::{
    Evaluation, KernelChoice, Phase, Rates, Schedule, Session, Training, backprop, evaluation_batch,
};
use crate::train::{DataStream, Prepared, pace::ChunkPace, slices::Ranks};
use accounts::take_sum;
use std::sync::Arc;
use std::time::Instant;

/// A network in training.
pub struct Trainer<'a> {
    session: Box<dyn Session<f32>>,
    feed: DataStream<'a>,
    mlp: Mlp,
    schedule: Schedule,
    classes: bool,
    /// Number of rows in the data.
    rows: usize,
    evaluation_batch: usize,
    epoch: usize,
    /// Completed steps of the current epoch, and the sum of the losses of their rows.
    within: (usize, f64),
    /// The largest number of steps; the last epoch may be cut short.
    max_steps: Option<usize>,
    pace: ChunkPace,
    evaluation_pace: ChunkPace,
    /// The ranks that train together, if there are several.
    ranks: Option<Ranks>,
}

/// The progress after a chunk.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The epoch, from 0.
    pub epoch: usize,
    /// Completed steps in the epoch.
    pub step: usize,
    /// Total number of steps in the epoch.
    pub steps: usize,
    /// Mean loss of the chunk's rows.
    pub loss: f64,
}

/// The result of an epoch.
#[derive(Clone, Copy, Debug)]
pub struct Epoch {
    /// The epoch, from 1.
    pub epoch: usize,
    /// Number of steps since the start.
    pub steps: usize,
    /// Mean loss of the training rows, each at the time of its batch.
    pub train_loss: f64,
    /// Training rows per second.
    pub samples_per_s: f64,
}

/// Called with the progress. Returns whether to go on.
pub type ProgressWatch<'a> = &'a mut dyn FnMut(Progress) -> bool;

/// The same, with the trainer as it is.
pub(super) type TrainerWatch<'a> = &'a mut dyn FnMut(&mut Trainer, Progress) -> Result<bool, Error>;

impl<'a> Trainer<'a> {
    /// Loads `mlp`, `training` and `data` onto `device`, which holds at most `limit` bytes of inputs at a time.
    ///
    /// # Errors
    /// Returns an error if they do not fit together ([`Prepared::check`]), or the device cannot hold them.
    pub fn new(
        device: &Device,
        mlp: Mlp,
        training: &Training,
        data: &'a Prepared,
        seed: u64,
        limit: Option<u64>,
    ) -> Result<Trainer<'a>, Error> {
        Trainer::of_rank(device, mlp, training, data, seed, limit, None)
    }

    /// As [`Trainer::new`]. With a `group`, `data` has the slices of one of its ranks, which all train together.
    pub(crate) fn of_rank(
        device: &Device,
        mlp: Mlp,
        training: &Training,
        data: &'a Prepared,
        seed: u64,
        limit: Option<u64>,
        group: Option<Arc<Group>>,
    ) -> Result<Trainer<'a>, Error> {
        data.check(&mlp, training)?;
        let whole_batch = training.batch_size;
        let ranks = group.zip(data.slices.clone());
        let ranks = ranks.map(|(group, slices)| Ranks { group, slices });
        let of_slice = ranks.as_ref().map(|r| r.slices.most_rows(whole_batch));
        let training = &Training {
            batch_size: of_slice.unwrap_or(whole_batch),
            ..*training
        };
        let evaluation_batch =
            evaluation_batch(Evaluation::Training, training.batch_size, data.rows());
        let plan = backprop::train(&mlp, training).evaluating(evaluation_batch);
        let feed = DataStream::new(
            device,
            &data.inputs,
            &data.targets,
            data.rows_here(),
            evaluation_batch,
            limit,
        );
        let mut session = device.load(&plan, feed.rows_on_device())?;
        feed.load(&mut *session)?;
        session.write(Buffer::Parameters, &mlp.parameters)?;
        let forward = mlp.multiply_adds();
        Ok(Trainer {
            pace: ChunkPace::new(3 * forward * whole_batch),
            evaluation_pace: ChunkPace::new(forward * evaluation_batch),
            session,
            feed,
            mlp,
            schedule: Schedule {
                rates: Rates::default(),
                dropout: training.dropout,
                rows: data.train,
                batch_size: whole_batch,
                seed,
                shuffle: true,
                optimizer: training.optimizer,
            },
            classes: training.classes,
            rows: data.rows(),
            evaluation_batch,
            epoch: 0,
            within: (0, 0.0),
            max_steps: None,
            ranks,
        })
    }

    /// Sets the largest number of steps. An epoch with more of them is cut short.
    pub fn set_max_steps(&mut self, steps: Option<usize>) {
        self.max_steps = steps;
    }

    /// Sets the learning rate over the run, as a factor of the optimizer's.
    pub fn set_rates(&mut self, rates: Rates) {
        self.schedule.rates = rates;
    }

    /// Returns the variants of the kernels that the device runs.
    pub fn kernel_choices(&self) -> &[KernelChoice] {
        self.session.kernel_choices()
    }

    /// Returns a warning about a harmless problem while loading the plan.
    pub fn warning(&self) -> Option<&str> {
        self.session.warning()
    }

    /// Trains for one epoch. Calls `watch` after each chunk. If `watch` returns false, the error is
    /// [`Error::Interrupted`], and the parameters are those of the last chunk. The next call then goes on with the epoch.
    ///
    /// # Errors
    /// Returns [`Error::Interrupted`], [`Error::Diverged`], or an error if the device failed.
    pub fn epoch(&mut self, watch: ProgressWatch) -> Result<Epoch, Error> {
        self.epoch_with(&mut |_, progress| Ok(watch(progress)))
    }

    /// As [`Trainer::epoch`]; `watch` may look at the trainer.
    pub(super) fn epoch_with(&mut self, watch: TrainerWatch) -> Result<Epoch, Error> {
        let start = Instant::now();
        let mut steps = self.schedule.epoch(self.epoch);
        let before = self.steps_done();
        if let Some(most) = self.max_steps {
            steps.truncate(most.saturating_sub(before));
        }
        let begun = self.within.0.min(steps.len());
        while self.within.0 < steps.len() {
            let rest = &steps[self.within.0..];
            let chunk = &rest[..self.pace.steps.min(rest.len())];
            let sum = self.chunk(chunk)?;
            let rows: u32 = chunk.iter().map(|s| s.rows).sum();
            let progress = Progress {
                epoch: self.epoch,
                step: self.within.0,
                steps: steps.len(),
                loss: sum / f64::from(rows),
            };
            if !watch(self, progress)? {
                return Err(Error::Interrupted);
            }
        }
        self.epoch += 1;
        let (_, error) = std::mem::take(&mut self.within);
        let rows = |steps: &[Step]| {
            steps
                .iter()
                .map(|step| f64::from(step.rows))
                .fold(0.0, |a, b| a + b)
        };
        Ok(Epoch {
            epoch: self.epoch,
            steps: before + steps.len(),
            train_loss: error / rows(&steps).max(1.0),
            samples_per_s: rows(&steps[begun..]) / start.elapsed().as_secs_f64(),
        })
    }

    /// Replays some steps, and returns the sum of the rows' losses.
    fn chunk(&mut self, steps: &[Step]) -> Result<f64, Error> {
        let start = Instant::now();
        let most = self.session.steps_at_once(Phase::Train);
        if let Some(ranks) = self.ranks.clone() {
            let sum = self.steps_of_ranks(&ranks, steps)?;
            self.pace.adapt(steps.len(), start.elapsed(), most);
            self.check_of_ranks(&ranks, Phase::Train)?;
            return Ok(sum);
        }
        self.feed.run(&mut *self.session, Phase::Train, steps)?;
        self.check(Phase::Train, steps)?;
        let sum = take_sum(&mut *self.session, Buffer::Error)?;
        self.pace.adapt(steps.len(), start.elapsed(), most);
        self.within = (self.within.0 + steps.len(), self.within.1 + sum);
        Ok(sum)
    }

    /// Returns the number of completed epochs.
    pub fn epochs_done(&self) -> usize {
        self.epoch
    }

    /// Returns the number of steps of the completed epochs.
    pub fn steps_done(&self) -> usize {
        let steps = self.epoch * self.schedule.steps_per_epoch();
        self.max_steps.map_or(steps, |most| steps.min(most))
    }

    /// Replaces the parameters of the network.
    ///
    /// # Errors
    /// Returns an error if there are more or fewer, or the device failed.
    pub fn set_parameters(&mut self, parameters: &[f32]) -> Result<(), Error> {
        self.session.write(Buffer::Parameters, parameters)
    }

    /// Goes on after a divergence, from parameters that are set next.
    ///
    /// # Errors
    /// Returns an error if the device failed.
    pub(super) fn forget_divergence(&mut self) -> Result<(), Error> {
        self.session.begin(&[1.0])?;
        for account in [Buffer::Error, Buffer::Hits] {
            take_sum(&mut *self.session, account)?;
        }
        Ok(())
    }

    /// Returns the current network.
    pub fn network(&mut self) -> Result<Mlp, Error> {
        self.mlp.parameters = self.session.read(Buffer::Parameters)?;
        Ok(self.mlp.clone())
    }

    fn check(&mut self, phase: Phase, steps: &[Step]) -> Result<(), Error> {
        match self.session.diverged()? {
            None => Ok(()),
            Some(diverged) => Err(Error::Diverged(self.explain(diverged, phase, steps)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset;
    use crate::dataset::ReadOptions;
    use crate::model::{Activation, Loss, Optimizer};
    use crate::plan::Order;

    #[test]
    fn an_evaluation_in_many_chunks_has_the_bits_of_one() {
        let data = dataset::read("digits", &ReadOptions::default(), 0).unwrap();
        let split = dataset::split(&data, &dataset::SplitOptions::default()).unwrap();
        let data = Prepared::new(&data, &split).unwrap();
        let training = Training {
            loss: Loss::CrossEntropy,
            optimizer: Optimizer::sgd(0.1),
            batch_size: 16,
            classes: true,
            order: Order::Simultaneous,
            train_bias: true,
            ..Training::default()
        };
        let mlp = Mlp::random(&[64, 5, 10], Activation::Tanh, Activation::Identity, 1);
        for device in crate::device::all() {
            let mut trainer =
                Trainer::new(&device, mlp.clone(), &training, &data, 1, None).unwrap();
            let batch = trainer.evaluation_batch;
            let mut by = |steps| {
                trainer.evaluation_pace = ChunkPace { steps };
                let metrics = trainer.evaluate(data.train).unwrap().unwrap();
                (metrics.loss.to_bits(), metrics.accuracy)
            };
            assert!(data.train.count > 2 * batch);
            assert_eq!(by(1), by(100), "{}", device.name());
        }
    }
}
