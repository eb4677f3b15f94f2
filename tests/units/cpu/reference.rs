//! A step of the reference.

use wgrad::model::{Activation, Loss, Mlp, Optimizer};
use wgrad::plan::{Order, Training};

#[test]
fn a_step_of_shapes_that_do_not_fit_is_refused() {
    let network = Mlp::zeros(&[2, 1], Activation::Identity, Activation::Identity);
    let training = Training {
        loss: Loss::Mse,
        optimizer: Optimizer::sgd(0.1),
        batch_size: 2,
        classes: false,
        order: Order::Simultaneous,
        train_bias: true,
        ..Training::default()
    };
    let step = |parameters: &[f64], inputs: &[f64], targets: &[f64]| {
        network.reference_step(&training, parameters, inputs, targets)
    };
    // Errors 1 and 9: the mean over two rows.
    let (error, after) = step(&[0.0; 3], &[0.0; 4], &[1.0, 3.0]).unwrap();
    assert_eq!(error, 5.0);
    assert_eq!(after[2], f64::from(0.1f32) * 4.0);
    let why = step(&[0.0; 3], &[0.0; 3], &[1.0, 3.0]).unwrap_err();
    let said = "network 2-1 on a batch of 2 rows: expected 4 inputs, found 3";
    assert!(why.to_string().contains(said), "{why}");
}
