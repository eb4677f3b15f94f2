//! Tests of the cases at the limits of the shaders: each variant passes them, and each has a fault that only it catches.

use crate::mutants::{Mutant, mutated};
use crate::{rig, variants};
use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::gpu::print::block::BlockShape;
use wgrad::gpu::{Gpu, GpuSession, LaneSession};
use wgrad::kernels;
use wgrad::kernels::{Kernel, forward};
use wgrad::model::Activation;
use wgrad::verify::{
    boundaries::cases,
    case::Case,
    families::{self, FEWEST_ROWS, near_f64},
    functions,
};

pub(crate) fn tests() -> Vec<(String, crate::Test)> {
    vec![
        crate::test("every kernel passes its boundaries", pass),
        crate::test(
            "every seeded fault at a boundary is caught",
            faults_are_caught,
        ),
        crate::test(
            "every seeded fault of an infinite argument is caught",
            infinities_are_caught,
        ),
        crate::test(
            "every seeded fault of a grid of many blocks is caught",
            many_blocks_are_caught,
        ),
        crate::test(
            "every seeded fault of the script of other adapters is caught",
            scripts_are_caught,
        ),
    ]
}

fn pass(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    for kernel in kernels::ALL {
        let all = cases(kernel);
        variants::each(gpu, kernel, |only| {
            let variant = &only.variants[0];
            let fitting = all.iter().filter(|case| case.fits(gpu, variant));
            fitting
                .map(|case| rig::check(gpu, &case.with(only)))
                .try_for_each(|checked| checked.map(|_| ()))
        })?;
    }
    Ok(())
}

const MUTANTS: [Mutant; 17] = [
    // the second dimension of a grid
    (
        "gather",
        "let n = group.y * ROW_OF_GROUPS + group.x;",
        "let n = group.x;",
    ),
    (
        "gather",
        "return group.y * ROW_OF_GROUPS + group.x + SLOT_ROWS",
        "return group.x + SLOT_ROWS",
    ),
    (
        "sgd",
        "(group.y * ROW_OF_GROUPS + group.x) * WORKGROUP",
        "group.x * WORKGROUP",
    ),
    (
        "weight_gradient",
        "let tile = group.y * ROW_OF_GROUPS + group.x;",
        "let tile = group.x;",
    ),
    (
        "weight_gradient",
        "let linear = own.group.y * ROW_OF_GROUPS + own.group.x;",
        "let linear = own.group.x;",
    ),
    (
        "weight_gradient",
        "t % ROW_OF_GROUPS, t / ROW_OF_GROUPS",
        "t % ROW_OF_GROUPS, 0u",
    ),
    (
        "weight_gradient",
        "(own.group.y * ROW_OF_GROUPS + own.group.x) * TILE_LANES",
        "own.group.x * TILE_LANES",
    ),
    // after a divergence
    ("sgd", "u.y < UNITS1 && !stopped()", "u.y < UNITS1"),
    ("adam", "u.y < UNITS1 && !stopped()", "u.y < UNITS1"),
    ("fused_sgd", "u.y < UNITS1 && !stopped()", "u.y < UNITS1"),
    (
        "fused_sgd",
        "goes_on = !stopped();",
        "goes_on = !stopped() || rows() > 0u;",
    ),
    (
        "adam",
        "< 2u * step.index + UPDATE_DIVERGED",
        "< 2u * step.index",
    ),
    // one bad element
    (
        "sgd",
        "if (!is_finite(p)) { diverged(UPDATE_DIVERGED); }",
        "",
    ),
    (
        "fused_sgd",
        "look(updated);",
        "look(bitcast<f32>(bitcast<u32>(updated) & 0x3FFFFFFFu));",
    ),
    (
        "fused_sgd",
        "if (is_broken) {",
        "if (is_broken && rows() == 0u) {",
    ),
    ("fused_sgd", "is_broken = is_broken || ", "is_broken = "),
    (
        "fused_sgd",
        "descended(weight(at + 3u), sums.w)",
        "weight(at + 3u) - rate() * (sums.w + bitcast<f32>(ARG2) * weight(at + 3u))",
    ),
];

/// Whether one of the cases catches the mutant; `None` if none is for its variant.
fn caught(gpu: &Arc<Gpu>, mutant: &'static Kernel, cases: &[Case]) -> Result<Option<bool>, Failed> {
    let fitting = || cases.iter().filter(|c| c.fits(gpu, &mutant.variants[0]));
    let is_caught = fitting().any(|case| rig::check(gpu, &case.with(mutant)).is_err());
    // A fault that the device refuses is caught for the wrong reason.
    gpu.check()?;
    Ok((fitting().count() > 0).then_some(is_caught))
}

fn faults_are_caught(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let mut survivors = Vec::new();
    for (name, from, to) in MUTANTS {
        let kernel = kernels::ALL.iter().find(|kernel| kernel.name == name);
        let kernel = kernel.ok_or_else(|| format!("there is no kernel {name}"))?;
        let (all, mut planted) = (cases(kernel), false);
        for mutant in mutated(kernel, from, to)? {
            let found = caught(gpu, mutant, &all)?;
            planted |= found.is_some();
            // Slices of a diverged step are not stored: the second dispatch would not use them.
            let is_unseen = from.starts_with("goes_on") && mutant.variants[0].reduction.is_some();
            if found == Some(false) && !is_unseen {
                survivors.push(format!("{}: `{from}` -> `{to}`", mutant.variants[0].name));
            }
        }
        if !planted {
            survivors.push(format!("{name}: no case for `{from}`"));
        }
    }
    match survivors.is_empty() {
        true => Ok(()),
        false => Err(format!("not caught: {}", survivors.join("; ")).into()),
    }
}

/// Of relu alone: a leaky one is -infinity whether it multiplies or not.
fn infinities_are_caught(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let below = mutated(&forward::KERNEL, "< 0x7F800000u;", "< 0x7F7FFFFFu;")?;
    let [.., plain] = below[..] else {
        return Err("no variant".into());
    };
    let [case, ..] = functions::of_all_magnitudes(Activation::Relu);
    match rig::check(gpu, &case.with(plain)) {
        Err(_) => Ok(()),
        Ok(_) => Err("not caught".into()),
    }
}

fn many_blocks_are_caught(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let run = families::many_blocks();
    let (from, to) = (
        "(group.y * ROW_OF_GROUPS + group.x) * ROWS",
        "group.x * ROWS",
    );
    for (is_mutant, to) in [(false, from), (true, to)] {
        let plan = run.plan();
        let shape = BlockShape::of_rows(&plan, &gpu.capabilities(), FEWEST_ROWS)?;
        let edit = move |source: String| source.replace(from, to);
        let mut session = GpuSession::in_blocks(gpu.clone(), &plan, run.rows, shape, edit)?;
        let start = &run.mlp.parameters;
        let found = run.train(&mut session, start, &run.steps(1))?;
        let is_wrong = near_f64(&run, start, &found, 1)?.wrong.is_some();
        if is_wrong != is_mutant {
            return Err(format!("with `{to}`: wrong is {is_wrong}").into());
        }
    }
    Ok(())
}

fn scripts_are_caught(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let named = |name: &str| {
        let mut runs = families::runs().into_iter();
        let found = runs.find(|run| run.name == name);
        found.ok_or_else(|| format!("no run is called {name}"))
    };
    let word = "return script[cursor + word / 4u][word % 4u];";
    let decay = "return decay;";
    for (run, from, to) in [
        ("the article", word, word),
        (
            "the article",
            word,
            "return script[cursor + word / 4u][word % 2u];",
        ),
        ("the article", word, "return script[cursor][word % 4u];"),
        ("weight decay that changes", decay, decay),
        ("weight decay that changes", decay, "return 1.0;"),
    ] {
        let run = named(run)?;
        let edit = move |source: String| source.replace(from, to);
        let mut session = LaneSession::unshared(gpu.clone(), &run.plan(), edit)?;
        let start = &run.mlp.parameters;
        let found = run.train(&mut session, start, &run.steps(2))?;
        let is_wrong = near_f64(&run, start, &found, 2)?.wrong.is_some();
        if is_wrong != (to != from) {
            return Err(format!("with `{to}`: wrong is {is_wrong}").into());
        }
    }
    Ok(())
}
