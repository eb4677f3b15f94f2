//! Successive halving: which networks go on, and which are dropped.

use super::ranking::{Ranked, best_first, rank};
use super::{Fate, Setting, Sweep, SweepNetwork};
use crate::Error;
use std::collections::HashSet;

/// Returns the networks that go on: those of the better half of the settings, or the better half of the networks if there
/// is only one setting in training.
pub fn better_half(settings: &[Setting], networks: &[SweepNetwork]) -> HashSet<usize> {
    let ranked = rank(settings, networks);
    let in_training: Vec<&Ranked> = ranked.iter().filter(|r| r.trained > 0).collect();
    match in_training.len() {
        0 => HashSet::new(),
        1 => {
            let mut alive = best_first(networks);
            alive.truncate(alive.len().div_ceil(2));
            alive.into_iter().collect()
        }
        count => {
            let better = in_training[..count.div_ceil(2)].iter();
            let better: HashSet<usize> = better.map(|r| r.setting).collect();
            let goes_on = |n: &usize| better.contains(&networks[*n].setting);
            (0..networks.len()).filter(goes_on).collect()
        }
    }
}

impl Sweep {
    /// Drops the worse half of the settings, or of the networks if there is only one setting, and all diverged
    /// networks.
    ///
    /// # Errors
    /// Returns an error if the device failed.
    pub fn halve(&mut self) -> Result<(), Error> {
        self.keep(&better_half(&self.settings, &self.networks))
    }

    /// Drops all but these networks, and all diverged ones, as another process decided that has the results of all parts.
    /// They have their numbers in the whole sweep.
    ///
    /// # Errors
    /// Returns an error if the device failed.
    pub fn keep_numbers(&mut self, numbers: &HashSet<usize>) -> Result<(), Error> {
        let own = (0..self.networks.len()).filter(|n| numbers.contains(&self.shard.number(*n)));
        self.keep(&own.collect())
    }

    fn keep(&mut self, kept: &HashSet<usize>) -> Result<(), Error> {
        for (n, network) in self.networks.iter_mut().enumerate() {
            if !kept.contains(&n) && network.fate == Fate::Trained {
                network.fate = Fate::Dropped;
            }
        }
        self.lost.clear();
        self.unload()
    }

    /// Removes the networks from the device that are not in training.
    pub(super) fn unload(&mut self) -> Result<(), Error> {
        for group in &mut self.groups {
            let stays = |&i: &usize| self.networks[group.networks[i]].fate == Fate::Trained;
            let places: Vec<usize> = (0..group.networks.len()).filter(stays).collect();
            if places.len() < group.networks.len() {
                group.population.keep(&places)?;
                group.networks = places.iter().map(|i| group.networks[*i]).collect();
            }
        }
        Ok(())
    }
}
