//! The training algorithm, written once: forward pass, total error, backward pass and update, as a plan that every
//! executor replays.
//!
//! Read this file first. In the article's headings:
//!
//! | heading | kernel | reads -> writes |
//! |---|---|---|
//! | Forward pass | `forward`, one call per layer | x, W, b -> out = f(x Wᵀ + b) |
//! | Total error | `squared_error`, `absolute_error` or `cross_entropy` | out, target -> delta of the last layer, error of each row |
//! | Backwards pass | `weight_gradient`, one call per layer | delta, x -> dW, db |
//! | | `input_gradient` (hidden deltas) | delta, W, out below -> delta below = (delta W) * f'(net below) |
//! | Update | `sgd` or `adam` | gradients -> parameters |
//!
//! With dropout, `dropout` follows each hidden `forward` and each `input_gradient`, with the same mask. An activation whose
//! slope does not follow from its output has kernels of its own: the layer's `forward` stops at net, `activation` follows, and
//! `activation_gradient` is the last to make the layer's delta.

use crate::kernels::{
    Buffer, Call, Slice, Targets, absolute_error, activation, activation_gradient, adam, clip,
    clip_factor, correct, cross_entropy, dropout, forward, gather, input_gradient, lion,
    quantile_error, rmsprop, sgd, square_sums, squared_error, weight_gradient,
};
use crate::model::{Loss, Mlp, Optimizer};
use crate::plan::{Extent, Plan};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// When a layer's weights are updated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// All layers at once, after the backward pass, as in the article's text and in textbooks.
    #[default]
    Simultaneous,
    /// Each layer as soon as its gradient is complete, so that the deltas below it are computed with the new weights.
    /// The program behind the article's final figures did this.
    Sequential,
}

impl Order {
    /// Every order.
    pub const ALL: [Order; 2] = [Order::Simultaneous, Order::Sequential];
}

/// The settings of a training.
#[derive(Clone, Copy, Debug)]
pub struct Training {
    /// The loss to minimise.
    pub loss: Loss,
    /// How a gradient updates the parameters.
    pub optimizer: Optimizer,
    /// Maximum number of rows per step.
    pub batch_size: usize,
    /// Whether targets are class indices (N) rather than values (N, O).
    pub classes: bool,
    /// Whether the weight of its row stands behind the targets: what the error of the row is multiplied by.
    pub weighted: bool,
    /// Probability that a neuron of a hidden layer is left out of a step, from 0 to less than 1.
    pub dropout: f64,
    /// Cross-entropy: what a label gives away to all classes alike, from 0 to 1.
    pub label_smoothing: f64,
    /// The quantile that the loss of this name learns, from 0 to 1.
    pub quantile: f64,
    /// The largest norm of the gradient of a step; 0 for no limit.
    pub clip_norm: f64,
    /// The largest magnitude of an element of the gradient; 0 for no limit.
    pub clip_value: f64,
    /// Sgd: whether momentum is Nesterov's.
    pub nesterov: bool,
    /// Whether weight decay is for biases too.
    pub decay_biases: bool,
    /// When a layer is updated.
    pub order: Order,
    /// Whether biases are updated. In the article they are not.
    pub train_bias: bool,
}

impl Default for Training {
    fn default() -> Training {
        Training {
            loss: Loss::default(),
            optimizer: Optimizer::sgd(0.01),
            batch_size: 32,
            classes: true,
            weighted: false,
            dropout: 0.0,
            label_smoothing: 0.0,
            quantile: 0.5,
            clip_norm: 0.0,
            clip_value: 0.0,
            nesterov: false,
            decay_biases: true,
            order: Order::default(),
            train_bias: true,
        }
    }
}

impl Training {
    /// Returns what the targets of a row are.
    fn targets(&self) -> Targets {
        Targets {
            classes: self.classes,
            weighted: self.weighted,
        }
    }

    /// Returns the same settings for passes without a step: nothing is left out or smoothed.
    fn evaluating(&self) -> Training {
        Training {
            dropout: 0.0,
            label_smoothing: 0.0,
            ..*self
        }
    }
}

/// Returns the plan that trains `mlp`. This is a pure function that depends on no device.
pub fn train(mlp: &Mlp, training: &Training) -> Plan {
    let layers = mlp.layers.len();
    let mut gradient = forward_pass(mlp, training);
    gradient.push(total_error(mlp, training));
    gradient.extend(curve_slopes(mlp, layers - 1));
    let mut update = Vec::new();
    for l in (0..layers).rev() {
        gradient.extend(weight_gradients(mlp, training, l));
        if training.order == Order::Sequential && l > 0 {
            gradient.extend(updates(mlp, training, l..l + 1));
        }
        if l > 0 {
            gradient.extend(hidden_deltas(mlp, training, l));
        }
    }
    match training.order {
        Order::Simultaneous => update.extend(updates(mlp, training, 0..layers)),
        Order::Sequential => update.extend(updates(mlp, training, 0..1)),
    }
    Plan {
        batch_size: training.batch_size,
        evaluation_batch_size: training.batch_size,
        buffers: buffers(mlp, training),
        gather: vec![batch_rows(mlp, training)],
        gradient,
        update,
        evaluate: evaluation(mlp, training),
        predict: forward_pass(mlp, &training.evaluating()),
    }
}

/// Returns the number of target values per row.
fn target_width(mlp: &Mlp, training: &Training) -> usize {
    training.targets().width(mlp.outputs())
}

fn batch_rows(mlp: &Mlp, training: &Training) -> Call {
    gather::call(
        mlp.inputs(),
        target_width(mlp, training),
        Buffer::DataInputs.into(),
        Buffer::DataTargets.into(),
        Buffer::Out(0).into(),
        Buffer::Targets.into(),
    )
}

/// Returns what layer `l` reads: the output of the layer below, after dropout if there is any.
fn source(training: &Training, l: usize) -> Buffer {
    match l > 0 && training.dropout > 0.0 {
        true => Buffer::Dropped(l - 1),
        false => Buffer::Out(l),
    }
}

/// Returns the call that applies the mask of layer `l`, if there is dropout.
fn masked(mlp: &Mlp, training: &Training, l: usize, from: Buffer, to: Buffer) -> Option<Call> {
    let (width, rate) = (mlp.layers[l].outputs, training.dropout);
    (rate > 0.0).then(|| dropout::call(width, l, rate, from.into(), to.into()))
}

/// Returns where the product of layer `l` goes.
fn net_of(mlp: &Mlp, l: usize) -> Buffer {
    match mlp.layers[l].activation.is_curve() {
        true => Buffer::Net(l),
        false => Buffer::Out(l + 1),
    }
}

/// Returns where dE/dout of layer `l` goes, times f' if a product can multiply by it.
fn delta_of(mlp: &Mlp, l: usize) -> Buffer {
    match mlp.layers[l].activation.is_curve() {
        true => Buffer::OutGradient(l),
        false => Buffer::Delta(l),
    }
}

/// Returns the call that makes the delta of layer `l` of dE/dout, if its activation has kernels of its own.
fn curve_slopes(mlp: &Mlp, l: usize) -> Option<Call> {
    let layer = &mlp.layers[l];
    let buffers = [Buffer::OutGradient(l), Buffer::Net(l), Buffer::Delta(l)];
    let [gradient, net, delta] = buffers.map(Into::into);
    let is_curve = layer.activation.is_curve();
    is_curve.then(|| activation_gradient::call(layer, gradient, net, delta))
}

fn forward_pass(mlp: &Mlp, training: &Training) -> Vec<Call> {
    let mut calls = Vec::new();
    for (l, layer) in mlp.layers.iter().enumerate() {
        calls.push(forward::call(
            layer,
            source(training, l).into(),
            Buffer::Parameters.tensor(2 * l),
            Buffer::Parameters.tensor(2 * l + 1),
            net_of(mlp, l).into(),
        ));
        if layer.activation.is_curve() {
            let [net, out] = [Buffer::Net(l), Buffer::Out(l + 1)].map(Into::into);
            calls.push(activation::call(layer, net, out));
        }
        if l + 1 < mlp.layers.len() {
            let (out, dropped) = (Buffer::Out(l + 1), Buffer::Dropped(l));
            calls.extend(masked(mlp, training, l, out, dropped));
        }
    }
    calls
}

fn total_error(mlp: &Mlp, training: &Training) -> Call {
    let last = mlp.layers.len() - 1;
    let reads = [Buffer::Out(last + 1).into(), Buffer::Targets.into()];
    let writes = [delta_of(mlp, last).into(), Buffer::Error.into()];
    let (layer, targets) = (&mlp.layers[last], training.targets());
    match training.loss {
        Loss::CrossEntropy => {
            cross_entropy::call(layer, training.label_smoothing, targets, reads, writes)
        }
        Loss::HalfSse => squared_error::call(layer, false, targets, reads, writes),
        Loss::Mse => squared_error::call(layer, true, targets, reads, writes),
        Loss::Mae => absolute_error::call(layer, false, targets, reads, writes),
        Loss::Huber => absolute_error::call(layer, true, targets, reads, writes),
        Loss::Quantile => quantile_error::call(layer, training.quantile, targets, reads, writes),
    }
}

/// Returns the calls that compute the deltas of layer `l - 1` from those of layer `l`.
fn hidden_deltas(mlp: &Mlp, training: &Training, l: usize) -> impl Iterator<Item = Call> {
    let (below, delta) = (Buffer::DroppedDelta(l - 1), delta_of(mlp, l - 1));
    let mask = masked(mlp, training, l - 1, below, delta);
    let to = if mask.is_some() { below } else { delta };
    let product = input_gradient::call(
        &mlp.layers[l],
        mlp.layers[l - 1].activation,
        Buffer::Delta(l).into(),
        Buffer::Parameters.tensor(2 * l),
        Buffer::Out(l).into(),
        to.into(),
    );
    let slopes = curve_slopes(mlp, l - 1);
    [product].into_iter().chain(mask).chain(slopes)
}

/// Returns one call for each block of rows. Each call adds to the result of the previous one.
fn weight_gradients(mlp: &Mlp, training: &Training, l: usize) -> impl Iterator<Item = Call> {
    let (layer, below) = (mlp.layers[l], source(training, l));
    (0..training.batch_size)
        .step_by(weight_gradient::ROWS_A_CALL)
        .map(move |first| {
            weight_gradient::call(
                &layer,
                first,
                Buffer::Delta(l).into(),
                below.into(),
                Buffer::Gradient.tensor(2 * l),
                Buffer::Gradient.tensor(2 * l + 1),
            )
        })
}

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

/// Returns the update of some layers: their gradient is clipped; then one call, or one per tensor if biases do not decay, and
/// none for frozen biases.
fn updates(mlp: &Mlp, training: &Training, layers: Range<usize>) -> Vec<Call> {
    let update = |tensors: Range<usize>, decays: bool| {
        let decayed = |decay: f64| if decays { decay } else { 0.0 };
        let [gradient, parameters] =
            [Buffer::Gradient, Buffer::Parameters].map(|b| b.tensors(tensors.clone()));
        let moment = |m| Buffer::Moment(m).tensors(tensors.clone());
        match training.optimizer {
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
        }
    };
    let is_whole = training.decay_biases || training.optimizer.weight_decay() == 0.0;
    let of_weight = |l: usize| update(2 * l..2 * l + 1, true);
    let of_bias = |l: usize| update(2 * l + 1..2 * l + 2, false);
    let mut calls = clipped(mlp, training, layers.clone());
    match (training.train_bias, is_whole) {
        (true, true) => calls.push(update(2 * layers.start..2 * layers.end, true)),
        (true, false) => calls.extend(layers.flat_map(|l| [of_weight(l), of_bias(l)])),
        (false, _) => calls.extend(layers.map(of_weight)),
    }
    calls
}

fn evaluation(mlp: &Mlp, training: &Training) -> Vec<Call> {
    let training = &training.evaluating();
    let mut calls = forward_pass(mlp, training);
    calls.push(total_error(mlp, training));
    if training.classes {
        let out = Buffer::Out(mlp.layers.len()).into();
        let targets = Buffer::Targets.into();
        calls.push(correct::call(
            mlp.outputs(),
            target_width(mlp, training),
            out,
            targets,
            Buffer::Hits.into(),
        ));
    }
    calls
}

fn buffers(mlp: &Mlp, training: &Training) -> Vec<(Buffer, Extent)> {
    let targets = target_width(mlp, training);
    let tensors = || Extent::Tensors(mlp.tensor_lengths());
    let batch = |width| Extent::Batch { width };
    let mut all = vec![
        (
            Buffer::DataInputs,
            Extent::Data {
                width: mlp.inputs(),
            },
        ),
        (Buffer::DataTargets, Extent::Data { width: targets }),
        (Buffer::Targets, batch(targets)),
        (Buffer::Out(0), batch(mlp.inputs())),
        (Buffer::Parameters, tensors()),
        (Buffer::Gradient, tensors()),
        (Buffer::Error, batch(1)),
        (Buffer::Hits, batch(1)),
    ];
    if training.clip_norm > 0.0 {
        let sums = mlp.tensor_lengths().into_iter().map(square_sums::sums);
        all.push((Buffer::SquareSums, Extent::Tensors(sums.collect())));
    }
    if training.clip_norm > 0.0 || training.clip_value > 0.0 {
        all.push((Buffer::ClipFactor, Extent::Tensors(vec![1])));
    }
    all.extend((0..training.optimizer.moments()).map(|m| (Buffer::Moment(m), tensors())));
    for (l, layer) in mlp.layers.iter().enumerate() {
        all.push((Buffer::Out(l + 1), batch(layer.outputs)));
        all.push((Buffer::Delta(l), batch(layer.outputs)));
        if training.dropout > 0.0 && l + 1 < mlp.layers.len() {
            all.push((Buffer::Dropped(l), batch(layer.outputs)));
            all.push((Buffer::DroppedDelta(l), batch(layer.outputs)));
        }
        if layer.activation.is_curve() {
            all.push((Buffer::Net(l), batch(layer.outputs)));
            all.push((Buffer::OutGradient(l), batch(layer.outputs)));
        }
    }
    all
}
