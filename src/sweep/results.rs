//! The results of a sweep: its networks with their scores, and the best one with its parameters.

use super::{Setting, Sweep, SweepNetwork, rank, ranking};
use crate::Error;
use crate::kernels::Buffer;
use crate::model::Mlp;

/// What a sweep has found.
#[derive(Clone, Debug)]
pub struct Results {
    /// The settings.
    pub settings: Vec<Setting>,
    /// All networks, including dropped ones.
    pub networks: Vec<SweepNetwork>,
    /// The best network; `None` if all have diverged, or none was evaluated.
    pub best: Option<BestNetwork>,
}

/// The best network of a sweep.
#[derive(Clone, Debug)]
pub struct BestNetwork {
    /// Index of the network.
    pub network: usize,
    /// The network, trained.
    pub mlp: Mlp,
    /// Whether its validation loss still fell at the last evaluation.
    pub still_falls: bool,
}

/// Returns the best network in training: the best one of the best setting.
pub(super) fn best_of(settings: &[Setting], networks: &[SweepNetwork]) -> Option<usize> {
    let ranked = rank(settings, networks);
    let setting = ranked.iter().find(|r| r.trained > 0)?.setting;
    let order = ranking::best_first(networks);
    order.into_iter().find(|n| networks[*n].setting == setting)
}

impl Sweep {
    /// Returns the results of the last evaluation. An interrupted round may have trained some networks further since.
    pub fn results(&self) -> Results {
        let best = self.kept.as_ref().map(|(network, mlp)| BestNetwork {
            network: *network,
            mlp: mlp.clone(),
            still_falls: self.history.still_falls(*network),
        });
        Results {
            settings: self.settings.clone(),
            networks: self.networks.clone(),
            best,
        }
    }

    /// Keeps the parameters of the best network of an evaluation.
    pub(super) fn keep_best(&mut self) -> Result<(), Error> {
        self.kept = match best_of(&self.settings, &self.networks) {
            Some(network) => {
                let (group, place) = self.place(network)?;
                Some((network, self.parameters(group, place)?))
            }
            None => None,
        };
        Ok(())
    }

    /// Returns the group of a network in training, and its index in the group.
    pub(super) fn place(&self, network: usize) -> Result<(usize, usize), Error> {
        let found = self.groups.iter().enumerate().find_map(|(g, group)| {
            let place = group.networks.iter().position(|n| *n == network)?;
            Some((g, place))
        });
        found.ok_or_else(|| Error::Config(format!("network {network} is not in training")))
    }

    fn parameters(&mut self, group: usize, place: usize) -> Result<Mlp, Error> {
        let group = &mut self.groups[group];
        let mut mlp = group.mlp.clone();
        let len = mlp.parameters.len();
        mlp.parameters = group.population.read_one(Buffer::Parameters, place, len)?;
        Ok(mlp)
    }
}
