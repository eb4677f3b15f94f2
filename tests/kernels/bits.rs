//! Tests of the bits of sums: software adapters round each operation, in the written order.

use crate::{rig, variants};
use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::gpu::Gpu;
use wgrad::model::Activation;
use wgrad::verify::{
    KERNELS,
    case::{Case, Tensors, only},
    layers::{forward_cases, input_gradient_cases, weight_gradient_cases},
    numbers::Numbers,
};

/// A kernel of a layer as a plain loop in f32. Returns its outputs, one slice after the other.
type Loop = fn(args: &[u32], rows: usize, reads: &[Vec<f32>]) -> Vec<f32>;

/// Kernels that sum products in order have the bits of a plain loop in Rust.
pub(crate) fn sums_are_in_order(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let kernels: [(_, Loop); 3] = [
        (forward_cases(Numbers::Reals), forward),
        (input_gradient_cases(Numbers::Reals), input_gradient),
        (weight_gradient_cases(Numbers::Reals), weight_gradient),
    ];
    for (cases, plain_loop) in kernels {
        variants::each(gpu, cases[0].kernel(), |only| {
            let exact = only.variants[0].exact;
            let cases = cases.iter().filter(|case| exact && adds_products(case));
            for case in cases.map(|case| case.with(only)) {
                if case.fits(gpu, &only.variants[0]) {
                    let (reads, found) = on_gpu(gpu, &case)?;
                    let args = &case.calls[0].args;
                    let expected = plain_loop(args, case.step.rows as usize, &reads);
                    same_bits(&case, &found[..expected.len()], &expected)?;
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Whether the case only sums products. Longer expressions may be rearranged: Mesa moves constants, and divides by a
/// reciprocal.
fn adds_products(case: &Case) -> bool {
    let activation = Activation::from_arg(case.calls[0].args[2]);
    let rearranged = matches!(activation, Activation::Sigmoid | Activation::Tanh);
    !rearranged || case.kernel().name != "forward"
}

/// Returns the inputs of the case, and the outputs of an adapter, one slice after the other.
pub(crate) fn on_gpu(gpu: &Arc<Gpu>, case: &Case) -> Result<(Vec<Vec<f32>>, Vec<f32>), Failed> {
    let to_f64 = |tensor: &Vec<f32>| tensor.iter().map(|v| f64::from(*v)).collect();
    let after: Tensors<f64> = rig::on_gpu(gpu, case)?.iter().map(to_f64).collect();
    let narrow = |slice: &[f64]| slice.iter().map(|v| *v as f32).collect::<Vec<f32>>();
    let reads = case.reads(&after).into_iter().map(narrow).collect();
    Ok((reads, narrow(&case.writes(&after).concat())))
}

/// Checks for equal bits, apart from the sign of zero, which depends on the driver: Mesa 26 replaces `sum * slope` by a
/// choice between the sum and 0, but the product is -0 for a negative sum and a slope of 0.
pub(crate) fn same_bits(case: &Case, found: &[f32], expected: &[f32]) -> Result<(), Failed> {
    let same = |a: &f32, b: &f32| a == b || (a.is_nan() && b.is_nan());
    let differs = found.iter().zip(expected).position(|(a, b)| !same(a, b));
    match differs {
        None => Ok(()),
        Some(i) => {
            let what = format!("element {i}: {:e}, not {:e}", found[i], expected[i]);
            Err(format!("{}: {what}", case.name).into())
        }
    }
}

fn forward(args: &[u32], rows: usize, reads: &[Vec<f32>]) -> Vec<f32> {
    let [inputs, outputs] = [args[0], args[1]].map(|arg| arg as usize);
    let neuron = |n: usize, o: usize| {
        let terms = (0..inputs).map(|i| reads[1][o * inputs + i] * reads[0][n * inputs + i]);
        Activation::from_arg(args[2]).apply(terms.fold(reads[2][o], |net, term| net + term))
    };
    let rows = 0..rows;
    rows.flat_map(|n| (0..outputs).map(move |o| neuron(n, o)))
        .collect()
}

fn input_gradient(args: &[u32], rows: usize, reads: &[Vec<f32>]) -> Vec<f32> {
    let [inputs, outputs] = [args[0], args[1]].map(|arg| arg as usize);
    let neuron = |n: usize, i: usize| {
        let terms = (0..outputs).map(|o| reads[0][n * outputs + o] * reads[1][o * inputs + i]);
        let slope = Activation::from_arg(args[2]).slope(reads[2][n * inputs + i]);
        terms.fold(0.0, |sum, term| sum + term) * slope
    };
    let rows = 0..rows;
    rows.flat_map(|n| (0..inputs).map(move |i| neuron(n, i)))
        .collect()
}

fn weight_gradient(args: &[u32], rows: usize, reads: &[Vec<f32>]) -> Vec<f32> {
    let [inputs, outputs] = [args[0], args[1]].map(|arg| arg as usize);
    let weight = |o: usize, i: usize| {
        let terms = (0..rows).map(|n| reads[0][n * outputs + o] * reads[1][n * inputs + i]);
        terms.fold(0.0, |sum, term| sum + term)
    };
    let bias = |o: usize| (0..rows).fold(0.0, |sum, n| sum + reads[0][n * outputs + o]);
    let weights = (0..outputs).flat_map(|o| (0..inputs).map(move |i| weight(o, i)));
    weights.chain((0..outputs).map(bias)).collect()
}

/// The exact variants of a kernel sum in the same order, and call the same functions.
pub(crate) fn variants_agree(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    for (kernel, cases) in KERNELS {
        let cases = cases(Numbers::Reals);
        let (plain, fast) = match kernel.variants {
            [fast @ .., plain] => (only(kernel, plain), fast),
            [] => return Err(format!("{} has no variant", kernel.name).into()),
        };
        for variant in fast.iter().filter(|variant| variant.exact) {
            for case in cases.iter().filter(|case| case.fits(gpu, variant)) {
                let (_, found) = on_gpu(gpu, &case.with(only(kernel, variant)))?;
                same_bits(case, &found, &on_gpu(gpu, &case.with(plain))?.1)?;
            }
        }
    }
    Ok(())
}
