//! Verifies the families: trains small networks in each, and compares the parameters with f64.

use super::judge::{Verdict, compare};
use super::training::{TrainingRun, bound};
use super::{Action, Finding, Place, Watch, population};
use crate::Error;
use crate::cpu::CpuSession;
use crate::device::Device;
use crate::gpu::print::block::BlockShape;
use crate::gpu::{Gpu, GpuSession, LaneSession, WorkgroupSession};
use crate::model::{Activation, Loss, Optimizer};
use crate::plan::{Family, Member, Order, Session};
use crate::text::counted;
use std::sync::Arc;

/// Number of epochs per run.
const EPOCHS: usize = 4;

/// Loads a run in some mode.
type Load = fn(Arc<Gpu>, &TrainingRun) -> Result<Box<dyn Session<f32>>, Error>;

/// The execution modes of each family on an adapter: calls one by one, rows in blocks, or the session's own choice; in a
/// lane the script of software adapters, whose lanes share its words, and that of all others.
const WAYS: [(Family, &str, Load); 6] = [
    (Family::Device, "calls", |gpu, run| {
        Ok(Box::new(GpuSession::call_by_call(
            gpu,
            &run.plan(),
            run.rows,
        )?))
    }),
    (Family::Device, "blocks", |gpu, run| {
        let (plan, has) = (run.plan(), gpu.capabilities());
        let shape = match run.rows > MANY_ROWS {
            true => BlockShape::of_rows(&plan, &has, FEWEST_ROWS)?,
            false => BlockShape::of_narrow_layers(&plan, &has)?,
        };
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
    (Family::Lane, "unshared", |gpu, run| {
        Ok(Box::new(LaneSession::unshared(
            gpu,
            &run.plan(),
            |source| source,
        )?))
    }),
    (Family::Workgroup, "workgroup", |gpu, run| {
        let (plan, one) = (run.plan(), [Member::default()]);
        Ok(Box::new(WorkgroupSession::new(gpu, &plan, run.rows, &one)?))
    }),
];

/// The modes that refuse networks too large for them.
const PARTIAL: [&str; 4] = ["blocks", "lane", "unshared", "workgroup"];

/// The mode of networks side by side, which every family has.
const POPULATION: &str = "population";

/// The modes of the CPU device's own family of networks of any size, with their threads.
const CPU_WAYS: [(&str, usize); 2] = [("thread", 1), ("team", 2)];

/// The fewest rows of a block, and the rows beyond which there are more of these than workgroups in a dimension.
pub const FEWEST_ROWS: usize = 4;
const MANY_ROWS: usize = FEWEST_ROWS * 65_535;

/// Returns the names of a family's modes, on an adapter or on the CPU device.
pub fn ways(family: Family, on_cpu: bool) -> Vec<&'static str> {
    let own = WAYS.iter().filter(|(own, ..)| *own == family);
    let mut ways: Vec<&str> = match (on_cpu, family) {
        (false, _) => own.map(|(_, name, _)| *name).collect(),
        (true, Family::Device) => CPU_WAYS.map(|(name, _)| name).into(),
        (true, Family::Lane) => Vec::new(),
        (true, Family::Workgroup) => return Vec::new(),
    };
    ways.push(POPULATION);
    ways
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
    let rmsprop = Optimizer::Rmsprop {
        learning_rate: 0.01,
        alpha: 0.95,
        epsilon: 1e-4,
        momentum: 0.5,
        weight_decay: 0.01,
    };
    let lion = Optimizer::Lion {
        learning_rate: 0.01,
        beta1: 0.9,
        beta2: 0.95,
        weight_decay: 0.1,
    };
    let decayed = Optimizer::Adam {
        learning_rate: 0.01,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weight_decay: 0.5,
    };
    let article = TrainingRun::new("the article", &[2, 2, 2], Loss::HalfSse, sgd, [1, 8]);
    let mut frozen = TrainingRun {
        name: "frozen biases",
        ..article.clone()
    };
    frozen.training.train_bias = false;
    let mut sequential =
        TrainingRun::new("sequential order", &[2, 2, 2], Loss::HalfSse, sgd, [1, 8]);
    sequential.training.order = Order::Sequential;
    let classifier = |name, optimizer| {
        let loss = Loss::CrossEntropy;
        TrainingRun::new(name, &[4, 8, 3], loss, optimizer, [10, 47])
    };
    let mut changing = classifier("weight decay that changes", decayed).scheduled(8);
    changing.training.bias_rate = 0.3;
    let name = "nesterov's momentum, biases without decay";
    let mut nesterov = classifier(name, momentum);
    nesterov.training.nesterov = true;
    nesterov.training.decay_biases = false;
    vec![
        article,
        frozen,
        sequential,
        classifier("a classifier with adam", adam),
        classifier("a classifier with momentum", momentum),
        TrainingRun::new("three layers", &[3, 5, 4, 2], Loss::Mse, momentum, [7, 30]),
        TrainingRun::new("huber", &[3, 5, 2], Loss::Huber, momentum, [7, 30]),
        nesterov,
        classifier("weights and smoothed labels", adam).weighted(),
        TrainingRun::new("a quantile", &[3, 5, 2], Loss::Quantile, momentum, [7, 30]),
        TrainingRun::new("counts", &[3, 5, 2], Loss::Poisson, adam, [7, 30]),
        TrainingRun::new(
            "labels",
            &[3, 5, 2],
            Loss::BinaryCrossEntropy,
            adam,
            [7, 30],
        ),
        classifier("rmsprop", rmsprop),
        classifier("lion and a clipped norm", lion).clipped([0.5, 0.0]),
        classifier("values clipped", adam).clipped([0.0, 0.01]),
        classifier("gelu", adam).hidden(Activation::Gelu),
        classifier("mish and dropout", adam)
            .hidden(Activation::Mish)
            .dropping(0.25),
        classifier("dropout", adam).weighted().dropping(0.25),
        changing,
        classifier("dropout and momentum's decay that change", momentum)
            .dropping(0.25)
            .scheduled(8),
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

/// Compares parameters with f64.
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
    let bound = bound(&exact, steps.len());
    let elements = found.iter().zip(&exact).map(|(f, e)| (*f, *e, bound));
    let after = format!(" after {}", counted(steps.len(), "step"));
    Ok(compare(elements, |i| {
        ("parameters".to_owned(), i, after.clone())
    }))
}

/// Returns a step of more blocks than workgroups in a dimension. Only the last rows have an error, so that a sum over all
/// rows is as precise as theirs.
pub fn many_blocks() -> TrainingRun {
    let (sgd, rows) = (Optimizer::sgd(0.5), MANY_ROWS + 6);
    let name = "many blocks of rows";
    let mut run = TrainingRun::new(name, &[1, 1], Loss::HalfSse, sgd, [rows, rows]);
    run.shuffle = false;
    for values in [&mut run.inputs, &mut run.targets] {
        let (zeros, last) = values.split_at_mut(rows - 3);
        zeros.fill(0.0);
        last.copy_from_slice(&[0.5, -0.25, 0.125]);
    }
    run.targets[rows - 1] = rows as f32 / 8.0;
    run
}

/// Trains the run, and compares its parameters with f64.
fn trained(run: &TrainingRun, session: &mut dyn Session<f32>) -> Result<Verdict, Error> {
    let start = &run.mlp.parameters;
    let epochs = if run.rows > MANY_ROWS { 1 } else { EPOCHS };
    let found = run.train(session, start, &run.steps(epochs))?;
    near_f64(run, start, &found, epochs)
}

/// Verifies `family` on a device, one mode after the other. A failure of the adapter counts as a mismatch, and the
/// adapter is reopened for the next case.
pub fn family(device: &Device, family: Family, watch: &mut Watch) -> Finding {
    let mut finding = Finding::new(family.name());
    let all: Vec<TrainingRun> = runs().into_iter().chain([wide(), many_blocks()]).collect();
    for variant in ways(family, matches!(device, Device::Cpu)) {
        let own = all.iter().enumerate().filter(|(_, run)| match variant {
            POPULATION => false,
            _ => variant == "blocks" || run.rows <= MANY_ROWS,
        });
        let single = own.map(|(number, run)| (number, Some(run)));
        let population = (variant == POPULATION).then_some((0, None));
        for (number, run) in single.chain(population) {
            let compiled = match (device, run) {
                (Device::Gpu(gpu), Some(run)) => family != Family::Lane || compiles(gpu, run),
                _ => true,
            };
            if !compiled {
                continue;
            }
            let at = Place {
                variant,
                number,
                quick: number == 0,
            };
            match watch(at) {
                Action::Run => {}
                Action::Skip => continue,
                Action::LeaveOut => {
                    finding.left_out += 1;
                    continue;
                }
                Action::Stop => return finding,
            }
            let (name, verdict) = match run {
                Some(run) => match mode(device, variant, run).transpose() {
                    Some(verdict) => (run.to_string(), verdict),
                    None => continue,
                },
                None => (
                    population::NAME.to_owned(),
                    population::verdict(device, family),
                ),
            };
            finding.note(at, &name, verdict);
        }
    }
    finding
}

/// Trains the run in one mode. Returns none if the mode does not support the network, as some do not support all.
fn mode(device: &Device, variant: &str, run: &TrainingRun) -> Result<Option<Verdict>, Error> {
    match device {
        Device::Cpu => {
            let threads = CPU_WAYS.iter().find(|(name, _)| *name == variant);
            let threads = threads.map_or(1, |(_, threads)| *threads);
            let mut session = CpuSession::<f32>::new(&run.plan(), run.rows, threads)?;
            trained(run, &mut session).map(Some)
        }
        Device::Gpu(gpu) => {
            let gpu = gpu.sound()?;
            let load = WAYS.iter().find(|(_, name, _)| *name == variant);
            let (_, _, load) = load.ok_or_else(|| Error::Config(variant.to_owned()))?;
            match load(gpu.clone(), run) {
                Err(Error::Adapter(_)) if PARTIAL.contains(&variant) && gpu.check().is_ok() => {
                    Ok(None)
                }
                loaded => trained(run, &mut *loaded?).map(Some),
            }
        }
    }
}
