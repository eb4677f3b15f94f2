//! Trials of a call in a session that has not started: the bits that a variant computes, and its running time.

use crate::Error;
use crate::gpu::Gpu;
use crate::gpu::adapter::transfers::{read_words, storage};
use crate::gpu::buffers::{dispatch::Dispatch, memory::Placed};
use crate::kernels::{Buffer, Call, Step};
use std::collections::HashMap;
use std::ops::Range;
use std::time::{Duration, Instant};

/// Number of elements of each slice that are filled, and number of rows whose bits are compared.
const NUMBERS: usize = 1 << 14;
const ROWS: usize = 64;
/// The learning rate. It is not 0, so that the parameters that a call updates change.
const RATE: f32 = 0.125;
/// Number of times that a submission is timed. The shortest time counts.
const REPEATS: usize = 3;
/// A submission of many calls.
pub const SAMPLE: Sample = Sample {
    duration: Duration::from_millis(1),
    max_calls: 32,
};
/// Minimum number of calls of a submission of many. With fewer, a disturbance of a single call dominates the
/// difference.
const MIN_CALLS: usize = 4;
/// Calls slower than this are timed one at a time, which is accurate enough.
const SLOW: Duration = Duration::from_millis(5);

/// A call, with the slices that it reads and writes.
pub(super) struct Trial<'a> {
    gpu: &'a Gpu,
    step: &'a wgpu::Buffer,
    batch: usize,
    reads: Vec<Region<'a>>,
    writes: Vec<Region<'a>>,
}

/// A buffer, and a range of its elements.
type Region<'a> = (&'a wgpu::Buffer, Range<usize>);

impl<'a> Trial<'a> {
    pub(super) fn new(
        gpu: &'a Gpu,
        step: &'a wgpu::Buffer,
        buffers: &'a HashMap<Buffer, Placed>,
        call: &Call,
        batch: usize,
    ) -> Trial<'a> {
        let regions = |slices: &[crate::kernels::Slice]| -> Vec<Region<'a>> {
            let regions = slices.iter().map(|slice| {
                let placed = &buffers[&slice.buffer];
                let range = placed.placement.range(&slice.tensors);
                let end = range.end.min(range.start + NUMBERS);
                let [start, end] = [range.start, end].map(|at| placed.first + at);
                (&placed.buffer, start..end)
            });
            regions.collect()
        };
        Trial {
            gpu,
            step,
            batch,
            reads: regions(&call.reads),
            writes: regions(&call.writes),
        }
    }

    /// Returns the bits that a variant's dispatches compute from fixed numbers.
    pub(super) fn bits(&self, dispatches: &[Dispatch]) -> Result<Vec<u32>, Error> {
        for (buffer, range) in self.writes.iter().chain(&self.reads) {
            let numbers: Vec<f32> = (0..range.len() as u32).map(number).collect();
            let at = 4 * range.start as u64;
            let bytes = bytemuck::cast_slice(&numbers);
            self.gpu.write(buffer, at, bytes)?;
        }
        self.rows(self.batch.min(ROWS))?;
        let bytes = |range: &Range<usize>| 4 * range.len() as u64;
        let all = self.writes.iter().map(|(_, range)| bytes(range)).sum();
        let sample = storage(self.gpu, "sample", all)?;
        read_words(self.gpu, &[(&sample, 0..all)], |encoder| {
            record(encoder, dispatches, 1);
            let mut to = 0;
            for (buffer, range) in &self.writes {
                let from = 4 * range.start as u64;
                encoder.copy_buffer_to_buffer(buffer, from, &sample, to, bytes(range));
                to += bytes(range);
            }
        })
    }

    /// Returns the microseconds per call of each variant.
    pub(super) fn times(&self, variants: &[Vec<Dispatch>]) -> Result<Vec<f64>, Error> {
        self.rows(self.batch)?;
        times(variants.len(), &SAMPLE, |variant, calls| {
            self.submit(&variants[variant], calls)
        })
    }

    /// Clears the buffers to zeros, as the trial found them.
    pub(super) fn end(self) -> Result<(), Error> {
        let touched = self
            .reads
            .iter()
            .chain(&self.writes)
            .map(|(buffer, _)| *buffer);
        self.gpu.submit(|encoder| {
            for buffer in touched.chain([self.step]) {
                encoder.clear_buffer(buffer, 0, None);
            }
        })
    }

    fn rows(&self, rows: usize) -> Result<(), Error> {
        let step = Step::whole(rows, RATE);
        let bytes = bytemuck::bytes_of(&step);
        self.gpu.write(self.step, 0, bytes)
    }

    fn submit(&self, dispatches: &[Dispatch], calls: usize) -> Result<Duration, Error> {
        let start = Instant::now();
        self.gpu
            .submit(|encoder| record(encoder, dispatches, calls))?;
        self.gpu.wait()?;
        Ok(start.elapsed())
    }
}

fn record(encoder: &mut wgpu::CommandEncoder, dispatches: &[Dispatch], calls: usize) {
    let mut pass = encoder.begin_compute_pass(&Default::default());
    for dispatch in (0..calls).flat_map(|_| dispatches) {
        dispatch.record(&mut pass, 0);
    }
}

/// The size of the submission that is compared with a submission of a single call.
pub struct Sample {
    /// Its approximate running time.
    pub(super) duration: Duration,
    /// Its maximum number of calls.
    pub(super) max_calls: usize,
}

/// Returns the wall-clock microseconds per call of each candidate. `submit` times a submission of some calls of a
/// candidate. The overhead of a submission is excluded, unless a candidate is too slow to be the fastest, or all are
/// slow.
pub fn times(
    candidates: usize,
    sample: &Sample,
    mut submit: impl FnMut(usize, usize) -> Result<Duration, Error>,
) -> Result<Vec<f64>, Error> {
    for candidate in 0..candidates {
        submit(candidate, 1)?; // some drivers compile at the first use
    }
    // Times the candidates in turns, so that a short disturbance of the GPU does not affect one candidate only.
    let mut in_turns = |taken: &dyn Fn(usize) -> bool, calls: usize| {
        let mut least = vec![Duration::MAX; candidates];
        for _ in 0..REPEATS {
            for candidate in (0..candidates).filter(|candidate| taken(*candidate)) {
                least[candidate] = least[candidate].min(submit(candidate, calls)?);
            }
        }
        Ok::<_, Error>(least)
    };
    let ones = in_turns(&|_| true, 1)?;
    let fastest = ones.iter().copied().min().unwrap_or_default();
    // All candidates use the same number of calls: a different number would weigh more than the difference between
    // them.
    let calls = sample.duration.as_nanos() / fastest.as_nanos().max(1);
    let calls = (calls as usize).clamp(MIN_CALLS, sample.max_calls);
    let is_slow = |candidate: usize| fastest >= SLOW || ones[candidate] > 2 * fastest;
    let many = in_turns(&|candidate| !is_slow(candidate), calls)?;
    let time = |candidate: usize| match is_slow(candidate) {
        true => ones[candidate].as_secs_f64() * 1e6,
        false => slope(ones[candidate], many[candidate], calls),
    };
    Ok((0..candidates).map(time).collect())
}

/// Returns the microseconds that each call after the first adds, or the mean over all calls if they add nothing.
fn slope(one: Duration, many: Duration, calls: usize) -> f64 {
    let us = many.saturating_sub(one).as_secs_f64() * 1e6 / (calls - 1) as f64;
    match us > 0.0 {
        true => us,
        // A single call was disturbed. The mean is an upper bound.
        false => many.as_secs_f64() * 1e6 / calls as f64,
    }
}

/// Returns a number between -1/2 and 1/2 that uses all its bits, so that products and sums round.
pub(super) fn number(i: u32) -> f32 {
    let mixed = i.wrapping_add(1).wrapping_mul(0x9e37_79b1);
    let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x85eb_ca77);
    (mixed >> 8) as f32 / (1 << 24) as f32 - 0.5
}
