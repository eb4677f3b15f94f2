//! The lists of all activations, losses and optimizers; the initial parameters.

use clap::ValueEnum;
use wgrad::Mlp;
use wgrad::model::{Activation, Initialization, Loss, OptimizerKind};
use wgrad::plan::RateSchedule;

#[test]
fn lists_of_all_have_every_variant() {
    assert_eq!(Activation::ALL, Activation::value_variants());
    let parts = [&Activation::IN_PRODUCTS[..], &Activation::CURVES[..]].concat();
    assert_eq!(parts, Activation::ALL);
    assert_eq!(Loss::ALL, Loss::value_variants());
    assert_eq!(OptimizerKind::ALL, OptimizerKind::value_variants());
    assert_eq!(Initialization::ALL, Initialization::value_variants());
    assert_eq!(RateSchedule::ALL, RateSchedule::value_variants());
}

#[test]
fn initial_parameters_stay_within_the_bounds_of_their_distribution() {
    let zeros = Mlp::zeros(&[50, 40, 3], Activation::Relu, Activation::Identity);
    // The largest weight and bias of each layer, as a share of its bound.
    let bounds = |how| match how {
        Initialization::Auto => [(6.0f64 / 50.0).sqrt(), (6.0f64 / 43.0).sqrt()],
        Initialization::He => [(6.0f64 / 50.0).sqrt(), (6.0f64 / 40.0).sqrt()],
        Initialization::Glorot => [(6.0f64 / 90.0).sqrt(), (6.0f64 / 43.0).sqrt()],
        Initialization::Lecun => [(3.0f64 / 50.0).sqrt(), (3.0f64 / 40.0).sqrt()],
        Initialization::Pytorch => [50.0f64, 40.0].map(|inputs| 1.0 / inputs.sqrt()),
        Initialization::SmallOutput => [(6.0f64 / 50.0).sqrt(), 0.1 / 40.0f64.sqrt()],
    };
    for how in Initialization::ALL {
        let mlp = zeros.clone().drawn(how, 1);
        let largest = |values: &[f32]| values.iter().fold(0.0f32, |m, v| m.max(v.abs()));
        for (l, bound) in bounds(how).into_iter().enumerate() {
            let (weight, bias) = (mlp.tensors()[2 * l].2, mlp.tensors()[2 * l + 1].2);
            let share = f64::from(largest(weight)) / bound;
            assert!((0.95..=1.0).contains(&share), "{how:?}, layer {l}: {share}");
            let share = f64::from(largest(bias)) / bound;
            let expected = if how == Initialization::Pytorch {
                0.5..=1.0
            } else {
                0.0..=0.0
            };
            assert!(expected.contains(&share), "{how:?}, layer {l}: {share}");
        }
    }
    let random = Mlp::random(&[50, 40, 3], Activation::Relu, Activation::Identity, 1);
    assert_eq!(zeros.drawn(Initialization::Auto, 1), random);
}
