//! `wgrad train`: trains a network on a data set, and saves it in a run folder.

mod args;
mod job;

pub(crate) use args::Train;
pub(super) use job::read;

use super::log::Log;
use super::run_folder::RunFolder;
use super::unused_settings;
use crate::cli::{
    interrupt,
    messages::{FAR, typed, warn},
    model::regression,
};
use job::{description, job, lines, without_effect};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use wgrad::text::{counted, figure};
use wgrad::train::{Epoch, Metrics, Model, Progress, TrainJob, Watcher};

pub(crate) fn run(args: &Train) -> anyhow::Result<ExitCode> {
    interrupt::catch()?;
    let (config, origin) = args.config()?;
    unused_settings::tell_force(args.force, args.out.as_deref());
    let data = read(&config, &origin)?;
    let job = job(config, &data, &origin)?;
    let stop = interrupt::stop_flag();
    let mut folder = RunFolder::create(args.out.as_deref(), &job.data.name, args.force)?;
    let start = Instant::now();
    let mut trainer = job.trainer()?;
    warn(trainer.warning());
    warn(without_effect(&job, &trainer));
    folder.write_config(&job.resolved(&trainer))?;
    let mut log = Log::new(args.json, args.quiet, folder.metrics_file()?);
    log.run(&description(&job, &trainer), &lines(&job))?;
    log.start(job.config.run.epochs);
    let mut watched = Watched {
        log: &mut log,
        stop,
        start: Instant::now(),
    };
    let trained = job.train(&mut trainer, &mut watched);
    if matches!(&trained, Err(wgrad::Error::Diverged(_))) {
        log.end(&serde_json::json!({"reason": "diverged"}), &[])?;
        trained?;
        return Ok(ExitCode::FAILURE);
    }
    let model = job.model(&mut trainer)?;
    let ended = matches!(&trained, Ok((false, _)));
    // Before its first epoch has ended, a run replaces no other.
    let saved = match ended || trainer.epochs_done() > 0 || !folder.replaces() {
        true => folder
            .save(&model)
            .and_then(|()| folder.keep())
            .map(|()| true),
        false => Ok(false),
    };
    let in_place = matches!(saved, Ok(true));
    let (interrupted, test) = trained.inspect_err(|_| {
        let at = folder.model();
        let line = format!("saved the current model to {}", at.display());
        warn(in_place.then_some(&line));
        warn(saved.as_ref().err().map(ToString::to_string).as_deref());
    })?;
    // Report the metrics even if the model cannot be saved.
    let ending = Ending {
        interrupted,
        test,
        epochs: trainer.epochs_done(),
        elapsed_s: start.elapsed().as_secs_f64(),
        folder: in_place.then_some(&folder),
    };
    let told = finish(&job, &model, &ending, &mut log);
    saved?;
    log.keep()?;
    match told {
        // Nobody is there to read: a terminal that was closed interrupted the run.
        Err(why) if interrupted => warn(Some(&why.to_string())),
        told => told?,
    }
    Ok(interrupt::ended(interrupted))
}

/// Logs the training, and stops it when the flag is set.
struct Watched<'a> {
    log: &'a mut Log,
    stop: &'a AtomicBool,
    start: Instant,
}

impl Watcher for Watched<'_> {
    fn progress(&mut self, progress: Progress) -> bool {
        self.log.progress(progress);
        !self.stop.load(Ordering::Relaxed)
    }

    fn epoch(&mut self, epoch: &Epoch, val: Option<Metrics>) -> Result<(), wgrad::Error> {
        let elapsed = self.start.elapsed().as_secs_f64();
        self.log.epoch(epoch, val, elapsed)
    }
}

/// The end of a run.
struct Ending<'a> {
    interrupted: bool,
    /// Metrics on the test rows.
    test: Option<Metrics>,
    epochs: usize,
    elapsed_s: f64,
    /// Folder of the model, if it could be saved.
    folder: Option<&'a RunFolder>,
}

/// Reports the metrics, the model's path, and the next commands.
fn finish(job: &TrainJob, model: &Model, ending: &Ending, log: &mut Log) -> anyhow::Result<()> {
    let Ending { test, epochs, .. } = *ending;
    if test.is_some_and(|test| !test.loss.is_finite()) {
        warn(Some(&format!(
            "the test rows' error is not finite: {}",
            FAR
        )));
    }
    let (values, value_lines) = match (test, job.prepared.classes) {
        (Some(_), false) => {
            regression(&job.choice.device, model, &job.data.select(&job.split.test))?
        }
        _ => (serde_json::Value::Null, Vec::new()),
    };
    let reason = if ending.interrupted {
        "interrupted"
    } else {
        "epochs"
    };
    let at = ending
        .folder
        .map(|folder| folder.model().display().to_string());
    let end = serde_json::json!({
        "reason": reason,
        "epochs": epochs,
        "test_loss": test.map(|t| t.loss),
        "test_accuracy": test.and_then(|t| t.accuracy),
        "test_values": values,
        "elapsed_s": ending.elapsed_s,
        "device": job.choice.device.name(),
        "family": "device",
        "model": at,
    });
    let mut lines = Vec::new();
    if ending.interrupted {
        lines.push(format!("interrupted in epoch {}", epochs + 1));
    }
    let rows = counted(job.prepared.test.count, "row");
    match test.map(|test| (test.accuracy, test.loss)) {
        Some((Some(accuracy), loss)) => {
            lines.push(format!(
                "test accuracy {accuracy:.4}, loss {} ({rows})",
                figure(loss)
            ));
        }
        Some((None, loss)) if job.prepared.classes => {
            lines.push(format!("test loss {} ({rows})", figure(loss)));
        }
        Some((None, _)) => {
            lines.push(format!("test ({rows})"));
            lines.extend(value_lines.into_iter().map(|line| format!("  {line}")));
        }
        None => lines.push("no test rows".to_owned()),
    }
    if let Some(folder) = ending.folder {
        lines.extend(next(job, folder));
    }
    Ok(log.end(&end, &lines)?)
}

/// Says where the model is, and suggests the next commands.
fn next(job: &TrainJob, folder: &RunFolder) -> [String; 3] {
    let at = typed(&folder.path().display().to_string());
    let source = job.config.data.source.as_deref();
    let source = &typed(source.unwrap_or("DATA"));
    // Training rows of a table would flatter the model. For IDX files, eval reads their own test set.
    let fresh = match job.data.test_from {
        Some(_) => source,
        None => "NEW.csv",
    };
    [
        format!("saved   {at} (model.safetensors, config.toml, metrics.jsonl)"),
        format!("next    wgrad predict {at} {source}"),
        format!("        wgrad eval {at} {fresh}"),
    ]
}
