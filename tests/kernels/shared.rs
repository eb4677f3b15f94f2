//! Several layers' products in one dispatch, as sessions in blocks have them.

use crate::blocks::{in_blocks, runs, trained};
use libtest_mimic::Failed;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use wgrad::device::Gpu;
use wgrad::loss::Loss;
use wgrad::optimizer::Optimizer;
use wgrad::plan::Phase;
use wgrad::plan::gpu;
use wgrad::plan::inline::block::Shape;
use wgrad::verify::training::Run;

pub(crate) fn tests() -> Vec<(String, crate::Test)> {
    vec![
        crate::test(
            "every seeded fault of several layers in one dispatch is caught",
            mutants_are_caught,
        ),
        crate::test("a step in blocks takes few dispatches", dispatches_are_few),
    ]
}

/// A piece of the modules, and what stands there instead.
const MUTANTS: [(&str, &str); 7] = [
    ("t -= tiles;", "t += tiles;"),
    ("let at = slice.y + t;", "let at = t;"),
    ("return read0[at];", "return read0[at + 1u];"),
    ("read_texel(x, t)", "read_texel(delta, t)"),
    ("{ written[w + i] = value; }", "{ written[b + i] = value; }"),
    ("{ written[b + o] = value; }", "{ written[w + o] = value; }"),
    ("x = X[l];", "x = X[0];"),
];

fn mutants_are_caught(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    let (runs, narrow) = (runs(), Shape::of_narrow_layers);
    // Plain gradient descent, and momentum, which stores the gradient.
    for (turn, run) in [&runs[3], &runs[6]].into_iter().enumerate() {
        let mut session = gpu::Session::call_by_call(adapter.clone(), &run.plan(), run.rows)?;
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

/// How few dispatches a step takes, beside the one that brings rows for several: README says so.
fn dispatches_are_few(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    let (descent, narrow) = (Optimizer::sgd(0.05), Shape::of_narrow_layers);
    for (widths, optimizer, calls, blocks) in [
        (&[128, 64, 64, 64, 64, 64, 3][..], descent, 18, 2),
        (&[784, 128, 10], descent, 6, 3),
        (&[784, 128, 10], Optimizer::adam(0.01), 7, 4),
        (&[8, 16, 4], descent, 6, 2),
        // As many buffers as a dispatch may read, and one more: the first layer is by itself.
        (&[784, 256, 64, 64, 10], descent, 12, 5),
        (&[784, 256, 256, 64, 10], descent, 12, 8),
    ] {
        let run = Run::new("few", widths, Loss::CrossEntropy, optimizer, [32, 64]);
        let one_by_one = gpu::Session::call_by_call(adapter.clone(), &run.plan(), run.rows)?;
        let in_blocks = in_blocks(adapter, &run.plan(), run.rows, narrow, |source| source)?;
        let found = [&one_by_one, &in_blocks].map(|session| session.dispatches(Phase::Train));
        let [found_calls, found_blocks] = found;
        if (found_calls?, found_blocks?) != (calls, blocks) {
            return Err(format!("{widths:?}: not {calls} and {blocks}").into());
        }
    }
    Ok(())
}
