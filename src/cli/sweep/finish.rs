//! The end of a sweep: saves and reports its results, and says what comes next.

use super::args::Sweep;
use super::job::SweepJob;
use super::outcome::{Best, best, next, record, report, save};
use crate::cli::about::About;
use crate::cli::interrupt;
use crate::cli::messages::{print_json, print_lines, typed, warn};
use crate::cli::report as page;
use crate::cli::run_folder::{RunFolder, SWEEP};
use serde_json::{Value, json};
use std::process::ExitCode;
use wgrad::Error;
use wgrad::config::Config;
use wgrad::sweep::{Fate, Results, Shard};
use wgrad::text::shown_json;
use wgrad::train::EndReason;

/// Training that has ended.
pub(super) struct Ended {
    pub(super) shard: Shard,
    pub(super) results: Results,
    /// After how many epochs a shard waits for the others.
    pub(super) waits_after: Option<usize>,
    pub(super) elapsed: f64,
    pub(super) family: String,
    pub(super) device: String,
    pub(super) interrupted: bool,
    /// Whether a shard could leave its state behind.
    pub(super) left_behind: Result<(), Error>,
}

/// Tests the best network, saves it, and reports.
pub(super) fn conclude(
    args: &Sweep,
    job: &SweepJob,
    ended: Ended,
    config: Config,
    mut folder: RunFolder,
    mut about: About,
) -> anyhow::Result<ExitCode> {
    let (results, interrupted, shard) = (&ended.results, ended.interrupted, ended.shard);
    let mut best = best(job, results, &folder, interrupted)?;
    let tested = best.as_mut().map_or(Ok(()), |best| best.test_rows(job));
    let mut record = record(results, best.as_ref(), ended.elapsed, &ended.device);
    record["family"] = json!(ended.family);
    record["interrupted"] = json!(interrupted);
    if !shard.is_whole() {
        record["shard"] = json!(shard.to_string());
        record["waits_after"] = json!(ended.waits_after);
    }
    let what = Finished {
        args,
        job,
        shard,
        results,
        best: best.as_ref(),
    };
    let (saved, told) = what.finish(config, &mut folder, record);
    let reason = match interrupted {
        true => EndReason::Interrupted,
        false => EndReason::Epochs,
    };
    let noted = about.end(&folder, reason);
    saved?;
    ended.left_behind?;
    if !interrupted && shard.is_whole() {
        folder.remove_sweep_state()?;
    }
    tested?;
    noted?;
    match told {
        // Nobody is there to read: a terminal that was closed interrupted the sweep.
        Err(why) if interrupted => warn(Some(&format!("stdout: {why}"))),
        told => told?,
    }
    let ended = Ok(exit_code(results, interrupted));
    page::after(folder, &job.data, args.report, args.quiet, ended)
}

/// A sweep that has ended.
pub(super) struct Finished<'a> {
    pub(super) args: &'a Sweep,
    pub(super) job: &'a SweepJob,
    pub(super) shard: Shard,
    pub(super) results: &'a Results,
    pub(super) best: Option<&'a Best>,
}

impl Finished<'_> {
    /// Saves the results, and reports them even if they cannot be saved. Returns how both ended.
    pub(super) fn finish(
        &self,
        mut config: Config,
        folder: &mut RunFolder,
        mut record: Value,
    ) -> (Result<(), Error>, std::io::Result<()>) {
        if let Some(best) = self.best {
            let own = self.job.config_of(best.setting.variant);
            config.optimizer = own.optimizer;
            config.network = wgrad::config::NetworkConfig {
                dropout: own.network.dropout,
                dropout_schedule: own.network.dropout_schedule,
                ..config.network
            };
            best.set(&mut config, self.args.folds, self.args.shares.test_share());
        }
        // A model is saved even if the list of networks is not.
        let listed = folder.write(SWEEP, &shown_json(&record.to_string()));
        let saved = self.best.map_or(Ok(()), |best| save(best, &config, folder));
        if saved.is_err() && self.best.is_some() {
            record["best"]["model"] = json!(null);
        }
        let told = match self.args.json {
            true => print_json(&record),
            false => {
                let mut lines = report(self.args, self.results, self.best, &record);
                if let Some(best) = self.best.filter(|_| saved.is_ok()) {
                    lines.extend(next(best, &config, folder));
                }
                lines.extend(self.next_of_shards(folder, &record));
                print_lines(lines)
            }
        };
        // Of a shard, nobody knows yet whether it has the best network.
        let best = self.best.filter(|_| self.shard.is_whole());
        let warnings = best.map_or(Vec::new(), Best::warnings);
        warnings.iter().for_each(|warning| warn(Some(warning)));
        (saved.and(listed), told)
    }

    /// Says how an interrupted sweep goes on, and what comes after a shard.
    fn next_of_shards(&self, folder: &RunFolder, record: &Value) -> Vec<String> {
        let at = typed(&folder.path().display().to_string());
        if record["interrupted"] == true {
            return vec![format!("go on   wgrad sweep --resume {at}")];
        }
        if self.shard.is_whole() {
            return Vec::new();
        }
        let all = self.job.epochs;
        let (next, epoch) = match record["waits_after"].as_u64() {
            Some(epoch) => (
                " --next FILE",
                format!(" until a halving, after {epoch} of {all} epochs"),
            ),
            None => ("", String::new()),
        };
        vec![
            format!(
                "shard   {}{epoch}; the best of all is not known yet",
                self.shard
            ),
            format!("        when all have ended: wgrad sweep --merge {at} and the others{next}"),
        ]
    }
}

/// Returns the exit code of a sweep that has ended.
pub(super) fn exit_code(results: &Results, interrupted: bool) -> ExitCode {
    let all_lost = results.networks.iter().all(|n| n.fate == Fate::Diverged);
    match (interrupted, all_lost) {
        (true, _) => interrupt::ended(true),
        (_, true) => ExitCode::from(5),
        _ => ExitCode::SUCCESS,
    }
}
