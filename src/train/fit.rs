//! Training in one call: a configuration and a data set in, a model out; what `wgrad train` does.

use crate::Error;
use crate::config::{Config, ConfigFile, Origin};
use crate::dataset::Dataset;
use crate::train::{
    checkpoint::Model,
    job::{TrainJob, Watcher},
    metrics::Metrics,
    trainer::Progress,
};

/// What a fit came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fit {
    /// The trained model.
    pub model: Model,
    /// How good it is on the test rows, which it has not seen; none if no rows were kept for a test.
    pub test: Option<Metrics>,
    /// Epochs that were trained to their end.
    pub epochs: usize,
}

impl Config {
    /// Trains a network on `data` as `wgrad train` does, with the same defaults and the same model: rows for validation and
    /// for the test are kept apart, inputs are scaled, loss and output activation go with the targets, and the device is the
    /// one that should be fastest. The settings of [`Config::data`] that are about reading do not count.
    ///
    /// # Errors
    /// If a setting is not one that a run can have or does not go with the data, there is no such device, it fails, or the
    /// training diverges.
    pub fn fit(&self, data: &Dataset) -> Result<Fit, Error> {
        self.fit_while(data, &mut |_: Progress| true)
    }

    /// As [`Config::fit`]; `watcher` is told how far it is, and may end it. The model is then that of the last chunk.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use wgrad::{Config, Dataset, parts::Progress};
    ///
    /// let stop = AtomicBool::new(true); // set by another thread, or by a handler of signals
    /// let mut go_on = |_: Progress| !stop.load(Ordering::Relaxed);
    /// let fit = Config::default().fit_while(&Dataset::read("xor")?, &mut go_on)?;
    /// assert_eq!(fit.epochs, 0);
    /// # Ok::<(), wgrad::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Config::fit`], and what `watcher` returns.
    pub fn fit_while(&self, data: &Dataset, watcher: &mut dyn Watcher) -> Result<Fit, Error> {
        let mut config = self.clone();
        config.no_hidden_layers_for_zero();
        let origin = Origin::new(&ConfigFile::default(), &config);
        config.check(&origin)?;
        let job = TrainJob::new(config, data, &origin, &mut |_| ())?;
        let mut trainer = job.trainer()?;
        let (_, test) = job.train(&mut trainer, watcher)?;
        Ok(Fit {
            model: job.model(&mut trainer)?,
            test,
            epochs: trainer.epochs_done(),
        })
    }
}
