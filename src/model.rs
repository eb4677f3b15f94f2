//! The model: the network, its activations, losses and optimizers.

pub mod activation;
pub mod loss;
pub mod mlp;
pub mod optimizer;

pub use activation::Activation;
pub use loss::Loss;
pub use mlp::{Layer, Mlp};
pub use optimizer::{Optimizer, OptimizerKind};

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::{activation::Activation, loss::Loss, optimizer::OptimizerKind};
    use clap::ValueEnum;

    #[test]
    fn lists_of_all_have_every_variant() {
        assert_eq!(Activation::ALL, Activation::value_variants());
        assert_eq!(Loss::ALL, Loss::value_variants());
        assert_eq!(OptimizerKind::ALL, OptimizerKind::value_variants());
    }
}
