//! A configuration that is put together in a program: each setting by its name, the others as they are.

use super::Config;
use crate::model::{Activation, Loss, OptimizerKind};

impl Config {
    /// A single hidden layer of width 0 means that there is none: a linear model.
    #[doc(hidden)] // flags and files say 0
    pub fn no_hidden_layers_for_zero(&mut self) {
        if self.network.hidden == [0] {
            self.network.hidden.clear();
        }
    }

    /// With hidden layers of these widths; none is a linear model.
    pub fn hidden(mut self, widths: impl Into<Vec<usize>>) -> Config {
        self.network.hidden = widths.into();
        self
    }

    /// With this activation of the hidden layers.
    pub fn activation(mut self, activation: Activation) -> Config {
        self.network.activation = activation;
        self
    }

    /// With this loss; if not given it is cross-entropy for classes and mse for values.
    pub fn loss(mut self, loss: Loss) -> Config {
        self.loss.kind = Some(loss);
        self
    }

    /// With this optimizer, at its usual step size.
    pub fn optimizer(mut self, kind: OptimizerKind) -> Config {
        self.optimizer.kind = kind;
        self
    }

    /// With this step size.
    pub fn learning_rate(mut self, rate: f64) -> Config {
        self.optimizer.learning_rate = Some(rate);
        self
    }

    /// With so many passes over the training rows.
    pub fn epochs(mut self, epochs: usize) -> Config {
        self.run.epochs = epochs;
        self
    }

    /// With so many rows a step.
    pub fn batch_size(mut self, rows: usize) -> Config {
        self.run.batch_size = rows;
        self
    }

    /// With this seed of everything random: the same seed, the same model.
    pub fn seed(mut self, seed: u64) -> Config {
        self.run.seed = seed;
        self
    }

    /// On this device: `auto`, `cpu`, `gpu`, or a part of an adapter's name.
    pub fn device(mut self, device: &str) -> Config {
        device.clone_into(&mut self.run.device);
        self
    }

    /// With these shares of the rows kept for validation and for the test.
    pub fn split(mut self, val: f64, test: f64) -> Config {
        (self.data.val, self.data.test) = (val, test);
        self
    }
}
