//! Cases and bounds of `dropout`.

use super::case::{Case, Tensors, U, batch, exact, unwritten};
use super::numbers::{Draw, Numbers, SHAPES};
use crate::kernels::{Buffer::Scratch, dropout};

/// Returns cases of `dropout` in every shape, each at another step.
pub(super) fn dropout_cases(numbers: Numbers) -> Vec<Case> {
    let shapes = SHAPES.into_iter().enumerate();
    let cases = shapes.map(|(turn, shape)| {
        let mut draw = Draw::new(numbers, turn);
        let tensors = vec![
            batch(shape.outputs, draw.take(shape.batch * shape.outputs, 1.0)),
            unwritten(shape.outputs, shape),
        ];
        let rate = match numbers {
            Numbers::Integers => 0.5,
            Numbers::Reals => [0.1, 0.25, 0.9][turn % 3],
        };
        let [x, out] = [0, 1].map(|k| Scratch(k).into());
        let call = dropout::call(shape.outputs, turn % 4, x, out);
        let mut case = Case::new(shape, vec![call], tensors, bound(numbers));
        case.step.index = 1000 * turn as u32;
        case.step.key = [0x9E37_79B9, turn as u32];
        case.step = case.step.dropping(rate);
        case
    });
    cases.collect()
}

fn bound(numbers: Numbers) -> super::case::Bound {
    match numbers {
        Numbers::Integers => exact,
        Numbers::Reals => one_product,
    }
}

/// One product rounds once.
fn one_product(case: &Case, _: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let out = case.writes(after)[0];
    case.place(vec![out.iter().map(|out| U * out.abs()).collect()])
}
