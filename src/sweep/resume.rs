//! The state of a sweep in progress, and going on from one.

use super::state::{NetworkState, SweepAbout, SweepState};
use super::{Axes, Fate, Sweep};
use crate::Error;
use crate::kernels::Buffer;
use crate::plan::Training;
use crate::train::Prepared;

impl Sweep {
    /// Returns the state after the last round, or between two.
    ///
    /// # Errors
    /// Returns an error if the device failed.
    pub fn state(&mut self, about: SweepAbout) -> Result<SweepState, Error> {
        let scored = self.networks.iter().map(|network| NetworkState {
            epochs: network.epochs,
            loss: network.loss,
            accuracy: network.accuracy,
            fate: network.fate,
            tensors: Vec::new(),
        });
        let mut networks: Vec<NetworkState> = scored.collect();
        for group in &mut self.groups {
            let count = group.networks.len();
            if count == 0 {
                continue;
            }
            let diverged = group.population.diverged()?;
            for buffer in kept_buffers(&self.variants[group.variant]) {
                let values = group.population.read(buffer)?;
                let each = values.chunks_exact(values.len() / count);
                for (i, (&n, own)) in group.networks.iter().zip(each).enumerate() {
                    if !diverged[i] {
                        networks[n].tensors.push(own.to_vec());
                    }
                }
            }
        }
        Ok(SweepState {
            about,
            epoch: self.epoch,
            networks,
            history: self.history.clone(),
            kept: self
                .kept
                .as_ref()
                .map(|(n, mlp)| (*n, mlp.parameters.clone())),
        })
    }

    /// Goes on from a state of the same sweep.
    ///
    /// # Errors
    /// Returns an error if the device failed, or the state has other networks.
    pub fn restore(&mut self, state: &SweepState) -> Result<(), Error> {
        let strange = || Error::Model("the state of a sweep of other networks".to_owned());
        if state.epoch == 0 {
            return Ok(());
        }
        if state.networks.len() != self.networks.len() {
            return Err(strange());
        }
        self.epoch = state.epoch;
        self.history.clone_from(&state.history);
        for (network, state) in self.networks.iter_mut().zip(&state.networks) {
            (network.epochs, network.fate) = (state.epochs, state.fate);
            (network.loss, network.accuracy) = (state.loss, state.accuracy);
        }
        if let Some((network, parameters)) = &state.kept {
            let (group, _) = self.place(*network)?;
            let mut mlp = self.groups[group].mlp.clone();
            if mlp.parameters.len() != parameters.len() {
                return Err(strange());
            }
            mlp.parameters.clone_from(parameters);
            self.kept = Some((*network, mlp));
        }
        // Those without parameters have diverged since they were evaluated.
        let has_ended = |n: &usize| state.networks[*n].tensors.is_empty();
        let mut lost = Vec::new();
        for group in &mut self.groups {
            let places = 0..group.networks.len();
            let places: Vec<usize> = places.filter(|i| !has_ended(&group.networks[*i])).collect();
            let gone = group.networks.iter().filter(|n| has_ended(n));
            lost.extend(gone.filter(|n| self.networks[**n].fate != Fate::Dropped));
            group.population.keep(&places)?;
            group.networks = places.iter().map(|i| group.networks[*i]).collect();
            let buffers = kept_buffers(&self.variants[group.variant]);
            for (t, buffer) in buffers.enumerate() {
                let own = group
                    .networks
                    .iter()
                    .map(|n| state.networks[*n].tensors.get(t));
                let all: Option<Vec<&Vec<f32>>> = own.collect();
                let all = all.ok_or_else(strange)?.into_iter().flatten();
                let all: Vec<f32> = all.copied().collect();
                if !all.is_empty() {
                    group.population.write(buffer, &all)?;
                }
            }
        }
        self.lost = lost;
        Ok(())
    }
}

/// Returns the buffers that a network goes on from.
fn kept_buffers(training: &Training) -> impl Iterator<Item = Buffer> + use<> {
    let moments = training.optimizer.moments();
    std::iter::once(Buffer::Parameters).chain((0..moments).map(Buffer::Moment))
}

/// Returns what tells a sweep from others: the rows of its folds, the settings, the seeds, and whatever else `rest` holds.
pub fn identity(folds: &[Prepared], axes: &Axes, rest: &dyn std::fmt::Debug) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for fold in folds {
        hasher.update(bytemuck::cast_slice(&fold.inputs));
        hasher.update(bytemuck::cast_slice(&fold.targets));
        let rows = (fold.train, fold.val, fold.test);
        hasher.update(format!("{rows:?}").as_bytes());
    }
    hasher.update(format!("{axes:?} {rest:?}").as_bytes());
    hasher.finalize()
}
