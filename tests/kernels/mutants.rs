//! Mutation tests: the comparisons that the other tests rely on must catch each fault.

mod list;

use crate::{rig, rows, split};
use libtest_mimic::Failed;
use list::MUTANTS;
use std::collections::BTreeSet;
use std::sync::Arc;
use wgrad::gpu::Gpu;
use wgrad::gpu::print::buffers::source;
use wgrad::kernels::{Kernel, Variant, gather, squared_error};
use wgrad::verify::{
    KERNELS,
    case::{Case, only},
    numbers::Numbers,
};

pub(crate) use list::Mutant;

/// Returns `kernel` with a fault, for each of its variants that contains the piece.
pub(crate) fn mutated(
    kernel: &'static Kernel,
    from: &str,
    to: &str,
) -> Result<Vec<&'static Kernel>, Failed> {
    let mut mutants = Vec::new();
    for variant in kernel.variants {
        let text = variant.sources.concat();
        if text.contains(from) {
            let text: &'static str = text.replace(from, to).leak();
            let variant = Variant {
                sources: Vec::leak(vec![text]),
                ..*variant
            };
            // A mutant that does not compile would be caught for the wrong reason.
            let whole = source(kernel, &variant);
            naga::front::wgsl::parse_str(&whole).map_err(|why| why.emit_to_string(&whole))?;
            mutants.push(only(kernel, Box::leak(Box::new(variant))));
        }
    }
    match mutants.is_empty() {
        true => Err(format!("{}: no shader has `{from}` any more", kernel.name).into()),
        false => Ok(mutants),
    }
}

/// Tests of all faults, one for each kernel that has any.
pub(crate) fn tests() -> Vec<(String, crate::Test)> {
    let all = || MUTANTS.into_iter().chain(split::MUTANTS);
    let names: BTreeSet<&str> = all().map(|(name, ..)| name).collect();
    let of_kernel = |name: &'static str| {
        crate::test(
            format!("every seeded fault of {name} is caught"),
            move |gpu| are_caught(gpu, name, all().filter(|(own, ..)| *own == name)),
        )
    };
    names.into_iter().map(of_kernel).collect()
}

fn are_caught(
    gpu: &Arc<Gpu>,
    name: &str,
    mutants: impl Iterator<Item = Mutant>,
) -> Result<(), Failed> {
    let mut kernels = KERNELS.iter();
    let found = kernels.find(|(kernel, _)| kernel.name == name);
    let (kernel, cases) = found.ok_or_else(|| format!("there is no kernel {name}"))?;
    let mut cases = [Numbers::Integers, Numbers::Reals].map(cases).concat();
    cases.reverse(); // the last shapes have the most edges
    let mut survivors = Vec::new();
    for (_, from, to) in mutants {
        // The last variants compile fastest: they find the case that catches the fault.
        for mutant in mutated(kernel, from, to)?.into_iter().rev() {
            let runs = mutant.variants[0].needs.met(&gpu.capabilities());
            if runs && !is_caught(gpu, mutant, &mut cases)? {
                survivors.push(format!("{name}: `{from}` -> `{to}`"));
            }
        }
    }
    match survivors.is_empty() {
        true => Ok(()),
        false => Err(format!("not caught: {}", survivors.join("; ")).into()),
    }
}

/// Whether one of the cases catches the mutant. That one is moved to the front: it mostly catches the same fault in the
/// next variant too, and compiling a case takes up to seconds.
fn is_caught(gpu: &Arc<Gpu>, mutant: &'static Kernel, cases: &mut [Case]) -> Result<bool, Failed> {
    // No other test runs the mutant, so its sessions end here.
    let (loaded, variant) = (rig::Loaded::new(), &mutant.variants[0]);
    let catches =
        |case: &Case| case.fits(gpu, variant) && loaded.check(gpu, &case.with(mutant)).is_err();
    let caught = cases.iter().position(catches);
    // A fault that the device refuses is caught for the wrong reason too: mutants must use all bindings of a kernel.
    gpu.check()?;
    if let Some(at) = caught {
        cases[..=at].rotate_right(1);
    }
    Ok(caught.is_some())
}

/// Catches faults that show only in a run of several steps.
pub(crate) fn of_several_steps_are_caught(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let follow = |gather, loss| rows::steps_follow_one_another(gpu, gather, loss);
    // The last variant runs on every adapter.
    let plain = |kernel, from, to| match mutated(kernel, from, to)?[..] {
        [.., mutant] => Ok(mutant),
        [] => Err(Failed::from(format!("`{from}` is in no variant"))),
    };
    let uncounted = plain(&squared_error::KERNEL, "counter += 1u;", "counter += 0u;")?;
    let forgetful = plain(&squared_error::KERNEL, "load(error, account) + e", "e")?;
    let unmoved = plain(&gather::KERNEL, "let i = step.start + n;", "let i = n;")?;
    let (mut ahead, adapter) = (Vec::new(), gpu.capabilities());
    for what in ["SLOT_ROWS * group.z", "counter + group.z"] {
        let faulty = what.replace("group.z", "0u * group.z");
        for mutant in mutated(&gather::KERNEL, what, &faulty)? {
            if mutant.variants[0].needs.met(&adapter) {
                ahead.push((what, follow(mutant, &squared_error::KERNEL)));
            }
        }
    }
    let runs = [
        ("an uncounted step", follow(&gather::KERNEL, uncounted)),
        ("a forgetful account", follow(&gather::KERNEL, forgetful)),
        (
            "a batch that stays",
            follow(unmoved, &squared_error::KERNEL),
        ),
    ];
    let runs: Vec<_> = runs.into_iter().chain(ahead).collect();
    gpu.check()?;
    match runs.iter().find(|(_, run)| run.is_ok()) {
        None => Ok(()),
        Some((name, _)) => Err(format!("not caught: {name}").into()),
    }
}
