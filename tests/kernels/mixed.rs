//! Tests of mixed precision: products with cooperative matrices, on adapters that support them.

use crate::rig;
use libtest_mimic::{Completion, Failed};
use std::sync::Arc;
use wgrad::device::Device;
use wgrad::gpu::{Gpu, Precision};
use wgrad::kernels::{Kernel, forward, input_gradient, weight_gradient};
use wgrad::model::{Activation, Layer};
use wgrad::verify::{
    Cases,
    case::{Case, Tensors, only, run},
    layers::{
        forward_bound, forward_cases, forward_of, input_gradient_bound, input_gradient_cases,
        weight_gradient_bound, weight_gradient_cases,
    },
    numbers::{Numbers, shape},
};

/// The kernels with such variants.
const PRODUCTS: [(&Kernel, Cases); 3] = [
    (&forward::KERNEL, forward_cases),
    (&input_gradient::KERNEL, input_gradient_cases),
    (&weight_gradient::KERNEL, weight_gradient_cases),
];

/// Maximum number of rows for which scaled deltas of a test, which lack the factor 1 / rows, fit in f16.
const MAX_ROWS: u32 = 130;

/// Factor between the bound of a mixed sum and the tight bound of 8 units, 2^-21: 2^-10, plus 2^-16 for 130 additions
/// in any order and for subnormal numbers in f16 (`tile_cooperative.wgsl`).
const WIDER: f64 = (1 << 11) as f64 + (1 << 5) as f64;

fn bound(case: &Case, before: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let bound = match case.kernel().name {
        "forward" => forward_bound,
        "input_gradient" => input_gradient_bound,
        _ => weight_gradient_bound,
    };
    let mut bounds = bound(case, before, after);
    bounds.iter_mut().flatten().for_each(|b| *b *= WIDER);
    bounds
}

/// Opens the adapter for mixed precision. Returns `None` if it has no cooperative matrices.
fn opened(gpu: &Arc<Gpu>) -> Result<Option<Arc<Gpu>>, Failed> {
    match Device::Gpu(gpu.clone()).computing(Precision::Mixed) {
        Ok(Device::Gpu(mixed)) => Ok(Some(mixed)),
        Err(why) if why.to_string().contains("needs cooperative matrices") => Ok(None),
        Err(why) => Err(why.into()),
        Ok(Device::Cpu) => Err("the adapter became the CPU".into()),
    }
}

/// Integers that fit in f16 give exact sums, and reals give sums within the bound.
pub(crate) fn products_are_within_bounds(gpu: &Arc<Gpu>) -> Result<Completion, Failed> {
    let Some(mixed) = opened(gpu)? else {
        return Ok(Completion::ignored_with("no cooperative matrices"));
    };
    for (kernel, cases) in PRODUCTS {
        let only = cooperative(&mixed, kernel)?;
        for numbers in [Numbers::Integers, Numbers::Reals] {
            let few = |case: &Case| case.step.rows <= MAX_ROWS;
            for case in cases(numbers).into_iter().filter(few) {
                let mut case = case.with(only);
                if numbers == Numbers::Reals {
                    case.bound = bound;
                }
                rig::check(&mixed, &case)?;
                let [first, second] = [rig::on_gpu(&mixed, &case)?, rig::on_gpu(&mixed, &case)?];
                let bits = |t: Tensors<f32>| t.concat().iter().map(|v| v.to_bits()).collect();
                let (first, second): (Vec<u32>, Vec<u32>) = (bits(first), bits(second));
                if first != second {
                    return Err(format!("{}: two runs differ", case.name).into());
                }
            }
        }
    }
    Ok(Completion::Completed)
}

/// Numbers too large for f16 are not clamped: the sums are not finite, and a run diverges.
pub(crate) fn beyond_f16_is_not_finite(gpu: &Arc<Gpu>) -> Result<Completion, Failed> {
    let Some(mixed) = opened(gpu)? else {
        return Ok(Completion::ignored_with("no cooperative matrices"));
    };
    let only = cooperative(&mixed, &forward::KERNEL)?;
    let shape = shape(3, 3, 4, 2);
    let layer = Layer {
        inputs: shape.inputs,
        outputs: shape.outputs,
        activation: Activation::Identity,
    };
    let mut x = vec![65_504.0; 12];
    (x[4], x[9]) = (65_536.0, f32::NAN);
    let case = forward_of(shape, layer, x, &[1.0; 8], &[0.0; 2]).with(only);
    let out = rig::load(&mixed, &case)
        .and_then(|session| Ok(run(&mut *rig::lock(&session), &case)?.swap_remove(2)))?;
    match (&out[..2], out[2..].iter().any(|sum| sum.is_finite())) {
        ([262_016.0, 262_016.0], false) => Ok(Completion::Completed),
        _ => Err(format!("sums of numbers beyond f16: {out:?}").into()),
    }
}

/// Returns the kernel with the one cooperative variant that an adapter supports.
fn cooperative(gpu: &Gpu, kernel: &'static Kernel) -> Result<&'static Kernel, Failed> {
    let mut variants = kernel.variants.iter();
    let variant =
        variants.find(|v| v.needs.cooperative.is_some() && v.needs.met(&gpu.capabilities()));
    let variant = variant.ok_or("no cooperative variant can run")?;
    Ok(only(kernel, variant))
}

/// No adapter uses such variants by default.
pub(crate) fn is_opt_in(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let plain = gpu.capabilities();
    let mut variants = PRODUCTS.iter().flat_map(|(kernel, _)| kernel.variants);
    match variants.find(|v| v.needs.cooperative.is_some() && v.needs.met(&plain)) {
        None => Ok(()),
        Some(variant) => Err(format!("{} could be taken", variant.name).into()),
    }
}
