//! `wgrad sweep --merge`: the results of all shards of a sweep, or which of their networks go on.

use super::job::SweepJob;
use super::next;
use super::rounds::Plan;
use crate::cli::messages::warn;
use std::path::Path;
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

/// Writes which networks go on to `file`. Returns what to print.
///
/// # Errors
/// Returns an error if no halving is left, or the file cannot be written.
pub(super) fn write_next(
    states: &States,
    plan: &Plan,
    job: &SweepJob,
    file: &Path,
) -> Result<Vec<String>, Error> {
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
    let what = match networks.len() {
        1 => "1 network goes on".to_owned(),
        many => format!("{many} networks go on"),
    };
    next::write(file, job.identity, epoch, networks)?;
    Ok(next::told(&what, file, states.iter().map(|(path, _)| path)))
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
