//! Losses: what is minimised, which kernel computes it, and which output activation goes with it.

use crate::model::activation::Activation;
use serde::{Deserialize, Serialize};

/// The error of a row, averaged over the rows of the batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// The article's: the sum over outputs of (target - out)^2 / 2.
    HalfSse,
    /// PyTorch's `MSELoss`: the mean over outputs of (target - out)^2.
    Mse,
    /// PyTorch's `CrossEntropyLoss`: of logits, through log-sum-exp.
    #[default]
    CrossEntropy,
}

impl Loss {
    /// Every loss.
    pub const ALL: [Loss; 3] = [Loss::HalfSse, Loss::Mse, Loss::CrossEntropy];

    /// The activation of the last layer: logits stay as they are, and so do values; classes that are learned by
    /// squared error are squashed to 0..1, as in the article.
    pub fn output_activation(self, classify: bool) -> Activation {
        match (self, classify) {
            (Loss::HalfSse | Loss::Mse, true) => Activation::Sigmoid,
            (Loss::HalfSse | Loss::Mse | Loss::CrossEntropy, _) => Activation::Identity,
        }
    }
}
