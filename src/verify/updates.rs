//! Cases and bounds of the optimizer kernels `sgd` and `adam`.

use super::case::{Bound, Case, Tensor, Tensors, U, exact, guarded};
use super::numbers::{Draw, LayerShape, Numbers};
use crate::kernels::{Buffer::Scratch, Call, Slice, adam, optimizer::at_rate, sgd};
use crate::model::Optimizer;

/// Lengths of two tensors that one call updates. The GPU leaves a gap between them.
pub(super) const LENGTHS: [[usize; 2]; 7] = [
    [1, 1],
    [2, 3],
    [7, 13],
    [63, 5],
    [64, 65],
    [65, 64],
    [1017, 31],
];

pub(super) const ANY: LayerShape = LayerShape {
    batch: 1,
    rows: 1,
    inputs: 1,
    outputs: 1,
};

/// Returns two tensors of numbers, in a buffer with canaries.
pub(super) fn pair(lengths: [usize; 2], mut number: impl FnMut() -> f32) -> Tensor {
    let [a, b] = lengths.map(|len| (0..len).map(|_| number()).collect::<Vec<f32>>());
    guarded(&[&a, &b])
}

pub(super) fn both(buffer: usize) -> Slice {
    Scratch(buffer).tensors(1..3)
}

/// Returns cases of `sgd` with and without momentum, Nesterov's in turn, and decay.
pub fn sgd_cases(numbers: Numbers) -> Vec<Case> {
    let settings = match numbers {
        Numbers::Integers => [[0.0, 0.0], [0.5, 0.0], [0.0, 0.25], [0.5, 0.25]],
        Numbers::Reals => [[0.0, 0.0], [0.9, 0.0], [0.0, 0.01], [0.95, 0.1]],
    };
    let all = LENGTHS
        .into_iter()
        .flat_map(|l| settings.map(|s| (l, s)))
        .enumerate();
    all.map(|(seed, (lengths, [momentum, decay]))| {
        let mut draw = Draw::new(numbers, seed);
        let mut one = || draw.take(1, 1.0)[0];
        let velocity = match momentum {
            0.0 => pair(lengths, || f32::NAN),
            _ => pair(lengths, &mut one),
        };
        let tensors = vec![pair(lengths, &mut one), pair(lengths, &mut one), velocity];
        let call = sgd::call(
            momentum,
            decay,
            momentum != 0.0 && seed % 4 > 1,
            both(0),
            both(1),
            Some(both(2)),
        );
        case(numbers, call, tensors, sgd_bound)
    })
    .collect()
}

pub(super) fn case(numbers: Numbers, call: Call, tensors: Vec<Tensor>, bound: Bound) -> Case {
    let bound = match numbers {
        Numbers::Integers => exact,
        Numbers::Reals => bound,
    };
    let mut case = Case::new(ANY, vec![call], tensors, bound);
    // A power of two does not round.
    case.calls[0] = at_rate(case.calls[0].clone(), RATE);
    case.step.decay_factor = 0.5;
    if numbers == Numbers::Reals {
        (case.step.learning_rate, case.step.decay_factor) = (0.0123 / RATE as f32, 0.7);
    }
    case
}

/// What the learning rates of these cases are multiplied by.
const RATE: f64 = 0.25;

/// Returns the learning rate of the call of `case`.
pub(super) fn rate_of(case: &Case) -> f64 {
    let factor = case.calls[0]
        .args
        .last()
        .map_or(1.0, |bits| f32::from_bits(*bits));
    f64::from(factor) * f64::from(case.step.learning_rate)
}

/// Returns the weight decay of a step of `case` whose call has it as argument `arg`.
pub(super) fn decay_of(case: &Case, arg: usize) -> f64 {
    let decay = f32::from_bits(case.calls[0].args[arg]);
    f64::from(decay) * f64::from(case.step.decay_factor)
}

/// v = momentum v + (g + decay p): a product and a sum round for each of the three terms, at most 3 U of their
/// magnitudes; the decay is a product itself, so that its term has 4 U. p - learning_rate v: the error of v, the product, and
/// the difference. Nesterov's direction is one more such sum, of the terms and of what v has of them.
fn sgd_bound(case: &Case, before: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let momentum = f64::from(f32::from_bits(case.calls[0].args[0]));
    let decay = decay_of(case, 1);
    let (gradient, old, new) = (
        case.reads(before)[0],
        case.writes(before),
        case.writes(after),
    );
    let learning_rate = rate_of(case);
    let direction = match case.calls[0].args[2] {
        0 => 4.0,
        _ => 4.0 + 3.0 + 4.0 * momentum,
    };
    let terms = |k: usize| {
        let kept = if momentum == 0.0 {
            0.0
        } else {
            momentum * old[1][k]
        };
        gradient[k].abs() + 4.0 / 3.0 * (decay * old[0][k]).abs() + kept.abs()
    };
    let all = 0..gradient.len();
    case.place(vec![
        all.clone()
            .map(|k| U * (direction * learning_rate * terms(k) + new[0][k].abs()))
            .collect(),
        all.map(|k| U * 3.0 * terms(k)).collect(),
    ])
}

/// Returns cases of `adam` with and without decay.
pub fn adam_cases(numbers: Numbers) -> Vec<Case> {
    let settings = match numbers {
        Numbers::Integers => [[0.5, 0.5, 0.5, 0.0], [0.75, 0.5, 0.25, 0.25]],
        Numbers::Reals => [[0.9, 0.999, 1e-8, 0.0], [0.8, 0.95, 1e-2, 0.1]],
    };
    let all = LENGTHS
        .into_iter()
        .flat_map(|l| settings.map(|s| (l, s)))
        .enumerate();
    all.map(|(seed, (lengths, settings))| {
        let mut draw = Draw::new(numbers, seed);
        let mut one = || draw.take(1, 1.0)[0];
        let mut tensors: Vec<Tensor> = (0..3).map(|_| pair(lengths, &mut one)).collect();
        tensors.push(pair(lengths, || one().abs()));
        let call = adam::call(settings, both(0), [both(1), both(2), both(3)]);
        let mut case = case(numbers, call, tensors, adam_bound);
        let [beta1, beta2, epsilon, weight_decay] = settings;
        let optimizer = Optimizer::Adam {
            learning_rate: 0.0,
            beta1,
            beta2,
            epsilon,
            weight_decay,
        };
        [case.step.correction1, case.step.correction2] = optimizer.corrections(1 + seed);
        case.bound = match numbers {
            Numbers::Integers => adam_integer_bound,
            Numbers::Reals => adam_bound,
        };
        case
    })
    .collect()
}

/// m and v: two products and a sum, and for v a square, at most 4 U of their terms. The direction c1 m / (sqrt(c2 v) +
/// epsilon) has the error of m; for the root, half the error of c2 v, and its own (Vulkan: 1 / inverseSqrt, 2 units in
/// the last place and a quotient's 2.5); then a sum and a quotient. The update adds a product, the decay's three, and two
/// differences.
fn adam_bound(case: &Case, before: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let [b1, epsilon] = [0, 2].map(|arg| f64::from(f32::from_bits(case.calls[0].args[arg])));
    let decay = decay_of(case, 3);
    let (gradient, old, new) = (
        case.reads(before)[0],
        case.writes(before),
        case.writes(after),
    );
    let [c1, c2] = [case.step.correction1, case.step.correction2].map(f64::from);
    let learning_rate = rate_of(case);
    let m_off = |k: usize| 3.0 * ((b1 * old[1][k]).abs() + ((1.0 - b1) * gradient[k]).abs());
    let v_off = |k: usize| 4.0 * new[2][k];
    let p_off = |k: usize| {
        let below = (c2 * new[2][k]).sqrt() + epsilon;
        let direction = c1 * new[1][k].abs() / below;
        let root = (4.0 + 1.0) / 2.0 + 9.0;
        let direction_off = c1 * m_off(k) / below + direction * (1.0 + root + 1.0 + 5.0);
        let decayed = learning_rate * decay * old[0][k].abs();
        learning_rate * (direction_off + direction)
            + 3.0 * decayed
            + old[0][k].abs()
            + new[0][k].abs()
    };
    let all = 0..gradient.len();
    let bounds: [Vec<f64>; 3] = [
        all.clone().map(|k| U * p_off(k)).collect(),
        all.clone().map(|k| U * m_off(k)).collect(),
        all.map(|k| U * v_off(k)).collect(),
    ];
    case.place(bounds.into())
}

/// For integers, roots and quotients are not exact, so the parameters keep their bound; the moments are exact.
pub(super) fn adam_integer_bound(
    case: &Case,
    before: &Tensors<f64>,
    after: &Tensors<f64>,
) -> Tensors<f64> {
    let mut bounds = adam_bound(case, before, after);
    bounds[2].fill(0.0);
    bounds[3].fill(0.0);
    bounds
}
