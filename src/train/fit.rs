//! Training in one call: from a configuration and a data set to a model, as `wgrad train` does.

use crate::Error;
use crate::config::{Config, ConfigFile, Origin};
use crate::dataset::Dataset;
use crate::train::{
    checkpoint::Model,
    job::{TrainJob, Watcher},
    metrics::Metrics,
    trainer::Progress,
};

/// The result of [`Config::fit`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fit {
    /// The trained model.
    pub model: Model,
    /// Metrics on the test rows, which training does not use; `None` if there are no test rows.
    pub test: Option<Metrics>,
    /// Number of completed epochs.
    pub epochs: usize,
}

impl Config {
    /// Trains a network on `data`, with the same defaults and the same result as `wgrad train`. Splits off rows for
    /// validation and test, scales the inputs, derives the default loss and the output activation from the targets, and
    /// chooses the device that should be fastest. Ignores the settings in [`Config::data`] that concern reading.
    ///
    /// # Errors
    /// Returns an error if a setting is invalid or does not fit the data, there is no such device, the device fails, or
    /// training diverges.
    pub fn fit(&self, data: &Dataset) -> Result<Fit, Error> {
        self.fit_while(data, &mut |_: Progress| true)
    }

    /// Like [`Config::fit`], but reports the progress to `watcher`, which may stop the training. The model is then that
    /// of the last chunk.
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
    /// Returns the errors of [`Config::fit`], and those of `watcher`.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{inference::Predictions, trainer::Epoch};

    #[test]
    fn a_linear_model_of_values_finds_the_line() {
        let rows: Vec<[f64; 1]> = (0..100).map(|x| [f64::from(x)]).collect();
        let values: Vec<f64> = rows.iter().map(|[x]| 1000.0 + 2.0 * x).collect();
        let data = Dataset::with_values(&rows, &values).unwrap();
        let config = Config::default().device("cpu").learning_rate(0.05);
        let fit = config.hidden([0]).epochs(100).fit(&data).unwrap();
        assert_eq!(fit.epochs, 100);
        assert!(fit.test.unwrap().accuracy.is_none());
        let told = fit.model.predict(&[[7.5]]).unwrap();
        assert!(matches!(told, Predictions::Values(y) if (y[0] - 1015.0).abs() < 0.01));
        let why = fit.model.predict(&[[1.0, 2.0]]).unwrap_err().to_string();
        assert!(why.contains("row 1: expected 1 input, found 2"), "{why}");
    }

    #[test]
    fn a_fit_can_be_ended_and_keeps_what_it_has() {
        struct Two(usize);
        impl Watcher for Two {
            fn progress(&mut self, progress: Progress) -> bool {
                progress.epoch < 2
            }
            fn epoch(&mut self, epoch: &Epoch, val: Option<Metrics>) -> Result<(), Error> {
                self.0 = epoch.epoch;
                assert!(val.is_some());
                Ok(())
            }
        }
        let data = Dataset::read("iris").unwrap();
        let mut watcher = Two(0);
        let config = Config::default().device("cpu");
        let fit = config.fit_while(&data, &mut watcher).unwrap();
        assert_eq!((fit.epochs, watcher.0), (2, 2));
        assert_eq!(fit.model.schema.classes.len(), 3);
    }

    #[test]
    fn a_setting_that_no_run_can_have_is_refused() {
        let data = Dataset::read("xor").unwrap();
        let config = Config::default().device("cpu");
        for (config, said) in [
            (config.clone().epochs(0), "--epochs 0: expected at least 1"),
            (config.clone().split(0.6, 1.0), "--test 1.0: expected"),
            (config.clone().device("voodoo"), "no adapter \"voodoo\""),
        ] {
            let why = config.fit(&data).unwrap_err().to_string();
            assert!(why.contains(said), "{why}");
        }
    }
}
