//! Tests of the elementary functions over all magnitudes, through kernels that use them.

use crate::{rig, variants};
use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::gpu::Gpu;
use wgrad::kernels::{Kernel, forward};
use wgrad::model::Activation;
use wgrad::verify::{case::Case, curves, functions};

/// Checks the case with each variant of `forward`, in a shape that fits.
fn each_variant(gpu: &Arc<Gpu>, shapes: &[Case]) -> Result<(), Failed> {
    variants::each(gpu, &forward::KERNEL, |only| {
        let mut cases = shapes.iter().map(|case| case.with(only));
        let fitting = cases.find(|case| case.fits(gpu, &only.variants[0]));
        rig::check(gpu, &fitting.ok_or("no shape fits this variant")?).map(|_| ())
    })
}

/// Results are within 4 units in the last place of f64.
pub(crate) fn within_four_ulp(gpu: &Arc<Gpu>, activation: Activation) -> Result<(), Failed> {
    each_variant(gpu, &functions::of_all_magnitudes(activation))
}

/// NaN stays NaN, so that divergence is detected.
pub(crate) fn nan_stays(gpu: &Arc<Gpu>, activation: Activation) -> Result<(), Failed> {
    each_variant(gpu, &functions::of_nan(activation))
}

/// Activations with kernels of their own, and their slopes, stay within their bounds for nets of all magnitudes and NaN.
pub(crate) fn curves_of_all_magnitudes(gpu: &Arc<Gpu>, kernel: &Kernel) -> Result<(), Failed> {
    let cases = curves::of_all_magnitudes(kernel.name);
    cases
        .iter()
        .try_for_each(|case| rig::check(gpu, case).map(|_| ()))
}

/// Checks the exponentials, sums and logarithms of `cross_entropy`.
pub(crate) fn of_logits(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    functions::of_logits()
        .iter()
        .try_for_each(|case| rig::check(gpu, case).map(|_| ()))
}
