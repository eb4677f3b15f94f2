//! A team of threads that stays for a run: it shares the calls of every step, with a barrier where it must.
//!
//! The memory of a plan is shared between the members, each call's writes cut into shares that do not overlap. This
//! is what the borrow checker cannot see, and so the one place of the CPU executor that is `unsafe`.

#![allow(
    unsafe_code,
    reason = "an audited exception: shares of a call's writes, handed to threads without locks"
)]

use crate::math::simd::Aligned;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Cores of this machine that the process may use.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Buffers that the members of a team read and write.
pub(super) struct Memory<'a, T> {
    buffers: Vec<(*mut T, usize)>,
    _borrowed: std::marker::PhantomData<&'a mut [T]>,
}

// Safety: the pointers are those of vectors that are borrowed for 'a; see `read` and `write` for what may be done.
unsafe impl<T: Send + Sync> Sync for Memory<'_, T> {}

impl<'a, T> Memory<'a, T> {
    pub(super) fn new(buffers: &'a mut [Aligned<T>]) -> Memory<'a, T> {
        let pointers = buffers.iter_mut().map(|b| (b.as_mut_ptr(), b.len()));
        Memory {
            buffers: pointers.collect(),
            _borrowed: std::marker::PhantomData,
        }
    }

    /// Some elements of a buffer.
    ///
    /// # Safety
    /// No member writes them until the next barrier.
    pub(super) unsafe fn read(&self, buffer: usize, range: Range<usize>) -> &[T] {
        let (start, len) = self.buffers[buffer];
        assert!(range.start <= range.end && range.end <= len);
        // Safety: inside the buffer, and not written, by the caller's promise.
        unsafe { std::slice::from_raw_parts(start.add(range.start), range.len()) }
    }

    /// Some elements of a buffer, to write.
    ///
    /// # Safety
    /// No other member reads or writes them until the next barrier.
    #[allow(
        clippy::mut_from_ref,
        reason = "a share of the memory is exclusive by the caller's promise"
    )]
    pub(super) unsafe fn write(&self, buffer: usize, range: Range<usize>) -> &mut [T] {
        let (start, len) = self.buffers[buffer];
        assert!(range.start <= range.end && range.end <= len);
        // Safety: inside the buffer, and this member's alone, by the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(start.add(range.start), range.len()) }
    }
}

/// Where the members of a team wait for one another, spinning: a step may have its next barrier in a microsecond.
pub(super) struct Barrier {
    members: usize,
    arrived: AtomicUsize,
    generation: AtomicUsize,
    broken: AtomicBool,
}

/// Turns before a waiting member lets others run: the machine may have less cores than threads.
const SPINS: usize = 4_000;

impl Barrier {
    pub(super) fn new(members: usize) -> Barrier {
        Barrier {
            members,
            arrived: AtomicUsize::new(0),
            generation: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
        }
    }

    /// Waits until all members are here. What any wrote before, all see after.
    ///
    /// # Panics
    /// If another member panicked: it will never come.
    pub(super) fn wait(&self) {
        if self.members == 1 {
            return;
        }
        let generation = self.generation.load(Ordering::Acquire);
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.members {
            self.arrived.store(0, Ordering::Relaxed);
            self.generation.store(generation + 1, Ordering::Release);
            return;
        }
        let mut turns = 0;
        while self.generation.load(Ordering::Acquire) == generation {
            assert!(
                !self.broken.load(Ordering::Relaxed),
                "another thread of the team panicked"
            );
            turns += 1;
            if turns < SPINS {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
    }

    /// Lets the others know, when it is dropped by a panic.
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

/// Which is faster, the team or one thread: on a machine that others use too, a team waits for its slowest. The bits
/// are the same, so the choice may be timed.
#[derive(Default)]
pub(super) struct TeamPace {
    terms: usize,
    /// Seconds and operations of the term so far.
    term: [f64; 2],
    /// Operations a second in the last two terms: of the team, and of one thread.
    speeds: [[f64; 2]; 2],
}

/// Seconds of a term: in a shorter one, starting the threads counts for too much.
const TERM: f64 = 0.04;
/// Terms at the beginning, of the team and of one thread in turn: the first of all finds cold caches and sleeping cores.
const FIRST: usize = 4;
/// Terms between two trials of the slower.
const TRIAL: usize = 24;

impl TeamPace {
    /// Whether the next run is for one thread.
    pub(super) fn prefers_alone(&self) -> bool {
        let best = |speeds: [f64; 2]| speeds[0].max(speeds[1]);
        let [team, alone] = self.speeds.map(best);
        match self.terms {
            term @ 0..FIRST => term % 2 == 1,
            term => (alone > team) ^ (term % TRIAL == TRIAL - 1),
        }
    }

    /// Notes a run: whose it was, its seconds and operations.
    pub(super) fn note(&mut self, alone: bool, seconds: f64, operations: f64) {
        self.term = [self.term[0] + seconds, self.term[1] + operations];
        if self.term[0] >= TERM {
            let speeds = &mut self.speeds[usize::from(alone)];
            *speeds = [speeds[1], self.term[1] / self.term[0]];
            (self.terms, self.term) = (self.terms + 1, [0.0; 2]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of `terms` terms go to one thread, where it makes `alone` times the team's speed.
    fn terms_alone(alone: f64, terms: usize) -> usize {
        let mut pace = TeamPace::default();
        let term = |_| {
            let one = pace.prefers_alone();
            // In parts: short runs count too.
            for _ in 0..4 {
                pace.note(one, TERM / 4.0, if one { alone } else { 1.0 });
            }
            one
        };
        (0..terms).map(term).filter(|one| *one).count()
    }

    #[test]
    fn the_faster_is_taken_and_the_slower_tried_again_now_and_then() {
        let (terms, trials) = (10 * TRIAL, 10);
        assert_eq!(terms_alone(0.5, terms), FIRST / 2 + trials);
        assert_eq!(terms_alone(2.0, terms), terms - FIRST / 2 - trials);
    }

    #[test]
    fn one_bad_term_at_the_beginning_is_forgiven() {
        let mut pace = TeamPace::default();
        for (one, speed) in [(false, 0.1), (true, 0.6), (false, 1.0), (true, 0.6)] {
            assert_eq!(pace.prefers_alone(), one);
            pace.note(one, TERM, speed);
        }
        assert!(!pace.prefers_alone());
    }
}
