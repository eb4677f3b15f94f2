//! The training algorithm, written once: forward pass, total error, backward pass and update, as a plan that every
//! executor replays.
//!
//! Read this file first. In the article's headings:
//!
//! | heading | kernel | reads -> writes |
//! |---|---|---|
//! | Forward pass | `forward`, one call per layer | x, W, b -> out = f(x Wᵀ + b) |
//! | Total error | one of the losses, such as `squared_error` | out, target -> delta of the last layer, error of each row |
//! | Backwards pass | `weight_gradient`, one call per layer | delta, x -> dW, db |
//! | | `input_gradient` (hidden deltas) | delta, W, out below -> delta below = (delta W) * f'(net below) |
//! | Update | an optimizer, such as `sgd` ([`update`](crate::plan::update)) | gradients -> parameters |
//!
//! With dropout, `dropout` follows each hidden `forward` and each `input_gradient`, with the same mask. An activation whose
//! slope does not follow from its output has kernels of its own: the layer's `forward` stops at net, `activation` follows, and
//! `activation_gradient` is the last to make the layer's delta.

use crate::kernels::{
    Buffer, Call, absolute_error, activation, activation_gradient, correct, cross_entropy, dropout,
    forward, gather, input_gradient, linked_error, quantile_error, square_sums, squared_error,
    weight_gradient,
};
use crate::model::{Loss, Mlp};
use crate::plan::{Extent, Order, Plan, Training, update::updates};

/// Returns the plan that trains `mlp`. This is a pure function that depends on no device.
pub fn train(mlp: &Mlp, training: &Training) -> Plan {
    let layers = mlp.layers.len();
    let mut gradient = forward_pass(mlp, training);
    gradient.push(total_error(mlp, training));
    gradient.extend(curve_slopes(mlp, layers - 1));
    let (mut update, mut cuts) = (Vec::new(), Vec::new());
    for l in (0..layers).rev() {
        gradient.extend(weight_gradients(mlp, training, l));
        cuts.push(gradient.len());
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
        cuts,
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
    let width = mlp.layers[l].outputs;
    (training.dropout > 0.0).then(|| dropout::call(width, l, from.into(), to.into()))
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
        Loss::Poisson => linked_error::call(layer, false, targets, reads, writes),
        Loss::BinaryCrossEntropy => linked_error::call(layer, true, targets, reads, writes),
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
