//! Tests of blocks: compares a session that runs the calls on rows in one dispatch with one that runs them one by one.

use libtest_mimic::Failed;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use wgrad::gpu::adapter::timings::Autotune;
use wgrad::gpu::print::block::BlockShape;
use wgrad::gpu::{Gpu, GpuSession};
use wgrad::kernels::{Buffer, Capabilities};
use wgrad::model::{Activation, Loss, Optimizer};
use wgrad::plan::{Phase, Plan, Rows, Session, schedule::pass};
use wgrad::verify::training::TrainingRun;

/// Creates a block shape for a plan.
pub(crate) type Make = fn(&Plan, &Capabilities) -> Result<BlockShape, wgrad::Error>;

/// Loads a session in blocks.
pub(crate) fn in_blocks(
    adapter: &Arc<Gpu>,
    plan: &Plan,
    rows: usize,
    make: Make,
    edit: impl Fn(String) -> String + Send + 'static,
) -> Result<GpuSession, wgrad::Error> {
    let shape = make(plan, &adapter.capabilities())?;
    GpuSession::in_blocks(adapter.clone(), plan, rows, shape, edit)
}

pub(crate) fn tests() -> Vec<(String, crate::Test)> {
    let mut tests = vec![
        crate::test(
            "blocks of rows are taken where they are timed to be faster",
            are_timed,
        ),
        crate::test(
            "a phase that is loaded late leaves a session's numbers alone",
            late_phases_touch_nothing,
        ),
    ];
    let of_rows: [(usize, Make); 4] = [
        (8, |plan, gpu| of_rows(plan, gpu, 8)),
        (16, |plan, gpu| of_rows(plan, gpu, 16)),
        (32, |plan, gpu| of_rows(plan, gpu, 32)),
        (64, of_64_rows),
    ];
    tests.extend(of_rows.map(|(rows, make)| {
        crate::test(
            format!("in blocks of {rows} rows: as call by call"),
            move |gpu| agree(gpu, &of_many_rows(), make),
        )
    }));
    tests.extend(runs().into_iter().map(|run| {
        let sentence = format!("in blocks of rows, {}: as call by call", run.name);
        crate::test(sentence, move |gpu| {
            agree(gpu, &run, BlockShape::of_narrow_layers)
        })
    }));
    tests
}

/// Number of epochs: enough for more steps than one prefetch covers.
const EPOCHS: usize = 7;

/// Returns runs with layers of one to 128 neurons, multiples of a texel or not; one layer and six, also above wider
/// ones; batches of one block, of several, and short last ones; every activation and loss; optimizers that store a
/// gradient and one that does not.
pub(crate) fn runs() -> Vec<TrainingRun> {
    let (sgd, adam) = (Optimizer::sgd(0.05), Optimizer::adam(0.01));
    let momentum = Optimizer::Sgd {
        learning_rate: 0.05,
        momentum: 0.9,
        weight_decay: 0.01,
    };
    let run = |name, widths: &[usize], activation, loss, optimizer, sizes| {
        TrainingRun::new(name, widths, loss, optimizer, sizes).hidden(activation)
    };
    use Activation::{LeakyRelu, Relu, Sigmoid, Tanh};
    use Loss::{CrossEntropy, HalfSse, Mse};
    vec![
        run("one row", &[3, 5, 2], Sigmoid, HalfSse, sgd, [1, 7]),
        run("one layer", &[9, 4], Tanh, CrossEntropy, adam, [20, 50]),
        run("whole texels", &[8, 16, 4], Relu, Mse, momentum, [33, 80]),
        run(
            "odd widths",
            &[13, 31, 17, 5],
            Tanh,
            CrossEntropy,
            sgd,
            [50, 110],
        ),
        run(
            "the widest",
            &[128, 65, 128, 3],
            LeakyRelu,
            HalfSse,
            adam,
            [40, 90],
        ),
        run("one output", &[7, 9, 1], Sigmoid, Mse, sgd, [17, 40]),
        run(
            "many layers",
            &[12, 16, 24, 16, 12, 8, 3],
            Tanh,
            CrossEntropy,
            momentum,
            [70, 150],
        ),
        run(
            "behind a wide layer",
            &[131, 30, 6],
            Sigmoid,
            HalfSse,
            sgd,
            [33, 70],
        ),
        run(
            "behind two",
            &[20, 129, 24, 17, 3],
            Tanh,
            CrossEntropy,
            adam,
            [40, 90],
        ),
        run(
            "large blocks",
            &[6, 10, 3],
            Relu,
            CrossEntropy,
            sgd,
            [4133, 6000],
        ),
    ]
}

/// Returns a run whose lanes have one row in a block of 8, and eight in a block of 64. The last block is short.
pub(crate) fn of_many_rows() -> TrainingRun {
    let (loss, adam) = (Loss::CrossEntropy, Optimizer::adam(0.01));
    TrainingRun::new("many rows", &[21, 40, 38, 3], loss, adam, [150, 210]).hidden(Activation::Tanh)
}

pub(crate) fn of_64_rows(plan: &Plan, adapter: &Capabilities) -> Result<BlockShape, wgrad::Error> {
    of_rows(plan, adapter, 64)
}

fn of_rows(plan: &Plan, adapter: &Capabilities, rows: usize) -> Result<BlockShape, wgrad::Error> {
    let shape = BlockShape::of_rows(plan, adapter, rows)?;
    match shape.rows == rows {
        true => Ok(shape),
        false => Err(wgrad::Error::Adapter(format!("{} rows", shape.rows))),
    }
}

/// Checks for equal bits after some epochs, and then in evaluation and prediction.
pub(crate) fn agree(adapter: &Arc<Gpu>, run: &TrainingRun, make: Make) -> Result<(), Failed> {
    let load = |blocks: bool| {
        let plan = run.plan().evaluating(run.training.batch_size + 9);
        match blocks {
            true => in_blocks(adapter, &plan, run.rows, make, |source| source),
            false => GpuSession::call_by_call(adapter.clone(), &plan, run.rows),
        }
    };
    let (mut found, mut expected) = (load(true)?, load(false)?);
    let are_blocks =
        |session: &GpuSession| session.kernel_choices().iter().any(|c| c.kernel == "block");
    if !are_blocks(&found) || are_blocks(&expected) {
        return Err("not what is to be compared".into());
    }
    let steps = run.steps(EPOCHS);
    let moments = (0..run.training.optimizer.moments()).map(Buffer::Moment);
    let trained: Vec<Buffer> = moments.chain([Buffer::Parameters, Buffer::Error]).collect();
    for session in [&mut found, &mut expected] {
        run.train(session, &run.mlp.parameters, &steps)?;
    }
    same(run, &mut found, &mut expected, &trained)?;
    let evaluation = pass(
        Rows {
            first: 0,
            count: run.rows,
        },
        run.training.batch_size + 9,
        0,
    );
    let out = Buffer::Out(run.mlp.layers.len());
    let accounts = [Buffer::Error, Buffer::Hits];
    for (phase, steps, buffers) in [
        (
            Phase::Gradient,
            &steps[..1],
            &[Buffer::Gradient, Buffer::Error][..],
        ),
        (Phase::Evaluate, &evaluation[..], &accounts),
        (Phase::Predict, &evaluation[..1], &[out]),
    ] {
        for session in [&mut found, &mut expected] {
            session.run(phase, steps)?;
        }
        same(run, &mut found, &mut expected, buffers)?;
    }
    Ok(())
}

fn same(
    run: &TrainingRun,
    found: &mut dyn Session<f32>,
    expected: &mut dyn Session<f32>,
    buffers: &[Buffer],
) -> Result<(), Failed> {
    for buffer in buffers {
        let bits = |session: &mut dyn Session<f32>| -> Result<Vec<u32>, wgrad::Error> {
            let values = session.read(*buffer)?.into_iter();
            Ok(values.map(f32::to_bits).collect())
        };
        let (found, expected) = (bits(found)?, bits(expected)?);
        if found != expected {
            let differs = found.iter().zip(&expected).filter(|(f, e)| f != e).count();
            let (name, all) = (run.name, found.len());
            return Err(format!("{name}: {differs} of {all} bits of {buffer:?} differ").into());
        }
    }
    Ok(())
}

/// Returns the bits of the parameters and errors after some epochs.
pub(crate) fn trained(run: &TrainingRun, session: &mut GpuSession) -> Result<Vec<u32>, Failed> {
    let parameters = run.train(session, &run.mlp.parameters, &run.steps(EPOCHS))?;
    let all = [parameters, session.read(Buffer::Error)?].concat();
    Ok(all.into_iter().map(f32::to_bits).collect())
}

/// When variants are timed, blocks are timed too, and the file's choice is used. No bit changes.
fn are_timed(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tuning.json");
    let runs = runs();
    // Momentum, and a gradient of -0, would reveal values left behind by timing.
    let run = &runs[6];
    let train = || -> Result<(Vec<u32>, bool), Failed> {
        let mut gpu = (**adapter).clone();
        gpu.tuning = Some(Arc::new(Mutex::new(Autotune::at(&path))));
        let mut session = GpuSession::autotuned(Arc::new(gpu), &run.plan(), run.rows)?;
        let bits = trained(run, &mut session)?;
        let mut chosen = session.kernel_choices().iter();
        let block = chosen.find(|chosen| chosen.kernel == "block");
        match block.is_some_and(|chosen| !chosen.timed) {
            true => Err("blocks that were not timed".into()),
            false => Ok((bits, block.is_some())),
        }
    };
    let mut plain = GpuSession::call_by_call(adapter.clone(), &run.plan(), run.rows)?;
    let expected = trained(run, &mut plain)?;
    let (bits, _) = train()?;
    let mut file: Value = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
    let mut same = bits == expected;
    for (fastest, in_blocks) in [("block", true), ("calls", false)] {
        let timings = file["timings"]
            .as_array_mut()
            .ok_or("the file has no timings")?;
        let timing = timings.iter_mut().find(|timing| timing["network"].is_u64());
        let timing = timing.ok_or("no timing of blocks")?;
        if timing["us_per_call"].as_object().map(|times| times.len()) != Some(2) {
            return Err(format!("not two times: {timing}").into());
        }
        timing["fastest"] = fastest.into();
        std::fs::write(&path, file.to_string())?;
        let (bits, are_blocks) = train()?;
        same = same && bits == expected;
        if are_blocks != in_blocks {
            return Err(format!("the file says {fastest}, in blocks: {are_blocks}").into());
        }
    }
    match same {
        true => Ok(()),
        false => Err("the bits differ".into()),
    }
}

/// Timing a variant overwrites its inputs and outputs, so a session must not do it after it has begun.
fn late_phases_touch_nothing(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let mut gpu = (**adapter).clone();
    let path = folder.path().join("tuning.json");
    gpu.tuning = Some(Arc::new(Mutex::new(Autotune::at(&path))));
    let gpu = Arc::new(gpu);
    let runs = runs();
    let run = &runs[5]; // fused SGD: Phase::Gradient is loaded on first use; few layers, whose variants are all compiled
    let narrow = BlockShape::of_narrow_layers;
    let blocks = in_blocks(&gpu, &run.plan(), run.rows, narrow, |source| source)?;
    let calls = GpuSession::call_by_call(gpu, &run.plan(), run.rows)?;
    for mut session in [blocks, calls] {
        trained(run, &mut session)?;
        let before = [
            session.read(Buffer::Parameters)?,
            session.read(Buffer::Error)?,
        ];
        session.run(Phase::Gradient, &run.steps(1)[..1])?;
        let same = session.read(Buffer::Parameters)? == before[0];
        let errors = session.read(Buffer::Error)?;
        let added = errors
            .iter()
            .zip(&before[1])
            .all(|(e, b)| e >= b && *b > 0.0);
        if !same || !added {
            return Err(format!("parameters kept: {same}, errors: {added}").into());
        }
    }
    Ok(())
}
