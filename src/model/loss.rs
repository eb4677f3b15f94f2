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
    /// PyTorch's `CrossEntropyLoss`: from logits, through log-sum-exp.
    #[default]
    CrossEntropy,
}

impl Loss {
    /// Every loss.
    pub const ALL: [Loss; 6] = [
        Loss::HalfSse,
        Loss::Mse,
        Loss::Mae,
        Loss::Huber,
        Loss::Quantile,
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
            Loss::CrossEntropy => "cross-entropy",
        }
    }

    /// Returns whether the loss works on classes only, whose outputs are then logits.
    pub fn needs_classes(self) -> bool {
        match self {
            Loss::HalfSse | Loss::Mse | Loss::Mae | Loss::Huber | Loss::Quantile => false,
            Loss::CrossEntropy => true,
        }
    }

    /// Returns whether programs that read models up to format 3 do not know it.
    pub(crate) fn is_new(self) -> bool {
        matches!(self, Loss::Mae | Loss::Huber | Loss::Quantile)
    }

    /// Returns the activation of the last layer. Logits and regression values stay as they are. Classes with another loss
    /// than cross-entropy get a sigmoid, as in the article.
    pub fn output_activation(self, classify: bool) -> Activation {
        match (self, classify) {
            (Loss::CrossEntropy, _) | (_, false) => Activation::Identity,
            (Loss::HalfSse | Loss::Mse | Loss::Mae, true) => Activation::Sigmoid,
            (Loss::Huber | Loss::Quantile, true) => Activation::Sigmoid,
        }
    }
}
