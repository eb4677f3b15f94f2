//! The end of a run: saves what there is to save, and reports it.

use super::outcome::{Ensemble, Outcome};
use super::report::{Report, finish};
use crate::cli::{
    about::About,
    interrupt,
    log::Log,
    messages::warn,
    run_folder::{RunFolder, TEST},
    scores::TestScores,
};
use std::process::ExitCode;
use std::time::Instant;
use wgrad::train::{EndReason, Model, TrainJob};

/// What is known of the training when it has ended.
pub(super) struct End {
    /// Whether the validation losses still fell.
    pub(super) still_falls: bool,
    pub(super) begun: Instant,
}

/// Saves the model of a run, reports its scores, and returns the exit code.
///
/// # Errors
/// Returns the error that ended the run, or the first one of saving and reporting.
pub(super) fn conclude(
    job: &TrainJob,
    outcome: Result<Outcome, wgrad::Error>,
    end: End,
    folder: &mut RunFolder,
    log: &mut Log,
    about: &mut About,
) -> anyhow::Result<ExitCode> {
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
    if saved.is_err() {
        rescue(&model, folder);
    }
    if in_place && !cut {
        let removed = folder.remove_checkpoints();
        warn(removed.err().map(|why| why.to_string()).as_deref());
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
        cut_in_refit: trained.cut_in_refit,
        scores: scores.map(|test| test.scores),
        still_falls: !cut && !diverged && end.still_falls,
        ensemble: ensemble.as_ref(),
        elapsed_s: end.begun.elapsed().as_secs_f64(),
        folder: in_place.then_some(&*folder),
    };
    let told = finish(job, &report, log);
    let noted = about.end(folder, report.ending.reason);
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

/// Saves a model that its folder does not take among the temporary files, and says where.
fn rescue(model: &Model, folder: &RunFolder) {
    let name = folder.path().file_name().unwrap_or_default();
    let name = format!(
        "wgrad-{}-{}.safetensors",
        name.to_string_lossy(),
        std::process::id()
    );
    let path = std::env::temp_dir().join(name);
    // The error of the folder is reported, whatever comes of this.
    if model.save(&path).is_ok() {
        warn(Some(&format!(
            "the model is saved to {} instead",
            path.display()
        )));
    }
}
