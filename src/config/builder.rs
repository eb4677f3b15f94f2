//! Builder methods of [`Config`]: each sets one setting and keeps the others.

use super::{Config, Keep};
use crate::model::{Activation, Initialization, Loss, OptimizerKind};
use crate::plan::RateSchedule;

impl Config {
    /// Replaces a single hidden layer of width 0 by no hidden layers: a linear model.
    #[doc(hidden)] // flags and files say 0
    pub fn no_hidden_layers_for_zero(&mut self) {
        if self.network.hidden == [0] {
            self.network.hidden.clear();
        }
    }

    /// Sets the widths of the hidden layers; empty for a linear model.
    pub fn hidden(mut self, widths: impl Into<Vec<usize>>) -> Config {
        self.network.hidden = widths.into();
        self
    }

    /// Sets the activation of the hidden layers.
    pub fn activation(mut self, activation: Activation) -> Config {
        self.network.activation = activation;
        self
    }

    /// Sets the loss. Without it, the loss is cross-entropy for classes and mse for values.
    pub fn loss(mut self, loss: Loss) -> Config {
        self.loss.kind = Some(loss);
        self
    }

    /// Sets what a label gives away to all classes alike.
    pub fn label_smoothing(mut self, share: f64) -> Config {
        self.loss.label_smoothing = share;
        self
    }

    /// Gives each class the same weight in all, however many rows it has.
    pub fn balanced(mut self) -> Config {
        self.loss.class_weights = vec![super::BALANCED.to_owned()];
        self
    }

    /// Sets the probability that a neuron of a hidden layer is left out of a step.
    pub fn dropout(mut self, rate: f64) -> Config {
        self.network.dropout = rate;
        self
    }

    /// Sets the optimizer, with its default learning rate.
    pub fn optimizer(mut self, kind: OptimizerKind) -> Config {
        self.optimizer.kind = kind;
        self
    }

    /// Sets the learning rate.
    pub fn learning_rate(mut self, rate: f64) -> Config {
        self.optimizer.learning_rate = Some(rate);
        self
    }

    /// Sets the learning rate over the run.
    pub fn schedule(mut self, schedule: RateSchedule) -> Config {
        self.optimizer.schedule = schedule;
        self
    }

    /// Sets the distribution of the initial parameters.
    pub fn init(mut self, init: Initialization) -> Config {
        self.network.init = init;
        self
    }

    /// Sets the model, or the file with weights and biases, to start from.
    pub fn from(mut self, file: impl Into<String>) -> Config {
        self.network.from = Some(file.into());
        self
    }

    /// Sets the number of epochs. Without it, training ends when the validation loss no longer improves.
    pub fn epochs(mut self, epochs: usize) -> Config {
        self.run.epochs = Some(epochs);
        self
    }

    /// Sets the largest number of steps.
    pub fn max_steps(mut self, steps: usize) -> Config {
        self.run.max_steps = Some(steps);
        self
    }

    /// Sets the number of epochs without a better validation loss after which training ends.
    pub fn patience(mut self, epochs: usize) -> Config {
        self.run.patience = Some(epochs);
        self
    }

    /// Sets which parameters become the model.
    pub fn keep(mut self, keep: Keep) -> Config {
        self.run.keep = Some(keep);
        self
    }

    /// Sets whether to train anew on training and validation rows, as far as the best epoch.
    pub fn refit(mut self, refit: bool) -> Config {
        self.run.refit = Some(refit);
        self
    }

    /// Sets the number of networks of an ensemble; 1 for a single network.
    pub fn ensemble(mut self, networks: usize) -> Config {
        self.run.ensemble = networks;
        self
    }

    /// Sets the number of rows per batch.
    pub fn batch_size(mut self, rows: usize) -> Config {
        self.run.batch_size = Some(rows);
        self
    }

    /// Sets the random seed. The same seed gives the same model.
    pub fn seed(mut self, seed: u64) -> Config {
        self.run.seed = seed;
        self
    }

    /// Sets the device: `auto`, `cpu`, `gpu`, or part of an adapter's name.
    pub fn device(mut self, device: &str) -> Config {
        device.clone_into(&mut self.run.device);
        self
    }

    /// Sets the shares of rows for validation and for the test.
    pub fn split(mut self, val: f64, test: f64) -> Config {
        (self.data.val, self.data.test) = (val, test);
        self
    }
}
