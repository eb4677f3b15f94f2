//! How far a file is read, for whoever watches.

use std::fs::File;
use std::io;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};

/// The bytes of the file that is being read, and how many of them are.
static TOTAL: AtomicU64 = AtomicU64::new(0);
static DONE: AtomicU64 = AtomicU64::new(0);

/// Returns how many bytes are read of the file that was opened last, and how many it has; `None` if that is not known.
pub fn progress() -> Option<(u64, u64)> {
    let total = TOTAL.load(Ordering::Relaxed);
    (total > 0).then(|| (DONE.load(Ordering::Relaxed).min(total), total))
}

/// A file whose bytes are counted.
pub(super) struct Counted(File);

impl Counted {
    pub(super) fn new(file: File) -> Counted {
        let total = match file.metadata() {
            Ok(found) if found.is_file() => found.len(),
            // The length of a pipe is not known.
            _ => 0,
        };
        DONE.store(0, Ordering::Relaxed);
        TOTAL.store(total, Ordering::Relaxed);
        Counted(file)
    }
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(into)?;
        DONE.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
