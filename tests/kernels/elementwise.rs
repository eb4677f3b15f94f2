//! The elementary functions, over all magnitudes, through the kernels that use them.

use crate::layers::forward_of;
use crate::losses::cross_entropy_of;
use crate::numbers::{Draw, Numbers, Shape};
use crate::rig::{self, Case, U, batch, smallest_exponential, within};
use crate::variants;
use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::activation::Activation;
use wgrad::device::Gpu;
use wgrad::kernels::forward;
use wgrad::mlp::Layer;

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

/// `forward` of one input with weight 1 and bias 0, among zeros where a variant wants more of them.
fn function(activation: Activation, [inputs, outputs]: [usize; 2], x: &[f32]) -> Case {
    let shape = Shape {
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

/// f(x) for each x, by each variant of `forward`.
fn each_function(
    gpu: &Arc<Gpu>,
    activation: Activation,
    x: &[f32],
    judge: impl Fn(f32, f32) -> Result<(), Failed>,
) -> Result<(), Failed> {
    variants::each(gpu, &forward::KERNEL, |only| {
        let shapes = [[1, 1], [4, 8], [32, 64]];
        let cases = shapes.map(|shape| function(activation, shape, x).with(only));
        let fitting = cases
            .into_iter()
            .find(|case| case.fits(gpu, &only.variants[0]));
        let case = fitting.ok_or("no shape fits this variant")?;
        let found = rig::on_gpu(gpu, &case)?.pop().unwrap_or_default();
        let outputs = case.calls[0].args[1] as usize;
        let all = x.iter().zip(found.chunks(outputs));
        all.flat_map(|(x, row)| row.iter().map(|out| (*x, *out)))
            .try_for_each(|(x, out)| judge(x, out))
    })
}

/// Within 4 units in the last place of f64; a result below the smallest exponential may be anything between 0 and it.
pub(crate) fn within_four_ulp(gpu: &Arc<Gpu>, activation: Activation) -> Result<(), Failed> {
    each_function(gpu, activation, &numbers(), |x, out| {
        let exact = activation.apply(f64::from(x));
        let smallest = smallest_exponential();
        let bound = match exact.abs() < smallest {
            true => smallest,
            false => 4.0 * ulp(exact),
        };
        match within((f64::from(out) - exact).abs(), bound) {
            true => Ok(()),
            false => Err(format!("{activation:?} of {x:e} is {out:e}, not {exact:e}").into()),
        }
    })
}

/// A network that has left the finite numbers must be seen to, with whatever bits a GPU's arithmetic has for that.
pub(crate) fn nan_stays(gpu: &Arc<Gpu>, activation: Activation) -> Result<(), Failed> {
    let all = [0x7FC0_0000, 0x7FFF_FFFF, 0xFFFF_FFFF].map(f32::from_bits);
    let nans: Vec<f32> = all.into_iter().cycle().take(65).collect();
    each_function(gpu, activation, &nans, |_, out| match out.is_nan() {
        true => Ok(()),
        false => Err(format!("{activation:?} of NaN is {out:e}").into()),
    })
}

/// Rows of two logits, with these targets.
fn logits(out: Vec<f32>, target: [f32; 2]) -> Case {
    let rows = out.len() / 2;
    let shape = Shape {
        batch: rows,
        rows,
        inputs: 1,
        outputs: 2,
    };
    let targets = batch(2, target.repeat(rows));
    cross_entropy_of(shape, out, targets, false, vec![0.0; rows])
}

/// Of the logits 0 and x the second's softmax is e^x / (1 + e^x): with x < 0 the exponential's 8 U, once more for its
/// share in the sum, the sum, a quotient (5 U, Vulkan's 2.5 units), and the product with 1 / rows.
/// The error for target 0 is ln (1 + e^x): what the sum is off, and 4 units in the last place of its own.
pub(crate) fn exponential_and_logarithm(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let inside = |x: &f32| *x <= 0.0 && *x > -87.3;
    let x: Vec<f32> = numbers().into_iter().filter(inside).collect();
    let rows = x.len() as f64;
    let out: Vec<f32> = x.iter().flat_map(|x| [0.0, *x]).collect();
    let found = rig::on_gpu(gpu, &logits(out, [1.0, 0.0]))?;
    for (n, x) in x.iter().enumerate() {
        let e = f64::from(*x).exp();
        let softmax = e / (1.0 + e);
        let (delta, error) = (f64::from(found[2][2 * n + 1]), f64::from(found[3][n]));
        let off = 8.0 + 8.0 * softmax + 1.0 + 5.0 + 1.0;
        let bound = U * softmax * off / rows + f64::from(f32::MIN_POSITIVE);
        let log = e.ln_1p();
        let log_bound = U * (8.0 * softmax + 1.0 + 8.0 * log);
        if !within((delta - softmax / rows).abs(), bound) {
            return Err(format!(
                "e^x / (1 + e^x) at {x:e}: {:e}, not {softmax:e}",
                delta * rows
            )
            .into());
        }
        if !within((error - log).abs(), log_bound) {
            return Err(format!("ln (1 + e^x) at {x:e}: {error:e}, not {log:e}").into());
        }
    }
    Ok(())
}

/// Every pair of specials, short of differences that overflow; and sums of up to 65 exponentials of all sizes.
pub(crate) fn softmax_of_anything(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let specials = SPECIALS.map(|x| x.clamp(-1e38, 1e38));
    let pairs = specials.iter().flat_map(|a| specials.map(|b| [*a, b]));
    rig::check(gpu, &logits(pairs.flatten().collect(), [0.5, 0.5]))?;
    let shape = Shape {
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
    let case = cross_entropy_of(shape, out, targets, true, vec![0.0; shape.rows]);
    rig::check(gpu, &case)?;
    Ok(())
}
