//! The report of a run that has ended: scores, files, the next commands, and what was not learned.

use super::outcome::Ensemble;
use crate::cli::{
    distributed::starter,
    log::Log,
    messages::{FAR, typed, warn},
    run_folder::{OUT_OF_FOLD, RunFolder, TEST},
    scores::{Scores, cure, listed, of_rows, still_falling},
};
use wgrad::config::Keep;
use wgrad::dataset::Form;
use wgrad::text::{counted, figure};
use wgrad::train::{EndReason, Ending, Metrics, TrainJob};

/// The end of a run.
pub(super) struct Report<'a> {
    /// Why it ended, and what was kept.
    pub(super) ending: Ending,
    /// Metrics on the test rows.
    pub(super) test: Option<Metrics>,
    /// Whether it was cut short while it trained anew.
    pub(super) cut_in_refit: bool,
    pub(super) scores: Option<Scores>,
    /// Whether the validation loss still fell at the end.
    pub(super) still_falls: bool,
    pub(super) elapsed_s: f64,
    /// What is known of the networks of an ensemble.
    pub(super) ensemble: Option<&'a Ensemble>,
    /// Folder of the model, if it could be saved.
    pub(super) folder: Option<&'a RunFolder>,
}

/// Reports the metrics, the model's path, the next commands, and what was not learned.
pub(super) fn finish(job: &TrainJob, report: &Report, log: &mut Log) -> anyhow::Result<()> {
    let Report { test, ending, .. } = *report;
    if test.is_some_and(|test| !test.loss.is_finite()) {
        warn(Some(&format!(
            "the test rows' error is not finite: {}",
            FAR
        )));
    }
    let scores = report.scores.as_ref();
    let cure = cure(&ending);
    let weighted = !job.config.loss.class_weights.is_empty();
    let mut warnings = scores.map_or(Vec::new(), |scores| scores.warnings(&cure, weighted));
    let source = job.config.data.source.as_deref().unwrap_or_default();
    warnings.extend(scores.and_then(|scores| scores.too_good(source, job.data.form)));
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
            lines.extend(end_line(job, report));
            lines.extend(refit_line(job, &ending));
        }
        Some(ensemble) => {
            ensemble.add_to(&mut end);
            lines.extend(match ending.reason {
                EndReason::Interrupted => Some("interrupted".to_owned()),
                EndReason::MaxTime => Some("out of time".to_owned()),
                _ => None,
            });
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
fn end_line(job: &TrainJob, report: &Report) -> Option<String> {
    let ending = &report.ending;
    let (epochs, kept) = (ending.epochs, ending.kept_epoch);
    let loss = job.stop.watched;
    let mut line = match ending.reason {
        EndReason::Epochs if kept == epochs => return None,
        EndReason::Epochs => format!("ended after epoch {epochs}"),
        EndReason::Interrupted | EndReason::MaxTime if report.cut_in_refit => {
            let what = match ending.reason {
                EndReason::MaxTime => "out of time",
                _ => "interrupted",
            };
            format!("{what} while training anew, after {epochs} epochs")
        }
        EndReason::Interrupted => format!("interrupted in epoch {}", epochs + 1),
        EndReason::MaxTime => format!("out of time in epoch {}", epochs + 1),
        EndReason::Diverged => format!("diverged in epoch {}", epochs + 1),
        EndReason::MaxSteps => format!("ended after epoch {epochs} and {} steps", ending.steps),
        EndReason::Patience => {
            let patience = counted(job.stop.patience.unwrap_or(0), "epoch");
            let rates = match job.stop.reductions {
                0 => String::new(),
                reductions => format!(" at each of {} learning rates", reductions + 1),
            };
            format!(
                "ended after epoch {epochs}: no clearly better {loss} loss in {patience}{rates}"
            )
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
            "trained anew for {}, on the {rows} training and validation rows",
            counted(ending.kept_epoch, "epoch")
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
        let start = starter(job.group());
        next.insert(0, format!("{start}wgrad train --resume {at}"));
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
