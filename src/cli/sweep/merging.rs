//! `wgrad sweep --merge`: the results of all shards of a sweep, or which of their networks go on.

use super::job::SweepJob;
use super::rounds::Plan;
use super::stored;
use crate::cli::messages::{typed, warn};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use wgrad::Error;
use wgrad::file::write_whole;
use wgrad::sweep::merge::{States, all_shards, merge, merged_networks};
use wgrad::sweep::{Results, better_half};

/// Which networks go on after a halving; the file of `--next`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Next {
    wgrad: String,
    /// What tells the sweep from others.
    sweep: u32,
    /// After how many epochs they were chosen.
    epoch: usize,
    /// Their numbers in the whole sweep.
    networks: Vec<usize>,
}

/// Reads the states of shards, which are folders of runs.
///
/// # Errors
/// Returns an error if one has none.
pub(super) fn states(runs: &[PathBuf]) -> Result<States, Error> {
    let read = |run: &PathBuf| Ok((run.clone(), stored::state(run, "--merge")?));
    runs.iter().map(read).collect()
}

/// Checks that the states are those of all shards of the sweep of `job`, and that all have ended. Returns them in their order.
///
/// # Errors
/// Returns an error that says which one is missing, is there twice, has not ended, or is of another sweep.
pub(super) fn checked(states: States, job: &SweepJob) -> Result<States, Error> {
    let states =
        all_shards(states, job.identity).map_err(|why| Error::Config(format!("--merge: {why}")))?;
    let most = states.iter().map(|(_, state)| state.epochs()).max();
    for (path, state) in &states {
        if !state.about.has_ended || Some(state.epochs()) != most && state.goes_on() {
            let path = path.display();
            return Err(Error::Config(format!(
                "--merge: shard {} has trained {} epochs, and is not done; go on with wgrad sweep --resume {path}",
                state.about.shard,
                state.epochs()
            )));
        }
    }
    Ok(states)
}

/// Returns the results of the whole sweep.
///
/// # Errors
/// Returns an error if networks still have to be dropped, and go on.
pub(super) fn results(states: &States, plan: &Plan, job: &SweepJob) -> Result<Results, Error> {
    let epoch = states.iter().map(|(_, state)| state.epochs()).max();
    if plan.is_cut(epoch.unwrap_or(0)) && states.iter().any(|(_, state)| state.goes_on()) {
        return Err(Error::Config(format!(
            "--merge: with --halving, the shards stopped after {} of {} epochs; write which networks go on with --next FILE",
            epoch.unwrap_or(0),
            job.epochs
        )));
    }
    merge(states, &job.axes, &job.folds).map_err(Error::Model)
}

/// Writes which networks go on to `file`. Returns how many there are.
///
/// # Errors
/// Returns an error if no halving is left, or the file cannot be written.
pub(super) fn write_next(
    states: &States,
    plan: &Plan,
    job: &SweepJob,
    file: &Path,
) -> Result<usize, Error> {
    let epoch = states
        .iter()
        .map(|(_, state)| state.epochs())
        .max()
        .unwrap_or(0);
    if !plan.is_cut(epoch) {
        return Err(Error::Config(format!(
            "--next {}: the shards have trained to the end, {epoch} epochs; leave it out",
            file.display()
        )));
    }
    let merged = merged_networks(states, &job.axes, job.folds.len()).map_err(Error::Model)?;
    let kept = better_half(&job.axes.settings(), &merged);
    let mut networks: Vec<usize> = kept.into_iter().collect();
    networks.sort_unstable();
    let count = networks.len();
    let next = Next {
        wgrad: env!("CARGO_PKG_VERSION").to_owned(),
        sweep: job.identity,
        epoch,
        networks,
    };
    let text = serde_json::to_string(&next).unwrap_or_default() + "\n";
    write_whole(file, text.as_bytes()).map_err(Error::io(file))?;
    Ok(count)
}

/// Returns the networks that go on, as `file` says; `None` if they went on already.
///
/// # Errors
/// Returns an error if it is of another sweep, or of another halving.
pub(super) fn read_next(
    file: &Path,
    identity: u32,
    epoch: usize,
) -> Result<Option<HashSet<usize>>, Error> {
    let text = std::fs::read_to_string(file).map_err(Error::io(file))?;
    let refused = |why: String| Error::Config(format!("--next {}: {why}", file.display()));
    let next: Next = serde_json::from_str(&text).map_err(|why| {
        refused(format!(
            "expected a file that wgrad sweep --merge ... --next wrote ({why})"
        ))
    })?;
    if next.sweep != identity {
        return Err(refused("it is of another sweep".to_owned()));
    }
    // The same command again, after it was interrupted.
    if next.epoch < epoch {
        return Ok(None);
    }
    if next.epoch > epoch {
        return Err(refused(format!(
            "it says which networks go on after {} epochs, and this shard is after {epoch}",
            next.epoch
        )));
    }
    Ok(Some(next.networks.into_iter().collect()))
}

/// Says what comes after [`write_next`].
pub(super) fn told(states: &States, file: &Path, count: usize) -> Vec<String> {
    let file = typed(&file.display().to_string());
    let mut lines = vec![format!(
        "{} on, as {file} says",
        match count {
            1 => "1 network goes".to_owned(),
            many => format!("{many} networks go"),
        }
    )];
    let begin = |n| if n == 0 { "next    " } else { "        " };
    lines.extend(states.iter().enumerate().map(|(n, (path, _))| {
        let path = typed(&path.display().to_string());
        format!("{}wgrad sweep --resume {path} --next {file}", begin(n))
    }));
    lines
}

/// Warns if the shards had several devices.
pub(super) fn warn_of_devices(states: &States) {
    let mut devices: Vec<&str> = states
        .iter()
        .map(|(_, state)| &*state.about.device)
        .collect();
    devices.sort_unstable();
    devices.dedup();
    if devices.len() > 1 {
        warn(Some(&format!(
            "the shards were trained on several devices ({}), whose last bits may differ",
            devices.join(", ")
        )));
    }
}
