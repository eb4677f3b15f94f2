//! Trains one network or an ensemble, and reports the scores of its networks.

use crate::cli::messages::warn;
use crate::cli::run_folder::OUT_OF_FOLD;
use crate::cli::scores::{Scores, of_rows};
use serde_json::{Value, json};
use wgrad::Error;
use wgrad::text::{counted, figure};
use wgrad::train::{
    EndReason, Ending, MemberResult, Metrics, Model, TrainJob, Trained, Trainer, Watcher,
};

/// A run that has a model.
pub(in crate::cli) struct Outcome {
    /// How it ended, or the error that ended it.
    pub(in crate::cli) trained: Result<Trained, Error>,
    /// The model as it is then.
    pub(in crate::cli) model: Model,
    /// Whether an epoch had ended.
    pub(super) has_epochs: bool,
    pub(super) ensemble: Option<Ensemble>,
}

/// What is known of the networks of an ensemble.
pub(super) struct Ensemble {
    members: Vec<MemberResult>,
    /// The scores of rows that their network did not train on, and the file that lists them.
    out_of_fold: Option<(Scores, String)>,
    first_seed: u64,
}

/// Trains the network or the ensemble of a job. `trainer` has its first network.
///
/// # Errors
/// Returns an error if there is no model: if training diverged, or the device failed.
pub(super) fn train(
    job: &TrainJob,
    trainer: Trainer,
    watcher: &mut dyn Watcher,
) -> Result<Outcome, Error> {
    match job.config.run.ensemble {
        1 => of_one(job, trainer, watcher),
        _ => {
            // Each network has a trainer of its own.
            drop(trainer);
            of_ensemble(job, watcher)
        }
    }
}

/// Trains one network.
///
/// # Errors
/// Returns an error if there is no model: if training diverged, or the device failed.
pub(in crate::cli) fn of_one(
    job: &TrainJob,
    mut trainer: Trainer,
    watcher: &mut dyn Watcher,
) -> Result<Outcome, Error> {
    let trained = job.network(0).train(&mut trainer, watcher);
    if let Err(why @ Error::Diverged(_)) = trained {
        return Err(why);
    }
    let ended = trained.as_ref().ok().map(|trained| trained.ending);
    Ok(Outcome {
        model: job.model(&mut trainer, ended)?,
        has_epochs: trainer.epochs_done() > 0,
        trained,
        ensemble: None,
    })
}

/// Trains an ensemble.
///
/// # Errors
/// Returns an error if there is no model: if no network could be trained.
fn of_ensemble(job: &TrainJob, watcher: &mut dyn Watcher) -> Result<Outcome, Error> {
    let run = job.train_ensemble(watcher)?;
    if run.diverged > 0 {
        warn(Some(&format!(
            "training of {} diverged; the model has the other {}. Use a smaller `learning_rate`",
            counted(run.diverged, "network"),
            run.members.len()
        )));
    }
    let first = run.members[0].trained.ending;
    let mut reasons = run
        .members
        .iter()
        .map(|member| member.trained.ending.reason);
    let sound = reasons.find(|reason| *reason != EndReason::Diverged);
    let ending = Ending {
        reason: run.cut.or(sound).unwrap_or(first.reason),
        ..first
    };
    let out_of_fold = run.out_of_fold.and_then(|folds| {
        let data = job.data.select(&folds.rows);
        let scores = Scores::new(&run.model, &data, folds.predictions)?;
        let csv = scores.csv(&folds.rows, &data.lines);
        Some((scores, csv))
    });
    let trained = Trained {
        ending,
        test: run.test,
        cut_in_refit: false,
    };
    Ok(Outcome {
        trained: run.failed.map_or(Ok(trained), Err),
        has_epochs: ending.epochs > 0,
        model: run.model,
        ensemble: Some(Ensemble {
            members: run.members,
            out_of_fold,
            first_seed: job.config.run.seed,
        }),
    })
}

impl Ensemble {
    /// Returns name and content of the list of rows, if there is one.
    pub(super) fn list(&self) -> Option<(&'static str, &str)> {
        let (_, csv) = self.out_of_fold.as_ref()?;
        Some((OUT_OF_FOLD, csv))
    }

    pub(super) fn has_list(&self) -> bool {
        self.out_of_fold.is_some()
    }

    /// Adds the networks, and their scores on rows that they did not train on, to the record of the end.
    pub(super) fn add_to(&self, end: &mut Value) {
        let network = |member: &MemberResult| {
            let Trained { ending, test, .. } = member.trained;
            let mut record = json!(ending);
            record["network"] = json!(member.number + 1);
            record["seed"] = json!(self.seed(member));
            record["val_loss"] = json!(member.val.map(|val| val.loss));
            record["val_accuracy"] = json!(member.val.and_then(|val| val.accuracy));
            record["test_loss"] = json!(test.map(|test| test.loss));
            record["test_accuracy"] = json!(test.and_then(|test| test.accuracy));
            record
        };
        end["networks"] = self.members.iter().map(network).collect();
        if let Some((scores, _)) = &self.out_of_fold {
            end["out_of_fold"] = json!({"accuracy": scores.accuracy(), "values": scores.values()});
        }
        let endings = || self.members.iter().map(|member| member.trained.ending);
        end["epochs"] = json!(endings().map(|ending| ending.epochs).sum::<usize>());
        end["steps"] = json!(endings().map(|ending| ending.steps).sum::<usize>());
        for key in ["kept_epoch", "kept_step", "refit"] {
            end[key] = Value::Null;
        }
    }

    fn seed(&self, member: &MemberResult) -> u64 {
        self.first_seed.wrapping_add(member.number as u64)
    }

    /// Says how the networks ended, and how good they are on rows that they did not train on.
    pub(super) fn lines(&self, job: &TrainJob) -> Vec<String> {
        let wanted = job.config.run.ensemble;
        let found = self.members.len();
        let kept = self.range(|member| Some(member.trained.ending.kept_epoch as f64));
        let mut line = match found == wanted {
            true => counted(found, "network"),
            false => format!("{found} of {wanted} networks"),
        };
        if let Some([least, most]) = kept {
            line += &match least == most {
                true => format!(", each of epoch {least}"),
                false => format!(", each of its best epoch ({least} to {most})"),
            };
        }
        let mut lines = vec![line];
        if let Some((scores, _)) = &self.out_of_fold {
            let rows = of_rows(scores.rows());
            match scores.accuracy() {
                Some(accuracy) => lines.push(format!("out-of-fold accuracy {accuracy:.4} {rows}")),
                None => {
                    lines.push(format!("out of fold {rows}"));
                    lines.extend(scores.summary().into_iter().map(|line| format!("  {line}")));
                }
            }
        }
        let alone = |name: &str, of: fn(Metrics) -> Option<f64>| {
            let [least, most] = self.range(|member| member.trained.test.and_then(of))?;
            let [least, most] = [least, most].map(|value| match name {
                "accuracy" => format!("{value:.4}"),
                _ => figure(value),
            });
            Some(format!("each network alone: test {name} {least} to {most}"))
        };
        let accuracies = alone("accuracy", |test| test.accuracy);
        lines.extend(accuracies.or_else(|| alone("loss", |test| Some(test.loss))));
        lines
    }

    /// Returns the least and the largest value of the networks.
    fn range(&self, of: impl Fn(&MemberResult) -> Option<f64>) -> Option<[f64; 2]> {
        let values: Option<Vec<f64>> = self.members.iter().map(of).collect();
        let values = values?;
        let least = values.iter().copied().reduce(f64::min)?;
        Some([least, values.into_iter().fold(least, f64::max)])
    }
}
