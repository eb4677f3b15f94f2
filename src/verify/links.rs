//! Cases and bounds of `linked_error`.

use super::case::{Case, Tensors, U};
use super::losses::{QUOTIENT, layer, pointwise_case, pointwise_cases};
use super::numbers::Numbers;
use crate::kernels::{Targets, linked_error};
use crate::model::{Activation, Link};

/// Returns cases of `linked_error` in every shape, for values and for classes.
pub(super) fn linked_error_cases(numbers: Numbers) -> Vec<Case> {
    let mut cases = pointwise_cases(numbers, &|draw, shape, _, binary, form| {
        let layer = layer(shape, Activation::Identity);
        let call = |reads, writes| linked_error::call(&layer, binary, form, reads, writes);
        let bound = linked_error_bound;
        pointwise_case(draw, shape, layer, form, &call, false, bound)
    });
    // Exponentials round, of integers too.
    let every = cases.iter_mut();
    every.for_each(|case| case.bound = linked_error_bound);
    cases
}

/// delta = scale (mean - t) / rows: the mean is within 8 U, as exp and the logistic function are, the difference rounds once,
/// and the rest is as in `squared_error`'s bound. A term of the error is within 8 U of the mean, or of a logarithm of at most 1,
/// and 3 U of the others. The sum has the tight bound.
fn linked_error_bound(case: &Case, before: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let args = &case.calls[0].args;
    let (outputs, form) = (args[0] as usize, Targets::from_arg(args[2]));
    let link = if args[1] == 1 {
        Link::Logit
    } else {
        Link::Logarithm
    };
    let (reads, writes) = (case.reads(before), case.writes(after));
    let rows = f64::from(case.step.rows);
    let targets = reads[1].chunks(form.width(outputs)).map(<[f64]>::to_vec);
    let targets: Vec<Vec<f64>> = targets.collect();
    let scaling = QUOTIENT + 1.0 + 1.0;
    let delta = |(i, delta): (usize, &f64)| {
        let row = &targets[i / outputs];
        let (mean, t) = (link.value(reads[0][i]), form.wanted(row, i % outputs));
        let terms = 9.0 * (mean.abs() + t.abs()) * form.weight(row) / (outputs as f64 * rows);
        U * (terms + (4.0 + scaling) * delta.abs()) + f64::from(f32::MIN_POSITIVE)
    };
    let error = |(n, after): (usize, &f64)| {
        let row = &targets[n];
        let terms = (0..outputs).map(|o| {
            let y = reads[0][n * outputs + o];
            let t = form.wanted(row, o);
            let bent = match link {
                Link::Logit => 1.0 + y.abs(),
                _ => link.value(y),
            };
            bent + (t * y).abs()
        });
        let own = form.weight(row) * terms.sum::<f64>() / outputs as f64;
        U * ((3.0 + 16.0 + scaling) * own + after.abs())
    };
    let deltas = writes[0].iter().enumerate().map(delta).collect();
    let errors = writes[1].iter().enumerate().map(error).collect();
    case.place(vec![deltas, errors])
}
