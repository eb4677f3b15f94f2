//! Compares networks trained side by side, over folds that differ by a row, with each network alone.

use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::cpu::CpuSession;
use wgrad::device::{Device, population as factory};
use wgrad::gpu::Gpu;
use wgrad::kernels::{Buffer, Step};
use wgrad::model::{Activation, Loss, Mlp, Optimizer};
use wgrad::plan::{Family, Member, Phase, Population, Rows, Schedule, Session, schedule::pass};
use wgrad::verify::training::TrainingRun;

const FOLDS: usize = 2;
/// Number of networks: more than the CPU's lanes, and not a multiple of them.
const NETWORKS: usize = 37;
const EPOCHS: usize = 3;

/// Returns a run with relu and the identity, because adapters may round the quotient of a sigmoid differently. A batch
/// size of 4 splits 15 and 16 rows into equally many steps, a batch size of 1 into 15 and 16.
fn run(batch: usize) -> TrainingRun {
    let momentum = Optimizer::Sgd {
        learning_rate: 1.0,
        momentum: 0.9,
        weight_decay: 0.01,
    };
    let mut run = TrainingRun::new("a population", &[2, 2, 2], Loss::Mse, momentum, [batch, 31]);
    run.mlp = network(0);
    run
}

fn network(seed: u64) -> Mlp {
    Mlp::random(&[2, 2, 2], Activation::Relu, Activation::Identity, seed)
}

fn members() -> Vec<Member> {
    let member = |n: usize| Member {
        fold: n % FOLDS,
        rate: 0.002 + 0.0005 * n as f32,
    };
    (0..NETWORKS).map(member).collect()
}

fn fold(fold: usize) -> Rows {
    [
        Rows {
            first: 0,
            count: 15,
        },
        Rows {
            first: 15,
            count: 16,
        },
    ][fold]
}

/// Returns the steps of some epochs. The shorter fold is padded with steps without rows.
fn schedules(run: &TrainingRun, epochs: std::ops::Range<usize>) -> Vec<Vec<Step>> {
    let of = |rows| Schedule {
        rates: run.rates,
        dropout: run.training.dropout,
        rows,
        batch_size: run.training.batch_size,
        seed: 3,
        shuffle: true,
        optimizer: run.training.optimizer,
    };
    let longest = of(fold(1)).steps_per_epoch();
    let steps = |rows| {
        let each = epochs.clone().map(|epoch| {
            let mut steps = of(rows).epoch(epoch);
            steps.resize(longest, Step::default());
            steps
        });
        each.flatten().collect()
    };
    (0..FOLDS).map(|f| steps(fold(f))).collect()
}

/// Returns the parameters after training, and the loss of the network's rows, for each network alone on one thread.
fn alone(
    run: &TrainingRun,
    n: usize,
    epochs: std::ops::Range<usize>,
) -> Result<(Vec<f32>, f32), Failed> {
    let member = members()[n];
    let mut session = CpuSession::<f32>::new(&run.plan().evaluating(64), run.rows, 1)?;
    session.begin(&[member.rate])?;
    let mut steps = schedules(run, epochs).swap_remove(member.fold);
    steps.retain(|step| step.rows > 0);
    let parameters = run.train(&mut session, &network(n as u64).parameters, &steps)?;
    let len = session.read(Buffer::Error)?.len();
    session.write(Buffer::Error, &vec![0.0; len])?;
    session.run(Phase::Evaluate, &pass(fold(member.fold), 64, 0))?;
    Ok((parameters, session.read(Buffer::Error)?.iter().sum()))
}

fn load(
    devices: &[Device],
    family: Family,
    run: &TrainingRun,
) -> Result<Box<dyn Population>, Failed> {
    let plan = run.plan().evaluating(64);
    let mut population = factory::load_on(devices, family, &plan, run.rows, &members())?;
    population.write(Buffer::DataInputs, &run.inputs)?;
    population.write(Buffer::DataTargets, &run.targets)?;
    let weights: Vec<f32> = (0..NETWORKS as u64)
        .flat_map(|seed| network(seed).parameters)
        .collect();
    population.write(Buffer::Parameters, &weights)?;
    Ok(population)
}

/// Networks trained together, pruned and trained on have the bits that each has alone.
fn agree(devices: &[Device], family: Family, batch: usize) -> Result<(), Failed> {
    let run = run(batch);
    let mut population = load(devices, family, &run)?;
    population.run(Phase::Train, &schedules(&run, 0..EPOCHS), &|_| true)?;
    let len = run.mlp.parameters.len();
    for (n, found) in population.read(Buffer::Parameters)?.chunks(len).enumerate() {
        same(n, found, &alone(&run, n, 0..EPOCHS)?.0)?;
    }
    let kept = [30, 7, 12, 1];
    population.keep(&kept)?;
    population.run(Phase::Train, &schedules(&run, EPOCHS..2 * EPOCHS), &|_| {
        true
    })?;
    let parameters = population.read(Buffer::Parameters)?;
    let errors = evaluated(&mut *population)?;
    for (i, n) in kept.into_iter().enumerate() {
        let (expected, error) = alone(&run, n, 0..2 * EPOCHS)?;
        same(n, &parameters[i * len..][..len], &expected)?;
        if (errors[i] - error).abs() > 1e-6 * error {
            return Err(format!("network {n}: error {} and not {error}", errors[i]).into());
        }
    }
    match population.diverged()?.contains(&true) {
        true => Err("a network is said to have diverged".into()),
        false => Ok(()),
    }
}

fn evaluated(population: &mut dyn Population) -> Result<Vec<f32>, Failed> {
    let len = population.read(Buffer::Error)?.len();
    population.write(Buffer::Error, &vec![0.0; len])?;
    let passes: Vec<Vec<Step>> = (0..FOLDS).map(|f| pass(fold(f), 64, 0)).collect();
    population.run(Phase::Evaluate, &passes, &|_| true)?;
    let errors = population.read(Buffer::Error)?;
    Ok(errors.chunks(len / 4).map(|own| own.iter().sum()).collect())
}

fn same(n: usize, found: &[f32], expected: &[f32]) -> Result<(), Failed> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("network {n}: {found:?} and not {expected:?}").into()),
    }
}

/// Compares lanes, and one network after the other, on the CPU device, and on several such devices.
pub(crate) fn agree_on_the_cpu() -> Result<(), Failed> {
    for batch in [1, 4] {
        agree(&[Device::Cpu], Family::Lane, batch)?;
        agree(&[Device::Cpu], Family::Device, batch)?;
    }
    agree(&vec![Device::Cpu; 3], Family::Lane, 4)
}

/// Compares lanes, workgroups, and one network after the other, on an adapter, and lanes on two.
pub(crate) fn agree_on_an_adapter(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let device = [Device::Gpu(gpu.clone())];
    for batch in [1, 4] {
        agree(&device, Family::Lane, batch)?;
        agree(&device, Family::Workgroup, batch)?;
        agree(&device, Family::Device, batch)?;
    }
    agree(&[&device[..], &device].concat(), Family::Lane, 4)
}

/// A network that diverges on the CPU device is detected, and its neighbours train on.
pub(crate) fn one_diverges_on_the_cpu() -> Result<(), Failed> {
    for family in [Family::Lane, Family::Device] {
        let run = run(4);
        let mut population = load(&[Device::Cpu], family, &run)?;
        let mut weights = population.read(Buffer::Parameters)?;
        weights[3 * run.mlp.parameters.len()] = f32::MAX;
        population.write(Buffer::Parameters, &weights)?;
        population.run(Phase::Train, &schedules(&run, 0..EPOCHS), &|_| true)?;
        let diverged = population.diverged()?;
        let lost: Vec<usize> = (0..NETWORKS).filter(|n| diverged[*n]).collect();
        if lost != [3] {
            return Err(format!("{family:?}: {lost:?} diverged, expected the fourth only").into());
        }
        let parameters = population.read(Buffer::Parameters)?;
        same(
            5,
            &parameters[5 * 12..6 * 12],
            &alone(&run, 5, 0..EPOCHS)?.0,
        )?;
    }
    Ok(())
}

/// A watcher can stop the training of a population.
pub(crate) fn stop_when_told() -> Result<(), Failed> {
    let run = run(4);
    for family in [Family::Lane, Family::Device] {
        let mut population = load(&[Device::Cpu], family, &run)?;
        match population.run(Phase::Train, &schedules(&run, 0..EPOCHS), &|_| false) {
            Err(wgrad::Error::Interrupted) => {}
            other => return Err(format!("{family:?}: {other:?}").into()),
        }
    }
    Ok(())
}
