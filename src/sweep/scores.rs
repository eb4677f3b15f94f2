//! Evaluates all networks of a sweep at once.

use super::history::EvaluatedLosses;
use super::{Fate, Sweep};
use crate::Error;
use crate::kernels::{Buffer, Step};
use crate::plan::{Phase, Population, schedule};

impl Sweep {
    /// Evaluates each network in training on its validation rows, or training rows if the fold has none, and stores its scores.
    pub(super) fn look(&mut self) -> Result<(), Error> {
        for g in 0..self.groups.len() {
            let (scores, diverged) = self.scores(g)?;
            let group = &self.groups[g];
            let epochs = self.trained(group.variant, self.epoch);
            for (i, &n) in group.networks.iter().enumerate() {
                let network = &mut self.networks[n];
                network.epochs = epochs;
                (network.loss, network.accuracy) = match diverged[i] {
                    true => (None, None),
                    false => scores[i],
                };
                network.fate = if diverged[i] {
                    Fate::Diverged
                } else {
                    Fate::Trained
                };
            }
        }
        for &n in &self.lost {
            let variant = self.settings[self.networks[n].setting].variant;
            let epochs = self.trained(variant, self.epoch);
            let network = &mut self.networks[n];
            (network.epochs, network.fate) = (epochs, Fate::Diverged);
            (network.loss, network.accuracy) = (None, None);
        }
        let losses = self.networks.iter().map(|network| network.loss);
        self.history.note(EvaluatedLosses {
            epoch: self.epoch,
            losses: losses.collect(),
        });
        Ok(())
    }

    /// Returns how many epochs the networks of a variant have trained after `epoch` of the sweep.
    pub(super) fn trained(&self, variant: usize, epoch: usize) -> usize {
        self.lengths[variant].map_or(epoch, |most| epoch.min(most))
    }

    /// Returns loss, accuracy and divergence for each network of a group.
    #[allow(
        clippy::type_complexity,
        reason = "two lists, one value a network each"
    )]
    pub(super) fn scores(
        &mut self,
        group: usize,
    ) -> Result<(Vec<(Option<f64>, Option<f64>)>, Vec<bool>), Error> {
        let variant = self.groups[group].variant;
        let index = (self.epoch * self.steps_per_epoch(variant)) as u32;
        let (batch, classes) = (
            self.evaluation_batch(variant),
            self.variants[variant].classes,
        );
        let passes = self
            .folds
            .iter()
            .map(|rows| schedule::pass(*rows, batch, index));
        let mut passes: Vec<Vec<Step>> = passes.collect();
        let longest = passes.iter().map(Vec::len).max().unwrap_or(0);
        passes
            .iter_mut()
            .for_each(|steps| steps.resize(longest, Step::default()));
        let group = &mut self.groups[group];
        if group.networks.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let population = &mut group.population;
        clear(&mut **population, group.networks.len())?;
        population.run(Phase::Evaluate, &passes, &|_| true)?;
        let errors = sums(&population.read(Buffer::Error)?, group.networks.len());
        let hits = sums(&population.read(Buffer::Hits)?, group.networks.len());
        clear(&mut **population, group.networks.len())?;
        let diverged = population.diverged()?;
        let score = |(i, n): (usize, &usize)| {
            let count = self.folds[self.networks[*n].fold].count as f64;
            let accuracy = classes.then_some(hits[i] / count);
            (Some(errors[i] / count), accuracy)
        };
        let scores = group.networks.iter().enumerate().map(score).collect();
        Ok((scores, diverged))
    }
}

/// Clears the sums of errors and correct rows.
fn clear(population: &mut dyn Population, networks: usize) -> Result<(), Error> {
    for account in [Buffer::Error, Buffer::Hits] {
        let len = population.read(account)?.len();
        debug_assert!(len.is_multiple_of(networks));
        population.write(account, &vec![0.0; len])?;
    }
    Ok(())
}

/// Sums the values that belong to each network.
fn sums(values: &[f32], networks: usize) -> Vec<f64> {
    let own = values.chunks_exact((values.len() / networks).max(1));
    own.map(|own| own.iter().map(|v| f64::from(*v)).sum())
        .collect()
}
