//! Finds the best network of a sweep, and reads its parameters.

use super::scores::ScoredRows;
use super::{Sweep, rank, ranking};
use crate::Error;
use crate::kernels::Buffer;
use crate::model::Mlp;

impl Sweep {
    /// Returns the best network in training: the best one of the best setting.
    pub fn best(&self) -> Option<usize> {
        let ranked = rank(&self.settings, &self.networks);
        let setting = ranked.iter().find(|r| r.trained > 0)?.setting;
        let order = ranking::best_first(&self.networks);
        order
            .into_iter()
            .find(|n| self.networks[*n].setting == setting)
    }

    /// Returns the best network of the last evaluation, with its parameters at that time. An interrupted round may have
    /// trained some networks further since.
    pub fn kept(&self) -> Option<(usize, &Mlp)> {
        let (network, mlp) = self.kept.as_ref()?;
        Some((*network, mlp))
    }

    pub(super) fn keep_best(&mut self) -> Result<(), Error> {
        self.kept = match self.best() {
            Some(network) => {
                let (group, place) = self.place(network)?;
                Some((network, self.parameters(group, place)?))
            }
            None => None,
        };
        Ok(())
    }

    /// Returns the parameters of a network in training, with its loss and accuracy on the test rows, if there are any.
    ///
    /// # Errors
    /// Returns an error if the network is no longer in training, or the device failed.
    #[allow(
        clippy::type_complexity,
        reason = "the scores of one network, where it has them"
    )]
    pub fn take(&mut self, network: usize) -> Result<(Mlp, Option<(f64, Option<f64>)>), Error> {
        let (g, place) = self.place(network)?;
        let tested = self.folds[self.networks[network].fold].test.count > 0;
        let test = match tested {
            false => None,
            true => {
                let (loss, accuracy) = self.scores(g, ScoredRows::Test)?.0[place];
                loss.map(|loss| (loss, accuracy))
            }
        };
        Ok((self.parameters(g, place)?, test))
    }

    /// Returns the group of a network in training, and its index in the group.
    fn place(&self, network: usize) -> Result<(usize, usize), Error> {
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
