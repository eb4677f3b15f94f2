//! Cases and bounds of `activation` and `activation_gradient`.

use super::case::{Case, Tensors, U, batch, exact, smallest_exponential, unwritten};
use super::functions::{nans, numbers};
use super::layers::layer;
use super::numbers::{Draw, LayerShape, Numbers, SHAPES};
use crate::kernels::{Buffer::Scratch, activation, activation_gradient};
use crate::model::Activation;

/// Returns the activations for a shape, in rotation. With integers it is the identity, which does not round.
fn activation_of(numbers: Numbers, turn: usize) -> Activation {
    match numbers {
        Numbers::Integers => Activation::Identity,
        Numbers::Reals => Activation::CURVES[turn % Activation::CURVES.len()],
    }
}

/// Returns cases of `activation` in every shape.
pub(super) fn activation_cases(numbers: Numbers) -> Vec<Case> {
    each_shape(numbers, |shape, activation, draw| {
        let net = draw.take(shape.batch * shape.outputs, 3.0);
        activation_of_nets(shape, activation, net)
    })
}

/// Returns cases of `activation_gradient` in every shape.
pub(super) fn activation_gradient_cases(numbers: Numbers) -> Vec<Case> {
    each_shape(numbers, |shape, activation, draw| {
        let gradient = draw.take(shape.batch * shape.outputs, 1.0);
        let net = draw.take(shape.batch * shape.outputs, 3.0);
        gradient_of_nets(shape, activation, gradient, net)
    })
}

fn each_shape(numbers: Numbers, make: fn(LayerShape, Activation, &mut Draw) -> Case) -> Vec<Case> {
    let shapes = SHAPES.into_iter().enumerate();
    let cases = shapes.map(|(turn, shape)| {
        let mut draw = Draw::new(numbers, turn);
        let mut case = make(shape, activation_of(numbers, turn), &mut draw);
        if numbers == Numbers::Integers {
            case.bound = exact;
        }
        case
    });
    cases.collect()
}

/// Returns cases of one of the two kernels for numbers of all magnitudes, and for NaN.
pub fn of_all_magnitudes(name: &str) -> Vec<Case> {
    let column = |values: &[f32]| LayerShape {
        batch: values.len(),
        rows: values.len(),
        inputs: 1,
        outputs: 1,
    };
    let case = |activation, nets: Vec<f32>| match name == activation::KERNEL.name {
        true => activation_of_nets(column(&nets), activation, nets),
        false => {
            let ones = vec![1.0; nets.len()];
            gradient_of_nets(column(&nets), activation, ones, nets)
        }
    };
    let each = Activation::CURVES.into_iter().map(|activation| {
        let mut all = case(activation, numbers());
        all.name += ", numbers of all magnitudes";
        all
    });
    // The output of a net that is NaN is NaN, so that divergence is detected. Its slope need not be.
    let of_nan = Activation::CURVES.into_iter().map(|activation| {
        let mut nan = case(activation, nans());
        // Not NaN, as what is not written is elsewhere.
        nan.tensors[1].values.fill(0.0);
        nan.name += ", NaN";
        nan
    });
    match name == activation::KERNEL.name {
        true => each.chain(of_nan).collect(),
        false => each.collect(),
    }
}

/// Returns `activation` of the given nets.
fn activation_of_nets(shape: LayerShape, function: Activation, net: Vec<f32>) -> Case {
    let [x, out] = [0, 1].map(|k| Scratch(k).into());
    let call = activation::call(&layer(shape, function), x, out);
    let tensors = vec![batch(shape.outputs, net), unwritten(shape.outputs, shape)];
    Case::new(shape, vec![call], tensors, activation_bound)
}

/// Returns `activation_gradient` of the given gradients and nets.
fn gradient_of_nets(
    shape: LayerShape,
    function: Activation,
    gradient: Vec<f32>,
    net: Vec<f32>,
) -> Case {
    let [g, x, delta] = [0, 1, 2].map(|k| Scratch(k).into());
    let call = activation_gradient::call(&layer(shape, function), g, x, delta);
    let tensors = vec![
        batch(shape.outputs, gradient),
        batch(shape.outputs, net),
        unwritten(shape.outputs, shape),
    ];
    Case::new(shape, vec![call], tensors, gradient_bound)
}

/// What is lost at most where an exponential stops at its smallest, times a net of at most 100.
fn least() -> f64 {
    128.0 * smallest_exponential()
}

/// Each elementary function is within 8 U, the quotients within 5 U each, and a handful of products and sums round once; a
/// share of the normal distribution is within U of 1.
fn activation_bound(case: &Case, before: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let is_gelu = case.calls[0].args[1] == Activation::Gelu as u32;
    let nets = case.reads(before)[0].iter();
    let bound = |(net, out): (&f64, &f64)| {
        let share = if is_gelu {
            U * net.abs().min(100.0)
        } else {
            0.0
        };
        24.0 * U * out.abs() + share + least()
    };
    let out = case.writes(after)[0].iter();
    case.place(vec![nets.zip(out).map(bound).collect()])
}

/// A slope is a sum of terms of at most 2, each of which rounds as above.
fn gradient_bound(case: &Case, before: &Tensors<f64>, _: &Tensors<f64>) -> Tensors<f64> {
    let gradients = case.reads(before)[0].iter();
    let bound = |gradient: &f64| (32.0 * U + least()) * gradient.abs();
    case.place(vec![gradients.map(bound).collect()])
}
