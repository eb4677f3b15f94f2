//! `wgrad train`: trains a network on a data set, and saves it in a run folder.

mod args;
mod conclude;
mod follow;
mod job;
pub(super) mod outcome;
mod report;
mod resume;

pub(crate) use args::Train;
pub(super) use job::read;

use super::about::About;
use super::log::Log;
use super::run_folder::RunFolder;
use super::unused_settings;
use crate::cli::{distributed, interrupt, messages::silence, messages::warn, report as page};
use conclude::End;
use jiff::Timestamp;
use job::{description, job, lines, without_effect};
use resume::checkpoints;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use wgrad::config::Recipe;
use wgrad::distributed::Group;
use wgrad::train::checkpoint::Resumed;
use wgrad::train::metrics::still_falls;
use wgrad::train::{Epoch, Metrics, Progress, TrainJob, Trainer, Watcher};

pub(crate) fn run(args: &Train) -> anyhow::Result<ExitCode> {
    interrupt::catch()?;
    if args.distributed.is_some() {
        distributed::silence_others();
    }
    let (config, _) = args.config(Recipe::Tabular)?;
    let Some(by) = config.run.distributed else {
        distributed::warn_of_many(
            "each trains a network of its own",
            "to train one, use --distributed mpi",
        );
        return lead(args, None);
    };
    // By a file too.
    distributed::silence_others();
    if config.data.source.as_deref() == Some("-") {
        let why = "-: only one rank gets stdin; name a file that all ranks can read";
        return Err(wgrad::Error::Config(why.to_owned()).into());
    }
    let group = distributed::join(by)?;
    if group.rank() > 0 {
        silence();
        return follow::follow(args, group);
    }
    let ended = lead(args, Some(group.clone()));
    distributed::end(group, ended)
}

/// Trains, reports and saves: as one process, or as the first one of a `group`.
fn lead(args: &Train, group: Option<Arc<Group>>) -> anyhow::Result<ExitCode> {
    let (config, origin) = args.config(Recipe::Tabular)?;
    unused_settings::tell_force(args.force, args.out.as_deref());
    let data = read(&config, &origin, args.quiet)?;
    let (config, origin) = args.config(Recipe::of(data.form))?;
    let mut job = job(config, &data, &origin)?;
    let (stop, start) = (interrupt::stop_flag(), Instant::now());
    if let Some(group) = group {
        group.stop_on(stop);
        warn(job.distribute(group)?.as_deref());
    }
    let mut folder = match &args.resume {
        Some(run) => RunFolder::resume(run)?,
        None => RunFolder::create(args.out.as_deref(), &job.data.name, args.force)?,
    };
    // A pass over all rows: once.
    let identity = job.identity();
    let resumed = checkpoints(&mut job, &identity, &folder, args.resume.is_some())?;
    let network = job.network(0);
    let trainer = network.trainer()?;
    let warnings = [trainer.warning(), without_effect(&job, &trainer)];
    warnings.into_iter().for_each(warn);
    folder.write_config(&job.resolved(&trainer))?;
    let files = match (&args.resume, &resumed) {
        (None, _) => folder.log_files()?,
        (Some(_), None) => folder.resumed_log_files(&[])?,
        (Some(_), Some(resumed)) => folder.resumed_log_files(&resumed.positions)?,
    };
    let mut log = Log::new(args.json, args.quiet, files);
    let about = About::new(
        &job.config,
        &job.choice.device,
        &job.prepared,
        identity.data,
        Timestamp::now(),
    );
    let about = about.of_ranks(job.group().map(Group::count));
    let mut about = about.begin(&folder, args.resume.is_some())?;
    begin(&mut log, &job, &trainer, resumed.as_ref())?;
    let mut watched = Watched {
        log: &mut log,
        stop,
        start: Instant::now(),
        networks: job.config.run.ensemble,
        val_losses: Vec::new(),
    };
    let mut outcome = outcome::train(&job, trainer, &mut watched);
    if resume::reopened(&mut job, &outcome) {
        let network = job.network(0);
        let trainer = network.trainer()?;
        outcome = outcome::train(&job, trainer, &mut watched);
    }
    let end = End {
        still_falls: watched.still_falls(),
        begun: start,
    };
    let ended = conclude::conclude(&job, outcome, end, &mut folder, &mut log, &mut about);
    let ended = ended.map_err(|why| follow::with_cure(why, &job, &folder));
    page::after(folder, &data, args.report, args.quiet, ended)
}

/// Logs the start of the run.
fn begin(
    log: &mut Log,
    job: &TrainJob,
    trainer: &Trainer,
    resumed: Option<&Resumed>,
) -> Result<(), wgrad::Error> {
    let (mut description, mut lines) = (description(job, trainer), lines(job));
    if let Some(resumed) = resumed {
        resume::describe(resumed, job, &mut description, &mut lines);
    }
    log.run(&description, &lines)?;
    log.start(job.stop.epochs.filter(|_| job.stop.patience.is_none()));
    Ok(())
}

/// Logs the training, and stops it when the flag is set.
struct Watched<'a> {
    log: &'a mut Log,
    stop: &'a AtomicBool,
    start: Instant,
    /// Number of networks.
    networks: usize,
    /// The validation losses of each network after its epochs.
    val_losses: Vec<Vec<f64>>,
}

impl Watched<'_> {
    /// Returns whether the validation losses of most networks still fell at the end.
    fn still_falls(&self) -> bool {
        let falling = self.val_losses.iter().filter(|losses| still_falls(losses));
        2 * falling.count() > self.val_losses.len()
    }
}

impl Watcher for Watched<'_> {
    fn network(&mut self, k: usize) {
        self.val_losses.push(Vec::new());
        self.log.network(k, self.networks);
    }

    fn progress(&mut self, progress: Progress) -> bool {
        self.log.progress(progress);
        !self.stop.load(Ordering::Relaxed)
    }

    fn warn(&mut self, warning: &str) {
        warn(Some(warning));
    }

    fn epoch(&mut self, epoch: &Epoch, val: Option<Metrics>) -> Result<(), wgrad::Error> {
        let elapsed = self.start.elapsed().as_secs_f64();
        if self.val_losses.is_empty() {
            self.val_losses.push(Vec::new());
        }
        let last = self.val_losses.last_mut().into_iter();
        last.for_each(|losses| losses.extend(val.map(|val| val.loss)));
        self.log.epoch(epoch, val, elapsed)
    }
}
