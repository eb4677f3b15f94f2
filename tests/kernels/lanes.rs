//! The lane family against the device family, bit for bit, and against f64.

use crate::rig::{U, within};
use crate::training::Run;
use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::backprop::Order;
use wgrad::device::Gpu;
use wgrad::loss::Loss;
use wgrad::mlp::Mlp;
use wgrad::optimizer::Optimizer;
use wgrad::plan::{Buffer, Phase, Session, cpu, gpu, inline};
use wgrad::schedule::{Rows, pass};

const EPOCHS: usize = 4;

/// What lanes are held against: short last batches, shuffled rows, every optimizer and order.
pub(crate) fn runs() -> Vec<Run> {
    let momentum = Optimizer::Sgd {
        learning_rate: 0.05,
        momentum: 0.9,
        weight_decay: 0.01,
    };
    let sgd = Optimizer::sgd(0.5);
    let article = Run::new("the article", &[2, 2, 2], Loss::HalfSse, sgd, [1, 8]);
    let mut frozen = Run {
        name: "frozen biases",
        ..article.clone()
    };
    frozen.training.train_bias = false;
    let mut sequential = Run::new("sequential order", &[2, 2, 2], Loss::HalfSse, sgd, [1, 8]);
    sequential.training.order = Order::Sequential;
    let adam = Optimizer::adam(0.01);
    vec![
        article,
        frozen,
        sequential,
        Run::new(
            "a classifier with adam",
            &[4, 8, 3],
            Loss::CrossEntropy,
            adam,
            [10, 47],
        ),
        Run::new(
            "a classifier with momentum",
            &[4, 8, 3],
            Loss::CrossEntropy,
            momentum,
            [10, 47],
        ),
        Run::new("three layers", &[3, 5, 4, 2], Loss::Mse, momentum, [7, 30]),
    ]
}

/// Three networks of a run, of different seeds.
fn population(run: &Run) -> Vec<Vec<f32>> {
    let widths: Vec<usize> = std::iter::once(run.mlp.inputs())
        .chain(run.mlp.layers.iter().map(|layer| layer.outputs))
        .collect();
    let [first, last] = [0, run.mlp.layers.len() - 1].map(|l| run.mlp.layers[l].activation);
    let seeds = [1, 2, 3];
    let networks = seeds.map(|seed| Mlp::random(&widths, first, last, seed).parameters);
    networks.into()
}

/// Whether an adapter compiles a lane's module in good time: SwiftShader takes 0.3 s for the article's network, but 11 s
/// for 3-4-2 and minutes for 4-8-3.
pub(crate) fn compiles(gpu: &Gpu, run: &Run) -> bool {
    !gpu.info.name.starts_with("SwiftShader") || run.mlp.parameters.len() <= 12
}

/// A population in lanes has the bits of each network alone in the device family.
pub(crate) fn has_the_device_familys_bits(gpu: &Arc<Gpu>, run: &Run) -> Result<(), Failed> {
    let (plan, steps, networks) = (run.plan(), run.steps(EPOCHS), population(run));
    let mut lanes = inline::Session::new(gpu.clone(), &plan, run.rows, networks.len())?;
    let trained = run.train(&mut lanes, &networks.concat(), &steps)?;
    let moments = lanes.read(Buffer::Moment(0))?;
    for (j, network) in networks.iter().enumerate() {
        let mut alone = gpu::Session::new(gpu.clone(), &plan, run.rows)?;
        let expected = run.train(&mut alone, network, &steps)?;
        let own = |all: &[f32]| all[j * network.len()..][..network.len()].to_vec();
        if own(&trained) != expected {
            return Err(format!("parameters of network {j} differ").into());
        }
        if own(&moments) != alone.read(Buffer::Moment(0))? {
            return Err(format!("moments of network {j} differ").into());
        }
    }
    Ok(())
}

/// Each step rounds a parameter once, by U of it at most, and its update, which is smaller; a step size that is not
/// unstable does not enlarge what earlier steps left.
pub(crate) fn stays_near_f64(gpu: &Arc<Gpu>, run: &Run) -> Result<(), Failed> {
    let (plan, steps, start) = (run.plan(), run.steps(EPOCHS), &run.mlp.parameters);
    let mut reference = cpu::Session::<f64>::new(&plan, run.rows, 1);
    let exact = run.train(&mut reference, start, &steps)?;
    let mut lane = inline::Session::new(gpu.clone(), &plan, run.rows, 1)?;
    let mut buffers = gpu::Session::new(gpu.clone(), &plan, run.rows)?;
    let families: [(&str, &mut dyn Session<f32>); 2] =
        [("lane", &mut lane), ("device", &mut buffers)];
    for (family, session) in families {
        let found = run.train(session, start, &steps)?;
        let largest = exact.iter().fold(1.0, |a: f64, p| a.max(p.abs()));
        let bound = 2.0 * steps.len() as f64 * U * largest;
        let mut errors = found.iter().zip(&exact).map(|(f, e)| f64::from(*f) - e);
        if let Some(error) = errors.find(|error| !within(error.abs(), bound)) {
            return Err(format!("{family} family: off by {error:e}, bound {bound:e}").into());
        }
    }
    Ok(())
}

/// Hits are whole numbers, and must be the same. The lane adds all rows into one account, the device family each row of
/// the batch into its own: a rounding an addition, at most, between the two sums.
pub(crate) fn evaluates_alike(gpu: &Arc<Gpu>, run: &Run) -> Result<(), Failed> {
    let (plan, start) = (run.plan(), &run.mlp.parameters);
    let mut lane = inline::Session::new(gpu.clone(), &plan, run.rows, 1)?;
    let mut buffers = gpu::Session::new(gpu.clone(), &plan, run.rows)?;
    let rows = Rows {
        first: 0,
        count: run.rows,
    };
    let mut sums = Vec::new();
    let families: [&mut dyn Session<f32>; 2] = [&mut lane, &mut buffers];
    for session in families {
        run.train(session, start, &[])?;
        session.run(Phase::Evaluate, &pass(rows, run.training.batch, 0))?;
        let sum = |values: Vec<f32>| values.into_iter().map(f64::from).sum::<f64>();
        let hits = sum(session.read(Buffer::Hits)?);
        sums.push((hits, sum(session.read(Buffer::Error)?)));
    }
    let [(hits, error), (other_hits, other_error)] = [sums[0], sums[1]];
    let bound = run.rows as f64 * U * error;
    match hits == other_hits && within((error - other_error).abs(), bound) {
        true => Ok(()),
        false => Err(format!("lane and device family: {sums:?}").into()),
    }
}

/// A lane takes a row at a time, so it cannot update between the layers of a batch of several rows: it must say so.
pub(crate) fn refuses_batches_in_place(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let sgd = Optimizer::sgd(0.5);
    let mut run = Run::new("batches in place", &[2, 2, 2], Loss::HalfSse, sgd, [4, 8]);
    run.training.order = Order::Sequential;
    match inline::Session::new(gpu.clone(), &run.plan(), run.rows, 1) {
        Err(_) => Ok(()),
        Ok(_) => has_the_device_familys_bits(gpu, &run),
    }
}
