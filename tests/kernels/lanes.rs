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

/// The article's network, a classifier with a short last batch, with momentum and decay, three layers, in-place order.
pub(crate) fn runs() -> Vec<Run> {
    let momentum = Optimizer::Sgd {
        learning_rate: 0.05,
        momentum: 0.9,
        weight_decay: 0.01,
    };
    let sgd = Optimizer::sgd(0.5);
    let article = Run::new("article", &[2, 2, 2], Loss::HalfSse, sgd, [1, 8]);
    let mut frozen = Run {
        name: "frozen biases",
        ..article.clone()
    };
    frozen.training.train_bias = false;
    let mut sequential = Run::new("sequential", &[2, 3, 2, 2], Loss::HalfSse, sgd, [1, 8]);
    sequential.training.order = Order::Sequential;
    let adam = Optimizer::adam(0.01);
    vec![
        article,
        frozen,
        sequential,
        Run::new("adam", &[4, 8, 3], Loss::CrossEntropy, adam, [10, 47]),
        Run::new(
            "momentum",
            &[4, 8, 3],
            Loss::CrossEntropy,
            momentum,
            [10, 47],
        ),
        Run::new("mse", &[3, 5, 4, 2], Loss::Mse, momentum, [7, 30]),
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

pub(crate) fn lanes_and_buffers_agree(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    for run in runs() {
        let (plan, steps, networks) = (run.plan(), run.steps(EPOCHS), population(&run));
        let mut lanes = inline::Session::new(gpu.clone(), &plan, run.rows, networks.len())?;
        let trained = run.train(&mut lanes, &networks.concat(), &steps)?;
        let moments = lanes.read(Buffer::Moment(0))?;
        for (j, network) in networks.iter().enumerate() {
            let mut alone = gpu::Session::new(gpu.clone(), &plan, run.rows)?;
            let expected = run.train(&mut alone, network, &steps)?;
            let own = |all: &[f32]| all[j * network.len()..][..network.len()].to_vec();
            if own(&trained) != expected {
                return Err(format!("{}: parameters of network {j} differ", run.name).into());
            }
            if own(&moments) != alone.read(Buffer::Moment(0))? {
                return Err(format!("{}: moments of network {j} differ", run.name).into());
            }
        }
    }
    Ok(())
}

/// Each step rounds a parameter once, by U of it at most, and its update, which is smaller; a step size that is not
/// unstable does not enlarge what earlier steps left.
pub(crate) fn families_stay_near_f64(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    for run in runs() {
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
                let what = format!("off by {error:e}, bound {bound:e}");
                return Err(format!("{}, {family} family: {what}", run.name).into());
            }
        }
    }
    Ok(())
}

/// Hits are whole numbers, and must be the same. The lane adds all rows into one account, the device family each row of
/// the batch into its own: a rounding an addition, at most, between the two sums.
pub(crate) fn evaluations_agree(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    for run in runs() {
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
            sums.push((
                sum(session.read(Buffer::Hits)?),
                sum(session.read(Buffer::Error)?),
            ));
        }
        let [(hits, error), (other_hits, other_error)] = [sums[0], sums[1]];
        let bound = run.rows as f64 * U * error;
        if hits != other_hits || !within((error - other_error).abs(), bound) {
            return Err(format!("{}: {sums:?}", run.name).into());
        }
    }
    Ok(())
}
