//! Warnings about settings without effect in a sweep.

use super::args::Sweep;
use crate::cli::messages::warn;
use crate::cli::unused_settings::{self, UnusedSetting};
use wgrad::config::{Config, DataConfig, Keep, Origin};
use wgrad::dataset::Dataset;
use wgrad::sweep::Axes;

impl Sweep {
    /// Warns about settings without effect in this sweep.
    pub(super) fn warn_of_unused(
        &self,
        config: &Config,
        origin: &Origin,
        axes: &Axes,
        data: &Dataset,
    ) {
        unused_settings::tell_force(self.force, self.out.as_deref());
        unused_settings::tell(origin, unused_settings::optimizer(config));
        unused_settings::tell(origin, unused_settings::data(config, data));
        unused_settings::tell(origin, unused_settings::loss(config, data));
        unused_settings::tell(origin, unused_settings::device(config, origin));
        if axes.hidden.iter().all(Vec::is_empty) {
            unused_settings::tell(origin, unused_settings::network(config));
        }
        let (usual, folds) = (DataConfig::default(), self.folds.is_some());
        let limit = config.run.memory_limit.is_some();
        let settings: [UnusedSetting; 9] = [
            (
                ("data", "val"),
                folds && config.data.val != usual.val,
                "with --folds: each fold is the validation set in turn",
            ),
            (
                ("data", "val_file"),
                folds && config.data.val_file.is_some(),
                "with --folds: each fold is the validation set in turn; add its rows to the data, or leave it out",
            ),
            (
                ("data", "test"),
                folds && self.shares.test_share().is_none() && config.data.test != usual.test,
                "with --folds; type --test to keep rows for a test",
            ),
            (
                ("data", "fold"),
                config.data.fold.is_some(),
                "in a sweep; type --folds for a cross-validation",
            ),
            (
                ("run", "patience"),
                config.run.patience.is_some(),
                "in a sweep, whose networks train for the same --epochs; leave it out",
            ),
            (
                ("run", "keep"),
                config.run.keep == Some(Keep::Best),
                "in a sweep, whose networks keep their last parameters; leave it out",
            ),
            (
                ("run", "ensemble"),
                config.run.ensemble != 1,
                "in a sweep, which looks for one network; leave it out",
            ),
            (
                ("run", "distributed"),
                config.run.distributed.is_some(),
                "in a sweep, which several processes share by --shard; leave it out",
            ),
            (
                ("run", "memory_limit"),
                limit,
                "in a sweep, whose rows stay on the device; leave it out",
            ),
        ];
        unused_settings::tell(origin, settings);
    }

    /// Refuses `--halving` of networks that end after different epochs, and warns about it where there is nothing to halve.
    ///
    /// # Errors
    /// Returns an error that says what to leave out.
    pub(super) fn check_halving(&self, epochs: usize) -> Result<(), wgrad::Error> {
        if self.halving && self.varied.has_lengths() {
            return Err(wgrad::Error::Config(
                "--epochs: expected one value with --halving, which compares networks after the same epochs; give one, or leave out --halving"
                    .to_owned(),
            ));
        }
        if self.halving && epochs < 2 {
            warn(Some(
                "--halving has no effect in a single epoch; use more --epochs",
            ));
        }
        Ok(())
    }
}
