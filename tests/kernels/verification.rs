//! Tests of the library behind `wgrad verify`: it reports faults with their place.

use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::gpu::Gpu;
use wgrad::kernels::{Kernel, Variant, correct, sgd};
use wgrad::verify;
use wgrad::verify::{Action, Finding, losses, updates};

pub(crate) fn tests() -> Vec<(String, crate::Test)> {
    vec![
        crate::test("verify tells of a fault where it is", tells_of_faults),
        crate::test(
            "verify goes on behind what the adapter refuses",
            goes_on_behind_a_refusal,
        ),
    ]
}

fn verified(gpu: &Arc<Gpu>, kernel: &'static Kernel) -> Result<Finding, Failed> {
    let cases = match kernel.name {
        "sgd" => updates::sgd_cases,
        _ => losses::correct_cases,
    };
    Ok(verify::kernel(gpu, (kernel, cases), &mut |_| Action::Run))
}

/// Returns `kernel` with a modified source in its last variant, which runs on every adapter.
fn with_fault(kernel: &'static Kernel, from: &str, to: &str) -> Result<&'static Kernel, Failed> {
    let [others @ .., plain] = kernel.variants else {
        return Err(format!("{} has no variant", kernel.name).into());
    };
    let source = plain.sources.concat();
    if !source.contains(from) {
        return Err(format!("{}: no shader has `{from}` any more", kernel.name).into());
    }
    let source: &'static str = source.replace(from, to).leak();
    let faulty = Variant {
        sources: Vec::leak(vec![source]),
        ..*plain
    };
    let mut variants: Vec<Variant> = others.iter().map(|v| Variant { ..*v }).collect();
    variants.push(faulty);
    Ok(Box::leak(Box::new(Kernel {
        variants: Vec::leak(variants),
        ..*kernel
    })))
}

/// A sound kernel passes. A fault is reported with its variant, the case and the element, and other variants pass.
fn tells_of_faults(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let sound = verified(gpu, &sgd::KERNEL)?;
    if !sound.ok() || sound.cases == 0 || sound.worst.share() == 0.0 {
        return Err(format!("{sound:?}").into());
    }
    let decay = "if (decay != 0u) { g += bitcast<f32>(decay) * decay_factor() * p; }";
    let faulty = verified(gpu, with_fault(&sgd::KERNEL, decay, "")?)?;
    let told = |what: &str| {
        faulty
            .mismatches
            .iter()
            .any(|m| m.wrong.what.starts_with(what))
    };
    let plain = faulty.mismatches.iter().all(|m| m.at.variant == "plain");
    let element = |m: &verify::Mismatch| {
        m.wrong
            .element
            .as_ref()
            .is_some_and(|e| e.error() > e.bound)
    };
    let elements = faulty.mismatches.iter().all(element);
    let decays = faulty
        .mismatches
        .iter()
        .all(|m| !m.case.contains("decay 0,"));
    let beyond = faulty.worst.error > faulty.worst.bound;
    if faulty.ok() || !plain || !decays || !elements || !beyond || !told("parameters[") {
        return Err(format!("{faulty:?}").into());
    }
    Ok(())
}

/// A refusal by the adapter is a mismatch with the adapter's message, and the verification continues.
fn goes_on_behind_a_refusal(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let gpu = Arc::new(gpu.again()?);
    let refused = verified(
        &gpu,
        with_fault(&correct::KERNEL, "fn correct(", "fnn correct(")?,
    )?;
    let told = refused
        .mismatches
        .iter()
        .any(|m| m.wrong.what.contains("fnn"));
    let failed = refused.mismatches.iter().all(|m| m.failed);
    let one = refused.mismatches.len() == 1 && refused.cases == 1 && refused.left > 0;
    if !one || !failed || !told {
        return Err(format!("{refused:?}").into());
    }
    match verified(&gpu, &correct::KERNEL)? {
        next if next.ok() && next.cases > 0 => Ok(()),
        next => Err(format!("{next:?}").into()),
    }
}
