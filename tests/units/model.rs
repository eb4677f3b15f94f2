//! The lists of all activations, losses and optimizers.

use clap::ValueEnum;
use wgrad::model::{Activation, Loss, OptimizerKind};

#[test]
fn lists_of_all_have_every_variant() {
    assert_eq!(Activation::ALL, Activation::value_variants());
    assert_eq!(Loss::ALL, Loss::value_variants());
    assert_eq!(OptimizerKind::ALL, OptimizerKind::value_variants());
}
