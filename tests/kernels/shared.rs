//! Tests of several layers' products in one dispatch, as in sessions in blocks.

use crate::blocks::{in_blocks, runs, trained};
use crate::rig::as_hardware;
use libtest_mimic::Failed;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use wgrad::gpu::print::block::BlockShape;
use wgrad::gpu::{Gpu, GpuSession};
use wgrad::model::{Loss, Optimizer};
use wgrad::plan::{KernelChoice, Phase, Session as _};
use wgrad::verify::training::TrainingRun;

pub(crate) fn tests() -> Vec<(String, crate::Test)> {
    vec![
        crate::test(
            "every seeded fault of several layers in one dispatch is caught",
            mutants_are_caught,
        ),
        crate::test("a step in blocks takes few dispatches", dispatches_are_few),
        crate::test(
            "layers whose rows are cut share two dispatches: as call by call",
            cut_layers_agree,
        ),
        crate::test(
            "every seeded fault of layers whose rows are cut is caught",
            mutants_of_cut_layers_are_caught,
        ),
        crate::test(
            "a gradient and its step in slices: as one after the other",
            fused_sgd_has_the_bits_of_its_parts,
        ),
    ]
}

/// A piece of the modules, and the replacement.
const MUTANTS: [(&str, &str); 7] = [
    ("t -= groups;", "t += groups;"),
    ("let at = slice.y + t;", "let at = t;"),
    ("return read0[at];", "return read0[at + 1u];"),
    ("read_texel(x, t)", "read_texel(delta, t)"),
    ("{ written[w + i] = value; }", "{ written[b + i] = value; }"),
    ("{ written[b + o] = value; }", "{ written[w + o] = value; }"),
    ("x = X[l];", "x = X[0];"),
];

fn mutants_are_caught(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    let (runs, narrow) = (runs(), BlockShape::of_narrow_layers);
    // Fused SGD, and momentum, which stores the gradient.
    for (turn, run) in [&runs[3], &runs[6]].into_iter().enumerate() {
        let mut session = GpuSession::call_by_call(adapter.clone(), &run.plan(), run.rows)?;
        let expected = trained(run, &mut session)?;
        for (from, to) in MUTANTS.into_iter().skip(turn).step_by(2) {
            let found = Arc::new(AtomicBool::new(false));
            let told = found.clone();
            let edit = move |source: String| match source.contains("const LAYERS") {
                true => {
                    told.store(source.contains(from), Ordering::Relaxed);
                    source.replacen(from, to, 1)
                }
                false => source,
            };
            let mut session = in_blocks(adapter, &run.plan(), run.rows, narrow, edit)?;
            if !found.load(Ordering::Relaxed) {
                return Err(format!("{}: no module has `{from}` any more", run.name).into());
            }
            if trained(run, &mut session)? == expected {
                return Err(format!("{}: `{from}` -> `{to}` is not caught", run.name).into());
            }
        }
    }
    Ok(adapter.check()?)
}

/// Checks the number of dispatches per step in `shaders/README.md`, without the prefetch for several steps.
fn dispatches_are_few(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    let (plain_sgd, narrow) = (Optimizer::sgd(0.05), BlockShape::of_narrow_layers);
    for (widths, optimizer, calls, blocks) in [
        (&[128, 64, 64, 64, 64, 64, 3][..], plain_sgd, 18, 2),
        (&[784, 128, 10], plain_sgd, 6, 3),
        (&[784, 128, 10], Optimizer::adam(0.01), 7, 4),
        (&[8, 16, 4], plain_sgd, 6, 2),
        // One more buffer than a dispatch may read, so the first layer has its own dispatch.
        (&[784, 256, 64, 64, 10], plain_sgd, 12, 5),
        (&[784, 256, 256, 64, 10], plain_sgd, 12, 8),
    ] {
        let run = TrainingRun::new("few", widths, Loss::CrossEntropy, optimizer, [32, 64]);
        let one_by_one = GpuSession::call_by_call(adapter.clone(), &run.plan(), run.rows)?;
        let in_blocks = in_blocks(adapter, &run.plan(), run.rows, narrow, |source| source)?;
        let found = [&one_by_one, &in_blocks].map(|session| session.dispatches(Phase::Train));
        let [found_calls, found_blocks] = found;
        if (found_calls?, found_blocks?) != (calls, blocks) {
            return Err(format!("{widths:?}: not {calls} and {blocks}").into());
        }
    }
    Ok(())
}

/// Returns runs with slices of two lengths above a wide layer, and with a stored gradient; and the number of dispatches
/// per step, one by one and in blocks.
fn cut_runs() -> [(TrainingRun, [usize; 2]); 2] {
    let run = |widths: &[usize], optimizer, sizes| {
        TrainingRun::new("cut", widths, Loss::CrossEntropy, optimizer, sizes)
    };
    let plain_sgd = Optimizer::sgd(0.05);
    let wide = run(&[200, 120, 13, 3], plain_sgd, [1000, 1700]);
    let narrow = run(&[13, 31, 17, 5], Optimizer::adam(0.01), [700, 1300]);
    [(wide, [12, 4]), (narrow, [13, 4])]
}

/// Returns the bits of the parameters after some steps.
fn after_steps(run: &TrainingRun, session: &mut GpuSession) -> Result<Vec<u32>, Failed> {
    let parameters = run.train(session, &run.mlp.parameters, &run.steps(2))?;
    Ok(parameters.into_iter().map(f32::to_bits).collect())
}

fn cut_layers_agree(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    let (gpu, narrow) = (as_hardware(adapter), BlockShape::of_narrow_layers);
    for (run, dispatches) in cut_runs() {
        let one_by_one = GpuSession::call_by_call(gpu.clone(), &run.plan(), run.rows)?;
        let in_blocks = in_blocks(&gpu, &run.plan(), run.rows, narrow, |source| source)?;
        let (mut sessions, mut found) = ([one_by_one, in_blocks], Vec::new());
        let counts = [0, 1].map(|k| sessions[k].dispatches(Phase::Train));
        let [calls, blocks] = counts;
        let counts = [calls?, blocks?];
        if counts != dispatches {
            return Err(format!("{run}: {counts:?} dispatches, not {dispatches:?}").into());
        }
        for session in &mut sessions {
            let mut chosen = session.kernel_choices().iter();
            let of = ["weight_gradient", "fused_sgd"];
            let is_cut = |c: &&KernelChoice| c.exact || c.variant.starts_with("split");
            if !chosen.all(|c| is_cut(&c) && (!c.exact || !of.contains(&c.kernel))) {
                return Err(format!("{run}: {:?}", session.kernel_choices()).into());
            }
            found.push(after_steps(&run, session)?);
        }
        if found[0] != found[1] {
            return Err(format!("{run}: the bits differ").into());
        }
    }
    Ok(adapter.check()?)
}

/// A piece of the modules, and the replacement.
const CUT_MUTANTS: [(&str, &str); 6] = [
    ("slices = SLICES[l].y", "slices = SLICES[0].y"),
    ("args.w, SLICES[l].x", "args.w, SLICES[0].x"),
    ("GROUPS[l][stage]", "GROUPS[0][stage]"),
    ("return own_of(group, 1u)", "return own_of(group, 0u)"),
    ("ARG3 = args.w", "ARG3 = args.z"),
    (
        "own_slice = slice_at(slice)",
        "own_slice = slice * slice_texels()",
    ),
];

fn mutants_of_cut_layers_are_caught(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    let (gpu, narrow) = (as_hardware(adapter), BlockShape::of_narrow_layers);
    let mut survivors = CUT_MUTANTS.to_vec();
    // The smaller run first.
    for (run, _) in cut_runs().into_iter().rev() {
        let mut session = GpuSession::call_by_call(gpu.clone(), &run.plan(), run.rows)?;
        let (expected, mutants) = (after_steps(&run, &mut session)?, survivors);
        survivors = Vec::new();
        for (from, to) in mutants {
            let edit = move |source: String| match source.contains("const LAYERS") {
                true => source.replacen(from, to, 1),
                false => source,
            };
            let mut session = in_blocks(&gpu, &run.plan(), run.rows, narrow, edit)?;
            if after_steps(&run, &mut session)? == expected {
                survivors.push((from, to));
            }
        }
    }
    adapter.check()?;
    match survivors.is_empty() {
        true => Ok(()),
        false => Err(format!("not caught: {survivors:?}").into()),
    }
}

/// The first step with momentum equals one without, and stores its gradient.
fn fused_sgd_has_the_bits_of_its_parts(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    let gpu = as_hardware(adapter);
    let bits = |momentum: f64, name: &str| -> Result<Vec<u32>, Failed> {
        let optimizer = Optimizer::Sgd {
            learning_rate: 0.05,
            momentum,
            weight_decay: 0.01,
        };
        let (widths, sizes) = ([13, 31, 17, 5], [700, 699]);
        let run = TrainingRun::new("parts", &widths, Loss::CrossEntropy, optimizer, sizes);
        let mut session = GpuSession::call_by_call(gpu.clone(), &run.plan(), run.rows)?;
        let mut chosen = session.kernel_choices().iter();
        if !chosen.any(|c| c.kernel == name && c.variant.starts_with("split")) {
            return Err(format!("{name} is not cut").into());
        }
        let parameters = run.train(&mut session, &run.mlp.parameters, &run.steps(1)[..1])?;
        Ok(parameters.into_iter().map(f32::to_bits).collect())
    };
    match bits(0.0, "fused_sgd")? == bits(0.9, "weight_gradient")? {
        true => Ok(()),
        false => Err("the bits differ".into()),
    }
}
