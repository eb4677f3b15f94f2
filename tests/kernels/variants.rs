//! Runs tests with a kernel in each of its variants.

use crate::rig;
use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::gpu::Gpu;
use wgrad::kernels::Kernel;
use wgrad::verify::{Cases, case::only, numbers::Numbers};

/// Runs `test` with `kernel` restricted to each variant that the adapter supports.
pub(crate) fn each(
    gpu: &Arc<Gpu>,
    kernel: &'static Kernel,
    test: impl Fn(&'static Kernel) -> Result<(), Failed>,
) -> Result<(), Failed> {
    let adapter = gpu.capabilities();
    let variants = kernel.variants.iter();
    for variant in variants.filter(|variant| variant.needs.met(&adapter)) {
        test(only(kernel, variant)).map_err(|failed| {
            let why = failed.message().unwrap_or_default();
            Failed::from(format!("{} variant: {why}", variant.name))
        })?;
    }
    Ok(())
}

/// In each variant, each case is within its bound of the f64 twin.
pub(crate) fn agree(
    gpu: &Arc<Gpu>,
    kernel: &'static Kernel,
    cases: Cases,
    numbers: Numbers,
) -> Result<(), Failed> {
    each(gpu, kernel, |only| {
        let (mut ran, mut worst) = (0, 0f64);
        for case in cases(numbers).iter().map(|case| case.with(only)) {
            if case.fits(gpu, &only.variants[0]) {
                worst = worst.max(rig::check(gpu, &case)?);
                ran += 1;
            }
        }
        if std::env::var_os("WGRAD_SHOW_ERRORS").is_some() {
            let (name, variant) = (kernel.name, only.variants[0].name);
            eprintln!("{name}, {variant}, {numbers:?}: {ran} cases, {worst:.2} of the bound");
        }
        match ran {
            0 => Err("no case fits it".into()),
            _ => Ok(()),
        }
    })
}
