//! Distributions of the initial parameters.

use super::Activation;
use serde::{Deserialize, Serialize};

/// How weights and biases are drawn. All distributions are uniform around 0; biases are 0 unless stated otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Initialization {
    /// He's for layers of rectifiers, Glorot's for the others.
    #[default]
    Auto,
    /// Within sqrt(6 / inputs) (He et al., 2015).
    He,
    /// Within sqrt(6 / (inputs + outputs)) (Glorot and Bengio, 2010).
    Glorot,
    /// Within sqrt(3 / inputs) (LeCun et al., 1998).
    Lecun,
    /// Within 1 / sqrt(inputs), biases too: what PyTorch's `nn.Linear` does.
    Pytorch,
    /// As auto, but within 0.1 / sqrt(inputs) in the output layer: the first outputs are near 0.
    SmallOutput,
}

impl Initialization {
    /// Every initialization.
    pub const ALL: [Initialization; 6] = [
        Initialization::Auto,
        Initialization::He,
        Initialization::Glorot,
        Initialization::Lecun,
        Initialization::Pytorch,
        Initialization::SmallOutput,
    ];

    /// Returns the bounds of the weights and biases of a layer with so many inputs and outputs.
    pub(super) fn bounds(
        self,
        [inputs, outputs]: [usize; 2],
        activation: Activation,
        is_output: bool,
    ) -> [f64; 2] {
        let (inputs, outputs) = (inputs as f64, outputs as f64);
        let he = (6.0 / inputs).sqrt();
        let glorot = (6.0 / (inputs + outputs)).sqrt();
        match self {
            Initialization::SmallOutput if is_output => [0.1 / inputs.sqrt(), 0.0],
            Initialization::Auto | Initialization::SmallOutput => match activation.is_rectified() {
                true => [he, 0.0],
                false => [glorot, 0.0],
            },
            Initialization::He => [he, 0.0],
            Initialization::Glorot => [glorot, 0.0],
            Initialization::Lecun => [(3.0 / inputs).sqrt(), 0.0],
            Initialization::Pytorch => [1.0 / inputs.sqrt(); 2],
        }
    }
}
