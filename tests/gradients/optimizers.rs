//! Compares the steps of optimizers with their definitions.

use crate::{article, assert_close};
use wgrad::model::Optimizer;
use wgrad::plan::Training;

/// Trains for an epoch, and compares the parameters with `rule`. Its arguments are each parameter's index, value and
/// gradient, the learning rate, and the number of the step from 1.
fn assert_follows(optimizer: Optimizer, rule: impl FnMut(usize, &mut f64, f64, f64, i32)) {
    assert_training_follows(
        Training {
            optimizer,
            ..article(&[4, 5, 3]).training
        },
        rule,
    );
}

/// The same for other settings of the training.
fn assert_training_follows(
    training: Training,
    mut rule: impl FnMut(usize, &mut f64, f64, f64, i32),
) {
    let mut problem = article(&[4, 5, 3]);
    problem.training = training;
    let optimizer = training.optimizer;
    let steps = problem.schedule().epoch(0);
    let found = problem.train(&steps);
    for (t, step) in (1..).zip(&steps) {
        let rows = step.start as usize..(step.start + step.rows) as usize;
        let gradient = problem.gradient(rows);
        for (k, (p, g)) in problem.parameters.iter_mut().zip(gradient).enumerate() {
            rule(k, p, g, f64::from(step.learning_rate), t);
        }
    }
    // Plans store settings, and schedules Adam's corrections, in f32: 6e-8 of an update of a few hundredths.
    assert_close(&format!("{optimizer:?}"), &found, &problem.parameters, 1e-8);
}

/// PyTorch's SGD: v = momentum v + g + decay p; p = p - learning_rate v.
#[test]
fn momentum_and_decay_follow_pytorch() {
    let optimizer = Optimizer::Sgd {
        learning_rate: 0.05,
        momentum: 0.9,
        weight_decay: 0.1,
    };
    let mut velocity = vec![0.0; 100];
    assert_follows(optimizer, |k, p, g, learning_rate, _| {
        velocity[k] = 0.9 * velocity[k] + g + 0.1 * *p;
        *p -= learning_rate * velocity[k];
    });
}

/// PyTorch's SGD with `nesterov`: v = momentum v + g; p = p - learning_rate (g + momentum v). Biases do not decay.
#[test]
fn nesterovs_momentum_follows_pytorch_and_biases_may_stay_without_decay() {
    let training = Training {
        optimizer: Optimizer::Sgd {
            learning_rate: 0.05,
            momentum: 0.9,
            weight_decay: 0.1,
        },
        nesterov: true,
        decay_biases: false,
        ..article(&[4, 5, 3]).training
    };
    let mut velocity = vec![0.0; 100];
    // Weights (5, 4), biases (5), weights (3, 5), biases (3).
    let is_bias = |k: usize| (20..25).contains(&k) || k >= 40;
    assert_training_follows(training, |k, p, g, learning_rate, _| {
        let decay = if is_bias(k) { 0.0 } else { 0.1 };
        let g = g + decay * *p;
        velocity[k] = 0.9 * velocity[k] + g;
        *p -= learning_rate * (g + 0.9 * velocity[k]);
    });
}

/// Loshchilov and Hutter's AdamW, algorithm 2.
#[test]
fn adam_follows_its_paper() {
    let optimizer = Optimizer::Adam {
        learning_rate: 0.02,
        beta1: 0.875,
        beta2: 0.96875,
        epsilon: 1e-8,
        weight_decay: 0.5,
    };
    let (mut m, mut v) = (vec![0.0; 100], vec![0.0; 100]);
    assert_follows(optimizer, |k, p, g, learning_rate, t| {
        m[k] = 0.875 * m[k] + 0.125 * g;
        v[k] = 0.96875 * v[k] + 0.03125 * g * g;
        let [m_hat, v_hat] = [
            m[k] / (1.0 - 0.875f64.powi(t)),
            v[k] / (1.0 - 0.96875f64.powi(t)),
        ];
        *p -= learning_rate * (m_hat / (v_hat.sqrt() + 1e-8) + 0.5 * *p);
    });
}
