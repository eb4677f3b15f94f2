//! Verifies populations: networks trained side by side over two folds, each compared with f64.

use super::judge::{Verdict, compare};
use super::training::{TrainingRun, bound};
use crate::Error;
use crate::cpu::CpuSession;
use crate::device::{Device, population as factory};
use crate::kernels::{Buffer, Step};
use crate::model::{Activation, Loss, Mlp, Optimizer};
use crate::plan::{Family, Member, Phase, Rates, Rows, Schedule, Session};
use crate::text::counted;

/// The description of the case.
pub(super) const NAME: &str = "37 networks in 2 folds, 4 of them kept";

/// Number of networks: more than a lane family's workgroup or vector holds, and not a multiple of it.
const NETWORKS: usize = 37;
/// The networks that are kept, in their order from then on.
const KEPT: [usize; 4] = [30, 7, 12, 1];
/// Epochs before networks are dropped, and in all.
const EPOCHS: [usize; 2] = [2, 4];
const WIDTHS: [usize; 3] = [2, 2, 2];
/// The folds: as many steps, with short last batches of different lengths.
const FOLDS: [Rows; 2] = [
    Rows {
        first: 0,
        count: 15,
    },
    Rows {
        first: 15,
        count: 16,
    },
];

fn member(network: usize) -> Member {
    Member {
        fold: network % FOLDS.len(),
        rate: 0.01 + 0.005 * network as f32,
    }
}

fn weights(network: usize) -> Vec<f32> {
    let (hidden, output) = (Activation::Tanh, Activation::Identity);
    Mlp::random(&WIDTHS, hidden, output, network as u64).parameters
}

/// Returns the steps of some epochs of a fold.
fn steps(run: &TrainingRun, rows: Rows, epochs: std::ops::Range<usize>) -> Vec<Step> {
    let schedule = Schedule {
        rates: Rates::default(),
        dropout: run.training.dropout,
        rows,
        batch_size: run.training.batch_size,
        seed: 3,
        shuffle: true,
        optimizer: run.training.optimizer,
    };
    epochs.flat_map(|epoch| schedule.epoch(epoch)).collect()
}

/// Trains the networks, keeps some, trains these further, and compares them with f64.
///
/// # Errors
/// Returns an error if the device fails.
pub(super) fn verdict(device: &Device, family: Family) -> Result<Verdict, Error> {
    let device = &match device {
        Device::Cpu => Device::Cpu,
        Device::Gpu(gpu) => Device::Gpu(gpu.sound()?),
    };
    let momentum = Optimizer::Sgd {
        learning_rate: 1.0,
        momentum: 0.9,
        weight_decay: 0.01,
    };
    let run = TrainingRun::new("a population", &WIDTHS, Loss::Mse, momentum, [4, 31]);
    let members: Vec<Member> = (0..NETWORKS).map(member).collect();
    let mut population = factory::load(device, family, &run.plan(), run.rows, &members)?;
    population.write(Buffer::DataInputs, &run.inputs)?;
    population.write(Buffer::DataTargets, &run.targets)?;
    let all: Vec<f32> = (0..NETWORKS).flat_map(weights).collect();
    population.write(Buffer::Parameters, &all)?;
    let [first, last] = EPOCHS;
    for epochs in [0..first, first..last] {
        let schedules = FOLDS.map(|rows| steps(&run, rows, epochs.clone()));
        population.run(Phase::Train, &schedules, &|_| true)?;
        if epochs.start == 0 {
            population.keep(&KEPT)?;
        }
    }
    let found = population.read(Buffer::Parameters)?;
    let (mut exact, mut count) = (Vec::new(), 0);
    for network in KEPT {
        let member = member(network);
        let steps = steps(&run, FOLDS[member.fold], 0..last);
        count = count.max(steps.len());
        let mut session = CpuSession::<f64>::new(&run.plan(), run.rows, 1)?;
        session.begin(&[member.rate])?;
        exact.extend(run.train(&mut session, &weights(network), &steps)?);
    }
    if found.len() != exact.len() {
        let what = format!("{} of {} parameters are there", found.len(), exact.len());
        return Ok(Verdict::default().or_wrong(Some(what)));
    }
    let bound = bound(&exact, count);
    let elements = found.iter().zip(&exact).map(|(f, e)| (*f, *e, bound));
    let len = exact.len() / KEPT.len();
    let after = |i: usize| {
        let network = KEPT[i / len];
        format!(" of network {network} after {}", counted(count, "step"))
    };
    Ok(compare(elements, |i| {
        ("parameters".to_owned(), i % len, after(i))
    }))
}
