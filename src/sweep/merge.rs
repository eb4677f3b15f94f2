//! Merging the shards of a sweep: the one ranking, and the one best network, as if one process had trained all.

use super::network::{network_of, networks};
use super::results::{BestNetwork, Results, best_of};
use super::state::{NetworkState, SweepAbout, SweepState};
use super::{Axes, Fate, Shard, SweepNetwork};
use crate::train::Prepared;
use std::collections::HashSet;
use std::path::PathBuf;

/// The state of each shard, with the folder that it is from.
pub type States = Vec<(PathBuf, SweepState)>;

/// Checks that `states` are those of all shards of one sweep, each once. Returns them in their order. `about` says which sweep a
/// state is of.
///
/// # Errors
/// Returns an error that names the shards that are missing, that are there twice, or that do not fit.
pub fn checked_shards<T>(
    mut states: Vec<(PathBuf, T)>,
    about: impl Fn(&T) -> SweepAbout,
    identity: u32,
) -> Result<Vec<(PathBuf, T)>, String> {
    states.sort_by_key(|(_, state)| about(state).shard.index);
    let known: Vec<(String, SweepAbout)> = states
        .iter()
        .map(|(path, state)| (path.display().to_string(), about(state)))
        .collect();
    let Some((first, Shard { count, .. })) = known.first().map(|(path, own)| (path, own.shard))
    else {
        return Err("no shards".to_owned());
    };
    let is_one = known
        .iter()
        .all(|(_, own)| own.identity == known[0].1.identity);
    if is_one && known[0].1.identity != identity {
        return Err(match &*known[0].1.version {
            env!("CARGO_PKG_VERSION") => {
                "the data is not what the shards were trained on; bring it back".to_owned()
            }
            other => format!(
                "the shards were trained by wgrad {other}, or on other data; use that version"
            ),
        });
    }
    for (path, own) in &known {
        if own.identity != identity {
            return Err(format!(
                "{path}: a shard of another sweep: its data or its settings differ, or its version of wgrad ({})",
                own.version
            ));
        }
        if own.shard.count != count {
            return Err(format!(
                "{path} is shard {}, and {first} is one of {count}; merge shards of one sweep",
                own.shard
            ));
        }
    }
    let twice = known
        .windows(2)
        .find(|pair| pair[0].1.shard == pair[1].1.shard);
    if let Some([(a, own), (b, _)]) = twice {
        return Err(format!(
            "{a} and {b} are both shard {}; leave one out",
            own.shard
        ));
    }
    let has = |index: usize| known.iter().any(|(_, own)| own.shard.index == index);
    let missing: Vec<String> = (0..count)
        .filter(|index| !has(*index))
        .map(|index| Shard { index, count }.to_string())
        .collect();
    match missing.len() {
        0 => Ok(states),
        1 => Err(format!("shard {} is missing", missing[0])),
        _ => Err(format!("shards {} are missing", missing.join(", "))),
    }
}

/// Returns the state of a network of the whole sweep.
fn state_of(states: &[(PathBuf, SweepState)], number: usize) -> Result<&NetworkState, String> {
    let (path, state) = &states[number % states.len()];
    let own = state.networks.get(number / states.len());
    own.ok_or_else(|| format!("{}: the state of other networks", path.display()))
}

/// Returns the networks of a whole sweep from the states of all its shards, in their order.
///
/// # Errors
/// Returns an error if the states are of other networks.
pub fn merged_networks(
    states: &[(PathBuf, SweepState)],
    axes: &Axes,
    folds: usize,
) -> Result<Vec<SweepNetwork>, String> {
    let mut merged = networks(&axes.settings(), axes, folds);
    for (number, network) in merged.iter_mut().enumerate() {
        let state = state_of(states, number)?;
        (network.epochs, network.fate) = (state.epochs, state.fate);
        (network.loss, network.accuracy) = (state.loss, state.accuracy);
    }
    Ok(merged)
}

/// Returns the results of a whole sweep from the states of all its shards, in their order.
///
/// # Errors
/// Returns an error if the states are of other networks.
pub fn merge(
    states: &[(PathBuf, SweepState)],
    axes: &Axes,
    folds: &[Prepared],
) -> Result<Results, String> {
    let settings = axes.settings();
    let merged = merged_networks(states, axes, folds.len())?;
    let best = best_of(&settings, &merged).map(|number| {
        let network = &merged[number];
        let (path, shard) = &states[number % states.len()];
        let setting = &settings[network.setting];
        let training = &axes.variants[setting.variant].training;
        let mut mlp = network_of(setting, training, axes.init, &folds[0]);
        let parameters = state_of(states, number)?.tensors.first();
        match parameters {
            Some(own) if own.len() == mlp.parameters.len() => mlp.parameters.clone_from(own),
            _ => {
                return Err(format!(
                    "{}: the parameters of its best network are missing",
                    path.display()
                ));
            }
        }
        Ok(BestNetwork {
            network: number,
            mlp,
            still_falls: shard.still_falls(number / states.len()),
        })
    });
    Ok(Results {
        best: best.transpose()?,
        settings,
        networks: merged,
    })
}

impl SweepState {
    /// Drops what a shard that has ended does not need any more: moments, and the parameters of all networks but the best of
    /// each setting, one of which may be the best of all.
    pub fn shrink(&mut self, networks: &[SweepNetwork]) {
        let mut with_best = HashSet::new();
        let mut best = super::best_first(networks);
        best.retain(|n| with_best.insert(networks[*n].setting));
        let best: HashSet<usize> = best.into_iter().collect();
        for (n, network) in self.networks.iter_mut().enumerate() {
            let is_best = best.contains(&n) && network.fate == Fate::Trained;
            network.tensors.truncate(usize::from(is_best));
        }
        self.kept = None;
    }
}
