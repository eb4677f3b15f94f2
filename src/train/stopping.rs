//! When a run ends, and which of its parameters become the model.

use crate::config::{Keep, RunConfig};
use crate::plan::{RateSchedule, Rates};
use crate::train::{Epoch, Metrics, Prepared};
use serde::{Deserialize, Serialize};

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// It had as many epochs as were asked for.
    Epochs,
    /// It had the largest number of steps.
    MaxSteps,
    /// The watched loss did not improve any more.
    Patience,
    /// It took as long as it may.
    MaxTime,
    /// It was stopped from outside.
    Interrupted,
    /// It diverged after an epoch whose parameters were kept.
    Diverged,
}

impl EndReason {
    /// Returns whether training would have gone on.
    pub fn is_cut(self) -> bool {
        matches!(self, EndReason::MaxTime | EndReason::Interrupted)
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// Why it ended.
    pub reason: EndReason,
    /// Number of completed epochs.
    pub epochs: usize,
    /// Number of steps of these epochs.
    pub steps: usize,
    /// The epoch after which the parameters were those of the model, from 1; 0 for the initial ones.
    pub kept_epoch: usize,
    /// Number of steps up to then.
    pub kept_step: usize,
    /// Whether the model was then trained anew, as far as that epoch, on training and validation rows.
    pub refit: bool,
}

/// The loss that decides when training ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchedLoss {
    /// The loss of the validation rows.
    Validation,
    /// The loss of the training rows.
    Training,
}

impl std::fmt::Display for WatchedLoss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            WatchedLoss::Validation => "validation",
            WatchedLoss::Training => "training",
        })
    }
}

/// The limits of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopRule {
    /// The largest number of epochs.
    pub epochs: Option<usize>,
    /// The largest number of steps.
    pub max_steps: Option<usize>,
    /// Number of epochs without a better loss after which training ends.
    pub patience: Option<usize>,
    /// The loss that `patience` and `keep` look at.
    pub watched: WatchedLoss,
    /// Which parameters become the model.
    pub keep: Keep,
    /// How often the learning rate is reduced before training ends.
    pub reductions: usize,
    /// Whether to train anew on training and validation rows, as far as the best epoch.
    pub refit: bool,
}

// Chosen on 17 public tables (benches/tables): the mean test score is the same with twice the patience, and lower by
// accuracy on the validation rows than by their loss, which tells more epochs apart.

/// Default of `max_steps`, and the smallest number of epochs that it leaves room for.
const MAX_STEPS: usize = 20_000;
const MIN_EPOCHS: usize = 100;
/// Default of `patience`: so many epochs, but at least as many as take so many steps.
const PATIENT_EPOCHS: usize = 10;
const PATIENT_STEPS: usize = 1_000;
/// With fewer validation rows, their loss says too little.
const FEW_VALIDATION_ROWS: usize = 10;
/// With more rows, a tenth more of them changes little, and costs a second training.
const MOST_REFIT_ROWS: usize = 10_000;
/// A loss is better if it is lower by this share of the loss after the first epoch: near 0, it may fall forever.
const BETTER: f64 = 1e-4;

impl StopRule {
    /// Resolves the limits in `run`, and stores the defaults there. An epoch has `steps_per_epoch` steps. The validation
    /// rows are a share of the training rows if `is_share`.
    pub fn resolve(
        run: &mut RunConfig,
        rates: &Rates,
        data: &Prepared,
        steps_per_epoch: usize,
        is_share: bool,
    ) -> StopRule {
        let open = run.epochs.is_none();
        let waits = rates.are_open();
        if open {
            let room = MAX_STEPS.max(MIN_EPOCHS.saturating_mul(steps_per_epoch));
            run.max_steps.get_or_insert(room);
        }
        // A setting that changes along the run needs the whole of it.
        if open && waits {
            let patient = PATIENT_STEPS.div_ceil(steps_per_epoch.max(1));
            run.patience.get_or_insert(PATIENT_EPOCHS.max(patient));
        }
        let watched = match data.val.count {
            0 => WatchedLoss::Training,
            rows if rows < FEW_VALIDATION_ROWS && run.keep != Some(Keep::Best) => {
                WatchedLoss::Training
            }
            _ => WatchedLoss::Validation,
        };
        let best = watched == WatchedLoss::Validation && (open || run.patience.is_some());
        let usual = if best { Keep::Best } else { Keep::Last };
        let keep = *run.keep.get_or_insert(usual);
        let few = data.train.count + data.val.count <= MOST_REFIT_ROWS;
        let refit = *run.refit.get_or_insert(open && waits && is_share && few);
        let can_refit = watched == WatchedLoss::Validation && keep == Keep::Best;
        StopRule {
            epochs: run.epochs,
            max_steps: run.max_steps,
            patience: run.patience,
            watched,
            keep,
            reductions: match rates.schedule {
                RateSchedule::Plateau => REDUCTIONS,
                _ => 0,
            },
            refit: refit && can_refit && waits,
        }
    }
}

/// Default number of steps of each network of a sweep, and the smallest number of epochs.
const SWEEP_STEPS: usize = 3_000;
const SWEEP_EPOCHS: usize = 30;

/// Returns the number of epochs of a sweep, whose networks all have the same. An epoch has `steps_per_epoch` steps.
pub fn sweep_epochs(run: &RunConfig, steps_per_epoch: usize) -> usize {
    let usual = SWEEP_EPOCHS.max(SWEEP_STEPS.div_ceil(steps_per_epoch.max(1)));
    let most = run.max_steps.map(|steps| steps / steps_per_epoch.max(1));
    let epochs = run.epochs.unwrap_or(usual);
    most.map_or(epochs, |most| epochs.min(most)).max(1)
}

/// Factor of the learning rate on a plateau of the loss, and how often it is applied.
pub(super) const REDUCTION: f64 = 0.2;
const REDUCTIONS: usize = 2;

/// What follows an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another epoch.
    Epoch,
    /// A smaller learning rate, from the best parameters on.
    Reduction,
    /// Nothing.
    End(EndReason),
}

/// Follows a run, and keeps its best parameters.
#[derive(Debug)]
pub(super) struct Follower {
    rule: StopRule,
    pub(super) followed: Followed,
}

/// What a run has shown so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Followed {
    /// The loss after the first epoch, or the first finite one.
    #[serde(with = "bits")]
    first: f64,
    /// The last loss that was better than those before, and the epoch after which it was so.
    #[serde(with = "bits")]
    reference: f64,
    reference_epoch: usize,
    pub(super) best: Best,
    /// Number of reductions so far.
    reduced: usize,
    /// The epoch of the last reduction, and the path to the parameters from which training went on.
    begun: (usize, Path),
}

/// The best parameters so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Best {
    #[serde(with = "bits")]
    loss: f64,
    epoch: usize,
    step: usize,
    #[serde(skip)]
    pub(super) parameters: Vec<f32>,
    path: Path,
}

/// The epochs that led to some parameters: how many with each learning rate.
pub(super) type Path = Vec<usize>;

impl Follower {
    pub(super) fn new(rule: StopRule) -> Follower {
        Follower {
            rule,
            followed: Followed {
                first: 0.0,
                reference: f64::INFINITY,
                reference_epoch: 0,
                best: Best {
                    loss: f64::INFINITY,
                    epoch: 0,
                    step: 0,
                    parameters: Vec::new(),
                    path: Path::new(),
                },
                reduced: 0,
                begun: (0, Path::new()),
            },
        }
    }

    /// Notes the result of an epoch; `read` reads the current parameters.
    ///
    /// # Errors
    /// Returns the errors of `read`.
    pub(super) fn note<E>(
        &mut self,
        epoch: &Epoch,
        val: Option<Metrics>,
        read: impl FnOnce() -> Result<Vec<f32>, E>,
    ) -> Result<(), E> {
        let loss = match (self.rule.watched, val) {
            (WatchedLoss::Validation, Some(val)) => val.loss,
            _ => epoch.train_loss,
        };
        let followed = &mut self.followed;
        if epoch.epoch == 1 || followed.first.is_infinite() {
            followed.first = loss;
        }
        if loss < followed.reference - BETTER * followed.first {
            (followed.reference, followed.reference_epoch) = (loss, epoch.epoch);
        }
        if self.rule.keep == Keep::Best && loss < followed.best.loss {
            followed.best = Best {
                loss,
                epoch: epoch.epoch,
                step: epoch.steps,
                parameters: read()?,
                path: [&followed.begun.1[..], &[epoch.epoch - followed.begun.0]].concat(),
            };
        }
        Ok(())
    }

    /// Returns what follows after so many epochs and steps.
    pub(super) fn next(&mut self, epochs: usize, steps: usize) -> Next {
        let is_at = |most: Option<usize>, count| most.is_some_and(|most| count >= most);
        if is_at(self.rule.epochs, epochs) {
            return Next::End(EndReason::Epochs);
        }
        if is_at(self.rule.max_steps, steps) {
            return Next::End(EndReason::MaxSteps);
        }
        let followed = &mut self.followed;
        if !is_at(self.rule.patience, epochs - followed.reference_epoch) {
            return Next::Epoch;
        }
        if followed.reduced == self.rule.reductions {
            return Next::End(EndReason::Patience);
        }
        followed.reduced += 1;
        followed.reference_epoch = epochs;
        let mut path = followed.best.path.clone();
        path.resize(followed.reduced, 0);
        followed.begun = (epochs, path);
        Next::Reduction
    }

    /// Returns the path to the best parameters, if the run is to repeat it with more rows.
    pub(super) fn path_to_repeat(&self) -> Option<&Path> {
        let best = &self.followed.best;
        let is_due = self.rule.refit && !best.parameters.is_empty();
        is_due.then_some(&best.path)
    }

    /// Returns the best parameters, with their epoch and step; `None` to keep the last ones.
    pub(super) fn best(&self) -> Option<(&[f32], usize, usize)> {
        let best = &self.followed.best;
        (!best.parameters.is_empty()).then_some((&best.parameters[..], best.epoch, best.step))
    }
}

/// Writes a number as its bits, in hexadecimal: JSON has no infinity.
mod bits {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    #[allow(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    pub(super) fn serialize<S: Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format!("{:016x}", number.to_bits()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        let digits = String::deserialize(from)?;
        let bits = u64::from_str_radix(&digits, 16).map_err(D::Error::custom)?;
        Ok(f64::from_bits(bits))
    }
}
