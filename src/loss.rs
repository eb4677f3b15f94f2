//! Losses: what is minimised, which kernel computes it, and which output activation goes with it.

use crate::activation::Activation;
use crate::plan::Part;
use crate::real::Real;
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
            _ => Activation::Identity,
        }
    }
}

/// The target of output `o` in the row whose targets are `row`: twin of `wanted` in `shaders/loss.wgsl`.
#[inline]
pub(crate) fn wanted<T: Real>(row: &[T], o: usize, classes: bool) -> T {
    match classes {
        false => row[o],
        true => T::of(f64::from(u8::from(row[0].to_f64() as usize == o))),
    }
}

/// Adds the error of a row to its account: twin of `close_row` in `shaders/loss.wgsl`.
#[inline]
pub(crate) fn close_row<T: Real>(part: &Part, account: &mut T, error: T) {
    *account += error;
    if !error.is_finite() {
        part.status.forward_diverged(part.step);
    }
}
