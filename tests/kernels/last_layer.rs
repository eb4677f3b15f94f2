//! Blocks of the last layer, as software adapters have them, against a session that takes the calls one by one.

use crate::blocks::{agree, in_blocks};
use crate::divergence;
use libtest_mimic::{Completion, Failed};
use std::sync::Arc;
use wgrad::gpu::adapter::gpu::Gpu;
use wgrad::gpu::buffers::session as gpu;
use wgrad::gpu::print::block::Shape;
use wgrad::model::activation::Activation;
use wgrad::model::loss::Loss;
use wgrad::model::optimizer::Optimizer;
use wgrad::plan::Phase;
use wgrad::verify::training::Run;

pub(crate) fn tests() -> Vec<(String, crate::Test)> {
    let mut tests = vec![
        simd_test(
            "a step with its last layer in a block takes few dispatches".to_owned(),
            dispatches_are_few,
        ),
        simd_test(
            "a diverged run stops with its last layer in a block".to_owned(),
            divergence::stops_in_a_last_layer,
        ),
    ];
    tests.extend(runs().into_iter().map(|run| {
        let sentence = format!(
            "with its last layer in a block, {}: as call by call",
            run.name
        );
        simd_test(sentence, move |gpu| agree(gpu, &run, Shape::of_last_layer))
    }));
    tests
}

/// A test for adapters that can take a last layer in blocks.
fn simd_test(
    sentence: String,
    test: impl Fn(&Arc<Gpu>) -> Result<(), Failed> + Send + Sync + 'static,
) -> (String, crate::Test) {
    let test = move |gpu: &Arc<Gpu>| match is_not_for(gpu) {
        Some(why) => Ok(Completion::ignored_with(why)),
        None => test(gpu).map(|()| Completion::Completed),
    };
    (sentence, Box::new(test))
}

/// Why an adapter takes no last layer in blocks.
pub(crate) fn is_not_for(gpu: &Gpu) -> Option<&'static str> {
    let has = gpu.capabilities();
    let is_for = has.software && has.subgroup == Some(8);
    (!is_for).then_some("no subgroups of 8 SIMD lanes")
}

/// One layer and several, outputs that are whole texels and not, less and more than a tile has; batches of part of a block,
/// of one and of several; every activation and loss; optimizers that store a gradient and one that does not.
pub(crate) fn runs() -> Vec<Run> {
    let (sgd, adam) = (Optimizer::sgd(0.05), Optimizer::adam(0.01));
    let momentum = Optimizer::Sgd {
        learning_rate: 0.05,
        momentum: 0.9,
        weight_decay: 0.01,
    };
    let run = |name, widths: &[usize], activation, loss, optimizer, sizes| {
        Run::new(name, widths, loss, optimizer, sizes).hidden(activation)
    };
    use Activation::{LeakyRelu, Relu, Sigmoid, Tanh};
    use Loss::{CrossEntropy, HalfSse, Mse};
    vec![
        run(
            "three outputs",
            &[8, 36, 3],
            Tanh,
            CrossEntropy,
            sgd,
            [37, 90],
        ),
        run("one row", &[3, 8, 2], Sigmoid, HalfSse, sgd, [1, 7]),
        run("one layer", &[12, 5], Relu, CrossEntropy, adam, [20, 50]),
        run(
            "odd inputs",
            &[13, 20, 10],
            LeakyRelu,
            Mse,
            momentum,
            [16, 50],
        ),
        run(
            "two tiles of outputs",
            &[20, 68, 41],
            Sigmoid,
            HalfSse,
            sgd,
            [50, 110],
        ),
        run(
            "many layers",
            &[12, 16, 24, 16, 1],
            Tanh,
            Mse,
            adam,
            [33, 80],
        ),
    ]
}

/// How few dispatches a step takes, and that a small last layer goes in blocks without being asked to, and a large one not.
fn dispatches_are_few(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    let descent = Optimizer::sgd(0.05);
    for (widths, optimizer, batch, calls, blocks, own) in [
        (&[784, 128, 10][..], descent, 32, 6, 4, 4),
        (&[784, 128, 10], descent, 256, 6, 4, 6),
        (&[64, 32, 10], Optimizer::adam(0.01), 32, 7, 5, 5),
        (&[64, 10], descent, 32, 3, 2, 2),
    ] {
        let run = Run::new(
            "few",
            widths,
            Loss::CrossEntropy,
            optimizer,
            [batch, 2 * batch],
        );
        let (plan, rows) = (run.plan(), run.rows);
        let one_by_one = gpu::Session::call_by_call(adapter.clone(), &plan, rows)?;
        let in_blocks = in_blocks(adapter, &plan, rows, Shape::of_last_layer, |source| source)?;
        let chosen = gpu::Session::new(adapter.clone(), &plan, rows)?;
        let found = [one_by_one, in_blocks, chosen].map(|s| s.dispatches(Phase::Train).ok());
        if found != [calls, blocks, own].map(Some) {
            return Err(format!("{widths:?}: {found:?}, not {calls}, {blocks} and {own}").into());
        }
    }
    Ok(())
}
