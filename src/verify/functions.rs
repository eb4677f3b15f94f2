//! Cases of the elementary functions, over all magnitudes, through the kernels that use them.

use super::case::{Case, Tensors, U, batch, smallest_exponential};
use super::layers::forward_of;
use super::losses::{cross_entropy_bound, cross_entropy_of};
use super::numbers::{Draw, LayerShape, Numbers};
use crate::model::{Activation, Layer};

/// Where functions break: zeros, subnormal numbers, the ends of exp's range, and what overflows it.
const SPECIALS: [f32; 24] = [
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
];

/// Numbers of every binade and sign, 256 a binade, with pseudo-random last digits; specials for what is not finite.
fn numbers() -> Vec<f32> {
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

/// Distance between neighbours of f32 near `value`.
fn ulp(value: f64) -> f64 {
    let normal = value.abs().max(f64::from(f32::MIN_POSITIVE));
    (normal.log2().floor() - 23.0).exp2()
}

/// Inputs and outputs of a layer: each variant of `forward` takes one of these.
const LAYERS: [[usize; 2]; 3] = [[1, 1], [4, 8], [32, 64]];

/// `activation` of numbers of all magnitudes: the same case in three shapes.
pub fn of_all_magnitudes(activation: Activation) -> [Case; 3] {
    LAYERS.map(|shape| {
        let mut case = function(activation, shape, &numbers());
        case.bound = four_units;
        case.name += ", numbers of all magnitudes";
        case
    })
}

/// `activation` of NaN, of whatever bits a GPU's arithmetic has for that, which must be NaN: a network that has left the finite
/// numbers must be seen to. The same case in three shapes.
pub fn of_nan(activation: Activation) -> [Case; 3] {
    let all = [0x7FC0_0000, 0x7FFF_FFFF, 0xFFFF_FFFF].map(f32::from_bits);
    let nans: Vec<f32> = all.into_iter().cycle().take(65).collect();
    LAYERS.map(|shape| {
        let mut case = function(activation, shape, &nans);
        case.tensors[2].values.fill(0.0);
        case.name += ", NaN";
        case
    })
}

/// `forward` of one input with weight 1 and bias 0, among zeros where a variant wants more of them.
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

/// 4 units in the last place; a result below the smallest exponential may be anything between 0 and it.
fn four_units(case: &Case, _: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let bound = |exact: &f64| match exact.abs() < smallest_exponential() {
        true => smallest_exponential(),
        false => 4.0 * ulp(*exact),
    };
    let out = case.writes(after)[0];
    case.place(vec![out.iter().map(bound).collect()])
}

/// `cross_entropy` of logits of any size.
pub fn of_logits() -> Vec<Case> {
    vec![exponential_and_logarithm(), pairs_of_specials(), sums()]
}

/// Rows of two logits, with these targets.
fn logits(out: Vec<f32>, target: [f32; 2]) -> Case {
    let rows = out.len() / 2;
    let shape = LayerShape {
        batch: rows,
        rows,
        inputs: 1,
        outputs: 2,
    };
    let targets = batch(2, target.repeat(rows));
    cross_entropy_of(shape, out, targets, false, vec![0.0; rows])
}

/// Logits 0 and x.
fn exponential_and_logarithm() -> Case {
    let inside = |x: &f32| *x <= 0.0 && *x > -87.3;
    let x = numbers().into_iter().filter(inside);
    let mut case = logits(x.flat_map(|x| [0.0, x]).collect(), [1.0, 0.0]);
    case.bound = exponential_and_logarithm_bound;
    case.name += ", logits 0 and x";
    case
}

/// Of the logits 0 and x the second's softmax is e^x / (1 + e^x): with x < 0 the exponential's 8 U, once more for its
/// share in the sum, the sum, a quotient (5 U, Vulkan's 2.5 units), and the product with 1 / rows.
/// The error for target 0 is ln (1 + e^x): what the sum is off, and 4 units in the last place of its own.
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

/// Every pair of specials, short of differences that overflow.
fn pairs_of_specials() -> Case {
    let specials = SPECIALS.map(|x| x.clamp(-1e38, 1e38));
    let pairs = specials.iter().flat_map(|a| specials.map(|b| [*a, b]));
    let mut case = logits(pairs.flatten().collect(), [0.5, 0.5]);
    case.name += ", pairs of extremes";
    case
}

/// Sums of 65 exponentials of all sizes.
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
    let mut case = cross_entropy_of(shape, out, targets, true, vec![0.0; shape.rows]);
    case.name += ", logits of all sizes";
    case
}
