//! The adapter's own clock. It measures how long submissions take on the adapter, without the host's share and the
//! waits.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

/// Maximum number of submissions that can be timed between a start and a stop: a query set holds 4096 queries.
const MAX_SUBMISSIONS: u32 = 2048;
/// Words per timestamp.
const WORDS: u32 = 2;

/// The clock of an adapter that supports timestamps between two commands.
pub struct Clock {
    /// One timestamp before and one after each submission.
    queries: wgpu::QuerySet,
    /// The buffer that the timestamps are resolved to.
    times: wgpu::Buffer,
    /// Number of submissions since the start, or [`STOPPED`].
    timed: AtomicU32,
}

const STOPPED: u32 = u32::MAX;

impl Clock {
    /// The features that a device needs for a clock. Apple's GPUs lack them.
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
                count: 2 * MAX_SUBMISSIONS,
            }),
            times: device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("clock"),
                size: u64::from(2 * MAX_SUBMISSIONS * WORDS) * 4,
                usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            }),
            timed: AtomicU32::new(STOPPED),
        })
    }

    /// Starts timing. Everything that is recorded from now on is timed.
    pub fn start(&self) {
        self.timed.store(0, Ordering::Relaxed);
    }

    /// Returns the index of a submission to time. Submissions beyond the last query are counted too, but have no time.
    fn number(&self) -> Option<u32> {
        let next = |timed: u32| (timed <= MAX_SUBMISSIONS).then_some(timed + 1);
        let order = Ordering::Relaxed;
        let number = self.timed.fetch_update(order, order, next).ok()?;
        (number < MAX_SUBMISSIONS).then_some(number)
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

    /// Stops the clock. Returns the number of submissions since the start, or none if there were none or too many.
    pub(super) fn stop(&self) -> Option<u32> {
        let timed = self.timed.swap(STOPPED, Ordering::Relaxed);
        (1..=MAX_SUBMISSIONS).contains(&timed).then_some(timed)
    }

    /// Returns the buffer range of the timestamps of `timed` submissions: ticks before and after each one.
    /// [`Clock::resolve`] fills it.
    pub(super) fn times(&self, timed: u32) -> (&wgpu::Buffer, Range<u64>) {
        (&self.times, 0..u64::from(2 * timed * WORDS) * 4)
    }

    /// Resolves the timestamps to the buffer.
    pub(super) fn resolve(&self, timed: u32, encoder: &mut wgpu::CommandEncoder) {
        encoder.resolve_query_set(&self.queries, 0..2 * timed, &self.times, 0);
    }

    /// Returns the total ticks of all submissions, from the words that were read. Returns none if the clock ran
    /// backwards, as clocks with few bits do.
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
