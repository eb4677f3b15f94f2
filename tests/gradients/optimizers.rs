//! Compares the steps of optimizers with their definitions.

use crate::{article, assert_close};
use wgrad::model::Optimizer;
use wgrad::plan::{RateSchedule, Rates, Training};

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
fn assert_training_follows(training: Training, rule: impl FnMut(usize, &mut f64, f64, f64, i32)) {
    assert_run_follows(training, Rates::default(), rule);
}

/// The same with settings that change over the run.
fn assert_run_follows(
    training: Training,
    rates: Rates,
    mut rule: impl FnMut(usize, &mut f64, f64, f64, i32),
) {
    let mut problem = article(&[4, 5, 3]);
    (problem.training, problem.rates) = (training, rates);
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

/// Each optimizer's definition, with the decay of its step: in the last of three steps, a tenth.
#[test]
fn weight_decay_follows_its_schedule() {
    let rates = Rates {
        steps: 3,
        decay: RateSchedule::Step,
        ..Rates::default()
    };
    let at = |decay: f64, t: i32| decay * [1.0, 1.0, 0.1][t as usize - 1];
    let of = |optimizer| Training {
        optimizer,
        ..article(&[4, 5, 3]).training
    };
    let sgd = |momentum| Optimizer::Sgd {
        learning_rate: 0.05,
        momentum,
        weight_decay: 0.5,
    };
    for momentum in [0.0, 0.75] {
        let mut v = vec![0.0; 100];
        assert_run_follows(of(sgd(momentum)), rates, |k, p, g, rate, t| {
            v[k] = momentum * v[k] + g + at(0.5, t) * *p;
            *p -= rate * v[k];
        });
    }
    let adam = Optimizer::Adam {
        learning_rate: 0.02,
        beta1: 0.0,
        beta2: 0.0,
        epsilon: 1e-8,
        weight_decay: 0.5,
    };
    let lion = Optimizer::Lion {
        learning_rate: 0.02,
        beta1: 0.0,
        beta2: 0.0,
        weight_decay: 0.5,
    };
    let rmsprop = Optimizer::Rmsprop {
        learning_rate: 0.02,
        alpha: 0.0,
        epsilon: 0.5,
        momentum: 0.0,
        weight_decay: 0.5,
    };
    assert_run_follows(of(adam), rates, |_, p, g, rate, t| {
        *p -= rate * (g / (g.abs() + 1e-8) + at(0.5, t) * *p);
    });
    assert_run_follows(of(lion), rates, |_, p, g, rate, t| {
        *p -= rate * (g.signum() + at(0.5, t) * *p);
    });
    assert_run_follows(of(rmsprop), rates, |_, p, g, rate, t| {
        let g = g + at(0.5, t) * *p;
        *p -= rate * g / (g.abs() + 0.5);
    });
}

/// Groups of parameters with other rates, as PyTorch has them: decoupled decay has the group's rate too.
#[test]
fn biases_have_a_learning_rate_of_their_own() {
    let of = |optimizer| Training {
        optimizer,
        bias_rate: 0.25,
        ..article(&[4, 5, 3]).training
    };
    // Weights (5, 4), biases (5), weights (3, 5), biases (3).
    let own = |k: usize, rate: f64| match (20..25).contains(&k) || k >= 40 {
        true => 0.25 * rate,
        false => rate,
    };
    let sgd = Optimizer::sgd(0.05);
    assert_training_follows(of(sgd), |k, p, g, rate, _| *p -= own(k, rate) * g);
    let adam = Optimizer::Adam {
        learning_rate: 0.02,
        beta1: 0.0,
        beta2: 0.0,
        epsilon: 1e-8,
        weight_decay: 0.5,
    };
    assert_training_follows(of(adam), |k, p, g, rate, _| {
        *p -= own(k, rate) * (g / (g.abs() + 1e-8) + 0.5 * *p);
    });
    let lion = Optimizer::Lion {
        learning_rate: 0.02,
        beta1: 0.0,
        beta2: 0.0,
        weight_decay: 0.5,
    };
    assert_training_follows(of(lion), |k, p, g, rate, _| {
        *p -= own(k, rate) * (g.signum() + 0.5 * *p);
    });
    let rmsprop = Optimizer::Rmsprop {
        learning_rate: 0.02,
        alpha: 0.0,
        epsilon: 0.5,
        momentum: 0.5,
        weight_decay: 0.0,
    };
    let mut b = vec![0.0; 100];
    assert_training_follows(of(rmsprop), |k, p, g, rate, _| {
        b[k] = 0.5 * b[k] + g / (g.abs() + 0.5);
        *p -= own(k, rate) * b[k];
    });
}

/// PyTorch's RMSprop: v = alpha v + (1 - alpha) g^2; b = momentum b + g / (sqrt v + epsilon); p = p - learning_rate b.
#[test]
fn rmsprop_follows_pytorch() {
    for momentum in [0.0, 0.5] {
        let optimizer = Optimizer::Rmsprop {
            learning_rate: 0.01,
            alpha: 0.9375,
            epsilon: 1e-3,
            momentum,
            weight_decay: 0.25,
        };
        let (mut v, mut b) = (vec![0.0; 100], vec![0.0; 100]);
        assert_follows(optimizer, |k, p, g, learning_rate, _| {
            let g = g + 0.25 * *p;
            v[k] = 0.9375 * v[k] + 0.0625 * g * g;
            b[k] = momentum * b[k] + g / (v[k].sqrt() + f64::from(1e-3f32));
            *p -= learning_rate * b[k];
        });
    }
}

/// Chen et al.'s Lion, program 1.
#[test]
fn lion_follows_its_paper() {
    let optimizer = Optimizer::Lion {
        learning_rate: 0.01,
        beta1: 0.875,
        beta2: 0.96875,
        weight_decay: 0.5,
    };
    let mut m = vec![0.0; 100];
    assert_follows(optimizer, |k, p, g, learning_rate, _| {
        let u = f64::signum(0.875 * m[k] + 0.125 * g);
        m[k] = 0.96875 * m[k] + 0.03125 * g;
        *p -= learning_rate * (u + 0.5 * *p);
    });
}

/// PyTorch's clip_grad_norm_, and then clip_grad_value_.
#[test]
fn clipped_gradients_follow_pytorch() {
    for [norm, value] in [[0.125, 0.0], [0.0, 0.015625], [0.125, 0.03125], [1e3, 0.0]] {
        for train_bias in [true, false] {
            let mut problem = article(&[4, 5, 3]);
            problem.training.train_bias = train_bias;
            (problem.training.clip_norm, problem.training.clip_value) = (norm, value);
            let step = problem.schedule().epoch(0)[0];
            // Weights (5, 4), biases (5), weights (3, 5), biases (3).
            let is_bias = |k: usize| (20..25).contains(&k) || k >= 40;
            let mut gradient = problem.gradient(0..step.rows as usize);
            let trained = |k: usize| train_bias || !is_bias(k);
            let squares = gradient.iter().enumerate().filter(|(k, _)| trained(*k));
            let length = squares.map(|(_, g)| g * g).sum::<f64>().sqrt();
            for g in &mut gradient {
                if norm > 0.0 {
                    *g *= (norm / (length + f64::from(1e-6f32))).min(1.0);
                }
                if value > 0.0 {
                    *g = g.clamp(-value, value);
                }
            }
            let rate = f64::from(step.learning_rate);
            let parameters = problem.parameters.iter().zip(&gradient).enumerate();
            let moved =
                |(k, (p, g)): (usize, (&f64, &f64))| p - f64::from(u8::from(trained(k))) * rate * g;
            let expected: Vec<f64> = parameters.map(moved).collect();
            let name = format!("norm {norm}, value {value}, biases {train_bias}");
            assert_close(&name, &problem.train(&[step]), &expected, 1e-9);
        }
    }
}
