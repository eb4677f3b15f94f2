//! Whether a network's rows go in blocks or call by call: timed, where variants are, if both give the same bits.

use super::blocks::{BLOCK, CALLS, chosen};
use super::trial::number;
use super::{Session, Tuning};
use crate::Error;
use crate::device::Gpu;
use crate::plan::inline::block::Shape;
use crate::plan::{Buffer, Edit, Phase, Plan, Session as _};
use crate::schedule::Step;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Steps of a submission that is timed, at most, and how long it should take.
const MOST_STEPS: usize = 64;
const SAMPLE: Duration = Duration::from_millis(4);
/// Rows of the data set that are given numbers.
const ROWS: usize = 64;
const RATE: f32 = 0.125;

/// The session that is the faster one for `plan` on `gpu`, which can take its rows in blocks of `shape`.
pub(super) fn faster(
    gpu: Arc<Gpu>,
    plan: &Plan,
    data: usize,
    shape: Shape,
) -> Result<Session, Error> {
    let choice = chosen(plan, &shape, plan.batch);
    let in_blocks = |shape: Shape| {
        let unchanged: Box<Edit> = Box::new(|source| source);
        Session::with(gpu.clone(), plan, data, Some((shape, unchanged)))
    };
    let call_by_call = || Session::with(gpu.clone(), plan, data, None);
    // A session that only predicts has batches of one row, and is not worth the time.
    let tuning = gpu.tuning.clone().filter(|_| plan.batch > 1);
    let Some(tuning) = tuning else {
        return in_blocks(shape);
    };
    let known = lock(&tuning)
        .fastest(&gpu, &choice)
        .map(|name| name == BLOCK);
    let mut session = match known {
        Some(true) => in_blocks(shape)?,
        Some(false) => call_by_call()?,
        None => {
            let (mut blocks, mut calls) = (in_blocks(shape)?, call_by_call()?);
            if bits(&mut blocks, plan, data)? != bits(&mut calls, plan, data)? {
                blocks.clear()?;
                return Ok(blocks); // a choice by the clock must not change bits
            }
            let times = [
                (BLOCK, time(&mut blocks, plan, data)?),
                (CALLS, time(&mut calls, plan, data)?),
            ];
            let mut tuning = lock(&tuning);
            tuning.insert(&gpu, &choice, &times);
            tuning.save();
            let mut faster = match tuning.fastest(&gpu, &choice) == Some(CALLS) {
                true => calls,
                false => blocks,
            };
            faster.clear()?;
            faster
        }
    };
    let of_block = session.chosen.iter_mut().filter(|c| c.kernel == BLOCK);
    of_block.for_each(|chosen| chosen.timed = true);
    Ok(session)
}

fn lock(tuning: &Mutex<Tuning>) -> MutexGuard<'_, Tuning> {
    tuning.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The parameters after a step, of numbers that are the same for all.
fn bits(session: &mut Session, plan: &Plan, data: usize) -> Result<Vec<u32>, Error> {
    for (buffer, rows) in [
        (Buffer::Parameters, 1),
        (Buffer::DataInputs, data.min(ROWS)),
    ] {
        let len = session.placed(buffer).placement.len;
        let len = match buffer {
            Buffer::Parameters => session.placed(buffer).placement.lengths.iter().sum(),
            _ => len / data.max(1) * rows,
        };
        let numbers: Vec<f32> = (0..len as u32).map(number).collect();
        session.write(buffer, &numbers)?;
    }
    let rows = plan.batch.min(data).min(ROWS);
    session.run(Phase::Train, &[Step::whole(rows, RATE)])?;
    let parameters = session.read(Buffer::Parameters)?;
    Ok(parameters.into_iter().map(f32::to_bits).collect())
}

/// Microseconds of a step: the best of some submissions by the wall clock.
fn time(session: &mut Session, plan: &Plan, data: usize) -> Result<f64, Error> {
    let steps = [Step::whole(plan.batch.min(data), 0.0); MOST_STEPS];
    let mut run = |count: usize| -> Result<Duration, Error> {
        let start = Instant::now();
        session.run(Phase::Train, &steps[..count])?;
        Ok(start.elapsed() / count as u32)
    };
    run(1)?; // some drivers compile at the first use
    let once = run(1)?;
    let count = SAMPLE.as_nanos() / once.as_nanos().max(1);
    let count = (count as usize).clamp(1, MOST_STEPS);
    let mut best = once;
    for _ in 0..3 {
        best = best.min(run(count)?);
    }
    Ok(best.as_secs_f64() * 1e6)
}
