//! The article's first round, stage by stage: the training plan, followed by calls that write the intermediate values
//! that the kernels fuse or sum up.
//!
//! The training plan leaves `out`, `delta`, the gradients, the total error and the new weights in buffers. But its
//! `forward` includes the activation, its loss includes the slope, and it sums over outputs. So the additional calls
//! run `forward` with the identity for `net`, the loss with the identity for dE/dout, and each output neuron as a layer
//! of its own for its error. A derivative of `net` is a gradient kernel with a delta of 1.

use super::article;
use crate::Error;
use crate::kernels::{
    Buffer, Call, Targets, forward, input_gradient, sgd, squared_error, weight_gradient,
};
use crate::math::Real;
use crate::model::{Activation, Layer};
use crate::plan::{Extent, Order, Phase, Plan, Session};
use std::collections::{HashMap, HashSet};

/// The gradients of the parameters. Those of w1..w8 are at [`article::WEIGHTS`].
pub(super) const GRADIENT: Buffer = Buffer::Gradient;
/// net of h1 and h2.
pub(super) const NET_H: Buffer = Buffer::Scratch(0);
/// net of o1 and o2.
pub(super) const NET_O: Buffer = Buffer::Scratch(1);
/// dE_total/dout of o1 and o2.
pub(super) const ERROR_BY_OUT_O: Buffer = Buffer::Scratch(2);
/// dout/dnet of o1 and o2.
pub(super) const SLOPE_O: Buffer = Buffer::Scratch(3);
/// dout/dnet of h1 and h2.
pub(super) const SLOPE_H: Buffer = Buffer::Scratch(4);
/// dE_total/dout of h1 and h2.
pub(super) const ERROR_BY_OUT_H: Buffer = Buffer::Scratch(5);
/// dnet_o1/dw of w5 and w6.
pub(super) const NET_O1_BY_W: Buffer = Buffer::Scratch(6);
/// dnet_h1/dw of w1 and w2.
pub(super) const NET_H1_BY_W: Buffer = Buffer::Scratch(7);
/// dnet_o1/dout of h1 and h2.
pub(super) const NET_O1_BY_OUT: Buffer = Buffer::Scratch(8);
/// A parameter of 0 after an update with gradient 1: the negative learning rate.
pub(super) const STEP_OF_ONE: Buffer = Buffer::Scratch(9);
const ONE: Buffer = Buffer::Scratch(10);
const ONES: Buffer = Buffer::Scratch(11);
const UNUSED_BIAS: Buffer = Buffer::Scratch(13);
const UNUSED_ERROR: Buffer = Buffer::Scratch(14);

/// The buffers of one output neuron as a layer of its own.
#[derive(Clone, Copy)]
pub(super) struct Alone(usize);

/// o1.
pub(super) const O1: Alone = Alone(0);
/// o2.
pub(super) const O2: Alone = Alone(1);

impl Alone {
    const fn scratch(self, k: usize) -> Buffer {
        Buffer::Scratch(20 + 10 * self.0 + k)
    }
    /// E of this output.
    pub(super) const fn error(self) -> Buffer {
        self.scratch(0)
    }
    /// dE/dout of h1 and h2, for this output's E.
    pub(super) const fn error_by_out_h(self) -> Buffer {
        self.scratch(1)
    }
    const fn weights(self) -> Buffer {
        self.scratch(2)
    }
    const fn bias(self) -> Buffer {
        self.scratch(3)
    }
    const fn target(self) -> Buffer {
        self.scratch(4)
    }
    const fn out(self) -> Buffer {
        self.scratch(5)
    }
    const fn delta(self) -> Buffer {
        self.scratch(6)
    }

    /// Returns the calls for forward pass, error and delta of this neuron, and its part of the hidden neurons' dE/dout.
    fn calls(self) -> Vec<Call> {
        let layer = layer(2, 1, Activation::Sigmoid);
        let weights = self.weights().into();
        vec![
            forward::call(
                &layer,
                Buffer::Out(1).into(),
                weights,
                self.bias().into(),
                self.out().into(),
            ),
            squared_error::call(
                &layer,
                false,
                Targets::VALUES,
                [self.out().into(), self.target().into()],
                [self.delta().into(), self.error().into()],
            ),
            by_inputs(
                &layer,
                Activation::Identity,
                self.delta(),
                self.weights(),
                self.error_by_out_h(),
            ),
        ]
    }

    fn buffers(self) -> [(Buffer, Extent); 7] {
        [
            (self.error(), Extent::Batch { width: 1 }),
            (self.error_by_out_h(), Extent::Batch { width: 2 }),
            (self.weights(), Extent::Tensors(vec![2])),
            (self.bias(), Extent::Tensors(vec![1])),
            (self.target(), Extent::Batch { width: 1 }),
            (self.out(), Extent::Batch { width: 1 }),
            (self.delta(), Extent::Batch { width: 1 }),
        ]
    }

    /// Returns what its buffers begin with.
    fn contents(self) -> [(Buffer, Vec<f64>); 3] {
        let o = self.0;
        let weights = [2 * o, 2 * o + 1].map(|k| article::PARAMETERS[article::WEIGHTS[4 + k]]);
        let bias = article::PARAMETERS[article::BIASES[2 + o]];
        [
            (self.weights(), weights.to_vec()),
            (self.bias(), vec![bias]),
            (self.target(), vec![article::TARGETS[o]]),
        ]
    }
}

fn layer(inputs: usize, outputs: usize, activation: Activation) -> Layer {
    Layer {
        inputs,
        outputs,
        activation,
    }
}

/// Returns `input_gradient` of a layer of one neuron above the hidden layer.
fn by_inputs(layer: &Layer, below: Activation, delta: Buffer, w: Buffer, out: Buffer) -> Call {
    input_gradient::call(
        layer,
        below,
        delta.into(),
        w.into(),
        Buffer::Out(1).into(),
        out.into(),
    )
}

/// Returns the training plan, extended by the article's intermediate values.
pub(super) fn plan() -> Plan {
    let mut plan = article::plan(Order::Simultaneous, false);
    for calls in [nets(), rates(), O1.calls(), O2.calls(), learning_rate()] {
        plan.gradient.extend(calls);
    }
    let widths = [
        (NET_H, 2),
        (NET_O, 2),
        (ERROR_BY_OUT_O, 2),
        (SLOPE_O, 2),
        (SLOPE_H, 2),
        (ERROR_BY_OUT_H, 2),
        (NET_O1_BY_OUT, 2),
        (ONE, 1),
        (UNUSED_ERROR, 1),
    ];
    let batch = widths.map(|(buffer, width)| (buffer, Extent::Batch { width }));
    let lengths = [
        (NET_O1_BY_W, 2),
        (NET_H1_BY_W, 2),
        (STEP_OF_ONE, 1),
        (ONES, 2),
        (UNUSED_BIAS, 1),
    ];
    let tensors = lengths.map(|(buffer, length)| (buffer, Extent::Tensors(vec![length])));
    let alone = [O1, O2].map(Alone::buffers).into_iter().flatten();
    plan.buffers
        .extend(batch.into_iter().chain(tensors).chain(alone));
    plan
}

/// Returns `forward` without the logistic function, for both layers.
fn nets() -> Vec<Call> {
    let identity = layer(2, 2, Activation::Identity);
    let net = |l: usize, out: Buffer| {
        forward::call(
            &identity,
            Buffer::Out(l).into(),
            Buffer::Parameters.tensor(2 * l),
            Buffer::Parameters.tensor(2 * l + 1),
            out.into(),
        )
    };
    vec![net(0, NET_H), net(1, NET_O)]
}

/// Returns the calls for the factors of the chain rule, one at a time.
fn rates() -> Vec<Call> {
    let both = layer(2, 2, Activation::Identity);
    let neuron = layer(2, 1, Activation::Identity);
    let by_weights = |x: Buffer, dw: Buffer| {
        let (delta, db) = (ONE.into(), UNUSED_BIAS.into());
        weight_gradient::call(&neuron, 0, delta, x.into(), dw.into(), db)
    };
    let slopes = |out: Buffer, slopes: Buffer| {
        let (delta, w) = (ONE.into(), ONES.into());
        input_gradient::call(
            &neuron,
            Activation::Sigmoid,
            delta,
            w,
            out.into(),
            slopes.into(),
        )
    };
    vec![
        squared_error::call(
            &both,
            false,
            Targets::VALUES,
            [Buffer::Out(2).into(), Buffer::Targets.into()],
            [ERROR_BY_OUT_O.into(), UNUSED_ERROR.into()],
        ),
        slopes(Buffer::Out(2), SLOPE_O),
        slopes(Buffer::Out(1), SLOPE_H),
        by_weights(Buffer::Out(1), NET_O1_BY_W),
        by_weights(Buffer::Out(0), NET_H1_BY_W),
        by_inputs(
            &neuron,
            Activation::Identity,
            ONE,
            O1.weights(),
            NET_O1_BY_OUT,
        ),
        input_gradient::call(
            &both,
            Activation::Identity,
            Buffer::Delta(1).into(),
            Buffer::Parameters.tensor(2),
            Buffer::Out(1).into(),
            ERROR_BY_OUT_H.into(),
        ),
    ]
}

/// Returns an update whose size is the learning rate.
fn learning_rate() -> Vec<Call> {
    vec![sgd::call(
        0.0,
        0.0,
        false,
        ONE.into(),
        STEP_OF_ONE.into(),
        None,
    )]
}

/// Returns what the plan's own buffers begin with.
pub(super) fn contents() -> Vec<(Buffer, Vec<f64>)> {
    let ones = [(ONE, vec![1.0]), (ONES, vec![1.0; 2])];
    let alone = [O1, O2].map(Alone::contents);
    ones.into_iter()
        .chain(alone.into_iter().flatten())
        .collect()
}

/// The buffers of the first round.
pub(super) struct Readings(HashMap<Buffer, Vec<f64>>);

impl Readings {
    /// Returns element `index` of `buffer`; NaN, which exceeds every bound, if the buffer was not read.
    pub(super) fn value(&self, buffer: Buffer, index: usize) -> f64 {
        let values = self.0.get(&buffer);
        values.map_or(f64::NAN, |values| values[index])
    }
}

/// Runs the first round in a session that has loaded [`plan`], and reads `buffers`.
pub(super) fn read<T: Real>(
    session: &mut dyn Session<T>,
    buffers: impl Iterator<Item = Buffer>,
) -> Result<Readings, Error> {
    article::write(session)?;
    for (buffer, values) in contents() {
        session.write(buffer, &article::numbers(&values))?;
    }
    session.run(Phase::Train, &[article::step(0)])?;
    let buffers: HashSet<Buffer> = buffers.collect();
    let readings = buffers
        .into_iter()
        .map(|buffer| Ok((buffer, article::read(session, buffer)?)));
    Ok(Readings(readings.collect::<Result<_, Error>>()?))
}
