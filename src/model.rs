//! The model: the network, its activations, losses and optimizers.

pub mod activation;
pub mod initialization;
pub mod loss;
pub mod mlp;
pub mod optimizer;

pub use activation::Activation;
pub use initialization::Initialization;
pub use loss::{Link, Loss};
pub use mlp::{Layer, Mlp};
pub use optimizer::{Optimizer, OptimizerKind};
