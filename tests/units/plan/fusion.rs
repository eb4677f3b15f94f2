//! Where a step of SGD takes the gradient's place.

use wgrad::kernels::{Buffer, sgd, weight_gradient};
use wgrad::model::{Activation, Loss, Mlp, Optimizer};
use wgrad::plan::{Order, Phase, Training, backprop, fusion::fused_calls};

fn plain() -> Training {
    Training {
        loss: Loss::HalfSse,
        optimizer: Optimizer::sgd(0.1),
        batch_size: 8,
        classes: false,
        order: Order::Simultaneous,
        train_bias: true,
        ..Training::default()
    }
}

fn names(training: Training, phase: Phase) -> Vec<&'static str> {
    let mlp = Mlp::random(&[3, 4, 2], Activation::Tanh, Activation::Identity, 0);
    let plan = backprop::train(&mlp, &training);
    let calls = fused_calls(&plan, phase);
    calls.iter().map(|call| call.kernel.name).collect()
}

#[test]
fn plain_sgd_stores_no_gradient() {
    let expected = [
        "gather",
        "forward",
        "forward",
        "squared_error",
        "input_gradient",
        "fused_sgd",
        "fused_sgd",
    ];
    assert_eq!(names(plain(), Phase::Train), expected);
}

#[test]
fn a_zero_with_a_sign_is_no_momentum() {
    let optimizer = Optimizer::Sgd {
        learning_rate: 0.1,
        momentum: -0.0,
        weight_decay: -0.0,
    };
    let training = Training {
        optimizer,
        ..plain()
    };
    assert!(names(training, Phase::Train).contains(&"fused_sgd"));
    let call = sgd::call(
        -0.0,
        -0.0,
        false,
        Buffer::Gradient.into(),
        Buffer::Parameters.into(),
        None,
    );
    assert_eq!(call.args[..3], [0, 0, 0]);
}

#[test]
fn whatever_needs_the_gradient_has_it() {
    let momentum = Optimizer::Sgd {
        learning_rate: 0.1,
        momentum: 0.9,
        weight_decay: 0.0,
    };
    let others = [
        Training {
            optimizer: momentum,
            ..plain()
        },
        Training {
            optimizer: Optimizer::adam(0.1),
            ..plain()
        },
        Training {
            order: Order::Sequential,
            ..plain()
        },
        Training {
            train_bias: false,
            ..plain()
        },
        Training {
            batch_size: weight_gradient::ROWS_A_CALL + 1,
            ..plain()
        },
    ];
    for training in others {
        let names = names(training, Phase::Train);
        assert!(!names.contains(&"fused_sgd"), "{training:?}");
    }
    assert!(!names(plain(), Phase::Gradient).contains(&"fused_sgd"));
}
