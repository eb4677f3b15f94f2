//! A call tried out in a session that has not begun: what a variant makes of some numbers, and how long it takes.

use crate::Error;
use crate::gpu::{
    adapter::{
        gpu::Gpu,
        transfers::{read_words, storage},
    },
    buffers::{dispatch::Dispatch, memory::Placed},
};
use crate::kernels::{Buffer, Call, Step};
use std::collections::HashMap;
use std::ops::Range;
use std::time::{Duration, Instant};

/// Elements of each slice that are given numbers, and rows that are computed to compare bits.
const NUMBERS: usize = 1 << 14;
const ROWS: usize = 64;
/// The learning rate: parameters that a call updates must change.
const RATE: f32 = 0.125;
/// How often a submission is timed; the shortest time counts.
const TURNS: usize = 3;
/// A submission of many calls.
pub const SAMPLE: Sample = Sample {
    long: Duration::from_millis(1),
    most: 32,
};
/// Calls of a submission of many, at least: with fewer, what disturbs one is most of the difference.
const LEAST_CALLS: usize = 4;
/// A call so slow that one at a time tells enough.
const SLOW: Duration = Duration::from_millis(5);

/// A call, with the slices that it reads and writes.
pub(super) struct Trial<'a> {
    gpu: &'a Gpu,
    step: &'a wgpu::Buffer,
    batch: usize,
    reads: Vec<Region<'a>>,
    writes: Vec<Region<'a>>,
}

/// A buffer, and some elements of it.
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

    /// What a variant's dispatches make of numbers that are the same for all.
    pub(super) fn bits(&self, dispatches: &[Dispatch]) -> Result<Vec<u32>, Error> {
        for (buffer, range) in self.writes.iter().chain(&self.reads) {
            let numbers: Vec<f32> = (0..range.len() as u32).map(number).collect();
            let at = 4 * range.start as u64;
            let bytes = bytemuck::cast_slice(&numbers);
            self.gpu.queue.write_buffer(buffer, at, bytes);
        }
        self.rows(self.batch.min(ROWS));
        let bytes = |range: &Range<usize>| 4 * range.len() as u64;
        let all = self.writes.iter().map(|(_, range)| bytes(range)).sum();
        let sample = storage(self.gpu, "sample", all);
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

    /// Microseconds of a call of each variant.
    pub(super) fn times(&self, variants: &[Vec<Dispatch>]) -> Result<Vec<f64>, Error> {
        self.rows(self.batch);
        times(variants.len(), &SAMPLE, |variant, calls| {
            self.submit(&variants[variant], calls)
        })
    }

    /// Leaves zeros, as it found them.
    pub(super) fn end(self) {
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        let touched = self
            .reads
            .iter()
            .chain(&self.writes)
            .map(|(buffer, _)| *buffer);
        for buffer in touched.chain([self.step]) {
            encoder.clear_buffer(buffer, 0, None);
        }
        self.gpu.queue.submit([encoder.finish()]);
    }

    fn rows(&self, rows: usize) {
        let step = Step::whole(rows, RATE);
        let bytes = bytemuck::bytes_of(&step);
        self.gpu.queue.write_buffer(self.step, 0, bytes);
    }

    fn submit(&self, dispatches: &[Dispatch], calls: usize) -> Result<Duration, Error> {
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        record(&mut encoder, dispatches, calls);
        let commands = encoder.finish();
        let start = Instant::now();
        self.gpu.queue.submit([commands]);
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

/// A submission that is timed beside one of a single call.
pub struct Sample {
    /// How long it should take, about.
    pub(super) long: Duration,
    /// How many calls it may have.
    pub(super) most: usize,
}

/// Microseconds of a call of each of `rivals`, by the wall clock, where `submit` times some calls of one. What a submission
/// costs by itself is not in it, but where a rival is so slow that it cannot be the fastest, or all are slow.
pub fn times(
    rivals: usize,
    sample: &Sample,
    mut submit: impl FnMut(usize, usize) -> Result<Duration, Error>,
) -> Result<Vec<f64>, Error> {
    for rival in 0..rivals {
        submit(rival, 1)?; // some drivers compile at the first use
    }
    // In turns: what disturbs a card for a moment must not be all that a rival is known by.
    let mut in_turns = |taken: &dyn Fn(usize) -> bool, calls: usize| {
        let mut least = vec![Duration::MAX; rivals];
        for _ in 0..TURNS {
            for rival in (0..rivals).filter(|rival| taken(*rival)) {
                least[rival] = least[rival].min(submit(rival, calls)?);
            }
        }
        Ok::<_, Error>(least)
    };
    let ones = in_turns(&|_| true, 1)?;
    let fastest = ones.iter().copied().min().unwrap_or_default();
    // As many for all: a difference in the number would weigh more than one between the rivals.
    let calls = sample.long.as_nanos() / fastest.as_nanos().max(1);
    let calls = (calls as usize).clamp(LEAST_CALLS, sample.most);
    let is_slow = |rival: usize| fastest >= SLOW || ones[rival] > 2 * fastest;
    let many = in_turns(&|rival| !is_slow(rival), calls)?;
    let time = |rival: usize| match is_slow(rival) {
        true => ones[rival].as_secs_f64() * 1e6,
        false => slope(ones[rival], many[rival], calls),
    };
    Ok((0..rivals).map(time).collect())
}

/// Microseconds that each call after the first adds; of all, if it adds none.
fn slope(one: Duration, many: Duration, calls: usize) -> f64 {
    let us = many.saturating_sub(one).as_secs_f64() * 1e6 / (calls - 1) as f64;
    match us > 0.0 {
        true => us,
        // A disturbed call: what is known is an upper bound.
        false => many.as_secs_f64() * 1e6 / calls as f64,
    }
}

/// A number between -1/2 and 1/2 with all its bits in use, so that products and sums round.
pub(super) fn number(i: u32) -> f32 {
    let mixed = i.wrapping_add(1).wrapping_mul(0x9e37_79b1);
    let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x85eb_ca77);
    (mixed >> 8) as f32 / (1 << 24) as f32 - 0.5
}
