//! Cases and bounds of the kernels of losses, and of `correct`.

use super::case::{Bound, Case, Tensor, Tensors, U, batch, exact, smallest_exponential, unwritten};
use super::numbers::{Draw, LayerShape, Numbers, SHAPES, with_zeros};
use crate::kernels::{
    Buffer::Scratch, Call, Slice, Targets, absolute_error, correct, cross_entropy, quantile_error,
    squared_error,
};
use crate::model::{Activation, Layer};

pub(super) fn layer(shape: LayerShape, activation: Activation) -> Layer {
    Layer {
        inputs: shape.inputs,
        outputs: shape.outputs,
        activation,
    }
}

/// Returns targets (N, T), in every second case with the weights of rows.
fn targets(draw: &mut Draw, shape: LayerShape, form: Targets) -> Tensor {
    let values = match form.classes {
        true => draw.classes(shape.batch, shape.outputs),
        false => draw.take(shape.batch * shape.outputs, 1.0),
    };
    if !form.weighted {
        return batch(form.width(shape.outputs), values);
    }
    let weights = draw.classes(shape.batch, 5);
    let rows = values.chunks(values.len() / shape.batch).zip(weights);
    let both = rows.flat_map(|(row, weight)| row.iter().copied().chain([weight]));
    batch(form.width(shape.outputs), both.collect())
}

/// The forms of the cases of a turn, for values and for classes.
fn forms(turn: usize) -> [Targets; 2] {
    [false, true].map(|classes| Targets {
        classes,
        weighted: (turn + usize::from(classes)).is_multiple_of(2),
    })
}

/// Returns cases of `squared_error` in every shape, for values and for classes.
pub fn squared_error_cases(numbers: Numbers) -> Vec<Case> {
    pointwise_cases(numbers, &squared_error_case)
}

/// Returns cases of `absolute_error` in every shape, for values and for classes.
pub fn absolute_error_cases(numbers: Numbers) -> Vec<Case> {
    pointwise_cases(numbers, &|draw, shape, layer, smooth, form| {
        let call = |reads, writes| absolute_error::call(&layer, smooth, form, reads, writes);
        let is_exact = shape.rows.is_power_of_two() && shape.outputs.is_power_of_two();
        pointwise_case(
            draw,
            shape,
            layer,
            form,
            &call,
            is_exact,
            absolute_error_bound,
        )
    })
}

/// Returns cases of `quantile_error` in every shape, for values and for classes.
pub fn quantile_error_cases(numbers: Numbers) -> Vec<Case> {
    pointwise_cases(numbers, &|draw, shape, layer, high, form| {
        let quantile = if high { 0.75 } else { 0.5 };
        let call = |reads, writes| quantile_error::call(&layer, quantile, form, reads, writes);
        let is_exact = shape.rows.is_power_of_two() && shape.outputs.is_power_of_two();
        pointwise_case(
            draw,
            shape,
            layer,
            form,
            &call,
            is_exact,
            absolute_error_bound,
        )
    })
}

/// Makes a case of a loss that takes output by output. The switch is an argument of the kernel.
pub(super) type Pointwise<'a> = &'a dyn Fn(&mut Draw, LayerShape, Layer, bool, Targets) -> Case;

pub(super) fn pointwise_cases(numbers: Numbers, case: Pointwise) -> Vec<Case> {
    let mut cases = Vec::new();
    for (turn, shape) in SHAPES.into_iter().enumerate() {
        for (k, form) in forms(turn).into_iter().enumerate() {
            let (switch, classes) = (turn % 3 == k, form.classes);
            let activation = match numbers {
                Numbers::Integers => [Activation::Identity, Activation::Relu][turn % 2],
                Numbers::Reals => {
                    Activation::IN_PRODUCTS
                        [(turn + classes as usize) % Activation::IN_PRODUCTS.len()]
                }
            };
            let mut draw = Draw::new(numbers, turn);
            let layer = layer(shape, activation);
            cases.push(case(&mut draw, shape, layer, switch, form));
        }
    }
    cases
}

/// Returns `squared_error` of one layer, exact if nothing is rounded.
pub fn squared_error_case(
    draw: &mut Draw,
    shape: LayerShape,
    layer: Layer,
    mean: bool,
    form: Targets,
) -> Case {
    let call = |reads, writes| squared_error::call(&layer, mean, form, reads, writes);
    // Division by rows and outputs is exact only for powers of two.
    let is_exact = shape.rows.is_power_of_two() && (!mean || shape.outputs.is_power_of_two());
    pointwise_case(
        draw,
        shape,
        layer,
        form,
        &call,
        is_exact,
        squared_error_bound,
    )
}

/// Returns a loss of one layer. With integers, `is_exact` says whether nothing is rounded.
pub(super) fn pointwise_case(
    draw: &mut Draw,
    shape: LayerShape,
    layer: Layer,
    form: Targets,
    call: &dyn Fn([Slice; 2], [Slice; 2]) -> Call,
    is_exact: bool,
    bound: Bound,
) -> Case {
    let nets = with_zeros(draw.take(shape.batch * shape.outputs, 1.0));
    let out = nets.iter().map(|net| layer.activation.apply(*net));
    let tensors = vec![
        batch(shape.outputs, out.collect()),
        targets(draw, shape, form),
        unwritten(shape.outputs, shape),
        batch(1, draw.take(shape.batch, 1.0)),
    ];
    let reads = [0, 1].map(|k| Scratch(k).into());
    let writes = [2, 3].map(|k| Scratch(k).into());
    let bound = match (draw.numbers, is_exact) {
        (Numbers::Integers, true) => exact,
        _ => bound,
    };
    Case::new(shape, vec![call(reads, writes)], tensors, bound)
}

/// Bound of a quotient: 2.5 units in the last place (Vulkan's rule), each at most 2 U.
pub(super) const QUOTIENT: f64 = 5.0;

/// delta = scale (out - t) slope / rows. The difference, 1 / rows and two products round once each (4 U); the slope
/// twice, each time a number of at most 1; with `mean`, scale is a quotient and one more product. error: each term
/// rounds its difference, which counts twice in the square, and its product (3 U). The sum has the tight bound, and
/// adding it to the total rounds once. A weight is one more product in both.
fn squared_error_bound(case: &Case, before: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let args = &case.calls[0].args;
    let activation = Activation::from_arg(args[1]);
    let weighing = f64::from(u8::from(Targets::from_arg(args[3]).weighted));
    let scaling = if args[2] == 1 { QUOTIENT + 1.0 } else { 0.0 } + weighing;
    let (reads, writes) = (case.reads(before), case.writes(after));
    let delta = |(i, delta): (usize, &f64)| {
        let slope = activation.slope(reads[0][i]);
        let flat = if slope == 0.0 { 0.0 } else { delta / slope };
        U * ((4.0 + scaling) * delta.abs() + 2.0 * flat.abs())
    };
    let error = |(n, after): (usize, &f64)| {
        let own = after - case.writes(before)[1][n];
        U * ((3.0 + 8.0 + scaling) * own + after.abs())
    };
    let deltas = writes[0].iter().enumerate().map(delta).collect();
    let errors = writes[1].iter().enumerate().map(error).collect();
    case.place(vec![deltas, errors])
}

/// As [`squared_error_bound`], with 1 / O for scale: delta = scale direction slope / rows. A term of the error is a distance,
/// at most 1/2 more than the term, that rounds twice; or half a square.
fn absolute_error_bound(case: &Case, before: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let args = &case.calls[0].args;
    let (outputs, form) = (args[0] as usize, Targets::from_arg(args[3]));
    let activation = Activation::from_arg(args[1]);
    let (reads, writes) = (case.reads(before), case.writes(after));
    let scaling = QUOTIENT + 1.0 + f64::from(u8::from(form.weighted));
    let delta = |(i, delta): (usize, &f64)| {
        let slope = activation.slope(reads[0][i]);
        let flat = if slope == 0.0 { 0.0 } else { delta / slope };
        U * ((4.0 + scaling) * delta.abs() + 2.0 * flat.abs())
    };
    let rows = reads[1].chunks(form.width(outputs));
    let error = |((n, after), row): ((usize, &f64), &[f64])| {
        let own = after - case.writes(before)[1][n];
        U * ((3.0 + 8.0 + scaling) * own + form.weight(row) + after.abs())
    };
    let deltas = writes[0].iter().enumerate().map(delta).collect();
    let errors = writes[1].iter().enumerate().zip(rows).map(error).collect();
    case.place(vec![deltas, errors])
}

/// Returns cases of `cross_entropy` in every shape, for distributions and for classes.
pub fn cross_entropy_cases(numbers: Numbers) -> Vec<Case> {
    let shapes = SHAPES.into_iter().enumerate();
    let cases = shapes.flat_map(|(turn, shape)| {
        forms(turn).map(|form| {
            let mut draw = Draw::new(numbers, turn);
            let mut out = draw.take(shape.batch * shape.outputs, 3.0);
            if turn % 2 == 1 {
                // One logit per row is much larger than the others: without its subtraction, exp overflows at 88.7.
                let rows = out.chunks_mut(shape.outputs).enumerate();
                rows.for_each(|(n, row)| row[n % shape.outputs] = 150.0 + n as f32);
            }
            let targets = targets(&mut draw, shape, form);
            let account = draw.take(shape.batch, 1.0);
            let smoothing = [0.0, 0.1, 0.5][turn % 3];
            cross_entropy_of(shape, out, targets, (form, smoothing), account)
        })
    });
    cases.collect()
}

/// Returns `cross_entropy` of the given logits.
pub fn cross_entropy_of(
    shape: LayerShape,
    out: Vec<f32>,
    targets: Tensor,
    (form, smoothing): (Targets, f64),
    account: Vec<f32>,
) -> Case {
    let tensors = vec![
        batch(shape.outputs, out),
        targets,
        unwritten(shape.outputs, shape),
        batch(1, account),
    ];
    let reads = [0, 1].map(|k| Scratch(k).into());
    let writes = [2, 3].map(|k| Scratch(k).into());
    let layer = layer(shape, Activation::Identity);
    let call = cross_entropy::call(&layer, smoothing, form, reads, writes);
    Case::new(shape, vec![call], tensors, cross_entropy_bound)
}

/// Let d = largest - out, which rounds to d U in the exponent. An exponential has an error of 8 U + d U of itself (4
/// units in the last place), the sum of exponentials the mean of these and the tight bound, a softmax both and a
/// quotient. Then follow a difference, 1 / rows and a product. Exponentials below the smallest one count as that, and
/// subnormal results may be flushed to zero. ln sum has the relative error of the sum, and 8 U of its own. Adding the
/// largest, subtracting an output and multiplying by the target round once each, and the sum of these terms has the
/// tight bound. The target itself rounds twice where labels are smoothed, and a weight is one more product.
pub(super) fn cross_entropy_bound(
    case: &Case,
    before: &Tensors<f64>,
    after: &Tensors<f64>,
) -> Tensors<f64> {
    let args = &case.calls[0].args;
    let (outputs, form) = (args[0] as usize, Targets::from_arg(args[3]));
    let [keep, rest] = [1, 2].map(|arg| f64::from(f32::from_bits(args[arg])));
    let rounded = if rest > 0.0 { 2.0 } else { 0.0 };
    let (reads, errors) = (case.reads(before), case.writes(after)[1]);
    let inverse_rows = 1.0 / f64::from(case.step.rows);
    let (mut deltas, mut totals) = (Vec::new(), Vec::new());
    let targets = reads[1].chunks(form.width(outputs)).zip(errors);
    for (out, (target, after)) in reads[0].chunks(outputs).zip(targets) {
        let weight: f64 = form.weight(target);
        let largest = out.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = out.iter().map(|l| (l - largest).exp()).sum();
        let softmax = |l: f64| (l - largest).exp() / sum;
        let mean: f64 = out.iter().map(|l| softmax(*l) * (largest - l)).sum();
        let (sum_off, log_sum) = (8.0 + mean + 8.0, largest + sum.ln());
        let log_sum_off = sum_off + 8.0 * sum.ln() + log_sum.abs();
        let mut total = 0.0;
        for (o, logit) in out.iter().enumerate() {
            let t = keep * form.wanted(target, o) + rest;
            let off = 8.0 + (largest - logit) + sum_off + QUOTIENT;
            let difference = (softmax(*logit) - t).abs();
            let delta = U * (softmax(*logit) * off + 4.0 * difference + rounded * t.abs());
            let share = weight * inverse_rows;
            deltas.push((delta + smallest_exponential()) * share + f64::from(f32::MIN_POSITIVE));
            total += t.abs() * (log_sum_off + (3.0 + 8.0 + rounded) * (log_sum - logit));
        }
        totals.push(U * (weight * total + after.abs()));
    }
    case.place(vec![deltas, totals])
}

/// Returns cases of `correct` in every shape.
pub fn correct_cases(numbers: Numbers) -> Vec<Case> {
    let shapes = SHAPES.into_iter().enumerate();
    let cases = shapes.map(|(turn, shape)| {
        let mut draw = Draw::new(numbers, turn);
        let (mut out, mut classes) = (
            draw.take(shape.batch * shape.outputs, 1.0),
            draw.classes(shape.batch, shape.outputs),
        );
        // Of many classes a random one is hardly ever the largest: every second row is right, with the last class.
        let rows = out.chunks_exact_mut(shape.outputs).zip(&mut classes);
        for (row, class) in rows.step_by(2) {
            let largest = row.iter().copied().fold(f32::MIN, f32::max);
            row[shape.outputs - 1] = largest + 1.0;
            *class = (shape.outputs - 1) as f32;
        }
        let tensors = vec![
            batch(shape.outputs, out),
            batch(
                1 + turn % 2,
                classes
                    .into_iter()
                    .flat_map(|c| vec![c; 1 + turn % 2])
                    .collect(),
            ),
            batch(1, draw.classes(shape.batch, 9)),
        ];
        let [out, targets, hits] = [0, 1, 2].map(|k| Scratch(k).into());
        let call = correct::call(shape.outputs, 1 + turn % 2, out, targets, hits);
        Case::new(shape, vec![call], tensors, exact)
    });
    cases.collect()
}
