//! An adapter's own clock: how long what was submitted took there, without the host's share and the waits.

use super::Gpu;
use crate::Error;
use crate::plan::gpu::read_words;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Submissions that can be timed between a start and a stop.
const MOST: u32 = 512;
/// Words of a timestamp.
const WORDS: u32 = 2;

/// The clock of an adapter that has one.
pub struct Clock {
    /// Before and behind each submission.
    queries: wgpu::QuerySet,
    /// What the queries are brought to, to be read.
    times: wgpu::Buffer,
    /// Submissions since it was started; none while it stands still.
    timed: Mutex<Option<u32>>,
}

impl Clock {
    /// What a device must have for it.
    pub(super) const FEATURES: wgpu::Features =
        wgpu::Features::TIMESTAMP_QUERY.union(wgpu::Features::TIMESTAMP_QUERY_INSIDE_ENCODERS);

    pub(super) fn of(device: &wgpu::Device) -> Option<Clock> {
        if !device.features().contains(Clock::FEATURES) {
            return None;
        }
        Some(Clock {
            queries: device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("clock"),
                ty: wgpu::QueryType::Timestamp,
                count: 2 * MOST,
            }),
            times: device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("clock"),
                size: u64::from(2 * MOST * WORDS) * 4,
                usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            }),
            timed: Mutex::new(None),
        })
    }

    fn timed(&self) -> MutexGuard<'_, Option<u32>> {
        self.timed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Times what is recorded from now on.
    pub fn start(&self) {
        *self.timed() = Some(0);
    }

    /// Records something, and the time before and behind it while the clock runs.
    pub(crate) fn around(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        record: impl FnOnce(&mut wgpu::CommandEncoder),
    ) {
        let mut timed = self.timed();
        let query = match &mut *timed {
            Some(count) if *count < MOST => Some(2 * *count),
            _ => None,
        };
        if let Some(query) = query {
            encoder.write_timestamp(&self.queries, query);
        }
        record(encoder);
        if let Some(query) = query {
            encoder.write_timestamp(&self.queries, query + 1);
        }
        // Those beyond the last query are counted too: their time is missing.
        *timed = timed.map(|count| count.saturating_add(1));
    }

    /// Stops timing. Seconds that all submissions since the start took together on `gpu`, whose clock it is; none if there
    /// was none, or there were too many.
    pub fn stop(&self, gpu: &Gpu) -> Result<Option<f64>, Error> {
        let timed = self.timed().take();
        let Some(count @ 1..=MOST) = timed else {
            return Ok(None);
        };
        let bytes = 0..u64::from(2 * count * WORDS) * 4;
        let words = read_words(gpu, &[(&self.times, bytes)], |encoder| {
            encoder.resolve_query_set(&self.queries, 0..2 * count, &self.times, 0);
        })?;
        let ticks: Vec<u64> = words
            .chunks_exact(WORDS as usize)
            .map(|pair| u64::from(pair[0]) | u64::from(pair[1]) << 32)
            .collect();
        let spans = ticks.chunks_exact(2);
        let ticks: u64 = spans.map(|span| span[1].saturating_sub(span[0])).sum();
        let seconds = ticks as f64 * f64::from(gpu.queue.get_timestamp_period()) * 1e-9;
        Ok(Some(seconds))
    }
}
