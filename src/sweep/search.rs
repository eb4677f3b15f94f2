//! A search: trains random settings as `wgrad train` would, and keeps the better half again and again.
//!
//! In the first round, each candidate trains one network; in each later round, the better half of them trains one more,
//! with other rows for validation. The last three have a network for each fold. Test rows are never looked at.

mod candidates;
mod state;
mod tried;

pub use candidates::{Candidate, Ranges, candidates};
pub use state::{FOLDS, SearchState};
pub use tried::Tried;

use crate::Error;
use crate::config::{Config, Origin};
use crate::dataset::Dataset;
use crate::device::Device;
use crate::threads::{alone, locked, on_threads, threads};
use crate::train::job::resolve_device;
use crate::train::{Epoch, Metrics, Model, Progress, TrainJob, Watcher};
use state::Score;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Observes a search, and may end it.
pub trait SearchWatcher: Sync {
    /// Returns whether to go on. Called by several threads, after each chunk of steps.
    fn go_on(&self) -> bool;
    /// Called when a network has been trained, with the number of those that are done and their total in this round.
    fn trained(&self, round: usize, done: usize, total: usize);
    /// Called then with what the search knows, which it may go on from.
    ///
    /// # Errors
    /// An error ends the search.
    fn note(&self, _state: &SearchState) -> Result<(), Error> {
        Ok(())
    }
}

/// A search in progress, or a shard of one.
pub struct Search<'a> {
    config: Config,
    origin: &'a Origin,
    data: &'a Dataset,
    candidates: &'a [Candidate],
    watcher: &'a dyn SearchWatcher,
    state: Mutex<SearchState>,
    /// The network of the last fold of each candidate, if this process trained it.
    models: Vec<Mutex<Option<Model>>>,
}

impl<'a> Search<'a> {
    /// Begins a search with `state`.
    ///
    /// # Errors
    /// Returns an error if a setting does not fit the data, or there are no rows for validation.
    pub fn new(
        config: &Config,
        origin: &'a Origin,
        data: &'a Dataset,
        candidates: &'a [Candidate],
        state: SearchState,
        watcher: &'a dyn SearchWatcher,
    ) -> Result<Search<'a>, Error> {
        let mut config = config.clone();
        config.run.ensemble = FOLDS;
        let job = TrainJob::new(config.clone(), data, origin, &mut |_| ())?;
        if job.prepared.val.count == 0 {
            return Err(Error::Config(
                "a search needs rows for validation; leave out `val = 0`, or add rows".to_owned(),
            ));
        }
        Ok(Search {
            config,
            origin,
            data,
            candidates,
            watcher,
            state: Mutex::new(state),
            models: candidates.iter().map(|_| Mutex::new(None)).collect(),
        })
    }

    /// Trains all rounds; of a shard, the current one. The watcher may end it before.
    ///
    /// # Errors
    /// Returns an error if a setting does not fit the data, or the device failed.
    pub fn run(&self) -> Result<(), Error> {
        loop {
            self.round()?;
            let mut state = locked(&self.state);
            let is_whole = state.about.shard.is_whole();
            if !is_whole || state.is_last() || !state.go_on() {
                return Ok(());
            }
        }
    }

    /// Returns what the search knows.
    pub fn state(&self) -> SearchState {
        locked(&self.state).clone()
    }

    /// Returns the candidates that were trained, the best one first: those with more folds come before the others. A round
    /// that is not complete counts for nothing, unless it is the first one.
    ///
    /// # Errors
    /// Returns [`Error::Interrupted`] if no network was trained, and an error if all of the first round diverged.
    pub fn tried(&self) -> Result<Vec<Tried>, Error> {
        let mut tried = self.state().tried(self.candidates);
        for own in &mut tried {
            let number = self.candidates.iter().position(|c| *c == own.candidate);
            own.model = number.and_then(|number| locked(&self.models[number]).clone());
        }
        match tried.first().and_then(|best| best.losses.first()) {
            None => Err(Error::Interrupted),
            Some(loss) if loss.is_infinite() => Err(Error::Config(
                "training diverged with every setting; give smaller learning rates".to_owned(),
            )),
            Some(_) => Ok(tried),
        }
    }

    /// Trains what is left of the current round, networks side by side on the CPU device.
    fn round(&self) -> Result<(), Error> {
        let (round, total, left) = {
            let state = locked(&self.state);
            (state.round(), state.own().len(), state.untrained())
        };
        let Some(first) = left.first() else {
            return Ok(());
        };
        let members = match self.device(&self.candidates[*first])? {
            Device::Cpu => threads().min(left.len()),
            Device::Gpu(_) => 1,
        };
        let next = AtomicUsize::new(0);
        let done = AtomicUsize::new(total - left.len());
        let failed = AtomicBool::new(false);
        let failure = Mutex::new(Ok(()));
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let goes_on = self.watcher.go_on() && !failed.load(Ordering::Relaxed);
                let Some(&number) = left.get(number).filter(|_| goes_on) else {
                    return;
                };
                if let Err(why) = self.train(round, number) {
                    failed.store(true, Ordering::Relaxed);
                    *locked(&failure) = Err(why);
                }
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                self.watcher.trained(round, done, total);
            }
        };
        match members {
            1 => work(),
            _ => on_threads(members, |_, _| alone(work)),
        }
        failure.into_inner().unwrap_or_else(|e| e.into_inner())
    }

    /// Trains a network of a candidate, and notes its score, unless training was stopped.
    fn train(&self, round: usize, number: usize) -> Result<(), Error> {
        let Some((score, model)) = self.score(round, &self.candidates[number])? else {
            return Ok(());
        };
        *locked(&self.models[number]) = model;
        let mut state = locked(&self.state);
        state.note(number, score);
        self.watcher.note(&state)
    }

    fn job(&self, candidate: &Candidate) -> Result<TrainJob<'_>, Error> {
        let config = candidate.applied_to(&self.config);
        TrainJob::new(config, self.data, self.origin, &mut |_| ())
    }

    fn device(&self, candidate: &Candidate) -> Result<Device, Error> {
        Ok(self.job(candidate)?.choice.device)
    }

    /// Trains a network; `None` if that was stopped.
    fn score(
        &self,
        round: usize,
        candidate: &Candidate,
    ) -> Result<Option<(Score, Option<Model>)>, Error> {
        let job = self.job(candidate)?;
        let mut watched = Watched(self.watcher);
        match job.member(round, &mut watched) {
            Ok((_, member)) if member.is_cut() => Ok(None),
            Ok((mlp, member)) => Ok(member.val.map(|val| {
                let model = Model {
                    endings: vec![member.trained.ending],
                    ..Model::new(mlp, &job.training, &job.prepared)
                };
                (Score::new(val.loss, val.accuracy), Some(model))
            })),
            Err(Error::Diverged(_)) => Ok(Some((Score::DIVERGED, None))),
            Err(why) => Err(why),
        }
    }
}

/// Trains `candidates`, all in this process, and returns those that were trained, the best one first.
///
/// # Errors
/// Returns the errors of [`Search::new`], [`Search::run`] and [`Search::tried`].
pub fn search(
    config: &Config,
    origin: &Origin,
    data: &Dataset,
    candidates: &[Candidate],
    watcher: &dyn SearchWatcher,
) -> Result<Vec<Tried>, Error> {
    let state = SearchState::new(candidates.len());
    let search = Search::new(config, origin, data, candidates, state, watcher)?;
    search.run()?;
    search.tried()
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
