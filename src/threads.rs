//! Threads: how many the machine has, and work on as many as the system gives.

use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{Builder, available_parallelism, scope};

thread_local! {
    /// Whether this thread does its work alone.
    static ALONE: Cell<bool> = const { Cell::new(false) };
}

/// Returns the number of threads that work may use: one per core, and 1 within `alone`.
pub fn threads() -> usize {
    match ALONE.get() {
        true => 1,
        false => available_parallelism().map_or(1, usize::from),
    }
}

/// Calls `work` on this thread, which starts no others: there is one for each core already.
pub(crate) fn alone<R>(work: impl FnOnce() -> R) -> R {
    let before = ALONE.replace(true);
    let result = work();
    ALONE.set(before);
    result
}

/// The number of threads that were missing at the worst, and how many were wanted then.
static MISSING: Mutex<(usize, usize)> = Mutex::new((0, 0));

/// Calls `work(member, members)` for each member, on a thread of its own: number 0 on this one. `members` is `count`, or
/// fewer if the system refuses threads.
pub(crate) fn on_threads(count: usize, work: impl Fn(usize, usize) + Sync) {
    let members = OnceLock::new();
    scope(|scope| {
        let start = |member: &usize| {
            let (member, work, members) = (*member, &work, &members);
            let run = move || work(member, *members.wait());
            Builder::new().spawn_scoped(scope, run).is_ok()
        };
        let started = 1 + (1..count).take_while(start).count();
        if started < count {
            let mut worst = locked(&MISSING);
            *worst = (*worst).max((count - started, count));
        }
        work(0, *members.get_or_init(|| started));
    });
}

/// With fewer items, threads cost more than they save.
const LEAST: usize = 1 << 12;

/// Returns the number of threads for so many items of short work.
pub(crate) fn threads_for(items: usize) -> usize {
    if items < LEAST { 1 } else { threads() }
}

/// Returns what `work` makes of each item, in their order, on at most `count` threads.
pub(crate) fn map<T: Send, R: Send>(
    count: usize,
    items: Vec<T>,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let count = count.min(items.len());
    if count < 2 {
        return items.into_iter().map(work).collect();
    }
    let (items, results) = (Mutex::new(items.into_iter().enumerate()), Mutex::default());
    on_threads(count, |_, _| {
        let next = || locked(&items).next();
        while let Some((at, item)) = next() {
            let result = work(item);
            locked::<Vec<(usize, R)>>(&results).push((at, result));
        }
    });
    let mut results = std::mem::take(&mut *locked(&results));
    results.sort_unstable_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Locks `mutex`. A thread that panicked with it ends the program elsewhere.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns a warning if the system refused threads. Results do not depend on their number.
pub fn warning() -> Option<String> {
    let (missing, wanted) = *locked(&MISSING);
    (missing > 0).then(|| {
        format!(
            "the system gave {} of {wanted} threads: slower, with the same results; raise the limit of processes (ulimit -u) or of memory (ulimit -v)",
            wanted - missing
        )
    })
}
