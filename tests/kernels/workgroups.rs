//! Compares the workgroup family with the device family and the lane family, bit for bit. Includes mutation tests.

use crate::{divergence, grids, rig};
use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::gpu::print::workgroup::WorkgroupShape;
use wgrad::gpu::{Gpu, GpuSession, LaneSession, WorkgroupSession};
use wgrad::kernels::{Buffer, Kernel};
use wgrad::model::{Activation, Loss, Mlp, Optimizer};
use wgrad::plan::{Member, Order, Phase, Rows, Session, schedule::pass};
use wgrad::verify::{
    KERNELS,
    case::{only, run},
    families,
    numbers::Numbers,
    training::TrainingRun,
};

const EPOCHS: usize = 3;

/// Returns the tests for any adapter.
pub(crate) fn tests() -> Vec<(String, crate::Test)> {
    vec![
        crate::test(
            "a diverged run stops in the workgroup family",
            divergence::stops_in_a_workgroup,
        ),
        crate::test(
            "of networks in workgroups only the one that diverges stops",
            divergence::only_one_workgroup_stops,
        ),
        crate::test("a workgroup refuses what it does not hold", refuses),
        crate::test(
            "a population in workgroups stops when told to, and is chosen on hardware only",
            grids::obeys,
        ),
    ]
}

/// Returns the runs of the lane tests, and runs that only a workgroup can hold: wider layers, sequential updates within
/// a batch, and a batch in parts.
pub(crate) fn runs() -> Vec<TrainingRun> {
    let mut runs = families::runs();
    let (sgd, adam) = (Optimizer::sgd(0.02), Optimizer::adam(0.01));
    runs.push(families::wide());
    runs.push(in_place());
    runs.push(in_parts());
    let mut deep = TrainingRun::new(
        "a deep network in place",
        &[5, 9, 7, 6, 2],
        Loss::Mse,
        adam,
        [12, 50],
    );
    deep.training.order = Order::Sequential;
    deep.training.train_bias = false;
    runs.push(deep);
    for (name, activation) in [
        ("a sigmoid network of one output", Activation::Sigmoid),
        ("a leaky network of one output", Activation::LeakyRelu),
    ] {
        let mut run = TrainingRun::new(name, &[7, 33, 1], Loss::HalfSse, sgd, [1, 9]);
        run.mlp = Mlp::random(&[7, 33, 1], activation, Activation::Identity, 4);
        runs.push(run);
    }
    runs
}

fn in_place() -> TrainingRun {
    let sgd = Optimizer::sgd(0.1);
    let mut run = TrainingRun::new("a batch in place", &[6, 20, 4], Loss::HalfSse, sgd, [9, 30]);
    run.training.order = Order::Sequential;
    run
}

/// Returns a run with 99 floats per row, so that no adapter's workgroup memory holds 500 rows.
fn in_parts() -> TrainingRun {
    let momentum = Optimizer::Sgd {
        learning_rate: 0.05,
        momentum: 0.9,
        weight_decay: 0.01,
    };
    let name = "a batch in parts";
    let relu = Mlp::random(&[8, 40, 3], Activation::Relu, Activation::Identity, 5);
    let run = TrainingRun::new(name, &[8, 40, 3], Loss::CrossEntropy, momentum, [500, 730]);
    TrainingRun { mlp: relu, ..run }
}

fn load(gpu: &Arc<Gpu>, run: &TrainingRun) -> Result<WorkgroupSession, wgrad::Error> {
    WorkgroupSession::new(gpu.clone(), &run.plan(), run.rows, &[Member::default()])
}

/// A network trained and evaluated in a workgroup has the bits that it has in the device family and in a lane, and
/// stays near f64.
pub(crate) fn agree(gpu: &Arc<Gpu>, run: &TrainingRun) -> Result<(), Failed> {
    let mut found = load(gpu, run)?;
    let mut device = GpuSession::new(gpu.clone(), &run.plan(), run.rows)?;
    let steps = run.steps(EPOCHS);
    let start = &run.mlp.parameters;
    let parameters = run.train(&mut found, start, &steps)?;
    families::near_f64(run, start, &parameters, EPOCHS)?.sound()?;
    run.train(&mut device, start, &steps)?;
    let moments = (0..run.training.optimizer.moments()).map(Buffer::Moment);
    let mut buffers = vec![Buffer::Parameters];
    buffers.extend(moments);
    if device.read(Buffer::Gradient).is_ok() {
        buffers.push(Buffer::Gradient); // fused SGD stores no gradient
    }
    same(&mut found, &mut device, &buffers)?;
    // The other runs take minutes to compile into a lane.
    let in_lanes = families::runs().iter().any(|lanes| lanes.name == run.name);
    let in_lanes = in_lanes && run.training.dropout == 0.0;
    if in_lanes && families::compiles(gpu, run) {
        let mut lane = LaneSession::new(gpu.clone(), &run.plan(), 1)?;
        run.train(&mut lane, start, &steps)?;
        same(&mut found, &mut lane, &[Buffer::Parameters])?;
    }
    let whole = WorkgroupShape::new(&run.plan(), gpu.capabilities().workgroup_memory)?.rows;
    if whole == run.training.batch_size {
        evaluate_alike(run, &mut found, &mut device)?;
    }
    Ok(())
}

/// With the same number of rows at a time, each row of the batch has the same sum and the same outputs.
fn evaluate_alike(
    run: &TrainingRun,
    found: &mut dyn Session<f32>,
    device: &mut dyn Session<f32>,
) -> Result<(), Failed> {
    let rows = Rows {
        first: 0,
        count: run.rows,
    };
    let steps = pass(rows, run.training.batch_size, 0);
    let out = Buffer::Out(run.mlp.layers.len());
    for (phase, steps, buffers) in [
        (
            Phase::Evaluate,
            &steps[..],
            &[Buffer::Error, Buffer::Hits][..],
        ),
        (Phase::Predict, &steps[..1], &[out]),
    ] {
        found.run(phase, steps)?;
        device.run(phase, steps)?;
        same(found, device, buffers)?;
    }
    Ok(())
}

fn same(
    found: &mut dyn Session<f32>,
    expected: &mut dyn Session<f32>,
    buffers: &[Buffer],
) -> Result<(), Failed> {
    for buffer in buffers {
        let (found, expected) = (found.read(*buffer)?, expected.read(*buffer)?);
        if found.len() != expected.len() {
            let [found, expected] = [found.len(), expected.len()];
            return Err(format!("{buffer:?} has {found} elements, not {expected}").into());
        }
        let mut pairs = found.iter().zip(&expected);
        if let Some(i) = pairs.position(|(a, b)| a.to_bits() != b.to_bits()) {
            let (found, expected) = (found[i], expected[i]);
            return Err(format!("{buffer:?}, element {i}: {found:e}, not {expected:e}").into());
        }
    }
    Ok(())
}

/// Every kernel has the bits of its plain variant, in every shape that a workgroup holds, for short batches, and with
/// canaries around its outputs. Except `gather`, whose rows come from the data set.
pub(crate) fn kernels_agree(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let memory = gpu.capabilities().workgroup_memory;
    // Rows are fetched in another way, and no plan contains fused_sgd.
    let printed = |kernel: &Kernel| !["gather", "fused_sgd"].contains(&kernel.name);
    for (kernel, cases) in KERNELS.iter().filter(|(kernel, _)| printed(kernel)) {
        let plain = &kernel.variants[kernel.variants.len() - 1];
        let mut ran = 0;
        for case in cases(Numbers::Reals) {
            let case = case.with(only(kernel, plain));
            let whole =
                WorkgroupShape::new(&case.plan(), memory).is_ok_and(|s| s.rows == case.batch);
            if !whole {
                continue;
            }
            let expected = rig::on_gpu(gpu, &case)?;
            let (plan, one) = (case.plan(), [Member::default()]);
            let mut session = WorkgroupSession::new(gpu.clone(), &plan, case.data, &one)?;
            let found = run(&mut session, &case)?;
            let bits = |all: &[Vec<f32>]| -> Vec<u32> {
                let words = all.concat().into_iter();
                words
                    .map(|v| if v.is_nan() { 0 } else { v.to_bits() })
                    .collect()
            };
            if bits(&found) != bits(&expected) {
                return Err(format!("{}: not the bits of the plain variant", case.name).into());
            }
            ran += 1;
        }
        if ran < 4 {
            return Err(format!("{}: only {ran} cases fit a workgroup", kernel.name).into());
        }
    }
    Ok(())
}

/// Networks too large are refused with a reason, and buffers that are not stored cannot be read.
pub(crate) fn refuses(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let sgd = Optimizer::sgd(0.1);
    let large = TrainingRun::new("large", &[784, 128, 10], Loss::HalfSse, sgd, [8, 8]);
    let mut early = in_parts();
    early.training.order = Order::Sequential;
    for run in [large, early] {
        match load(gpu, &run) {
            Err(wgrad::Error::Adapter(why)) if why.contains("a workgroup's memory holds") => {}
            Err(why) => return Err(format!("{}: {why}", run.name).into()),
            Ok(_) => return Err(format!("{}: fits a workgroup", run.name).into()),
        }
    }
    let mut session = load(gpu, &in_place())?;
    for buffer in [Buffer::Delta(0), Buffer::DataInputs, Buffer::Scratch(1)] {
        match session.read(buffer) {
            Err(wgrad::Error::Config(why)) if why.contains("does not keep it") => {}
            other => return Err(format!("{buffer:?}: {other:?}").into()),
        }
    }
    let all = pass(
        Rows {
            first: 0,
            count: 30,
        },
        30,
        0,
    );
    match session.run(Phase::Predict, &all) {
        Err(wgrad::Error::Adapter(_)) => Ok(()),
        other => Err(format!("30 rows where 9 are kept: {other:?}").into()),
    }
}

/// Mutants of the memory and the printed code: a piece of the module, the index of its occurrence, and the replacement.
const MUTANTS: [(&str, usize, &str); 18] = [
    // Barriers: after the gather, each layer, the loss, the gradients, the row numbers. Software adapters cannot reveal
    // a missing one after the last update: they go through the loop once more, masked, and meet its barriers.
    ("    sync();\n", 0, ""),
    ("    sync();\n", 1, ""),
    ("    sync();\n", 2, ""),
    ("    sync();\n", 3, ""),
    ("    sync();\n", 4, ""),
    ("    sync();\n", 5, ""),
    ("    sync();\n", 6, ""),
    ("workgroupBarrier();", 0, ""),
    // rows
    ("row_of(step, before + n)", 0, "row_of(step, n)"),
    (
        "if (before + first == 0u) { return 0.0; }",
        0,
        "if (first == 0u) { return 0.0; }",
    ),
    ("if (before + first == 0u) { return 0.0; }", 0, ""),
    ("return present;", 0, "return ROWS;"),
    // other faults
    ("step.learning_rate * rate", 0, "step.learning_rate"),
    ("return step.decay_factor;", 0, "return 1.0;"),
    ("return step.dropout_rate;", 0, "return 0.25;"),
    ("return step.dropout_scale;", 0, "return 1.0;"),
    ("k += TEAM) { kept[", 0, "k += 2u * TEAM) { kept["),
    ("i * STRIDE + n", 0, "i * width + n"),
];

/// Returns `text` with occurrence `at` of `from` replaced, or `None` if there is no such occurrence.
fn mutated(text: &str, (from, at, to): (&str, usize, &str)) -> Option<String> {
    let (start, _) = text.match_indices(from).nth(at)?;
    Some([&text[..start], to, &text[start + from.len()..]].concat())
}

pub(crate) fn mutants_are_caught(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let of_schedules = families::runs().pop().ok_or("no runs")?;
    let runs = [families::wide(), in_place(), in_parts(), of_schedules];
    let mut seeded = Vec::new();
    for run in &runs {
        let shape = WorkgroupShape::new(&run.plan(), gpu.capabilities().workgroup_memory)?;
        let mut device = GpuSession::new(gpu.clone(), &run.plan(), run.rows)?;
        device.begin(&[RATED.rate])?;
        let expected = trained(run, &mut device)?;
        seeded.push((run, shape.source(&run.plan(), Phase::Train), expected));
    }
    let mut survivors = Vec::new();
    for mutant in MUTANTS {
        let (mut found, mut caught) = (false, false);
        for (run, whole, expected) in &seeded {
            if caught {
                break;
            }
            let Some(text) = mutated(whole, mutant) else {
                continue;
            };
            naga::front::wgsl::parse_str(&text).map_err(|why| why.emit_to_string(&text))?;
            let session = WorkgroupSession::new(gpu.clone(), &run.plan(), run.rows, &[RATED])?;
            let mut faulty = session.edited(move |_| text.clone());
            found = true;
            caught = trained(run, &mut faulty)? != *expected;
        }
        match (found, caught) {
            (_, true) => {}
            (true, false) => survivors.push(format!("{mutant:?}")),
            (false, false) => return Err(format!("no module has {mutant:?} any more").into()),
        }
    }
    gpu.check()?;
    match survivors.is_empty() {
        true => Ok(()),
        false => Err(format!("not caught: {}", survivors.join("; ")).into()),
    }
}

/// A network with a rate of its own.
const RATED: Member = Member { fold: 0, rate: 0.5 };

/// Returns the parameters and moments after an epoch.
fn trained(run: &TrainingRun, session: &mut dyn Session<f32>) -> Result<Vec<Vec<f32>>, Failed> {
    let parameters = run.train(session, &run.mlp.parameters, &run.steps(1))?;
    let moments = (0..run.training.optimizer.moments()).map(Buffer::Moment);
    let moments = moments.map(|buffer| session.read(buffer));
    let all = [Ok(parameters)].into_iter().chain(moments);
    Ok(all.collect::<Result<_, _>>()?)
}
