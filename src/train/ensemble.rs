//! Ensembles: trains several networks, side by side on the CPU device, and makes one model of them.

use crate::Error;
use crate::device::Device;
use crate::model::Mlp;
use crate::threads::{alone, locked, threads};
use crate::train::stopping::EndReason;
use crate::train::{
    Epoch, Inference, Metrics, Model, Predictions, Progress, TrainJob, Trained, Watcher,
};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, scope};

/// The result of an ensemble.
#[derive(Debug)]
pub struct EnsembleRun {
    /// The networks whose training ended; if it was interrupted before one did, the first one as it was.
    pub model: Model,
    /// What is known of each network of the model.
    pub members: Vec<MemberResult>,
    /// Number of networks that are left out because their training diverged.
    pub diverged: usize,
    /// Metrics of the model on the test rows, if there are any.
    pub test: Option<Metrics>,
    /// Predictions for rows that their network did not train on.
    pub out_of_fold: Option<OutOfFold>,
    /// Why training was cut short, if it was.
    pub cut: Option<EndReason>,
    /// The error that kept the other networks from being trained.
    pub failed: Option<Error>,
}

/// The training of one network of an ensemble.
#[derive(Clone, Copy, Debug)]
pub struct MemberResult {
    /// Its number, from 0.
    pub number: usize,
    /// How it ended, and its metrics on the test rows.
    pub trained: Trained,
    /// Its metrics on its validation rows.
    pub val: Option<Metrics>,
}

/// Predictions for the rows of training and validation, each by a network that had it for validation.
#[derive(Clone, Debug)]
pub struct OutOfFold {
    /// The rows, in ascending order.
    pub rows: Vec<u32>,
    /// Their predictions.
    pub predictions: Predictions,
}

pub(crate) type Member = Result<(Mlp, MemberResult), Error>;

impl TrainJob<'_> {
    /// Trains the networks of the ensemble, and tests their mean. `watcher` gets the events of one network after the other.
    ///
    /// # Errors
    /// Returns an error if no network could be trained. Other errors are part of the result.
    pub fn train_ensemble(&self, watcher: &mut dyn Watcher) -> Result<EnsembleRun, Error> {
        let count = self.config.run.ensemble;
        let members = match self.choice.device {
            Device::Cpu => count.min(threads()),
            // The kernels of one network fill the device.
            Device::Gpu(_) => 1,
        };
        let results = match members {
            1 => self.one_by_one(watcher),
            members => self.side_by_side(members, watcher),
        };
        self.assembled(results)
    }

    /// Trains network `number`, from 0, and returns it with its scores.
    pub(crate) fn member(&self, number: usize, watcher: &mut dyn Watcher) -> Member {
        let run = self.network(number);
        let mut trainer = run.trainer()?;
        let trained = run.train(&mut trainer, watcher)?;
        let val = trainer.evaluate(run.data.val)?;
        let result = MemberResult {
            number,
            trained,
            val,
        };
        Ok((trainer.network()?, result))
    }

    fn one_by_one(&self, watcher: &mut dyn Watcher) -> Vec<Member> {
        let mut results = Vec::new();
        for number in 0..self.config.run.ensemble {
            watcher.network(number);
            results.push(self.member(number, watcher));
            if results.last().is_some_and(is_last) {
                break;
            }
        }
        results
    }

    /// Trains on so many threads, each a network at a time.
    fn side_by_side(&self, members: usize, watcher: &mut dyn Watcher) -> Vec<Member> {
        let count = self.config.run.ensemble;
        let results: Vec<Mutex<Option<Member>>> = (0..count).map(|_| Mutex::new(None)).collect();
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (sender, receiver) = channel();
        let work = |sender: Sender<(usize, Event)>| {
            let claim = || next.fetch_add(1, Ordering::Relaxed);
            let open = |number: &usize| *number < count && !stop.load(Ordering::Relaxed);
            while let Some(number) = Some(claim()).filter(open) {
                let mut reporter = Reporter {
                    number,
                    sender: &sender,
                    stop: &stop,
                };
                let member = alone(|| self.member(number, &mut reporter));
                if is_last(&member) {
                    stop.store(true, Ordering::Relaxed);
                }
                *locked(&results[number]) = Some(member);
                reporter.send(Event::End);
            }
        };
        let told = scope(|scope| {
            for _ in 0..members {
                let (work, sender) = (&work, sender.clone());
                // Fewer threads do the same work.
                drop(Builder::new().spawn_scoped(scope, move || work(sender)));
            }
            drop(sender);
            relay(&receiver, watcher, &stop)
        });
        let ended = results.into_iter().map_while(|r| locked(&r).take());
        let mut ended: Vec<Member> = ended.collect();
        ended.extend(told.err().map(Err));
        match ended.is_empty() {
            // No thread could be started.
            true => self.one_by_one(watcher),
            false => ended,
        }
    }

    /// Makes a model of the networks, and tests it.
    fn assembled(&self, results: Vec<Member>) -> Result<EnsembleRun, Error> {
        let (mut whole, mut cut, mut diverged, mut failed) = (vec![], vec![], vec![], None);
        for result in results {
            match result {
                Ok(member) if member.1.is_cut() => cut.push(member),
                Ok(member) => whole.push(member),
                Err(why @ Error::Diverged(_)) => diverged.push(why),
                Err(why) => failed = failed.or(Some(why)),
            }
        }
        let reason = cut.first().map(|(_, member)| member.trained.ending.reason);
        if whole.is_empty() {
            cut.truncate(1);
            whole = cut;
        }
        let (networks, members): (Vec<Mlp>, Vec<MemberResult>) = whole.into_iter().unzip();
        let mut networks = networks.into_iter();
        let Some(first) = networks.next() else {
            let why = failed.or_else(|| diverged.into_iter().next());
            return Err(why.unwrap_or(Error::Interrupted));
        };
        let endings = members.iter().map(|member| member.trained.ending);
        let model = Model {
            others: networks.collect(),
            endings: endings.collect(),
            ..Model::new(first, &self.training, &self.prepared)
        };
        // The model is worth keeping even if the device fails now.
        let mut kept = |why| failed = failed.take().or(Some(why));
        let test = self.tested(&model).map_err(&mut kept).unwrap_or_default();
        let out_of_fold = self.out_of_fold(&model, &members).map_err(kept);
        let out_of_fold = out_of_fold.unwrap_or_default();
        Ok(EnsembleRun {
            model,
            members,
            diverged: diverged.len(),
            test,
            out_of_fold,
            cut: reason,
            failed,
        })
    }

    fn tested(&self, model: &Model) -> Result<Option<Metrics>, Error> {
        if self.split.test.is_empty() {
            return Ok(None);
        }
        let rows = self.data.select(&self.split.test);
        let mut inference = Inference::new(&self.choice.device, model, &rows)?;
        inference.metrics().map(Some)
    }

    /// Predicts each row by the first network that had it for validation alone; `None` if there is a row without one.
    fn out_of_fold(
        &self,
        model: &Model,
        members: &[MemberResult],
    ) -> Result<Option<OutOfFold>, Error> {
        let mut parts = Vec::new();
        for (k, fold) in self.folds.iter().enumerate() {
            let networks = members.iter().zip(model.networks());
            let mut own = networks.filter(|(member, _)| member.number == k);
            let own = own.next().filter(|(own, _)| !own.trained.ending.refit);
            let Some((_, mlp)) = own else {
                return Ok(None);
            };
            let one = Model {
                mlp: mlp.clone(),
                others: Vec::new(),
                ..model.clone()
            };
            let rows = self.data.select(&fold.val);
            let predictions = Inference::new(&self.choice.device, &one, &rows)?.predictions()?;
            parts.push((&fold.val[..], predictions));
        }
        let joined = Predictions::joined(parts);
        Ok(joined.map(|(rows, predictions)| OutOfFold { rows, predictions }))
    }
}

impl MemberResult {
    /// Returns whether its training was cut short.
    pub fn is_cut(&self) -> bool {
        self.trained.ending.reason.is_cut()
    }
}

/// Returns whether no further network is to be trained.
fn is_last(member: &Member) -> bool {
    match member {
        Ok((_, member)) => member.is_cut(),
        Err(Error::Diverged(_)) => false,
        Err(_) => true,
    }
}

/// What happens to a network on its thread.
enum Event {
    Progress(Progress),
    Epoch(Epoch, Option<Metrics>),
    Warning(String),
    End,
}

/// Sends what happens to the thread of the watcher.
struct Reporter<'a> {
    number: usize,
    sender: &'a Sender<(usize, Event)>,
    stop: &'a AtomicBool,
}

impl Reporter<'_> {
    fn send(&self, event: Event) {
        // Nobody listens any more if the watcher panicked.
        drop(self.sender.send((self.number, event)));
    }
}

impl Watcher for Reporter<'_> {
    fn progress(&mut self, progress: Progress) -> bool {
        self.send(Event::Progress(progress));
        !self.stop.load(Ordering::Relaxed)
    }

    fn warn(&mut self, warning: &str) {
        self.send(Event::Warning(warning.to_owned()));
    }

    fn epoch(&mut self, epoch: &Epoch, val: Option<Metrics>) -> Result<(), Error> {
        self.send(Event::Epoch(*epoch, val));
        Ok(())
    }
}

/// Tells the watcher of the networks in the order of their numbers. Sets `stop` if it wants to stop.
///
/// # Errors
/// Returns the first error of the watcher.
fn relay(
    events: &Receiver<(usize, Event)>,
    watcher: &mut dyn Watcher,
    stop: &AtomicBool,
) -> Result<(), Error> {
    let mut waiting: BTreeMap<usize, Vec<Event>> = BTreeMap::new();
    let (mut current, mut begun, mut result) = (0, false, Ok(()));
    for (number, event) in events {
        // The progress of the other networks is dropped; their epochs are reported later.
        if number == current || !matches!(event, Event::Progress(_)) {
            waiting.entry(number).or_default().push(event);
        }
        while let Some(events) = waiting.remove(&current) {
            if !std::mem::replace(&mut begun, true) {
                watcher.network(current);
            }
            for event in events {
                match event {
                    Event::Progress(progress) if result.is_ok() => {
                        stop.fetch_or(!watcher.progress(progress), Ordering::Relaxed);
                    }
                    Event::Epoch(epoch, val) if result.is_ok() => {
                        result = watcher.epoch(&epoch, val);
                        stop.fetch_or(result.is_err(), Ordering::Relaxed);
                    }
                    Event::Warning(warning) => watcher.warn(&warning),
                    Event::End => begun = false,
                    _ => {}
                }
            }
            if begun {
                break;
            }
            current += 1;
        }
    }
    result
}
