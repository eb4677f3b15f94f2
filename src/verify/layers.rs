//! Cases and bounds of the layer kernels: `forward`, `input_gradient`, `weight_gradient`.

use super::case::{Case, Tensors, U, batch, exact, guarded, unwritten};
use super::numbers;
use super::numbers::{Draw, LayerShape, Numbers, SHAPES};
use super::updates::decay_of;
use crate::kernels::{Buffer::Scratch, forward, fused_sgd, input_gradient, weight_gradient};
use crate::model::{Activation, Layer};

/// Returns the activations for a shape, in rotation. For integers, only those without rounding.
fn activations(numbers: Numbers, turn: usize) -> Vec<Activation> {
    const EXACT: [Activation; 2] = [Activation::Identity, Activation::Relu];
    match numbers {
        Numbers::Integers => vec![EXACT[turn % 2]],
        Numbers::Reals => {
            let others = Activation::IN_PRODUCTS;
            vec![EXACT[turn % 2], others[turn % others.len()]]
        }
    }
}

pub(super) fn layer(shape: LayerShape, activation: Activation) -> Layer {
    Layer {
        inputs: shape.inputs,
        outputs: shape.outputs,
        activation,
    }
}

/// Returns a case from `make` for each shape and activation.
fn each_shape(
    numbers: Numbers,
    make: fn(&mut Draw, LayerShape, Layer) -> Case,
    bound: super::case::Bound,
) -> Vec<Case> {
    let mut cases = Vec::new();
    for (turn, shape) in SHAPES.into_iter().enumerate() {
        for activation in activations(numbers, turn) {
            let mut draw = Draw::new(numbers, turn);
            let mut case = make(&mut draw, shape, layer(shape, activation));
            if numbers == Numbers::Reals {
                case.bound = bound;
            }
            cases.push(case);
        }
    }
    cases
}

/// Returns cases of `forward` in every shape.
pub fn forward_cases(numbers: Numbers) -> Vec<Case> {
    each_shape(numbers, forward_case, forward_bound)
}

/// Returns `forward` of one layer. The bound is exact unless replaced.
pub fn forward_case(draw: &mut Draw, shape: LayerShape, layer: Layer) -> Case {
    let Layer {
        inputs, outputs, ..
    } = layer;
    let x = draw.take(shape.batch * inputs, 1.0);
    let w = draw.take(outputs * inputs, (inputs as f64).powf(-0.5));
    let b = draw.take(outputs, 1.0);
    forward_of(shape, layer, x, &w, &b)
}

/// Returns `forward` of one layer with the given numbers.
pub fn forward_of(shape: LayerShape, layer: Layer, x: Vec<f32>, w: &[f32], b: &[f32]) -> Case {
    let (w_slice, b_slice) = (Scratch(1).tensor(1), Scratch(1).tensor(2));
    let call = forward::call(
        &layer,
        Scratch(0).into(),
        w_slice,
        b_slice,
        Scratch(2).into(),
    );
    let tensors = vec![
        batch(layer.inputs, x),
        guarded(&[w, b]),
        unwritten(layer.outputs, shape),
    ];
    Case::new(shape, vec![call], tensors, exact)
}

/// The sum has the tight bound 8 U sum |w x|. That suffices when the terms have mean zero, and reveals a term that is
/// missing or counted twice. No activation is steeper than 1, and sigmoid than 1/4, which scales the sum's error. An
/// activation adds 4 units in the last place, each at most 2 U of the value.
pub fn forward_bound(case: &Case, before: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let args = &case.calls[0].args;
    let (inputs, activation) = (args[0] as usize, Activation::from_arg(args[2]));
    let (reads, out) = (case.reads(before), case.writes(after)[0]);
    let outputs = args[1] as usize;
    let bound = |(i, out): (usize, &f64)| {
        let (n, o) = (i / outputs, i % outputs);
        let x = &reads[0][n * inputs..][..inputs];
        let w = &reads[1][o * inputs..][..inputs];
        let sum = reads[2][o].abs() + magnitude(w.iter().zip(x));
        match activation {
            Activation::Identity => 8.0 * U * sum,
            Activation::Sigmoid => 2.0 * U * sum + 8.0 * U * out.abs(),
            _ => 8.0 * U * sum + 8.0 * U * out.abs(),
        }
    };
    case.place(vec![out.iter().enumerate().map(bound).collect()])
}

/// Returns sum |a b|.
fn magnitude<'a>(pairs: impl Iterator<Item = (&'a f64, &'a f64)>) -> f64 {
    pairs.map(|(a, b)| (a * b).abs()).sum()
}

/// Returns cases of `input_gradient` in every shape.
pub fn input_gradient_cases(numbers: Numbers) -> Vec<Case> {
    each_shape(numbers, input_gradient_case, input_gradient_bound)
}

/// Returns `input_gradient` of one layer. The bound is exact unless replaced.
pub fn input_gradient_case(draw: &mut Draw, shape: LayerShape, layer: Layer) -> Case {
    let Layer {
        inputs, outputs, ..
    } = layer;
    let delta = draw.take(shape.batch * outputs, 1.0);
    let w = draw.take(outputs * inputs, 1.0);
    let below = numbers::with_zeros(draw.take(shape.batch * inputs, 1.0));
    let below = below.iter().map(|net| layer.activation.apply(*net));
    let slices = [0, 2, 3].map(|k| Scratch(k).into());
    let [delta_slice, below_slice, out] = slices;
    let w_slice = Scratch(1).tensor(1);
    let call = input_gradient::call(
        &layer,
        layer.activation,
        delta_slice,
        w_slice,
        below_slice,
        out,
    );
    let tensors = vec![
        batch(outputs, delta),
        guarded(&[&w]),
        batch(inputs, below.collect()),
        unwritten(inputs, shape),
    ];
    Case::new(shape, vec![call], tensors, exact)
}

/// The tight bound for the sum, times the slope (at most 1). The slope rounds twice, each time a number of at most 1,
/// and the product once.
pub fn input_gradient_bound(
    case: &Case,
    before: &Tensors<f64>,
    after: &Tensors<f64>,
) -> Tensors<f64> {
    let args = &case.calls[0].args;
    let (inputs, outputs) = (args[0] as usize, args[1] as usize);
    let activation = Activation::from_arg(args[2]);
    let reads = case.reads(before);
    let bound = |i: usize| {
        let (n, i) = (i / inputs, i % inputs);
        let delta = &reads[0][n * outputs..][..outputs];
        let w = reads[1][i..].iter().step_by(inputs);
        let sum = magnitude(delta.iter().zip(w));
        let slope = activation.slope(reads[2][n * inputs + i]).abs();
        8.0 * U * sum * slope + 3.0 * U * sum
    };
    let elements = 0..case.writes(after)[0].len();
    case.place(vec![elements.map(bound).collect()])
}

/// Returns cases of `weight_gradient` in every shape, and of batches that need several calls or slices.
pub fn weight_gradient_cases(numbers: Numbers) -> Vec<Case> {
    let mut cases = each_shape(numbers, weight_gradient_case, weight_gradient_bound);
    cases.dedup_by_key(|case| case.calls[0].args.clone());
    let identity = |shape| layer(shape, Activation::Identity);
    let long = |inputs, outputs| LayerShape {
        batch: weight_gradient::ROWS_A_CALL + 7_003,
        rows: weight_gradient::ROWS_A_CALL + 7_001,
        inputs,
        outputs,
    };
    let short = |inputs, outputs| LayerShape {
        batch: 31,
        rows: 17,
        inputs,
        outputs,
    };
    // Batches in several calls: at the real limit, and at a small one with a short batch that ends in the second call.
    for (shape, limit) in [
        (long(3, 2), weight_gradient::ROWS_A_CALL),
        (long(4, 8), weight_gradient::ROWS_A_CALL),
        (short(13, 5), 13),
        (short(12, 33), 13),
        // In a single call, and several slices in each of three calls.
        (SLICED[0], 1 << 14),
        (SLICED[1], 1 << 14),
        (SLICED[2], 1 << 14),
        (SLICED[3], 300),
    ] {
        let mut draw = Draw::new(numbers, shape.batch);
        let mut case = weight_gradient_case(&mut draw, shape, identity(shape));
        let first = case.calls.pop();
        case.calls = (0..shape.batch)
            .step_by(limit)
            .flat_map(|at| first.clone().map(|call| (at, call)))
            .map(|(at, mut call)| {
                call.args[2..].copy_from_slice(&[at as u32, limit as u32]);
                call
            })
            .collect();
        if numbers == Numbers::Reals {
            case.bound = weight_gradient_bound;
        }
        cases.push(case);
    }
    cases
}

/// Returns `weight_gradient` of one layer. The bound is exact unless replaced.
pub fn weight_gradient_case(draw: &mut Draw, shape: LayerShape, layer: Layer) -> Case {
    let Layer {
        inputs, outputs, ..
    } = layer;
    let delta = draw.take(shape.batch * outputs, 1.0);
    let x = draw.take(shape.batch * inputs, 1.0);
    let (dw, db) = (vec![f32::NAN; outputs * inputs], vec![f32::NAN; outputs]);
    let (dw_slice, db_slice) = (Scratch(2).tensor(1), Scratch(2).tensor(2));
    let [delta_slice, x_slice] = [0, 1].map(|k| Scratch(k).into());
    let call = weight_gradient::call(&layer, 0, delta_slice, x_slice, dw_slice, db_slice);
    let tensors = vec![
        batch(outputs, delta),
        batch(inputs, x),
        guarded(&[&dw, &db]),
    ];
    Case::new(shape, vec![call], tensors, exact)
}

/// The tight bound, summed over the rows.
pub fn weight_gradient_bound(case: &Case, before: &Tensors<f64>, _: &Tensors<f64>) -> Tensors<f64> {
    let args = &case.calls[0].args;
    let (inputs, outputs) = (args[0] as usize, args[1] as usize);
    let (reads, rows) = (case.reads(before), case.step.rows as usize);
    let column = |k: usize, width: usize, i: usize| reads[k][i..].iter().step_by(width).take(rows);
    let dw = |i: usize| {
        let pairs = column(0, outputs, i / inputs).zip(column(1, inputs, i % inputs));
        8.0 * U * magnitude(pairs)
    };
    let db = |o: usize| 8.0 * U * column(0, outputs, o).map(|delta| delta.abs()).sum::<f64>();
    case.place(vec![
        (0..outputs * inputs).map(dw).collect(),
        (0..outputs).map(db).collect(),
    ])
}

/// Batches that are split into slices: longer ones, a full slice next to an empty one, a tail of one row, and several.
const SLICED: [LayerShape; 4] = [
    numbers::shape(800, 790, 256, 100),
    numbers::shape(260, 256, 12, 5),
    numbers::shape(520, 513, 13, 33),
    numbers::shape(700, 690, 65, 3),
];

/// Returns cases with and without weight decay, in rotation.
pub fn fused_sgd_cases(numbers: Numbers) -> Vec<Case> {
    let mut cases = each_shape(numbers, fused_sgd_case, fused_sgd_bound);
    cases.dedup_by_key(|case| case.calls[0].args.clone());
    for shape in SLICED {
        let layer = layer(shape, Activation::Identity);
        let mut case = fused_sgd_case(&mut Draw::new(numbers, shape.batch), shape, layer);
        if numbers == Numbers::Reals {
            case.bound = fused_sgd_bound;
        }
        cases.push(case);
    }
    for case in &mut cases {
        case.step.decay_factor = 0.5;
        if numbers == Numbers::Reals {
            (case.step.learning_rate, case.step.decay_factor) = (0.0123, 0.7);
        }
    }
    cases
}

pub(super) fn fused_sgd_case(draw: &mut Draw, shape: LayerShape, layer: Layer) -> Case {
    let Layer {
        inputs, outputs, ..
    } = layer;
    let delta = draw.take(shape.batch * outputs, 1.0);
    let x = draw.take(shape.batch * inputs, 1.0);
    let (w, b) = (draw.take(outputs * inputs, 1.0), draw.take(outputs, 1.0));
    let decay = [0.0f32, 0.25][usize::from(shape.batch.is_multiple_of(2))];
    let slices = [Scratch(2).tensor(1), Scratch(2).tensor(2)];
    let call = fused_sgd::call(
        [inputs as u32, outputs as u32],
        decay.to_bits(),
        [0, 1].map(|k| Scratch(k).into()),
        slices,
    );
    let tensors = vec![batch(outputs, delta), batch(inputs, x), guarded(&[&w, &b])];
    Case::new(shape, vec![call], tensors, exact)
}

/// The gradient has the error of `weight_gradient`, times the learning rate. The decay's two products and sum and the rate's
/// product round once each, together at most 4 U of the decay's terms and 3 U of the others. The difference rounds once.
fn fused_sgd_bound(case: &Case, before: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let sums = weight_gradient_bound(case, before, after);
    let (old, new) = (case.writes(before), case.writes(after));
    let rate = f64::from(case.step.learning_rate);
    let decay = decay_of(case, 2);
    let of = |slot: usize| {
        let sums = case.writes(&sums)[slot];
        let bound = |k: usize| {
            // The bound of a sum is 8 U of its terms.
            let terms = sums[k] / (8.0 * U) + 4.0 / 3.0 * (decay * old[slot][k]).abs();
            rate * (sums[k] + 3.0 * U * terms) + U * new[slot][k].abs()
        };
        (0..sums.len()).map(bound).collect()
    };
    case.place(vec![of(0), of(1)])
}
