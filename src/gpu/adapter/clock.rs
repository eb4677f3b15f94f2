//! An adapter's own clock: how long what was submitted took there, without the host's share and the waits.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

/// Submissions that can be timed between a start and a stop: a set holds 4096 queries.
const MOST: u32 = 2048;
/// Words of a timestamp.
const WORDS: u32 = 2;

/// The clock of an adapter that has one which can be asked between two commands.
pub struct Clock {
    /// Before and behind each submission.
    queries: wgpu::QuerySet,
    /// What the queries are brought to, to be read.
    times: wgpu::Buffer,
    /// Submissions since it was started; [`STANDING`] while it stands still.
    timed: AtomicU32,
}

const STANDING: u32 = u32::MAX;

impl Clock {
    /// What a device must have for it. Apple's GPUs do not.
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
            timed: AtomicU32::new(STANDING),
        })
    }

    /// Times what is recorded from now on.
    pub fn start(&self) {
        self.timed.store(0, Ordering::Relaxed);
    }

    /// The number of a submission that is to be timed. Those beyond the last query are counted too: their time is missing.
    fn number(&self) -> Option<u32> {
        let next = |timed: u32| (timed <= MOST).then_some(timed + 1);
        let order = Ordering::Relaxed;
        let number = self.timed.fetch_update(order, order, next).ok()?;
        (number < MOST).then_some(number)
    }

    pub(super) fn around(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        record: impl FnOnce(&mut wgpu::CommandEncoder),
    ) {
        let Some(number) = self.number() else {
            return record(encoder);
        };
        encoder.write_timestamp(&self.queries, 2 * number);
        record(encoder);
        encoder.write_timestamp(&self.queries, 2 * number + 1);
    }

    /// Stops it. Submissions since its start; none if there were none or too many.
    pub(super) fn stop(&self) -> Option<u32> {
        let timed = self.timed.swap(STANDING, Ordering::Relaxed);
        (1..=MOST).contains(&timed).then_some(timed)
    }

    /// Where the times of so many submissions are, once [`Clock::resolve`] is run: ticks before and behind each.
    pub(super) fn times(&self, timed: u32) -> (&wgpu::Buffer, Range<u64>) {
        (&self.times, 0..u64::from(2 * timed * WORDS) * 4)
    }

    /// Brings them there.
    pub(super) fn resolve(&self, timed: u32, encoder: &mut wgpu::CommandEncoder) {
        encoder.resolve_query_set(&self.queries, 0..2 * timed, &self.times, 0);
    }

    /// The ticks of all submissions together, from the words that were read; none if the clock went back, as narrow ones do.
    pub(super) fn ticks(words: &[u32]) -> Option<u64> {
        let ticks = words.chunks_exact(WORDS as usize);
        let ticks: Vec<u64> = ticks
            .map(|pair| u64::from(pair[0]) | u64::from(pair[1]) << 32)
            .collect();
        let spans = ticks.chunks_exact(2);
        let spans: Option<Vec<u64>> = spans.map(|span| span[1].checked_sub(span[0])).collect();
        spans.map(|spans| spans.iter().sum())
    }
}
