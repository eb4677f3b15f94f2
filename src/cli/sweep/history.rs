//! The validation losses of a sweep's networks at earlier evaluations.

use wgrad::sweep::Sweep;
use wgrad::train::metrics::falls_between;

/// Losses at the first evaluation, and at the one before the last.
#[derive(Default)]
pub(super) struct History {
    first: Option<Losses>,
    before: Option<Losses>,
    last: Option<Losses>,
}

/// A number of epochs, and the loss of each network then.
#[derive(Clone)]
struct Losses(usize, Vec<Option<f64>>);

impl History {
    /// Notes the losses after `epoch` epochs.
    pub(super) fn note(&mut self, epoch: usize, sweep: &Sweep) {
        let losses = sweep.networks().iter().map(|network| network.loss);
        let losses = Losses(epoch, losses.collect());
        self.first.get_or_insert_with(|| losses.clone());
        self.before = self.last.replace(losses);
    }

    /// Whether the loss of a network, trained to the end, still fell.
    pub(super) fn still_falls(&self, network: usize) -> bool {
        let at = |losses: &Option<Losses>| {
            let Losses(epoch, losses) = losses.as_ref()?;
            Some((*epoch, (*losses.get(network)?)?))
        };
        match (at(&self.first), at(&self.before), at(&self.last)) {
            (Some((_, first)), Some(before), Some(last)) => falls_between(first, before, last),
            _ => false,
        }
    }
}
