//! Losses: the quantity that training minimises, and the output activation that goes with it.

use crate::model::Activation;
use serde::{Deserialize, Serialize};

/// The error of a row. The loss of a batch is the mean over its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// The article's loss: the sum over outputs of (target - out)^2 / 2.
    HalfSse,
    /// PyTorch's `MSELoss`: the mean over outputs of (target - out)^2.
    Mse,
    /// PyTorch's `L1Loss`: the mean over outputs of |target - out|.
    Mae,
    /// PyTorch's `HuberLoss` with its threshold of 1: the mean over outputs of d² / 2 near 0 and |d| - 1/2 elsewhere, with
    /// d = target - out.
    Huber,
    /// The quantile or pinball loss: the mean over outputs of max(q d, (q - 1) d), with d = target - out.
    Quantile,
    /// PyTorch's `PoissonNLLLoss`, of counts: the outputs are the logarithms of their means.
    Poisson,
    /// PyTorch's `BCEWithLogitsLoss`, of several labels at once: the outputs are the logits of their probabilities.
    BinaryCrossEntropy,
    /// PyTorch's `CrossEntropyLoss`: from logits, through log-sum-exp.
    #[default]
    CrossEntropy,
}

/// What an output of a network stands for, beside classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The value itself.
    Identity,
    /// Its logarithm.
    Logarithm,
    /// The logit of a probability.
    Logit,
}

impl Link {
    /// Returns what an output stands for.
    pub fn value(self, output: f64) -> f64 {
        match self {
            Link::Identity => output,
            Link::Logarithm => output.exp(),
            Link::Logit => 1.0 / (1.0 + (-output).exp()),
        }
    }

    /// Returns the output that stands for a value.
    pub fn output(self, value: f64) -> f64 {
        match self {
            Link::Identity => value,
            // The output of 0 and of 1 would be infinite, and its loss no number.
            Link::Logarithm => value.max(f64::MIN_POSITIVE).ln(),
            Link::Logit => {
                let inside = value.clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON);
                (inside / (1.0 - inside)).ln()
            }
        }
    }
}

impl Loss {
    /// Every loss.
    pub const ALL: [Loss; 8] = [
        Loss::HalfSse,
        Loss::Mse,
        Loss::Mae,
        Loss::Huber,
        Loss::Quantile,
        Loss::Poisson,
        Loss::BinaryCrossEntropy,
        Loss::CrossEntropy,
    ];

    /// Returns its name, as in a configuration.
    pub fn name(self) -> &'static str {
        match self {
            Loss::HalfSse => "half-sse",
            Loss::Mse => "mse",
            Loss::Mae => "mae",
            Loss::Huber => "huber",
            Loss::Quantile => "quantile",
            Loss::Poisson => "poisson",
            Loss::BinaryCrossEntropy => "binary-cross-entropy",
            Loss::CrossEntropy => "cross-entropy",
        }
    }

    /// Returns whether the loss works on classes only, whose outputs are then logits.
    pub fn needs_classes(self) -> bool {
        match self {
            Loss::HalfSse | Loss::Mse | Loss::Mae | Loss::Huber | Loss::Quantile => false,
            Loss::Poisson | Loss::BinaryCrossEntropy => false,
            Loss::CrossEntropy => true,
        }
    }

    /// Returns whether the loss works on values only, even if these are few whole numbers.
    pub fn needs_values(self) -> bool {
        matches!(
            self,
            Loss::Quantile | Loss::Poisson | Loss::BinaryCrossEntropy
        )
    }

    /// Returns what an output stands for.
    pub fn link(self) -> Link {
        match self {
            Loss::Poisson => Link::Logarithm,
            Loss::BinaryCrossEntropy => Link::Logit,
            _ => Link::Identity,
        }
    }

    /// Returns whether programs that read models up to format 3 do not know it.
    pub(crate) fn is_new(self) -> bool {
        !matches!(self, Loss::HalfSse | Loss::Mse | Loss::CrossEntropy)
    }

    /// Returns the activation of the last layer. Logits and regression values stay as they are. Classes with another loss
    /// than cross-entropy get a sigmoid, as in the article.
    pub fn output_activation(self, classify: bool) -> Activation {
        match (self, classify) {
            (Loss::CrossEntropy, _) | (_, false) => Activation::Identity,
            (Loss::Poisson | Loss::BinaryCrossEntropy, true) => Activation::Identity,
            (Loss::HalfSse | Loss::Mse | Loss::Mae, true) => Activation::Sigmoid,
            (Loss::Huber | Loss::Quantile, true) => Activation::Sigmoid,
        }
    }
}
