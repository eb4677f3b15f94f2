//! Kernels that round each result to some decimals, as one who computes by hand and writes down too few.
//!
//! They are the reference's twins in the same plan, with a step back after each: forward rounds net and out, the loss and
//! the hidden deltas round the derivative for the output before the slope multiplies it.

use crate::kernels::{
    Kernel, Part, Role, absolute_error, adam, cross_entropy, forward, input_gradient, sgd,
    squared_error, weight_gradient,
};
use crate::model::Activation;
use crate::plan::Plan;
use std::ops::Range;

/// The decimals that are tried: fewer lose everything, and with more nobody sees the difference.
pub(super) const DECIMALS: [usize; 5] = [2, 3, 4, 5, 6];

type Reads<'a> = [&'a [f64]];
type Writes<'a> = [&'a mut [f64]];

/// Rounds to `D` decimals.
fn round<const D: usize>(value: f64) -> f64 {
    let scale = 10f64.powi(D as i32);
    (value * scale).round() / scale
}

fn round_all<const D: usize>(values: &mut [f64]) {
    values
        .iter_mut()
        .for_each(|value| *value = round::<D>(*value));
}

/// Returns the arguments with the identity for the activation at `at`, and the activation.
fn linear(args: &[u32], at: usize) -> (Vec<u32>, Activation) {
    let mut linear = args.to_vec();
    linear[at] = Activation::Identity as u32;
    (linear, Activation::from_arg(args[at]))
}

fn forward<const D: usize>(part: &Part, args: &[u32], reads: &Reads, writes: &mut Writes) {
    let (linear, activation) = linear(args, 2);
    (forward::KERNEL.twin_f64)(part, &linear, reads, writes);
    for out in writes[0].iter_mut() {
        *out = round::<D>(activation.apply(round::<D>(*out)));
    }
}

/// Multiplies rounded derivatives by rounded slopes.
fn times_slopes<const D: usize>(deltas: &mut [f64], outs: &[f64], activation: Activation) {
    for (delta, out) in deltas.iter_mut().zip(outs) {
        *delta = round::<D>(round::<D>(*delta) * round::<D>(activation.slope(*out)));
    }
}

fn squared<const D: usize>(part: &Part, args: &[u32], reads: &Reads, writes: &mut Writes) {
    let (linear, activation) = linear(args, 1);
    (squared_error::KERNEL.twin_f64)(part, &linear, reads, writes);
    times_slopes::<D>(writes[0], reads[0], activation);
    round_all::<D>(writes[1]);
}

fn absolute<const D: usize>(part: &Part, args: &[u32], reads: &Reads, writes: &mut Writes) {
    let (linear, activation) = linear(args, 1);
    (absolute_error::KERNEL.twin_f64)(part, &linear, reads, writes);
    times_slopes::<D>(writes[0], reads[0], activation);
    round_all::<D>(writes[1]);
}

fn back<const D: usize>(part: &Part, args: &[u32], reads: &Reads, writes: &mut Writes) {
    let (linear, activation) = linear(args, 2);
    (input_gradient::KERNEL.twin_f64)(part, &linear, reads, writes);
    times_slopes::<D>(writes[0], reads[2], activation);
}

/// Defines twins that round what a kernel writes.
macro_rules! rounding {
    ($($name:ident: $kernel:ident),*) => {
        $(fn $name<const D: usize>(part: &Part, args: &[u32], reads: &Reads, writes: &mut Writes) {
            ($kernel::KERNEL.twin_f64)(part, args, reads, writes);
            writes.iter_mut().for_each(|values| round_all::<D>(values));
        })*
    };
}
rounding!(entropy: cross_entropy, gradients: weight_gradient, descend: sgd, adapt: adam);

/// The kernels that round to `D` decimals.
struct Rounded<const D: usize>;

impl<const D: usize> Rounded<D> {
    const ALL: &'static [Kernel] = &[
        Kernel {
            twin_f64: forward::<D>,
            ..forward::KERNEL
        },
        Kernel {
            twin_f64: squared::<D>,
            ..squared_error::KERNEL
        },
        Kernel {
            twin_f64: absolute::<D>,
            ..absolute_error::KERNEL
        },
        Kernel {
            twin_f64: back::<D>,
            ..input_gradient::KERNEL
        },
        Kernel {
            twin_f64: entropy::<D>,
            ..cross_entropy::KERNEL
        },
        Kernel {
            twin_f64: gradients::<D>,
            ..weight_gradient::KERNEL
        },
        Kernel {
            twin_f64: descend::<D>,
            ..sgd::KERNEL
        },
        Kernel {
            twin_f64: adapt::<D>,
            ..adam::KERNEL
        },
    ];
}

/// Puts rounding kernels into the training calls of a plan.
pub(super) fn edit(plan: &mut Plan, decimals: usize) {
    split_updates(plan);
    let kernels = match decimals {
        2 => Rounded::<2>::ALL,
        3 => Rounded::<3>::ALL,
        4 => Rounded::<4>::ALL,
        5 => Rounded::<5>::ALL,
        _ => Rounded::<6>::ALL,
    };
    for call in plan.gradient.iter_mut().chain(&mut plan.update) {
        let rounded = kernels
            .iter()
            .find(|kernel| kernel.name == call.kernel.name);
        if let Some(kernel) = rounded.filter(|_| call.kernel.role != Role::Gather) {
            call.kernel = kernel;
        }
    }
}

/// Splits an update of all tensors in two, which executors do not fuse with the gradients.
fn split_updates(plan: &mut Plan) {
    let [update] = &plan.update[..] else {
        return;
    };
    let tensors = update.reads[0].tensors.clone();
    let share = |range: Range<usize>| {
        let mut call = update.clone();
        for slice in call.reads.iter_mut().chain(&mut call.writes) {
            slice.tensors = range.clone();
        }
        call
    };
    let middle = tensors.start + 1;
    plan.update = vec![share(tensors.start..middle), share(middle..tensors.end)];
}
