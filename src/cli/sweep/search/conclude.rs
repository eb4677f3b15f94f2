//! The end of a search: trains the best setting as `wgrad train` does, tests it, saves it, and reports.

use super::job::SearchJob;
use super::report;
use crate::cli::train::outcome::{self, Outcome};
use crate::cli::{
    about::About,
    messages::{print_json, print_lines, tell_line, warn},
    run_folder::{RunFolder, SWEEP, TEST},
    scores::{Scores, TestScores, cure, listed},
    sweep::args::Sweep,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use wgrad::sweep::search::Tried;
use wgrad::text::shown_json;
use wgrad::train::{EndReason, Model, Progress, TrainJob};

/// Trains, tests and saves the best of the settings that were `tried`, and reports. Returns whether a signal ended that.
pub(super) fn conclude(
    args: &Sweep,
    job: &SearchJob,
    tried: &[Tried],
    folder: &mut RunFolder,
    begun: (Timestamp, f64),
    stop: &AtomicBool,
) -> anyhow::Result<bool> {
    let config = tried[0].candidate.applied_to(&job.config);
    let warned = &mut |warning: &str| warn(Some(warning));
    let job = TrainJob::new(config, &job.data, &job.origin, warned)?;
    let device = &job.choice.device;
    let checksum = job.prepared.checksum();
    let about = About::new(&job.config, device, &job.prepared, checksum, begun.0);
    let mut about = about.begin(folder, false)?;
    let model = best_model(args, &job, &tried[0], folder, stop)?;
    let interrupted = stop.load(Ordering::Relaxed);
    let test = TestScores::new(&job.choice.device, &model, job.data, &job.split.test)?;
    let scores = test.as_ref().map(|test| &test.scores);
    let cure = model.endings.first().map(cure).unwrap_or_default();
    let warnings = scores.map_or(Vec::new(), |scores| scores.warnings(&cure, false));
    let mut record = report::record(tried, &job, begun.1);
    record["interrupted"] = json!(interrupted);
    record["warnings"] = listed(&warnings);
    record["best"]["ending"] = json!(model.endings.first());
    record["best"]["test_accuracy"] = json!(scores.and_then(Scores::accuracy));
    record["best"]["test_values"] = json!(scores.map(Scores::values));
    record["best"]["model"] = json!(folder.model().display().to_string());
    let summary = record.to_string();
    let summary = shown_json(&summary);
    let list = test.as_ref().map(|test| (TEST, test.csv.as_str()));
    let lists = list.into_iter().chain([(SWEEP, &*summary)]);
    // The results are reported even if they cannot be saved.
    let saved = folder.save(&model, lists);
    if saved.is_err() {
        record["best"]["model"] = Value::Null;
    }
    match args.json {
        true => print_json(&record)?,
        false => {
            let mut lines = report::ranking(tried);
            lines.extend(report::told(tried, &job, scores));
            if saved.is_ok() {
                lines.extend(report::next(&job, folder));
            }
            print_lines(lines)?;
        }
    }
    let ending = model.endings.first();
    let reason = match interrupted {
        true => EndReason::Interrupted,
        false => ending.map_or(EndReason::Epochs, |ending| ending.reason),
    };
    let noted = about.end(folder, reason);
    saved??;
    noted?;
    warnings.iter().for_each(|warning| warn(Some(warning)));
    Ok(interrupted)
}

/// Trains the best setting as `wgrad train` does. If that is interrupted or fails, returns the network that the search has.
fn best_model(
    args: &Sweep,
    job: &TrainJob,
    best: &Tried,
    folder: &mut RunFolder,
    stop: &AtomicBool,
) -> Result<Model, wgrad::Error> {
    let network = job.network(0);
    let trainer = network.trainer()?;
    folder.write_config(&job.resolved(&trainer))?;
    if !args.quiet && !stop.load(Ordering::Relaxed) {
        tell_line("training the best setting");
    }
    let mut go_on = |_: Progress| !stop.load(Ordering::Relaxed);
    let outcome = outcome::of_one(job, trainer, &mut go_on);
    let outcome = outcome.and_then(|Outcome { trained, model, .. }| trained.map(|_| model));
    let interrupted = stop.load(Ordering::Relaxed);
    match (outcome, best.model.clone()) {
        (Ok(model), _) if !interrupted => Ok(model),
        // What the search has is better than a network whose training was cut short, or failed.
        (outcome, Some(model)) => {
            let why = outcome.err().map(|why| why.to_string());
            warn(why.as_deref());
            warn(Some(
                "the model is the best setting's network of its last fold",
            ));
            Ok(model)
        }
        (outcome, None) => outcome,
    }
}
