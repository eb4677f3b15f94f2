//! The settings of a training: what a plan is made of, beside the network.

use crate::kernels::Targets;
use crate::model::{Loss, Optimizer};
use serde::{Deserialize, Serialize};

/// When a layer's weights are updated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// All layers at once, after the backward pass, as in the article's text and in textbooks.
    #[default]
    Simultaneous,
    /// Each layer as soon as its gradient is complete, so that the deltas below it are computed with the new weights.
    /// The program behind the article's final figures did this.
    Sequential,
}

impl Order {
    /// Every order.
    pub const ALL: [Order; 2] = [Order::Simultaneous, Order::Sequential];
}

/// The settings of a training.
#[derive(Clone, Copy, Debug)]
pub struct Training {
    /// The loss to minimise.
    pub loss: Loss,
    /// How a gradient updates the parameters.
    pub optimizer: Optimizer,
    /// Maximum number of rows per step.
    pub batch_size: usize,
    /// Whether targets are class indices (N) rather than values (N, O).
    pub classes: bool,
    /// Whether the weight of its row stands behind the targets: what the error of the row is multiplied by.
    pub weighted: bool,
    /// Probability that a neuron of a hidden layer is left out of a step, from 0 to less than 1. The plan has masks if it is
    /// not 0; the schedule says how much they leave out.
    pub dropout: f64,
    /// Cross-entropy: what a label gives away to all classes alike, from 0 to 1.
    pub label_smoothing: f64,
    /// The quantile that the loss of this name learns, from 0 to 1.
    pub quantile: f64,
    /// The largest norm of the gradient of a step; 0 for no limit.
    pub clip_norm: f64,
    /// The largest magnitude of an element of the gradient; 0 for no limit.
    pub clip_value: f64,
    /// Sgd: whether momentum is Nesterov's.
    pub nesterov: bool,
    /// Whether weight decay is for biases too.
    pub decay_biases: bool,
    /// What the learning rate of biases is multiplied by.
    pub bias_rate: f64,
    /// When a layer is updated.
    pub order: Order,
    /// Whether biases are updated. In the article they are not.
    pub train_bias: bool,
}

impl Default for Training {
    fn default() -> Training {
        Training {
            loss: Loss::default(),
            optimizer: Optimizer::sgd(0.01),
            batch_size: 32,
            classes: true,
            weighted: false,
            dropout: 0.0,
            label_smoothing: 0.0,
            quantile: 0.5,
            clip_norm: 0.0,
            clip_value: 0.0,
            nesterov: false,
            decay_biases: true,
            bias_rate: 1.0,
            order: Order::default(),
            train_bias: true,
        }
    }
}

impl Training {
    /// Returns what the targets of a row are.
    pub(super) fn targets(&self) -> Targets {
        Targets {
            classes: self.classes,
            weighted: self.weighted,
        }
    }

    /// Returns the same settings for passes without a step: nothing is left out or smoothed.
    pub(super) fn evaluating(&self) -> Training {
        Training {
            dropout: 0.0,
            label_smoothing: 0.0,
            ..*self
        }
    }
}
