//! Autotunes fused blocks of rows against one dispatch per call, where variants are timed and both give the same bits.

use crate::Error;
use crate::gpu::adapter::timings::{Autotune, Timed};
use crate::gpu::buffers::{
    blocks::{BLOCK, CALLS},
    timing::{Sample, number, times},
};
use crate::gpu::print::{block::BlockShape, network::Edit};
use crate::gpu::{Gpu, GpuSession};
use crate::kernels::{Buffer, Step};
use crate::plan::{Phase, Plan, Session as _, fusion};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A submission of many steps.
const SAMPLE: Sample = Sample {
    duration: Duration::from_millis(4),
    max_calls: 64,
};
/// Minimum number of rows of the data set for the timed sessions.
const ROWS: usize = 64;
const RATE: f32 = 0.125;

/// Returns the faster session for `plan` on `gpu`, with fused blocks of `shape` or one dispatch per call. The sessions
/// that are timed hold a few rows only, and are dropped.
pub(super) fn faster(
    gpu: Arc<Gpu>,
    plan: &Plan,
    data: usize,
    shape: BlockShape,
) -> Result<GpuSession, Error> {
    let load = |blocks: bool, rows: usize| -> Result<GpuSession, Error> {
        let unchanged: Box<Edit> = Box::new(|source| source);
        let shape = blocks.then(|| BlockShape::of_narrow_layers(plan, &gpu.capabilities()));
        let shape = shape.transpose()?;
        GpuSession::with(gpu.clone(), plan, rows, shape.map(|s| (s, unchanged)))
    };
    // A session that only predicts has batches of one row, and is not worth timing.
    let tuning = gpu.tuning.clone().filter(|_| plan.batch_size > 1);
    let Some(tuning) = tuning else {
        return load(true, data);
    };
    let timed = Timed::Network {
        network: fingerprint(&gpu, plan, &shape),
    };
    let known = || {
        lock(&tuning)
            .fastest(&gpu.info, &timed)
            .map(|name| name == BLOCK)
    };
    if known().is_none() {
        let rows = data.min(plan.batch_size.max(ROWS));
        let mut candidates = vec![load(false, rows)?];
        candidates.extend(gpu.attempt(|| load(true, rows))?);
        // Compares bits before any timing, because timing leaves moments behind.
        let found = candidates
            .iter_mut()
            .map(|candidate| bits(candidate, plan, rows));
        let found = found.collect::<Result<Vec<_>, _>>()?;
        // A choice by timing must not change bits. If the bits differ, only calls are allowed, because all adapters
        // have them in common.
        let same = found.iter().all(|bits| *bits == found[0]);
        let names = &[CALLS, BLOCK][..if same { candidates.len() } else { 1 }];
        let times = times(names.len(), &SAMPLE, |candidate, steps| {
            time(&mut candidates[candidate], plan, rows, steps)
        })?;
        let times: Vec<_> = names.iter().copied().zip(times).collect();
        let mut tuning = lock(&tuning);
        tuning.insert(&gpu.info, timed.clone(), BLOCK, &times);
        tuning.save();
    }
    let mut session = load(known() == Some(true), data)?;
    let of_block = session.chosen.iter_mut().filter(|c| c.kernel == BLOCK);
    of_block.for_each(|chosen| chosen.timed = true);
    Ok(session)
}

/// Returns a hash that distinguishes the blocks of one network from those of another: FNV-1a of the module and of the
/// calls outside it. It is stored where a call has its trip count.
fn fingerprint(gpu: &Gpu, plan: &Plan, shape: &BlockShape) -> u32 {
    let calls = fusion::fused_calls(plan, Phase::Train);
    let named = calls.iter().map(|call| (call.kernel.name, &call.args));
    let others = format!("{:?} {:?}", named.collect::<Vec<_>>(), gpu.sums);
    let source = shape.source(plan, Phase::Train) + &others;
    let mix = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    source.bytes().fold(0x811C_9DC5, mix)
}

fn lock(tuning: &Mutex<Autotune>) -> MutexGuard<'_, Autotune> {
    tuning.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the parameters after one step on fixed numbers.
fn bits(session: &mut GpuSession, plan: &Plan, data: usize) -> Result<Vec<u32>, Error> {
    let numbers = |len: usize| (0..len as u32).map(number).collect::<Vec<f32>>();
    for buffer in [Buffer::Parameters, Buffer::DataInputs] {
        let lengths = session.placed(buffer)?.placement.lengths.iter().sum();
        session.write(buffer, &numbers(lengths))?;
    }
    let rows = plan.batch_size.min(data);
    session.run(Phase::Train, &[Step::whole(rows, RATE)])?;
    let parameters = session.read(Buffer::Parameters)?;
    Ok(parameters.into_iter().map(f32::to_bits).collect())
}

/// Returns the wall-clock time of a submission of `steps` steps.
fn time(
    session: &mut GpuSession,
    plan: &Plan,
    data: usize,
    steps: usize,
) -> Result<Duration, Error> {
    let steps = vec![Step::whole(plan.batch_size.min(data), 0.0); steps];
    let start = Instant::now();
    session.run(Phase::Train, &steps)?;
    Ok(start.elapsed())
}

impl GpuSession {
    /// Loads `plan` for a data set of `data` rows, with fused blocks of rows where that pays.
    pub fn new(gpu: Arc<Gpu>, plan: &Plan, data: usize) -> Result<GpuSession, Error> {
        let has_room = |shape: &BlockShape| 4 * shape.results_len() as u64 <= gpu.largest_buffer();
        match BlockShape::of(plan, &gpu.capabilities()).filter(has_room) {
            Some(shape) => faster(gpu, plan, data, shape),
            None => GpuSession::call_by_call(gpu, plan, data),
        }
    }

    /// Loads `plan` on any adapter, with fused blocks of all narrow layers if that is faster.
    ///
    /// # Errors
    /// If the plan does not support blocks.
    pub fn autotuned(gpu: Arc<Gpu>, plan: &Plan, data: usize) -> Result<GpuSession, Error> {
        let shape = BlockShape::of_narrow_layers(plan, &gpu.capabilities())?;
        faster(gpu, plan, data, shape)
    }
}
