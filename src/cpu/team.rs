//! A team of threads that lives for one run. The members share the calls of every step, with barriers where necessary.
//!
//! The members share the memory of a plan, and each call's writes are split into shares that do not overlap. The borrow
//! checker cannot verify this, so this is the one `unsafe` part of the CPU executor.

#![allow(
    unsafe_code,
    reason = "an audited exception: shares of a call's writes, handed to threads without locks"
)]

use crate::math::simd::Aligned;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The buffers that the members of a team read and write.
pub(super) struct Memory<'a, T> {
    buffers: Vec<(*mut T, usize)>,
    _borrowed: std::marker::PhantomData<&'a mut [T]>,
}

// Safety: the pointers are those of vectors that are borrowed for 'a. [`Span`] documents the allowed accesses.
unsafe impl<T: Send + Sync> Sync for Memory<'_, T> {}

impl<'a, T> Memory<'a, T> {
    pub(super) fn new(buffers: &'a mut [Aligned<T>]) -> Memory<'a, T> {
        let pointers = buffers.iter_mut().map(|b| (b.as_mut_ptr(), b.len()));
        Memory {
            buffers: pointers.collect(),
            _borrowed: std::marker::PhantomData,
        }
    }

    /// Finds some elements of a buffer.
    ///
    /// # Panics
    /// If the buffer has no such elements.
    pub(super) fn span(&self, buffer: usize, range: Range<usize>) -> Span<T> {
        let (start, len) = self.buffers[buffer];
        assert!(range.start <= range.end && range.end <= len);
        Span {
            // Safety: inside the buffer.
            start: unsafe { start.add(range.start) },
            len: range.len(),
        }
    }
}

/// Some elements of a buffer, found once for all steps of a run.
pub(super) struct Span<T> {
    start: *mut T,
    len: usize,
}

impl<T> Clone for Span<T> {
    fn clone(&self) -> Span<T> {
        *self
    }
}

impl<T> Copy for Span<T> {}

impl<T> Span<T> {
    /// No elements.
    pub(super) const EMPTY: Span<T> = Span {
        start: std::ptr::NonNull::dangling().as_ptr(),
        len: 0,
    };

    /// Returns the elements.
    ///
    /// # Safety
    /// The memory is borrowed for `'a`. No member writes them until the next barrier.
    #[inline(always)]
    pub(super) unsafe fn read<'a>(self) -> &'a [T] {
        // Safety: inside a buffer, and not written, by the caller's promise.
        unsafe { std::slice::from_raw_parts(self.start, self.len) }
    }

    /// Returns the elements, to write.
    ///
    /// # Safety
    /// The memory is borrowed for `'a`. No other member reads or writes them until the next barrier.
    #[inline(always)]
    pub(super) unsafe fn write<'a>(self) -> &'a mut [T] {
        // Safety: inside a buffer, and this member's alone, by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.len) }
    }
}

/// A barrier between the members of a team. It spins, because a step may reach its next barrier within a microsecond.
#[derive(Default)]
pub(super) struct Barrier {
    arrived: AtomicUsize,
    generation: AtomicUsize,
    broken: AtomicBool,
}

/// Iterations that a waiting member spins before it yields: the machine may have fewer cores than threads.
const SPINS: usize = 4_000;

impl Barrier {
    /// Waits until all members of the team have arrived. Writes before the barrier are visible to all members after it.
    ///
    /// # Panics
    /// If another member panicked, because it will never arrive.
    pub(super) fn wait(&self, members: usize) {
        if members == 1 {
            return;
        }
        let generation = self.generation.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == members {
            self.arrived.store(0, Ordering::Relaxed);
            self.generation.store(generation + 1, Ordering::Release);
            return;
        }
        let mut spins = 0;
        while self.generation.load(Ordering::Acquire) == generation {
            assert!(
                !self.broken.load(Ordering::Relaxed),
                "another thread of the team panicked"
            );
            spins += 1;
            if spins < SPINS {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
    }

    /// Returns a guard that marks the barrier as broken if a panic drops it.
    pub(super) fn guard(&self) -> Guard<'_> {
        Guard(self)
    }
}

/// See [`Barrier::guard`].
pub(super) struct Guard<'a>(&'a Barrier);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.broken.store(true, Ordering::Relaxed);
        }
    }
}

/// Chooses between the team and a single thread by measured speed. If other processes use the machine too, a team waits
/// for its slowest member. The bits are the same either way, so the choice may depend on timings.
#[derive(Default)]
pub(super) struct TeamPace {
    periods: usize,
    /// Seconds and operations of the current period.
    period: [f64; 2],
    /// Operations per second in the last two periods: of the team, and of a single thread.
    speeds: [[f64; 2]; 2],
}

/// Seconds per period. In a shorter one, the time to start the threads would weigh too much.
const PERIOD: f64 = 0.04;
/// Number of warm-up periods, which alternate between the team and a single thread. The very first one finds cold
/// caches and sleeping cores.
const WARM_UP: usize = 4;
/// Number of periods between two trials of the slower mode.
const TRIAL: usize = 24;

impl TeamPace {
    /// Returns whether the next run should use a single thread.
    pub(super) fn prefers_alone(&self) -> bool {
        let best = |speeds: [f64; 2]| speeds[0].max(speeds[1]);
        let [team, alone] = self.speeds.map(best);
        match self.periods {
            period @ 0..WARM_UP => period % 2 == 1,
            period => (alone > team) ^ (period % TRIAL == TRIAL - 1),
        }
    }

    /// Records a run: its mode, seconds and operations.
    pub(super) fn note(&mut self, alone: bool, seconds: f64, operations: f64) {
        self.period = [self.period[0] + seconds, self.period[1] + operations];
        if self.period[0] >= PERIOD {
            let speeds = &mut self.speeds[usize::from(alone)];
            *speeds = [speeds[1], self.period[1] / self.period[0]];
            (self.periods, self.period) = (self.periods + 1, [0.0; 2]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns how many of `periods` periods use a single thread, if it is `alone` times as fast as the team.
    fn periods_alone(alone: f64, periods: usize) -> usize {
        let mut pace = TeamPace::default();
        let period = |_| {
            let one = pace.prefers_alone();
            // In parts, because short runs count too.
            for _ in 0..4 {
                pace.note(one, PERIOD / 4.0, if one { alone } else { 1.0 });
            }
            one
        };
        (0..periods).map(period).filter(|one| *one).count()
    }

    #[test]
    fn the_faster_mode_is_used_and_the_slower_one_retried_periodically() {
        let (periods, trials) = (10 * TRIAL, 10);
        assert_eq!(periods_alone(0.5, periods), WARM_UP / 2 + trials);
        assert_eq!(periods_alone(2.0, periods), periods - WARM_UP / 2 - trials);
    }

    #[test]
    fn one_slow_period_at_the_beginning_does_not_decide() {
        let mut pace = TeamPace::default();
        for (one, speed) in [(false, 0.1), (true, 0.6), (false, 1.0), (true, 0.6)] {
            assert_eq!(pace.prefers_alone(), one);
            pace.note(one, PERIOD, speed);
        }
        assert!(!pace.prefers_alone());
    }
}
