//! Optimizers: how a gradient updates the parameters.

use serde::{Deserialize, Serialize};

/// An optimizer and its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Optimizer {
    /// Stochastic gradient descent.
    Sgd {
        /// Learning rate.
        learning_rate: f64,
        /// Fraction of the previous step's velocity that is kept.
        momentum: f64,
        /// L2 penalty, added to the gradient.
        weight_decay: f64,
    },
    /// Adam; with weight decay, AdamW.
    Adam {
        /// Learning rate.
        learning_rate: f64,
        /// Decay rate of the mean of the gradients. Devices round it, as all settings, to f32.
        beta1: f64,
        /// Decay rate of the mean of the squared gradients.
        beta2: f64,
        /// Added to the denominator.
        epsilon: f64,
        /// Decoupled weight decay.
        weight_decay: f64,
    },
    /// RMSprop, in PyTorch's form.
    Rmsprop {
        /// Learning rate.
        learning_rate: f64,
        /// Decay rate of the mean of the squared gradients.
        alpha: f64,
        /// Added to the denominator.
        epsilon: f64,
        /// Fraction of the previous step that is kept.
        momentum: f64,
        /// L2 penalty, added to the gradient.
        weight_decay: f64,
    },
    /// Lion: each step is the learning rate, up or down.
    Lion {
        /// Learning rate.
        learning_rate: f64,
        /// What the mean of the gradients counts in a step, beside the gradient.
        beta1: f64,
        /// Decay rate of the mean of the gradients.
        beta2: f64,
        /// Decoupled weight decay.
        weight_decay: f64,
    },
}

/// The name of an optimizer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    /// Stochastic gradient descent, with momentum and weight decay.
    Sgd,
    /// Adam; with weight decay, AdamW.
    #[default]
    Adam,
    /// RMSprop, with momentum and weight decay.
    Rmsprop,
    /// Lion, with weight decay.
    Lion,
}

impl OptimizerKind {
    /// Every optimizer's name.
    pub const ALL: [OptimizerKind; 4] = [
        OptimizerKind::Sgd,
        OptimizerKind::Adam,
        OptimizerKind::Rmsprop,
        OptimizerKind::Lion,
    ];
}

impl Default for Optimizer {
    fn default() -> Optimizer {
        Optimizer::adam(1e-3)
    }
}

impl Optimizer {
    /// Returns plain SGD, the article's optimizer.
    pub fn sgd(learning_rate: f64) -> Optimizer {
        Optimizer::Sgd {
            learning_rate,
            momentum: 0.0,
            weight_decay: 0.0,
        }
    }

    /// Returns Adam with its authors' default settings.
    pub fn adam(learning_rate: f64) -> Optimizer {
        Optimizer::Adam {
            learning_rate,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
        }
    }

    /// Returns the learning rate.
    pub fn learning_rate(&self) -> f64 {
        match self {
            Optimizer::Sgd { learning_rate, .. }
            | Optimizer::Adam { learning_rate, .. }
            | Optimizer::Rmsprop { learning_rate, .. }
            | Optimizer::Lion { learning_rate, .. } => *learning_rate,
        }
    }

    /// Returns the weight decay.
    pub fn weight_decay(&self) -> f64 {
        match self {
            Optimizer::Sgd { weight_decay, .. }
            | Optimizer::Adam { weight_decay, .. }
            | Optimizer::Rmsprop { weight_decay, .. }
            | Optimizer::Lion { weight_decay, .. } => *weight_decay,
        }
    }

    /// Returns the same optimizer with another learning rate.
    pub fn with_learning_rate(mut self, rate: f64) -> Optimizer {
        match &mut self {
            Optimizer::Sgd { learning_rate, .. }
            | Optimizer::Adam { learning_rate, .. }
            | Optimizer::Rmsprop { learning_rate, .. }
            | Optimizer::Lion { learning_rate, .. } => *learning_rate = rate,
        }
        self
    }

    /// Returns a learning rate to try when this one diverged: a tenth of it, but at most the usual one.
    pub fn gentler_rate(&self) -> f64 {
        let usual = match self {
            Optimizer::Sgd { .. } => 0.01,
            Optimizer::Adam { .. } | Optimizer::Rmsprop { .. } => 1e-3,
            Optimizer::Lion { .. } => 1e-4,
        };
        let tenth = format!("{:.1e}", self.learning_rate() * 0.1);
        tenth.parse::<f64>().unwrap_or(usual).min(usual)
    }

    /// Returns the number of values that the optimizer keeps per parameter.
    pub fn moments(&self) -> usize {
        match self {
            Optimizer::Sgd { momentum, .. } if *momentum == 0.0 => 0,
            Optimizer::Rmsprop { momentum, .. } if *momentum == 0.0 => 1,
            Optimizer::Sgd { .. } | Optimizer::Lion { .. } => 1,
            Optimizer::Adam { .. } | Optimizer::Rmsprop { .. } => 2,
        }
    }

    /// Returns Adam's bias corrections 1 / (1 - beta^t) for both betas at step `t` (from 1). Returns 1 for other
    /// optimizers.
    ///
    /// A beta here is the one that the kernels multiply by, rounded to f32, so that the first update is the learning rate:
    /// 1 - beta of the correction and of the mean must cancel. The f64 reference has the same betas. PyTorch computes with
    /// both in f64, which cancel as well.
    pub fn corrections(&self, t: usize) -> [f32; 2] {
        match self {
            Optimizer::Sgd { .. } | Optimizer::Rmsprop { .. } | Optimizer::Lion { .. } => [1.0; 2],
            Optimizer::Adam { beta1, beta2, .. } => {
                let kept = [*beta1, *beta2].map(|beta| f64::from(beta as f32));
                kept.map(|beta| (1.0 / (1.0 - beta.powf(t as f64))) as f32)
            }
        }
    }
}
