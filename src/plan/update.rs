//! The update of the parameters: the gradient is clipped, and the optimizer takes a step.

use crate::kernels::{
    Buffer, Call, Slice, adam, clip, clip_factor, lion, optimizer::at_rate, rmsprop, sgd,
    square_sums,
};
use crate::model::{Mlp, Optimizer};
use crate::plan::Training;
use std::ops::Range;

/// Returns the calls that clip the gradient of some layers: by the norm of all that is trained of them, then by value.
fn clipped(mlp: &Mlp, training: &Training, layers: Range<usize>) -> Vec<Call> {
    let (norm, most) = (training.clip_norm, training.clip_value);
    let factor = || Slice::from(Buffer::ClipFactor);
    let is_trained = |t: &usize| training.train_bias || t.is_multiple_of(2);
    let tensors: Vec<usize> = (2 * layers.start..2 * layers.end)
        .filter(is_trained)
        .collect();
    let mut calls = Vec::new();
    if norm > 0.0 {
        let lengths = mlp.tensor_lengths();
        let (gradient, sums) = (Buffer::Gradient, Buffer::SquareSums);
        let squares =
            |t: &usize| square_sums::call(lengths[*t], gradient.tensor(*t), sums.tensor(*t));
        calls.extend(tensors.iter().map(squares));
        for (k, t) in tensors.iter().enumerate() {
            let ends = [k == 0, k + 1 == tensors.len()];
            let count = square_sums::sums(lengths[*t]);
            calls.push(clip_factor::call(
                count,
                norm,
                ends,
                sums.tensor(*t),
                factor(),
            ));
        }
    }
    if norm > 0.0 || most > 0.0 {
        let clip = |tensors| {
            clip::call(
                most,
                norm > 0.0,
                factor(),
                Buffer::Gradient.tensors(tensors),
            )
        };
        match training.train_bias {
            true => calls.push(clip(2 * layers.start..2 * layers.end)),
            false => calls.extend(tensors.iter().map(|t| clip(*t..*t + 1))),
        }
    }
    calls
}

/// Returns the update of some layers: their gradient is clipped; then one call, or one per tensor if biases do not decay or
/// have a learning rate of their own, and none for frozen biases.
pub(super) fn updates(mlp: &Mlp, training: &Training, layers: Range<usize>) -> Vec<Call> {
    let update = |tensors: Range<usize>, decays: bool, rate: f64| {
        let decayed = |decay: f64| if decays { decay } else { 0.0 };
        let [gradient, parameters] =
            [Buffer::Gradient, Buffer::Parameters].map(|b| b.tensors(tensors.clone()));
        let moment = |m| Buffer::Moment(m).tensors(tensors.clone());
        let call = match training.optimizer {
            Optimizer::Sgd {
                momentum,
                weight_decay,
                ..
            } => {
                let velocity = (training.optimizer.moments() > 0).then(|| moment(0));
                let (decay, nesterov) = (decayed(weight_decay), training.nesterov);
                sgd::call(momentum, decay, nesterov, gradient, parameters, velocity)
            }
            Optimizer::Adam {
                beta1,
                beta2,
                epsilon,
                weight_decay,
                ..
            } => adam::call(
                [beta1, beta2, epsilon, decayed(weight_decay)],
                gradient,
                [parameters, moment(0), moment(1)],
            ),
            Optimizer::Rmsprop {
                alpha,
                epsilon,
                momentum,
                weight_decay,
                ..
            } => rmsprop::call(
                [momentum, decayed(weight_decay), alpha, epsilon],
                gradient,
                [parameters, moment(0)],
                (training.optimizer.moments() > 1).then(|| moment(1)),
            ),
            Optimizer::Lion {
                beta1,
                beta2,
                weight_decay,
                ..
            } => lion::call(
                [beta1, beta2, decayed(weight_decay)],
                gradient,
                [parameters, moment(0)],
            ),
        };
        at_rate(call, rate)
    };
    let decays_all = training.decay_biases || training.optimizer.weight_decay() == 0.0;
    let rate = training.bias_rate;
    let is_whole = decays_all && rate == 1.0;
    let of_weight = |l: usize| update(2 * l..2 * l + 1, true, 1.0);
    let of_bias = |l: usize| update(2 * l + 1..2 * l + 2, decays_all, rate);
    let mut calls = clipped(mlp, training, layers.clone());
    match (training.train_bias, is_whole) {
        (true, true) => calls.push(update(2 * layers.start..2 * layers.end, true, 1.0)),
        (true, false) => calls.extend(layers.flat_map(|l| [of_weight(l), of_bias(l)])),
        (false, _) => calls.extend(layers.map(of_weight)),
    }
    calls
}
