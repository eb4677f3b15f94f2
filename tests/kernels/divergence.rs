//! Tests of divergence: a run reports where values are not finite, and changes nothing from then on.

use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::cpu::CpuSession;
use wgrad::gpu::{Gpu, GpuSession, LaneSession, WorkgroupSession};
use wgrad::kernels::{Diverged, Step};
use wgrad::model::{Loss, Optimizer};
use wgrad::plan::{Member, Order, Session};
use wgrad::verify::training::TrainingRun;

const MOMENTUM: Optimizer = Optimizer::Sgd {
    learning_rate: 0.1,
    momentum: 0.9,
    weight_decay: 0.0,
};

/// The step at which a run diverges.
const AT: u32 = 5;

/// Update orders.
const ORDERS: [Order; 2] = [Order::Simultaneous, Order::Sequential];

/// Returns a run of 8 steps of one row, in order, so that step `AT` has row `AT`.
fn run(name: &'static str, hidden: usize, optimizer: Optimizer, order: Order) -> TrainingRun {
    let mut run = TrainingRun::new(name, &[2, hidden, 2], Loss::HalfSse, optimizer, [1, 8]);
    run.training.order = order;
    run
}

/// Returns the runs, with the expected report and the number of effective steps.
fn runs(hidden: usize, orders: &[Order]) -> Vec<(TrainingRun, Vec<Step>, Diverged, usize)> {
    let mut runs = Vec::new();
    for &order in orders {
        for (name, optimizer) in [("momentum", MOMENTUM), ("adam", Optimizer::adam(0.1))] {
            let forward = Diverged::Forward { step: AT };
            let mut target = run(name, hidden, optimizer, order);
            target.targets[2 * AT as usize + 1] = f32::INFINITY;
            let mut large = run(name, hidden, optimizer, order);
            large.targets[2 * AT as usize] = 1e30;
            for run in [target, large] {
                let steps = run.steps(1);
                runs.push((run, steps, forward, AT as usize));
            }
            let jump = run(name, hidden, optimizer, order);
            let mut steps = jump.steps(1);
            steps[AT as usize].learning_rate = f32::INFINITY;
            let update = Diverged::Update { step: AT };
            runs.push((jump, steps, update, AT as usize + 1));
        }
    }
    runs
}

/// A function that loads a run into a family.
type Load<'a> = &'a dyn Fn(&TrainingRun) -> Result<Box<dyn Session<f32>>, wgrad::Error>;

/// The result of all steps, then of a second run, equals that of the effective steps.
fn stops(load: Load) -> Result<(), Failed> {
    all_stop(load, runs(2, &ORDERS))
}

fn all_stop(
    load: Load,
    runs: Vec<(TrainingRun, Vec<Step>, Diverged, usize)>,
) -> Result<(), Failed> {
    for (run, steps, expected, count) in runs {
        let name = format!("{} {:?} {expected:?}", run.name, run.training.order);
        let start = &run.mlp.parameters;
        let (mut session, mut short) = (load(&run)?, load(&run)?);
        let all = run.train(&mut *session, start, &steps)?;
        let diverged = session.diverged()?;
        if diverged != Some(expected) {
            return Err(format!("{name}: said {diverged:?}").into());
        }
        let counting = run.train(&mut *short, start, &steps[..count])?;
        let next = run.steps(steps.len() / run.rows + 1);
        let again = run.train(&mut *session, &all, &next[steps.len()..])?;
        for (what, found) in [("after it", &all), ("in the next run", &again)] {
            let same = found
                .iter()
                .zip(&counting)
                .all(|(a, b)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()));
            if !same {
                return Err(format!("{name}: parameters change {what}").into());
            }
        }
        if session.diverged()? != Some(expected) {
            return Err(format!("{name}: the next run forgets it").into());
        }
    }
    Ok(())
}

pub(crate) fn stops_on_the_cpu() -> Result<(), Failed> {
    stops(&|run| Ok(Box::new(CpuSession::new(&run.plan(), run.rows, 1)?)))
}

pub(crate) fn stops_in_buffers(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    stops(&|run| {
        let session = GpuSession::new(gpu.clone(), &run.plan(), run.rows)?;
        Ok(Box::new(session))
    })
}

pub(crate) fn stops_in_a_lane(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    stops(&|run| {
        let session = LaneSession::new(gpu.clone(), &run.plan(), 1)?;
        Ok(Box::new(session))
    })
}

/// Diverges in the second of three scripts, all submitted before the host checks the first.
pub(crate) fn stops_in_a_later_script(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let load = |run: &TrainingRun| -> Result<Box<dyn Session<f32>>, wgrad::Error> {
        let session = LaneSession::new(gpu.clone(), &run.plan(), 1)?;
        Ok(Box::new(session))
    };
    let run = run("scripts", 2, MOMENTUM, Order::Simultaneous);
    let mut steps = run.steps(1_200);
    let at = 6_000;
    steps[at].learning_rate = f32::INFINITY;
    let expected = Diverged::Update { step: at as u32 };
    all_stop(&load, vec![(run, steps, expected, at + 1)])
}

pub(crate) fn stops_in_a_workgroup(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    stops(&|run| Ok(Box::new(workgroups(gpu, run, 1)?)))
}

fn workgroups(
    gpu: &Arc<Gpu>,
    run: &TrainingRun,
    n: usize,
) -> Result<WorkgroupSession, wgrad::Error> {
    let networks = vec![Member::default(); n];
    WorkgroupSession::new(gpu.clone(), &run.plan(), run.rows, &networks)
}

/// The second of three networks in lanes diverges: the others train on as if alone.
pub(crate) fn only_one_network_stops(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    only_one_stops(&|run, n| Ok(Box::new(LaneSession::new(gpu.clone(), &run.plan(), n)?)))
}

/// Like [`only_one_network_stops`], in workgroups.
pub(crate) fn only_one_workgroup_stops(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    only_one_stops(&|run, n| Ok(Box::new(workgroups(gpu, run, n)?)))
}

/// Loads several networks of a run into a family.
type LoadMany<'a> = &'a dyn Fn(&TrainingRun, usize) -> Result<Box<dyn Session<f32>>, wgrad::Error>;

fn only_one_stops(load: LoadMany) -> Result<(), Failed> {
    let run = run("population", 2, MOMENTUM, Order::Simultaneous);
    let (good, steps) = (run.mlp.parameters.clone(), run.steps(1));
    let mut bad = good.clone();
    bad[good.len() - 1] = 1e30;
    let alone = run.train(&mut *load(&run, 1)?, &good, &steps)?;
    let mut population = load(&run, 3)?;
    let all = [&good[..], &bad, &good].concat();
    let trained = run.train(&mut *population, &all, &steps)?;
    let expected = [&alone[..], &bad, &alone].concat();
    if trained != expected {
        return Err("a network that diverges disturbs the others, or goes on".into());
    }
    match population.diverged()? {
        Some(Diverged::Forward { step: 0 }) => Ok(()),
        other => Err(format!("the population says {other:?}").into()),
    }
}
