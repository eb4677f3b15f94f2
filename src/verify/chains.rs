//! Cases of two calls, where the second reads the results of the first.

use super::case::{Case, batch, exact, guarded, unwritten};
use super::layers::{self, forward_case, input_gradient_case};
use super::losses::{self, squared_error_case};
use super::numbers;
use super::numbers::{Draw, Numbers};
use crate::kernels::{Buffer::Scratch, Targets, forward, input_gradient};
use crate::model::{Activation, Layer};

/// Appends chains to the `cases` of a kernel, for integers only.
fn with(mut cases: Vec<Case>, numbers: Numbers, chains: &[fn() -> Case]) -> Vec<Case> {
    if numbers == Numbers::Integers {
        cases.extend(chains.iter().map(|chain| chain()));
    }
    cases
}

/// Returns cases of `forward` in every shape, and of two layers.
pub(super) fn forward_cases(numbers: Numbers) -> Vec<Case> {
    let chains: [fn() -> Case; 2] = [|| two_layers(5), || two_layers(20)];
    with(layers::forward_cases(numbers), numbers, &chains)
}

/// Returns cases of `input_gradient` in every shape, and of two layers.
pub(super) fn input_gradient_cases(numbers: Numbers) -> Vec<Case> {
    let cases = layers::input_gradient_cases(numbers);
    with(cases, numbers, &[deltas_of_two_layers])
}

/// Returns cases of `squared_error` in every shape, and followed by `input_gradient`.
pub(super) fn squared_error_cases(numbers: Numbers) -> Vec<Case> {
    let cases = losses::squared_error_cases(numbers);
    with(cases, numbers, &[error_and_hidden_deltas])
}

/// Inputs and outputs of two layers.
const TWO: [[usize; 2]; 2] = [[8, 12], [12, 5]];

/// Returns `forward` of two layers, the second with so many neurons: a multiple of a texel or not.
fn two_layers(neurons: usize) -> Case {
    let shape = numbers::shape(21, 19, 8, 12);
    let mut draw = Draw::new(Numbers::Integers, 2);
    let layers = [[8, 12], [12, neurons]].map(|[inputs, outputs]| Layer {
        inputs,
        outputs,
        activation: Activation::Relu,
    });
    let mut case = forward_case(&mut draw, shape, layers[0]);
    let (w, b) = (draw.take(12 * neurons, 1.0), draw.take(neurons, 1.0));
    case.calls.push(forward::call(
        &layers[1],
        Scratch(2).into(),
        Scratch(3).tensor(1),
        Scratch(3).tensor(2),
        Scratch(4).into(),
    ));
    let more = [guarded(&[&w, &b]), unwritten(neurons, shape)];
    case.tensors.extend(more);
    Case::new(shape, case.calls, case.tensors, exact)
}

/// Returns `input_gradient` of two layers, the upper one first.
fn deltas_of_two_layers() -> Case {
    let shape = numbers::shape(21, 19, 12, 5);
    let mut draw = Draw::new(Numbers::Integers, 3);
    let [lower, upper] = TWO.map(|[inputs, outputs]| Layer {
        inputs,
        outputs,
        activation: Activation::Relu,
    });
    let mut case = input_gradient_case(&mut draw, shape, upper);
    let (w, below) = (draw.take(12 * 8, 1.0), draw.take(shape.batch * 8, 1.0));
    let below = below.iter().map(|net| lower.activation.apply(*net));
    case.calls.push(input_gradient::call(
        &lower,
        lower.activation,
        Scratch(3).into(),
        Scratch(4).tensor(1),
        Scratch(5).into(),
        Scratch(6).into(),
    ));
    let more = [
        guarded(&[&w]),
        batch(8, below.collect()),
        unwritten(8, shape),
    ];
    case.tensors.extend(more);
    Case::new(shape, case.calls, case.tensors, exact)
}

/// Returns `squared_error`, followed by `input_gradient` of its deltas.
fn error_and_hidden_deltas() -> Case {
    // Half of the rows: division by 16 is exact.
    let shape = numbers::shape(32, 16, 8, 5);
    let layer = Layer {
        inputs: shape.inputs,
        outputs: shape.outputs,
        activation: Activation::Identity,
    };
    let mut draw = Draw::new(Numbers::Integers, 1);
    let mut case = squared_error_case(&mut draw, shape, layer, false, Targets::VALUES);
    let (w, below) = (draw.take(5 * 8, 1.0), draw.take(shape.batch * 8, 1.0));
    case.calls.push(input_gradient::call(
        &layer,
        layer.activation,
        Scratch(2).into(),
        Scratch(4).tensor(1),
        Scratch(5).into(),
        Scratch(6).into(),
    ));
    let more = [guarded(&[&w]), batch(8, below), unwritten(8, shape)];
    case.tensors.extend(more);
    Case::new(shape, case.calls, case.tensors, exact)
}
