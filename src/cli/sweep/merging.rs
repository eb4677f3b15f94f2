//! `wgrad sweep --merge`: the results of all shards of a sweep, or which of their networks go on.

use super::job::SweepJob;
use super::next;
use super::rounds::Plan;
use crate::cli::messages::warn;
use std::path::{Path, PathBuf};
use wgrad::Error;
use wgrad::sweep::merge::{States, checked_shards, merge, merged_networks};
use wgrad::sweep::{Results, SweepState, better_half};

/// Checks that the states are those of all shards of the sweep of `job`, and that all have ended. Returns them in their order.
///
/// # Errors
/// Returns an error that says which one is missing, is there twice, has not ended, or is of another sweep.
pub(super) fn checked(states: States, job: &SweepJob) -> Result<States, Error> {
    let about = |state: &SweepState| state.about.clone();
    let states = checked_shards(states, about, job.identity)
        .map_err(|why| Error::Config(format!("--merge: {why}")))?;
    let most = states.iter().map(|(_, state)| state.epochs()).max();
    for (path, state) in &states {
        if !state.about.has_ended {
            let path = path.display();
            return Err(Error::Config(format!(
                "--merge: shard {} has trained {} epochs, and is not done; go on with wgrad sweep --resume {path}",
                state.about.shard,
                state.epochs()
            )));
        }
        if Some(state.epochs()) != most && state.goes_on() {
            return Err(next::behind(state.about.shard, path));
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

/// Writes which networks go on to `file`, and prints the commands for that. Writes it again if some shards have gone on already.
///
/// # Errors
/// Returns an error if no halving is left, a shard has not ended, or the file cannot be written.
pub(super) fn write_next(
    json: bool,
    states: States,
    plan: &Plan,
    job: &SweepJob,
    file: &Path,
) -> anyhow::Result<()> {
    let ahead = states
        .iter()
        .filter_map(|(_, state)| state.about.next.as_ref());
    let last = ahead.max_by_key(|(after, _)| *after).cloned();
    let (after, networks, shards) = match last {
        Some((after, networks)) if states.iter().any(|(_, s)| is_behind(s, after)) => {
            let behind = states.iter().filter(|(_, state)| is_behind(state, after));
            let behind = behind.map(|(path, _)| path.clone()).collect();
            (after, networks, behind)
        }
        _ => {
            let states = checked(states, job)?;
            let epoch = states.iter().map(|(_, state)| state.epochs()).max();
            let epoch = epoch.unwrap_or(0);
            if !plan.is_cut(epoch) {
                let file = file.display();
                return Err(Error::Config(format!(
                    "--next {file}: the shards have trained to the end, {epoch} epochs; leave it out"
                ))
                .into());
            }
            let merged = merged_networks(&states, &job.axes, job.folds.len());
            let kept = better_half(&job.axes.settings(), &merged.map_err(Error::Model)?);
            let mut networks: Vec<usize> = kept.into_iter().collect();
            networks.sort_unstable();
            let all: Vec<PathBuf> = states.into_iter().map(|(path, _)| path).collect();
            (epoch, networks, all)
        }
    };
    let count = networks.len();
    next::write(file, job.identity, after, networks)?;
    Ok(next::tell(json, count, "network", file, shards.iter())?)
}

/// Returns whether a shard waits after `epoch` epochs.
fn is_behind(state: &SweepState, epoch: usize) -> bool {
    state.about.has_ended && state.epochs() == epoch && state.goes_on()
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
