//! Verifies the families: trains small networks in each, and compares the parameters with f64.

use super::case::U;
use super::judge::{Verdict, compare};
use super::training::TrainingRun;
use super::{Action, Finding, Place, Watch};
use crate::Error;
use crate::cpu::CpuSession;
use crate::gpu::print::block::BlockShape;
use crate::gpu::{Gpu, GpuSession, LaneSession, WorkgroupSession};
use crate::model::{Loss, Optimizer};
use crate::plan::{Family, Member, Session, backprop};
use crate::text::counted;
use std::sync::Arc;

/// Number of epochs per run.
const EPOCHS: usize = 4;

/// Loads a run in some mode.
type Load = fn(Arc<Gpu>, &TrainingRun) -> Result<Box<dyn Session<f32>>, Error>;

/// The execution modes of each family: calls one by one, rows in blocks, or the session's own choice.
const WAYS: [(Family, &str, Load); 5] = [
    (Family::Device, "calls", |gpu, run| {
        Ok(Box::new(GpuSession::call_by_call(
            gpu,
            &run.plan(),
            run.rows,
        )?))
    }),
    (Family::Device, "blocks", |gpu, run| {
        let (plan, has) = (run.plan(), gpu.capabilities());
        let shape = BlockShape::of_narrow_layers(&plan, &has)?;
        let unedited = |source| source;
        Ok(Box::new(GpuSession::in_blocks(
            gpu, &plan, run.rows, shape, unedited,
        )?))
    }),
    (Family::Device, "chosen", |gpu, run| {
        Ok(Box::new(GpuSession::new(gpu, &run.plan(), run.rows)?))
    }),
    (Family::Lane, "lane", |gpu, run| {
        Ok(Box::new(LaneSession::new(gpu, &run.plan(), 1)?))
    }),
    (Family::Workgroup, "workgroup", |gpu, run| {
        let (plan, one) = (run.plan(), [Member::default()]);
        Ok(Box::new(WorkgroupSession::new(gpu, &plan, run.rows, &one)?))
    }),
];

/// The modes that refuse networks too large for them.
const PARTIAL: [&str; 3] = ["blocks", "lane", "workgroup"];

/// Returns the names of a family's modes.
pub fn ways(family: Family) -> Vec<&'static str> {
    let own = WAYS.iter().filter(|(own, ..)| *own == family);
    own.map(|(_, name, _)| *name).collect()
}

/// Returns the runs for all families that can hold them: with short last batches, shuffled rows, every optimizer and
/// order.
pub fn runs() -> Vec<TrainingRun> {
    let momentum = Optimizer::Sgd {
        learning_rate: 0.05,
        momentum: 0.9,
        weight_decay: 0.01,
    };
    let (sgd, adam) = (Optimizer::sgd(0.5), Optimizer::adam(0.01));
    let article = TrainingRun::new("the article", &[2, 2, 2], Loss::HalfSse, sgd, [1, 8]);
    let mut frozen = TrainingRun {
        name: "frozen biases",
        ..article.clone()
    };
    frozen.training.train_bias = false;
    let mut sequential =
        TrainingRun::new("sequential order", &[2, 2, 2], Loss::HalfSse, sgd, [1, 8]);
    sequential.training.order = backprop::Order::Sequential;
    let classifier = |name, optimizer| {
        let loss = Loss::CrossEntropy;
        TrainingRun::new(name, &[4, 8, 3], loss, optimizer, [10, 47])
    };
    vec![
        article,
        frozen,
        sequential,
        classifier("a classifier with adam", adam),
        classifier("a classifier with momentum", momentum),
        TrainingRun::new("three layers", &[3, 5, 4, 2], Loss::Mse, momentum, [7, 30]),
    ]
}

/// Returns a run too large for a lane: several subgroups, a short last batch.
pub fn wide() -> TrainingRun {
    let adam = Optimizer::adam(0.01);
    let name = "a network larger than a lane";
    TrainingRun::new(name, &[16, 32, 10], Loss::CrossEntropy, adam, [32, 75])
}

/// Whether an adapter compiles the module of a lane in acceptable time. SwiftShader takes 0.3 s for the article's
/// network, but 11 s for 3-4-2 and minutes for 4-8-3.
pub fn compiles(gpu: &Gpu, run: &TrainingRun) -> bool {
    !gpu.info.name.starts_with("SwiftShader") || run.mlp.parameters.len() <= 12
}

/// Compares parameters with f64. Each step rounds a parameter once, by at most U of it, and its update, which is
/// smaller. With a stable learning rate, later steps do not enlarge earlier errors.
///
/// # Errors
/// Returns an error if the reference is not finite.
pub fn near_f64(
    run: &TrainingRun,
    start: &[f32],
    found: &[f32],
    epochs: usize,
) -> Result<Verdict, Error> {
    let steps = run.steps(epochs);
    let mut reference = CpuSession::<f64>::new(&run.plan(), run.rows, 1)?;
    let exact = run.train(&mut reference, start, &steps)?;
    if exact.iter().any(|parameter| !parameter.is_finite()) {
        return Err(Error::Diverged(format!("{run}: the reference diverges")));
    }
    let largest = exact.iter().fold(1.0, |a: f64, p| a.max(p.abs()));
    let bound = 2.0 * steps.len() as f64 * U * largest;
    let elements = found.iter().zip(&exact).map(|(f, e)| (*f, *e, bound));
    let after = format!(" after {}", counted(steps.len(), "step"));
    Ok(compare(elements, |i| {
        ("parameters".to_owned(), i, after.clone())
    }))
}

/// Trains the run, and compares its parameters with f64.
fn trained(run: &TrainingRun, session: &mut dyn Session<f32>) -> Result<Verdict, Error> {
    let start = &run.mlp.parameters;
    let found = run.train(session, start, &run.steps(EPOCHS))?;
    near_f64(run, start, &found, EPOCHS)
}

/// Verifies `family` on an adapter, one mode after the other. A failure of the adapter counts as a mismatch, and the
/// adapter is reopened for the next case.
pub fn family(gpu: &Arc<Gpu>, family: Family, watch: &mut Watch) -> Finding {
    let mut finding = Finding::new(family.name());
    let runs: Vec<TrainingRun> = runs().into_iter().chain([wide()]).collect();
    for (_, variant, load) in WAYS.into_iter().filter(|(own, ..)| *own == family) {
        for (number, run) in runs.iter().enumerate() {
            if family == Family::Lane && !compiles(gpu, run) {
                continue;
            }
            let at = Place { variant, number };
            match watch(at) {
                Action::Run => {}
                Action::Skip => continue,
                Action::LeaveOut => {
                    finding.left_out += 1;
                    continue;
                }
                Action::Stop => return finding,
            }
            let loaded = gpu.sound().map(|gpu| load(gpu, run));
            let verdict = match loaded {
                // Some modes do not support every network.
                Ok(Err(Error::Adapter(_))) if PARTIAL.contains(&variant) => continue,
                loaded => loaded.and_then(|session| trained(run, &mut *session?)),
            };
            finding.note(at, &run.to_string(), verdict);
        }
    }
    finding
}
