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
//! With dropout, `dropout` follows each hidden `forward` and each `input_gradient`, with the same mask.

use crate::kernels::{
    Buffer, Call, Targets, absolute_error, adam, correct, cross_entropy, dropout, forward, gather,
    input_gradient, sgd, squared_error, weight_gradient,
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
    let mut update = Vec::new();
    for l in (0..layers).rev() {
        gradient.extend(weight_gradients(mlp, training, l));
        if training.order == Order::Sequential && l > 0 {
            gradient.extend(updates(training, l..l + 1));
        }
        if l > 0 {
            gradient.extend(hidden_deltas(mlp, training, l));
        }
    }
    match training.order {
        Order::Simultaneous => update.extend(updates(training, 0..layers)),
        Order::Sequential => update.extend(updates(training, 0..1)),
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

fn forward_pass(mlp: &Mlp, training: &Training) -> Vec<Call> {
    let mut calls = Vec::new();
    for (l, layer) in mlp.layers.iter().enumerate() {
        calls.push(forward::call(
            layer,
            source(training, l).into(),
            Buffer::Parameters.tensor(2 * l),
            Buffer::Parameters.tensor(2 * l + 1),
            Buffer::Out(l + 1).into(),
        ));
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
    let writes = [Buffer::Delta(last).into(), Buffer::Error.into()];
    let (layer, targets) = (&mlp.layers[last], training.targets());
    match training.loss {
        Loss::CrossEntropy => {
            cross_entropy::call(layer, training.label_smoothing, targets, reads, writes)
        }
        Loss::HalfSse => squared_error::call(layer, false, targets, reads, writes),
        Loss::Mse => squared_error::call(layer, true, targets, reads, writes),
        Loss::Mae => absolute_error::call(layer, false, targets, reads, writes),
        Loss::Huber => absolute_error::call(layer, true, targets, reads, writes),
    }
}

/// Returns the calls that compute the deltas of layer `l - 1` from those of layer `l`.
fn hidden_deltas(mlp: &Mlp, training: &Training, l: usize) -> impl Iterator<Item = Call> {
    let (below, delta) = (Buffer::DroppedDelta(l - 1), Buffer::Delta(l - 1));
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
    [product].into_iter().chain(mask)
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

/// Returns the update of some layers: one call; or one per tensor if biases do not decay, and none for frozen biases.
fn updates(training: &Training, layers: Range<usize>) -> Vec<Call> {
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
        }
    };
    let is_whole = training.decay_biases || training.optimizer.weight_decay() == 0.0;
    let of_weight = |l: usize| update(2 * l..2 * l + 1, true);
    let of_bias = |l: usize| update(2 * l + 1..2 * l + 2, false);
    match (training.train_bias, is_whole) {
        (true, true) => vec![update(2 * layers.start..2 * layers.end, true)],
        (true, false) => layers.flat_map(|l| [of_weight(l), of_bias(l)]).collect(),
        (false, _) => layers.map(of_weight).collect(),
    }
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
    all.extend((0..training.optimizer.moments()).map(|m| (Buffer::Moment(m), tensors())));
    for (l, layer) in mlp.layers.iter().enumerate() {
        all.push((Buffer::Out(l + 1), batch(layer.outputs)));
        all.push((Buffer::Delta(l), batch(layer.outputs)));
        if training.dropout > 0.0 && l + 1 < mlp.layers.len() {
            all.push((Buffer::Dropped(l), batch(layer.outputs)));
            all.push((Buffer::DroppedDelta(l), batch(layer.outputs)));
        }
    }
    all
}
