//! Tests of populations in workgroups, for networks too large for lanes. Compares them with the device family, which
//! trains one network after the other.

use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::device::{Device, population as factory};
use wgrad::gpu::Gpu;
use wgrad::gpu::adapter::adapters::is_software;
use wgrad::kernels::{Buffer, Step};
use wgrad::model::{Loss, Mlp, Optimizer};
use wgrad::plan::{Family, Member, Phase, Population, Rows, Schedule, schedule::pass};
use wgrad::verify::training::TrainingRun;

/// Widths, rows and batch size. The folds have the same number of steps, with short last batches of different lengths.
const WIDTHS: [usize; 3] = [12, 24, 5];
const BATCH: usize = 16;
const FOLDS: [Rows; 2] = [
    Rows {
        first: 0,
        count: 41,
    },
    Rows {
        first: 41,
        count: 34,
    },
];

fn run() -> TrainingRun {
    let adam = Optimizer::adam(1.0);
    let rows = FOLDS[0].count + FOLDS[1].count;
    let name = "a population in workgroups";
    TrainingRun::new(name, &WIDTHS, Loss::CrossEntropy, adam, [BATCH, rows])
}

fn network(run: &TrainingRun, seed: u64) -> Vec<f32> {
    let [first, last] = [0, 1].map(|l| run.mlp.layers[l].activation);
    Mlp::random(&WIDTHS, first, last, seed).parameters
}

fn members() -> Vec<Member> {
    let member = |n: usize| Member {
        fold: n * n % 2,
        rate: 0.001 * (1 + n) as f32,
    };
    (0..7).map(member).collect()
}

fn schedules(run: &TrainingRun, epochs: std::ops::Range<usize>) -> Vec<Vec<Step>> {
    let fold = |rows| {
        let schedule = Schedule {
            rates: run.rates,
            dropout: run.training.dropout,
            rows,
            batch_size: BATCH,
            seed: 6,
            shuffle: true,
            optimizer: run.training.optimizer,
        };
        epochs.clone().flat_map(|e| schedule.epoch(e)).collect()
    };
    FOLDS.map(fold).into()
}

fn load(gpu: &Arc<Gpu>, family: Family, run: &TrainingRun) -> Result<Box<dyn Population>, Failed> {
    let device = Device::Gpu(gpu.clone());
    let mut population = factory::load(&device, family, &run.plan(), run.rows, &members())?;
    population.write(Buffer::DataInputs, &run.inputs)?;
    population.write(Buffer::DataTargets, &run.targets)?;
    let weights = (0..members().len() as u64).map(|seed| network(run, seed));
    population.write(Buffer::Parameters, &weights.collect::<Vec<_>>().concat())?;
    Ok(population)
}

/// Trains with one network that diverges, prunes, trains on and evaluates. Returns the state of all networks.
fn outcome(gpu: &Arc<Gpu>, family: Family, run: &TrainingRun) -> Result<Vec<Vec<f32>>, Failed> {
    let mut population = load(gpu, family, run)?;
    let mut weights = population.read(Buffer::Parameters)?;
    weights[3 * run.mlp.parameters.len() + 7] = f32::INFINITY;
    population.write(Buffer::Parameters, &weights)?;
    population.run(Phase::Train, &schedules(run, 0..2), &|_| true)?;
    let diverged = population.diverged()?;
    if (0..members().len()).any(|n| diverged[n] != (n == 3)) {
        return Err(format!("{family:?}: {diverged:?}, and the fourth did").into());
    }
    let first = population.read(Buffer::Parameters)?;
    population.keep(&[5, 3, 0])?;
    population.run(Phase::Train, &schedules(run, 2..4), &|_| true)?;
    if population.diverged()? != [false, true, false] {
        return Err(format!("{family:?}: forgets which network diverged").into());
    }
    let passes = FOLDS.map(|rows| pass(rows, BATCH, 0));
    population.run(Phase::Evaluate, &passes, &|_| true)?;
    let mut all = vec![first];
    for buffer in [Buffer::Parameters, Buffer::Moment(1)] {
        all.push(population.read(buffer)?);
    }
    // Hits of the diverged network do not count, because the device family skips it.
    let hits = population.read(Buffer::Hits)?;
    all.extend([&hits[..BATCH], &hits[2 * BATCH..]].map(<[f32]>::to_vec));
    Ok(all)
}

/// The bits are equal, apart from the NaNs of the diverged network.
pub(crate) fn agree(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let run = run();
    let expected = outcome(gpu, Family::Device, &run)?;
    let found = outcome(gpu, Family::Workgroup, &run)?;
    for (what, (found, expected)) in found.iter().zip(&expected).enumerate() {
        let same = |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
        if found.len() != expected.len() || !found.iter().zip(expected).all(same) {
            return Err(format!("buffer {what} differs from the device family's").into());
        }
    }
    Ok(())
}

/// Training stops on request. Only hardware chooses this family by default, for networks too large for a lane.
pub(crate) fn obeys(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let run = run();
    let mut population = load(gpu, Family::Workgroup, &run)?;
    match population.run(Phase::Train, &schedules(&run, 0..1), &|_| false) {
        Err(wgrad::Error::Interrupted) => {}
        other => return Err(format!("told to stop: {other:?}").into()),
    }
    let device = Device::Gpu(gpu.clone());
    let expected = match is_software(&gpu.info) {
        true => Family::Device,
        false => Family::Workgroup,
    };
    match factory::family(&device, &run.plan(), run.rows, 7) {
        family if family == expected => Ok(()),
        family => Err(format!("{family:?} is chosen, expected {expected:?}").into()),
    }
}
