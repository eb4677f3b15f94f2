//! Cases of the elementary functions, over all magnitudes, through kernels that use them.

use super::case::{Case, Tensors, U, batch, smallest_exponential};
use super::layers::forward_of;
use super::losses::{cross_entropy_bound, cross_entropy_of};
use super::numbers::{Draw, LayerShape, Numbers};
use crate::kernels::Targets;
use crate::model::{Activation, Layer};

/// Critical arguments: zeros, subnormal numbers, the ends of exp's range, arguments that overflow it, and infinities.
const SPECIALS: [f32; 26] = [
    0.0,
    -0.0,
    1e-45,
    -1e-45,
    1e-39,
    -1e-39,
    f32::MIN_POSITIVE,
    -f32::MIN_POSITIVE,
    0.625,
    -0.625,
    43.6,
    -43.6,
    87.3365,
    -87.3365,
    88.0,
    -88.0,
    88.7229,
    -88.7229,
    104.0,
    -104.0,
    1e4,
    -1e4,
    f32::MAX,
    f32::MIN,
    f32::INFINITY,
    f32::NEG_INFINITY,
];

/// Returns 256 numbers per binade and sign, with pseudo-random last digits, and the specials instead of values that are
/// not finite.
pub(super) fn numbers() -> Vec<f32> {
    let number = |i: u32| {
        let low = i.wrapping_mul(0x9E37_79B1) >> 17;
        let number = f32::from_bits((i << 15) | low);
        match number.is_finite() {
            true => number,
            false => SPECIALS[i as usize % SPECIALS.len()],
        }
    };
    (0..1 << 17).map(number).collect()
}

/// Returns the distance between neighbours of f32 near `value`.
fn ulp(value: f64) -> f64 {
    let normal = value.abs().max(f64::from(f32::MIN_POSITIVE));
    (normal.log2().floor() - 23.0).exp2()
}

/// Inputs and outputs of layers. Each variant of `forward` takes one of them.
const LAYERS: [[usize; 2]; 3] = [[1, 1], [4, 8], [32, 64]];

/// Returns cases of `activation` for numbers of all magnitudes: the same case in three shapes.
pub fn of_all_magnitudes(activation: Activation) -> [Case; 3] {
    LAYERS.map(|shape| {
        let mut case = function(activation, shape, &numbers());
        case.bound = four_units;
        case.name += ", numbers of all magnitudes";
        case
    })
}

/// Returns cases of `activation` for NaN, in the bits that a GPU's arithmetic produces. The result must be NaN, so that
/// divergence is detected. The same case in three shapes.
pub fn of_nan(activation: Activation) -> [Case; 3] {
    let nans = nans();
    LAYERS.map(|shape| {
        let mut case = function(activation, shape, &nans);
        case.tensors[2].values.fill(0.0);
        case.name += ", NaN";
        case
    })
}

/// Returns NaN in the bits that a GPU's arithmetic produces.
pub(super) fn nans() -> Vec<f32> {
    let all = [0x7FC0_0000, 0x7FFF_FFFF, 0xFFFF_FFFF].map(f32::from_bits);
    all.into_iter().cycle().take(65).collect()
}

/// Returns `forward` of one input with weight 1 and bias 0, padded with zeros for variants with more inputs.
fn function(activation: Activation, [inputs, outputs]: [usize; 2], x: &[f32]) -> Case {
    let shape = LayerShape {
        batch: x.len(),
        rows: x.len(),
        inputs,
        outputs,
    };
    let layer = Layer {
        inputs,
        outputs,
        activation,
    };
    let spread = |values: &[f32]| {
        let mut spread = vec![0.0; values.len() * inputs];
        let first = spread.iter_mut().step_by(inputs);
        first.zip(values).for_each(|(to, value)| *to = *value);
        spread
    };
    let w = spread(&vec![1.0; outputs]);
    forward_of(shape, layer, spread(x), &w, &vec![0.0; outputs])
}

/// Bound of 4 units in the last place. A result below the smallest exponential may be anything from 0 to that.
fn four_units(case: &Case, _: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let bound = |exact: &f64| match exact.abs() < smallest_exponential() {
        true => smallest_exponential(),
        false => 4.0 * ulp(*exact),
    };
    let out = case.writes(after)[0];
    case.place(vec![out.iter().map(bound).collect()])
}

/// Returns cases of `cross_entropy` for logits of all sizes.
pub fn of_logits() -> Vec<Case> {
    vec![exponential_and_logarithm(), pairs_of_specials(), sums()]
}

/// Returns the case of rows of two logits, with this target.
fn logits(out: Vec<f32>, target: [f32; 2]) -> Case {
    let rows = out.len() / 2;
    let shape = LayerShape {
        batch: rows,
        rows,
        inputs: 1,
        outputs: 2,
    };
    let targets = batch(2, target.repeat(rows));
    cross_entropy_of(shape, out, targets, (Targets::VALUES, 0.0), vec![0.0; rows])
}

/// Returns the case of the logits 0 and x.
fn exponential_and_logarithm() -> Case {
    let inside = |x: &f32| *x <= 0.0 && *x > -87.3;
    let x = numbers().into_iter().filter(inside);
    let mut case = logits(x.flat_map(|x| [0.0, x]).collect(), [1.0, 0.0]);
    case.bound = exponential_and_logarithm_bound;
    case.name += ", logits 0 and x";
    case
}

/// For the logits 0 and x, the second softmax is e^x / (1 + e^x). Its error for x < 0: the exponential's 8 U, once more
/// for its share in the sum, the sum, a quotient (5 U, from Vulkan's 2.5 units), and the product with 1 / rows. The
/// loss for target 0 is ln (1 + e^x). Its error: that of the sum, and 4 units in the last place.
fn exponential_and_logarithm_bound(
    case: &Case,
    before: &Tensors<f64>,
    after: &Tensors<f64>,
) -> Tensors<f64> {
    let mut bounds = cross_entropy_bound(case, before, after);
    let rows = f64::from(case.step.rows);
    for (n, logits) in case.reads(before)[0].chunks(2).enumerate() {
        let e = logits[1].exp();
        let softmax = e / (1.0 + e);
        let off = 8.0 + 8.0 * softmax + 1.0 + 5.0 + 1.0;
        bounds[2][2 * n + 1] = U * softmax * off / rows + f64::from(f32::MIN_POSITIVE);
        bounds[3][n] = U * (8.0 * softmax + 1.0 + 8.0 * e.ln_1p());
    }
    bounds
}

/// Returns the case of all pairs of specials whose difference does not overflow.
fn pairs_of_specials() -> Case {
    let specials = SPECIALS.map(|x| x.clamp(-1e38, 1e38));
    let pairs = specials.iter().flat_map(|a| specials.map(|b| [*a, b]));
    let mut case = logits(pairs.flatten().collect(), [0.5, 0.5]);
    case.name += ", pairs of extremes";
    case
}

/// Returns the case of sums of 65 exponentials of all sizes.
fn sums() -> Case {
    let shape = LayerShape {
        batch: 2048,
        rows: 2048,
        inputs: 1,
        outputs: 65,
    };
    let mut draw = Draw::new(Numbers::Reals, 9);
    let scale = |n: usize| (n as f64 / 100.0 - 10.0).exp2();
    let out = (0..shape.rows)
        .flat_map(|n| draw.take(65, scale(n)))
        .collect();
    let targets = batch(1, draw.classes(shape.rows, 65));
    let mut case = cross_entropy_of(
        shape,
        out,
        targets,
        (Targets::CLASSES, 0.0),
        vec![0.0; shape.rows],
    );
    case.name += ", logits of all sizes";
    case
}
