//! Compares gradients and updates in f64 with an independent network in dual numbers, without a GPU.

mod dual;
mod optimizers;
mod problem;

use problem::{BATCH, Problem, ROWS, activate};
use std::f64::consts::PI;
use wgrad::kernels::Buffer;
use wgrad::model::{Activation, Loss};
use wgrad::plan::{Order, Phase, RateSchedule, Rates, Session};

/// Asserts that no element is off by more than `tolerance` times the largest.
pub(crate) fn assert_close(name: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{name}");
    let scale = expected.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
    for (k, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= tolerance * scale,
            "{name}: element {k}: {found:e}, not {expected:e}"
        );
    }
}

/// Returns problems with each activation, loss and kind of target, of depth 1 to 3.
fn problems() -> Vec<Problem> {
    let mut problems = Vec::new();
    for widths in [&[4, 3][..], &[4, 5, 3], &[4, 5, 2, 3]] {
        for hidden in Activation::ALL {
            let mut add = |output, loss, classes| {
                problems.push(Problem::new(widths, [hidden, output], loss, classes));
            };
            for loss in [
                Loss::HalfSse,
                Loss::Mse,
                Loss::Mae,
                Loss::Huber,
                Loss::Quantile,
            ] {
                add(Activation::Identity, loss, false);
                add(hidden, loss, false);
                add(Activation::Sigmoid, loss, true);
            }
            for loss in [Loss::Poisson, Loss::BinaryCrossEntropy] {
                add(Activation::Identity, loss, false);
            }
            add(Activation::Identity, Loss::CrossEntropy, true);
            add(Activation::Identity, Loss::CrossEntropy, false);
        }
    }
    problems
}

#[test]
fn gradients_are_those_of_dual_numbers_for_every_activation_loss_and_depth() {
    for problem in problems() {
        let mut session = problem.session();
        for step in problem.schedule().epoch(0) {
            session.run(Phase::Gradient, &[step]).unwrap();
            let found = session.read(Buffer::Gradient).unwrap();
            let rows = step.start as usize..(step.start + step.rows) as usize;
            assert_close(&problem.name(), &found, &problem.gradient(rows), 1e-10);
        }
    }
}

#[test]
fn weights_of_rows_and_smoothed_labels_have_the_gradients_of_their_definition() {
    for problem in problems() {
        let mut problem = problem.weighted();
        if problem.training.loss == Loss::CrossEntropy && problem.training.classes {
            problem.training.label_smoothing = 0.2;
        }
        let step = problem.schedule().epoch(0)[1];
        let mut session = problem.session();
        session.run(Phase::Gradient, &[step]).unwrap();
        let found = session.read(Buffer::Gradient).unwrap();
        let rows = BATCH..2 * BATCH;
        // Plans store the smoothing in f32.
        assert_close(
            &problem.name(),
            &found,
            &problem.gradient(rows.clone()),
            1e-7,
        );
        let error: f64 = session.read(Buffer::Error).unwrap().iter().sum();
        let expected = BATCH as f64 * problem.error(&problem.constants(), rows).0;
        assert_close(&problem.name(), &[error], &[expected], 1e-7);
    }
}

#[test]
fn dropout_has_the_gradient_of_the_network_without_what_it_drops() {
    let share = dropped_share(Rates::default(), |_| RATE);
    assert!((share - RATE).abs() < 0.05, "{share} were dropped");
}

#[test]
fn dropout_that_falls_has_the_gradient_of_what_each_step_drops() {
    let rates = Rates {
        steps: 3,
        dropout: RateSchedule::Cosine,
        ..Rates::default()
    };
    let rate = |step: u32| RATE * 0.5 * (1.0 + (PI * f64::from(step) / 3.0).cos());
    let (share, mean) = (
        dropped_share(rates, rate),
        (rate(0) + rate(1) + rate(2)) / 3.0,
    );
    assert!((share - mean).abs() < 0.05, "{share} were dropped");
}

/// The base of dropout in these tests.
const RATE: f64 = 0.25;

/// Compares the gradients of steps, of which step k drops neurons with the probability `rate(k)`. Returns the share of the
/// neurons that were dropped.
fn dropped_share(rates: Rates, rate: impl Fn(u32) -> f64) -> f64 {
    let mut dropped = [0, 0];
    for mut problem in problems() {
        (problem.training.dropout, problem.rates) = (RATE, rates);
        let mut session = problem.session();
        for step in problem.schedule().epoch(0) {
            let rate = rate(step.index);
            session.run(Phase::Gradient, &[step]).unwrap();
            let hidden = &problem.mlp.layers[..problem.mlp.layers.len() - 1];
            let masks = hidden.iter().enumerate().map(|(l, layer)| {
                let mut read = |buffer| session.read(buffer).unwrap();
                let (out, masked) = (read(Buffer::Out(l + 1)), read(Buffer::Dropped(l)));
                let present = step.rows as usize * layer.outputs;
                let factors = out[..present].iter().zip(&masked).map(|(out, masked)| {
                    dropped[usize::from(*masked == 0.0)] += usize::from(*out != 0.0);
                    // A rectified output is the same with any factor.
                    let factor = if *masked == 0.0 {
                        0.0
                    } else {
                        1.0 / (1.0 - rate)
                    };
                    assert!((masked - factor * out).abs() <= 1e-7 * out.abs());
                    factor
                });
                let factors: Vec<f64> = factors.collect();
                factors.chunks(layer.outputs).map(<[f64]>::to_vec).collect()
            });
            problem.masks = masks.collect();
            let found = session.read(Buffer::Gradient).unwrap();
            let rows = step.start as usize..(step.start + step.rows) as usize;
            assert_close(&problem.name(), &found, &problem.gradient(rows), 1e-6);
        }
    }
    dropped[1] as f64 / (dropped[0] + dropped[1]) as f64
}

#[test]
fn accounts_add_up_to_the_error_of_all_rows() {
    for problem in problems() {
        let mut session = problem.session();
        let steps = problem.schedule().epoch(0);
        session.run(Phase::Gradient, &steps).unwrap();
        let found: f64 = session.read(Buffer::Error).unwrap().iter().sum();
        let expected = ROWS as f64 * problem.error(&problem.constants(), 0..ROWS).0;
        assert_close(&problem.name(), &[found], &[expected], 1e-10);
    }
}

#[test]
fn the_gradient_of_a_batch_is_the_mean_over_its_rows() {
    for mut problem in problems() {
        let mut read = |batch: usize, start: usize| {
            problem.training.batch_size = batch;
            let mut session = problem.session();
            let step = problem.schedule().epoch(0)[start / batch];
            session.run(Phase::Gradient, &[step]).unwrap();
            session.read(Buffer::Gradient).unwrap()
        };
        let (together, mut mean) = (read(BATCH, 4), vec![0.0; read(BATCH, 4).len()]);
        for n in 4..8 {
            mean.iter_mut()
                .zip(read(1, n))
                .for_each(|(sum, g)| *sum += g / 4.0);
        }
        assert_close(&problem.name(), &together, &mean, 1e-13);
    }
}

/// Checks a step of gradient descent with simultaneous updates.
#[test]
fn a_step_goes_down_the_gradient() {
    for problem in problems() {
        let step = problem.schedule().epoch(0)[0];
        let learning_rate = f64::from(step.learning_rate);
        let gradient = problem.gradient(0..BATCH);
        let all = problem.parameters.iter().zip(&gradient);
        let expected: Vec<f64> = all.map(|(p, g)| p - learning_rate * g).collect();
        assert_close(&problem.name(), &problem.train(&[step]), &expected, 1e-10);
    }
}

/// Returns a sigmoid network as in the article.
pub(crate) fn article(widths: &[usize]) -> Problem {
    Problem::new(widths, [Activation::Sigmoid; 2], Loss::HalfSse, false)
}

/// Returns the parameters after one step over the first batch that updates each layer before it computes the deltas
/// below. Weights (O, I), biases.
fn in_place(problem: &Problem, learning_rate: f64) -> Vec<f64> {
    let layers = &problem.mlp.layers;
    let mut parameters = problem.parameters.clone();
    let rows = problem.training.batch_size;
    let outs: Vec<Vec<Vec<f64>>> = (0..rows).map(|n| outputs_of_layers(problem, n)).collect();
    let last = layers.len();
    let mut deltas: Vec<Vec<f64>> = (0..rows)
        .map(|n| {
            let pairs = outs[n][last].iter().zip(problem.target(n));
            pairs
                .map(|(o, t)| (o - t) * o * (1.0 - o) / rows as f64)
                .collect()
        })
        .collect();
    let mut end = parameters.len();
    for (l, layer) in layers.iter().enumerate().rev() {
        let start = end - layer.inputs * layer.outputs - layer.outputs;
        let own = &mut parameters[start..end];
        for (n, delta) in deltas.iter().enumerate() {
            for o in 0..layer.outputs {
                for i in 0..layer.inputs {
                    own[o * layer.inputs + i] -= learning_rate * delta[o] * outs[n][l][i];
                }
                own[layer.inputs * layer.outputs + o] -= learning_rate * delta[o];
            }
        }
        let below = |n: usize, i: usize| {
            let back = (0..layer.outputs).map(|o| deltas[n][o] * own[o * layer.inputs + i]);
            back.sum::<f64>() * outs[n][l][i] * (1.0 - outs[n][l][i])
        };
        deltas = (0..rows)
            .map(|n| (0..layer.inputs).map(|i| below(n, i)).collect())
            .collect();
        end = start;
    }
    parameters
}

/// Returns the inputs of row `n`, and the outputs of each layer.
fn outputs_of_layers(problem: &Problem, n: usize) -> Vec<Vec<f64>> {
    let (nets, _) = problem.forward(&problem.constants(), n);
    let inputs = problem.mlp.inputs();
    let mut outs = vec![problem.inputs[n * inputs..][..inputs].to_vec()];
    let mut rest = &nets[..];
    for layer in &problem.mlp.layers {
        let (own, after) = rest.split_at(layer.outputs);
        outs.push(
            own.iter()
                .map(|net| activate(layer.activation, *net).0)
                .collect(),
        );
        rest = after;
    }
    outs
}

#[test]
fn a_sequential_step_takes_hidden_deltas_from_updated_weights() {
    for widths in [&[2, 2, 2][..], &[4, 5, 2, 3]] {
        for batch in [1, BATCH] {
            let mut problem = article(widths);
            problem.training.batch_size = batch;
            let step = problem.schedule().epoch(0)[0];
            let simultaneous = problem.train(&[step]);
            problem.training.order = Order::Sequential;
            let expected = in_place(&problem, f64::from(step.learning_rate));
            let found = problem.train(&[step]);
            assert_close(&problem.name(), &found, &expected, 1e-13);
            let moved = found
                .iter()
                .zip(&simultaneous)
                .any(|(a, b)| (a - b).abs() > 1e-6);
            assert!(moved, "the orders cannot be told apart");
        }
    }
}

#[test]
fn frozen_biases_stay_and_weights_move_as_ever() {
    for order in [Order::Simultaneous, Order::Sequential] {
        let mut problem = article(&[4, 5, 2, 3]);
        problem.training.order = order;
        let step = problem.schedule().epoch(0)[0];
        let free = problem.train(&[step]);
        problem.training.train_bias = false;
        let frozen = problem.train(&[step]);
        let mut at = 0;
        for (tensor, length) in problem.mlp.tensor_lengths().into_iter().enumerate() {
            let expected = if tensor % 2 == 0 {
                &free
            } else {
                &problem.parameters
            };
            assert_eq!(
                frozen[at..at + length],
                expected[at..at + length],
                "tensor {tensor}"
            );
            at += length;
        }
    }
}
