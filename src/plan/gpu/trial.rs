//! A call tried out in a session that has not begun: what a variant makes of some numbers, and how long it takes.

use super::Dispatch;
use super::memory::{Placed, read_words, storage};
use crate::Error;
use crate::device::Gpu;
use crate::plan::{Buffer, Call};
use crate::schedule::Step;
use std::collections::HashMap;
use std::ops::Range;
use std::time::{Duration, Instant};

/// Elements of each slice that are given numbers, and rows that are computed to compare bits.
const NUMBERS: usize = 1 << 14;
const ROWS: usize = 64;
/// The learning rate: parameters that a call updates must change.
const RATE: f32 = 0.125;
/// How long a sample should take, and how many calls it may have.
const SAMPLE: Duration = Duration::from_micros(500);
const MOST_CALLS: usize = 32;
/// A call so slow that it is timed no second time.
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
        let regions = |slices: &[crate::plan::Slice]| -> Vec<Region<'a>> {
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

    /// Microseconds of a call: the best of some submissions by the wall clock, the wait included, which costs all variants
    /// the same.
    pub(super) fn time(&self, dispatches: &[Dispatch]) -> Result<f64, Error> {
        self.rows(self.batch);
        self.submit(dispatches, 1)?; // some drivers compile at the first use
        let once = self.submit(dispatches, 1)?;
        let mut best = once;
        if once < SLOW {
            let calls = SAMPLE.as_nanos() / once.as_nanos().max(1);
            let calls = (calls as usize).clamp(1, MOST_CALLS);
            for _ in 0..2 {
                best = best.min(self.submit(dispatches, calls)? / calls as u32);
            }
        }
        Ok(best.as_secs_f64() * 1e6)
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

/// A number between -1/2 and 1/2 with all its bits in use, so that products and sums round.
pub(super) fn number(i: u32) -> f32 {
    let mixed = i.wrapping_add(1).wrapping_mul(0x9e37_79b1);
    let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(0x85eb_ca77);
    (mixed >> 8) as f32 / (1 << 24) as f32 - 0.5
}
