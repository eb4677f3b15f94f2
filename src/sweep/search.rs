//! A search: trains random settings as `wgrad train` would, and keeps the better half again and again.
//!
//! In the first round, each candidate trains one network; in each later round, the better half of them trains one more,
//! with other rows for validation. The last three have a network for each fold. Test rows are never looked at.

mod candidates;

pub use candidates::{Candidate, Ranges, candidates};

use crate::Error;
use crate::config::{Config, Origin};
use crate::dataset::Dataset;
use crate::device::Device;
use crate::threads::{alone, locked, on_threads, threads};
use crate::train::job::resolve_device;
use crate::train::{Epoch, Metrics, Model, Progress, TrainJob, Watcher};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Number of folds, and so of rounds.
pub const FOLDS: usize = 5;
/// So many candidates are compared on all folds, if there are so many.
const FINALISTS: usize = 3;

/// A candidate and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// The setting.
    pub candidate: Candidate,
    /// The losses on the validation rows of each fold so far; infinite where training diverged.
    pub losses: Vec<f64>,
    /// The accuracies, for classes.
    pub accuracies: Vec<f64>,
    /// The network of the last of these folds.
    pub model: Option<Model>,
}

/// Observes a search, and may end it.
pub trait SearchWatcher: Sync {
    /// Returns whether to go on. Called by several threads, after each chunk of steps.
    fn go_on(&self) -> bool;
    /// Called when a network has been trained, with the number of those that are done and their total in this round.
    fn trained(&self, round: usize, done: usize, total: usize);
}

/// Trains `candidates`, and returns those that were trained, the best one first: those with more folds come before the
/// others. If `watcher` ends the search, a round that is not complete counts for nothing, unless it is the first one.
///
/// # Errors
/// Returns an error if a setting does not fit the data, or the device failed; [`Error::Interrupted`] before the first
/// network was trained, and [`Error::Diverged`] if all of the first round diverged.
pub fn search(
    config: &Config,
    origin: &Origin,
    data: &Dataset,
    candidates: &[Candidate],
    watcher: &dyn SearchWatcher,
) -> Result<Vec<Tried>, Error> {
    let mut shared = config.clone();
    shared.run.ensemble = FOLDS;
    let new = |candidate: &Candidate| Tried {
        candidate: candidate.clone(),
        losses: Vec::new(),
        accuracies: Vec::new(),
        model: None,
    };
    let mut tried: Vec<Tried> = candidates.iter().map(new).collect();
    if TrainJob::new(shared.clone(), data, origin, &mut |_| ())?
        .prepared
        .val
        .count
        == 0
    {
        return Err(Error::Config(
            "a search needs rows for validation; leave out `val = 0`, or add rows".to_owned(),
        ));
    }
    let mut left = tried.len();
    for round in 0..FOLDS {
        let trainer = Round {
            number: round,
            config: &shared,
            origin,
            data,
            watcher,
        };
        let scores = trainer.train(&tried[..left])?;
        let is_whole = scores.iter().all(Option::is_some);
        if round > 0 && !is_whole {
            break;
        }
        for (tried, score) in tried[..left].iter_mut().zip(scores) {
            if let Some(score) = score {
                tried.losses.push(score.loss);
                tried.accuracies.extend(score.accuracy);
                tried.model = score.model;
            }
        }
        rank(&mut tried);
        if !is_whole {
            break;
        }
        left = left.div_ceil(2).max(FINALISTS).min(left);
    }
    // What was not trained before the search ended is no result.
    tried.retain(|own| !own.losses.is_empty());
    match tried.first().and_then(|best| best.losses.first()) {
        None => Err(Error::Interrupted),
        Some(loss) if loss.is_infinite() => Err(Error::Config(
            "training diverged with every setting; give smaller learning rates".to_owned(),
        )),
        Some(_) => Ok(tried),
    }
}

/// Sorts candidates: those with more folds first, then by their mean loss.
fn rank(tried: &mut [Tried]) {
    tried.sort_by(|a, b| {
        let folds = |tried: &Tried| tried.losses.len();
        folds(b)
            .cmp(&folds(a))
            .then_with(|| mean(&a.losses).total_cmp(&mean(&b.losses)))
    });
}

/// Returns the mean; NaN of nothing.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

impl Tried {
    /// Returns the mean loss and its standard error, which is `None` for one fold.
    pub fn loss(&self) -> (f64, Option<f64>) {
        (mean(&self.losses), standard_error(&self.losses))
    }

    /// Returns the mean accuracy and its standard error, for classes.
    pub fn accuracy(&self) -> Option<(f64, Option<f64>)> {
        let some = !self.accuracies.is_empty();
        some.then(|| (mean(&self.accuracies), standard_error(&self.accuracies)))
    }

    /// Returns whether the mean loss is within one standard error of that of `best`, by the differences on the folds that
    /// both have. Never for a single fold.
    pub fn is_tied(&self, best: &Tried) -> bool {
        let pairs = self.losses.iter().zip(&best.losses);
        let differences: Vec<f64> = pairs.map(|(own, best)| own - best).collect();
        standard_error(&differences).is_some_and(|error| mean(&differences) <= error)
    }
}

/// Returns the standard error of the mean.
fn standard_error(values: &[f64]) -> Option<f64> {
    let count = values.len() as f64;
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (count - 1.0) / count).sqrt())
}

/// A round of a search: each candidate trains a network, the one of this number.
struct Round<'a> {
    number: usize,
    config: &'a Config,
    origin: &'a Origin,
    data: &'a Dataset,
    watcher: &'a dyn SearchWatcher,
}

/// A network and its scores on its validation rows.
struct Score {
    loss: f64,
    accuracy: Option<f64>,
    model: Option<Model>,
}

/// The score of a network that diverged.
const DIVERGED: Score = Score {
    loss: f64::INFINITY,
    accuracy: None,
    model: None,
};

impl Round<'_> {
    /// Trains a network of each candidate, side by side on the CPU device.
    fn train(&self, tried: &[Tried]) -> Result<Vec<Option<Score>>, Error> {
        let members = match self.device(&tried[0].candidate)? {
            Device::Cpu => threads().min(tried.len()),
            Device::Gpu(_) => 1,
        };
        let scores: Vec<Mutex<Result<Option<Score>, Error>>> =
            tried.iter().map(|_| Mutex::new(Ok(None))).collect();
        let [next, done] = [0, 0].map(AtomicUsize::new);
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(tried) = tried.get(number).filter(|_| self.watcher.go_on()) else {
                    return;
                };
                let score = self.score(&tried.candidate);
                let failed = score.is_err();
                *locked(&scores[number]) = score;
                if failed {
                    next.fetch_max(scores.len(), Ordering::Relaxed);
                }
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                self.watcher.trained(self.number, done, scores.len());
            }
        };
        match members {
            1 => work(),
            _ => on_threads(members, |_, _| alone(work)),
        }
        scores
            .into_iter()
            .map(|score| score.into_inner().unwrap_or_else(|e| e.into_inner()))
            .collect()
    }

    fn job(&self, candidate: &Candidate) -> Result<TrainJob<'_>, Error> {
        let config = candidate.applied_to(self.config);
        TrainJob::new(config, self.data, self.origin, &mut |_| ())
    }

    fn device(&self, candidate: &Candidate) -> Result<Device, Error> {
        Ok(self.job(candidate)?.choice.device)
    }

    /// Trains a network; `None` if that was stopped.
    fn score(&self, candidate: &Candidate) -> Result<Option<Score>, Error> {
        let job = self.job(candidate)?;
        let mut watched = Watched(self.watcher);
        match job.member(self.number, &mut watched) {
            Ok((_, member)) if member.is_cut() => Ok(None),
            Ok((mlp, member)) => Ok(member.val.map(|val| Score {
                loss: val.loss,
                accuracy: val.accuracy,
                model: Some(Model {
                    endings: vec![member.trained.ending],
                    ..Model::new(mlp, &job.training, &job.prepared)
                }),
            })),
            Err(Error::Diverged(_)) => Ok(Some(DIVERGED)),
            Err(why) => Err(why),
        }
    }
}

/// Ends the training of a network when the search ends.
struct Watched<'a>(&'a dyn SearchWatcher);

impl Watcher for Watched<'_> {
    fn progress(&mut self, _: Progress) -> bool {
        self.0.go_on()
    }

    fn epoch(&mut self, _: &Epoch, _: Option<Metrics>) -> Result<(), Error> {
        Ok(())
    }
}

/// Stores the device that a search uses in `config`, so that all networks have the same one.
///
/// # Errors
/// Returns an error if the settings do not fit the data, or there is no such device.
pub fn settle_device(config: &mut Config, origin: &Origin, data: &Dataset) -> Result<(), Error> {
    let job = TrainJob::new(config.clone(), data, origin, &mut |_| ())?;
    resolve_device(config, &job.choice);
    Ok(())
}
