//! Training in one call: from a configuration and a data set to a model, as `wgrad train` does.

use crate::Error;
use crate::config::{Config, ConfigFile, Origin};
use crate::dataset::Dataset;
use crate::train::resolve::check_schedules;
use crate::train::{Ending, Metrics, Model, Progress, TrainJob, Trained, Watcher};

/// The result of [`Config::fit`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fit {
    /// The trained model.
    pub model: Model,
    /// Metrics on the test rows, which training does not use; `None` if there are no test rows.
    pub test: Option<Metrics>,
    /// Number of completed epochs, of all networks of an ensemble together.
    pub epochs: usize,
    /// Why training ended, and after which epoch the network was that of the model; for the first network of an ensemble.
    /// The model has those of all.
    pub ending: Ending,
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

    /// Like [`Config::fit`], but reports the progress to `watcher`, which may stop the training. The model is then the
    /// best one so far, or that of the last chunk.
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
        if config.run.distributed.is_some() {
            return Err(Error::Config(
                "`distributed`: a fit is of one process; leave it out, or see TrainJob::distribute"
                    .to_owned(),
            ));
        }
        let job = TrainJob::new(config, data, &origin, &mut |_| ())?;
        check_schedules(&[&job.config])?;
        if job.config.run.ensemble > 1 {
            return ensemble(&job, watcher);
        }
        let run = job.network(0);
        let mut trainer = run.trainer()?;
        let Trained { ending, test, .. } = run.train(&mut trainer, watcher)?;
        Ok(Fit {
            model: job.model(&mut trainer, Some(ending))?,
            test,
            epochs: ending.epochs,
            ending,
        })
    }
}

fn ensemble(job: &TrainJob, watcher: &mut dyn Watcher) -> Result<Fit, Error> {
    let run = job.train_ensemble(watcher)?;
    match run.failed {
        Some(why) => Err(why),
        None => Ok(Fit {
            test: run.test,
            epochs: run.model.endings.iter().map(|ending| ending.epochs).sum(),
            ending: run.members[0].trained.ending,
            model: run.model,
        }),
    }
}
