//! `wgrad train`: trains a network on a data set, and saves it in a run folder.

mod about;
mod args;
mod job;
pub(super) mod outcome;
mod resume;

pub(crate) use args::Train;
pub(super) use job::read;

use super::log::Log;
use super::run_folder::{OUT_OF_FOLD, RunFolder, TEST};
use super::unused_settings;
use crate::cli::{
    interrupt,
    messages::{FAR, typed, warn},
    scores::{Scores, TestScores, cure, listed, of_rows, still_falling},
};
use about::About;
use job::{description, job, lines, without_effect};
use outcome::{Ensemble, Outcome};
use resume::checkpoints;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use wgrad::config::{Keep, Recipe};
use wgrad::dataset::Form;
use wgrad::text::{counted, figure};
use wgrad::train::checkpoint::Resumed;
use wgrad::train::metrics::still_falls;
use wgrad::train::{EndReason, Ending, Epoch, Metrics, Progress, TrainJob, Trainer, Watcher};

pub(crate) fn run(args: &Train) -> anyhow::Result<ExitCode> {
    interrupt::catch()?;
    let (config, origin) = args.config(Recipe::Tabular)?;
    unused_settings::tell_force(args.force, args.out.as_deref());
    let data = read(&config, &origin, args.quiet)?;
    let (config, origin) = args.config(Recipe::of(data.form))?;
    let mut job = job(config, &data, &origin)?;
    let (stop, start) = (interrupt::stop_flag(), Instant::now());
    let mut folder = match &args.resume {
        Some(run) => RunFolder::resume(run)?,
        None => RunFolder::create(args.out.as_deref(), &job.data.name, args.force)?,
    };
    let resumed = checkpoints(&mut job, &folder, args.resume.is_some())?;
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
    let mut about = About::begin(&job, &folder)?;
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
    let still_falls = watched.still_falls();
    if matches!(&outcome, Err(wgrad::Error::Diverged(_))) {
        log.end(&serde_json::json!({"reason": "diverged"}), &[])?;
    }
    let Outcome {
        trained,
        model,
        has_epochs,
        ensemble,
    } = outcome?;
    let ended = trained.as_ref().ok().map(|trained| trained.ending);
    let tested = ended.map_or(Ok(None), |_| {
        TestScores::new(&job.choice.device, &model, job.data, &job.split.test)
    });
    let (scores, untested) = tested.map_or_else(|why| (None, Some(why)), |scores| (scores, None));
    // Before its first epoch has ended, a run replaces no other.
    let interrupted = ended.is_some_and(|ended| ended.reason == EndReason::Interrupted);
    let cut = ended.is_none_or(|ended| ended.reason.is_cut());
    // A run that diverged neither.
    let diverged = ended.is_some_and(|ended| ended.reason == EndReason::Diverged);
    let replaces = if cut { has_epochs } else { !diverged };
    let saved = match replaces || !folder.replaces() {
        true => {
            let test = scores.as_ref().map(|test| (TEST, test.csv.as_str()));
            let others = ensemble.as_ref().and_then(Ensemble::list);
            folder
                .save(&model, test.into_iter().chain(others))
                .map(Some)
        }
        false => Ok(None),
    };
    let in_place = matches!(saved, Ok(Some(_)));
    if in_place && !cut {
        warn(
            folder
                .remove_checkpoints()
                .err()
                .map(|why| why.to_string())
                .as_deref(),
        );
    }
    let trained = trained.inspect_err(|_| {
        let at = folder.model();
        let line = format!("saved the current model to {}", at.display());
        warn(in_place.then_some(&line));
        warn(saved.as_ref().err().map(ToString::to_string).as_deref());
    })?;
    // Report the metrics even if the model cannot be saved.
    let report = Report {
        ending: trained.ending,
        test: trained.test,
        scores: scores.map(|test| test.scores),
        still_falls: !cut && !diverged && still_falls,
        ensemble: ensemble.as_ref(),
        elapsed_s: start.elapsed().as_secs_f64(),
        folder: in_place.then_some(&folder),
    };
    let told = finish(&job, &report, &mut log);
    let noted = about.end(&folder, &report.ending);
    saved?.unwrap_or(Ok(()))?;
    untested.map_or(Ok(()), Err)?;
    noted.and(log.keep())?;
    match told {
        // Nobody is there to read: a terminal that was closed interrupted the run.
        Err(why) if interrupted => warn(Some(&why.to_string())),
        told => told?,
    }
    Ok(match diverged {
        true => ExitCode::from(5),
        false => interrupt::ended(interrupted),
    })
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

/// The end of a run.
struct Report<'a> {
    /// Why it ended, and what was kept.
    ending: Ending,
    /// Metrics on the test rows.
    test: Option<Metrics>,
    scores: Option<Scores>,
    /// Whether the validation loss still fell at the end.
    still_falls: bool,
    elapsed_s: f64,
    /// What is known of the networks of an ensemble.
    ensemble: Option<&'a Ensemble>,
    /// Folder of the model, if it could be saved.
    folder: Option<&'a RunFolder>,
}

/// Reports the metrics, the model's path, the next commands, and what was not learned.
fn finish(job: &TrainJob, report: &Report, log: &mut Log) -> anyhow::Result<()> {
    let Report { test, ending, .. } = *report;
    if test.is_some_and(|test| !test.loss.is_finite()) {
        warn(Some(&format!(
            "the test rows' error is not finite: {}",
            FAR
        )));
    }
    let scores = report.scores.as_ref();
    let cure = cure(&ending);
    let mut warnings = scores.map_or(Vec::new(), |scores| scores.warnings(&cure));
    if report.still_falls {
        warnings.extend(still_falling(&ending));
    }
    let at = report
        .folder
        .map(|folder| folder.model().display().to_string());
    let mut end = serde_json::json!({
        "reason": ending.reason,
        "epochs": ending.epochs,
        "steps": ending.steps,
        "kept_epoch": ending.kept_epoch,
        "kept_step": ending.kept_step,
        "refit": ending.refit,
        "test_loss": test.map(|t| t.loss),
        "test_accuracy": test.and_then(|t| t.accuracy),
        "test_values": scores.map(Scores::values),
        "test_baseline": scores.map(Scores::baseline),
        "warnings": listed(&warnings),
        "elapsed_s": report.elapsed_s,
        "device": job.choice.device.name(),
        "family": "device",
        "model": at,
    });
    let mut lines = Vec::new();
    match report.ensemble {
        None => {
            lines.extend(end_line(job, &ending));
            lines.extend(refit_line(job, &ending));
        }
        Some(ensemble) => {
            ensemble.add_to(&mut end);
            lines.extend(ensemble.lines(job));
        }
    }
    lines.extend(test_lines(job, report));
    if let Some(folder) = report.folder {
        lines.extend(next(job, folder, report));
    }
    let told = log.end(&end, &lines);
    // At the end, where nobody misses them.
    warnings.iter().for_each(|warning| warn(Some(warning)));
    Ok(told?)
}

/// Says why the run ended, and which parameters became the model; nothing where both are as asked for.
fn end_line(job: &TrainJob, ending: &Ending) -> Option<String> {
    let (epochs, kept) = (ending.epochs, ending.kept_epoch);
    let loss = job.stop.watched;
    let mut line = match ending.reason {
        EndReason::Epochs if kept == epochs => return None,
        EndReason::Epochs => format!("ended after epoch {epochs}"),
        EndReason::Interrupted => format!("interrupted in epoch {}", epochs + 1),
        EndReason::MaxTime => format!("out of time in epoch {}", epochs + 1),
        EndReason::Diverged => format!("diverged in epoch {}", epochs + 1),
        EndReason::MaxSteps => format!("ended after epoch {epochs} and {} steps", ending.steps),
        EndReason::Patience => {
            let patience = counted(job.stop.patience.unwrap_or(0), "epoch");
            format!("ended after epoch {epochs}: no better {loss} loss in {patience}")
        }
    };
    if job.stop.keep == Keep::Best && kept > 0 {
        line += &format!("; kept epoch {kept}, which had the best");
    }
    Some(line)
}

/// Says that the model was trained anew, if it was.
fn refit_line(job: &TrainJob, ending: &Ending) -> Option<String> {
    let rows = job.prepared.train.count + job.prepared.val.count;
    ending.refit.then(|| {
        format!(
            "trained anew as far as epoch {}, on the {rows} training and validation rows",
            ending.kept_epoch
        )
    })
}

/// Formats the metrics on the test rows.
fn test_lines(job: &TrainJob, report: &Report) -> Vec<String> {
    let Some(test) = report.test else {
        return vec!["no test rows".to_owned()];
    };
    let (loss, rows) = (figure(test.loss), of_rows(job.prepared.test.count));
    let mut lines = vec![match test.accuracy {
        Some(accuracy) => format!("test accuracy {accuracy:.4}, loss {loss} {rows}"),
        None if job.prepared.classes => format!("test loss {loss} {rows}"),
        None => format!("test {rows}"),
    }];
    if let Some(scores) = &report.scores {
        lines.extend(scores.summary().into_iter().map(|line| format!("  {line}")));
        let confusion = scores.confusion_lines(MOST_CONFUSED);
        if !confusion.is_empty() {
            lines.extend(confusion);
            lines.push(String::new());
        }
    }
    lines
}

/// Maximum number of classes in the confusion matrix.
const MOST_CONFUSED: usize = 10;

/// Says where the model is, and suggests the next commands.
fn next(job: &TrainJob, folder: &RunFolder, report: &Report) -> Vec<String> {
    let at = typed(&folder.path().display().to_string());
    let source = job.config.data.source.as_deref();
    let source = &typed(source.unwrap_or("DATA"));
    // Training rows of a table would flatter the model. For IDX files, eval reads their own test set.
    let own_test = job.config.data.test_file.as_deref().map(typed);
    let fresh = match (&own_test, job.data.test_from, job.data.form) {
        (Some(file), ..) => file,
        (None, Some(_), _) => source,
        (None, None, Form::Table) => "NEW.csv",
        (None, None, Form::Images { .. }) => "NEW",
    };
    let mut lines = vec![format!(
        "saved   {at} (model.safetensors, config.toml, metrics.jsonl)"
    )];
    if report.scores.is_some() {
        let file = typed(&folder.path().join(TEST).display().to_string());
        lines.push(format!("test    {file} (each test row and its prediction)"));
    }
    if report.ensemble.is_some_and(Ensemble::has_list) {
        let file = typed(&folder.path().join(OUT_OF_FOLD).display().to_string());
        lines.push(format!(
            "folds   {file} (each other row, predicted by a network that did not train on it)"
        ));
    }
    let mut next = vec![
        format!("wgrad predict {at} {source}"),
        format!("wgrad eval {at} {fresh}"),
    ];
    if report.ending.reason.is_cut() {
        next.insert(0, format!("wgrad train --resume {at}"));
    }
    let heads = ["next    "]
        .into_iter()
        .chain(std::iter::repeat("        "));
    lines.extend(
        heads
            .zip(next)
            .map(|(head, command)| format!("{head}{command}")),
    );
    lines
}
