//! Checkpoints: the state of a run, from which it goes on to the bytes that it would have had.
//!
//! Two files take turns, so that one of them is whole at any instant. Each is a safetensors file with the CRC-32 of its bytes
//! behind it, in four bytes, the lowest first.

mod content;
mod message;

pub use content::{Identity, Position};
pub(super) use content::{NetworkState, Stage};

use crate::Error;
use crate::file::{remove, write_whole};
use crate::threads::locked;
use content::Content;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Names of the two files in the folder of a run.
pub const FILES: [&str; 2] = ["checkpoint-1.wgrad", "checkpoint-2.wgrad"];

/// The checkpoints of a run.
#[derive(Debug)]
pub struct Checkpoints {
    files: [PathBuf; 2],
    every: Duration,
    store: Mutex<Store>,
}

/// What is known of the networks of a run.
#[derive(Debug)]
struct Store {
    content: Content,
    /// When each network was last noted.
    noted: Vec<Instant>,
    /// When a file was last written, and which one is next.
    written: Instant,
    next: usize,
}

/// What a run began with, if it goes on from a checkpoint.
#[derive(Clone, Debug)]
pub struct Resumed {
    /// Version of wgrad that wrote it.
    pub version: String,
    /// The device that wrote it.
    pub device: String,
    /// How far each network is; `None` for those that had not begun.
    pub positions: Vec<Option<Position>>,
    /// Why the newest checkpoint was not used, if it was not.
    pub damage: Option<String>,
}

impl Checkpoints {
    /// Writes to `folder`, about every so often.
    pub fn new(folder: &Path, every: Duration, run: &Identity) -> Checkpoints {
        let now = Instant::now();
        Checkpoints {
            files: FILES.map(|file| folder.join(file)),
            every,
            store: Mutex::new(Store {
                content: Content::new(run),
                noted: vec![now; run.networks],
                written: now,
                next: 0,
            }),
        }
    }

    /// Reads the newest checkpoint in the folder that is whole, and goes on from there. Returns `None` if there is no file.
    ///
    /// # Errors
    /// Returns an error if none of the files can be read, or the checkpoint is that of other data or another network.
    pub fn resume(&mut self, run: &Identity) -> Result<Option<Resumed>, Error> {
        let read = |file: &PathBuf| match std::fs::read(file) {
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => None,
            Err(why) => Some(Err(format!("{}: {why}", file.display()))),
            Ok(bytes) => {
                let content = Content::from_bytes(&bytes);
                Some(content.map_err(|why| format!("{}: {why}", file.display())))
            }
        };
        let (mut found, mut damage) = (Vec::new(), Vec::new());
        for (slot, file) in self.files.iter().enumerate() {
            match read(file) {
                None => {}
                Some(Ok(content)) => found.push((content.sequence, slot, content)),
                Some(Err(why)) => damage.push((slot, why)),
            }
        }
        let newest = found.into_iter().max_by_key(|(sequence, ..)| *sequence);
        let reasons = damage.iter().map(|(_, why)| why.as_str());
        let reasons = (!damage.is_empty()).then(|| reasons.collect::<Vec<_>>().join("; "));
        let Some((_, slot, content)) = newest else {
            return match reasons {
                None => Ok(None),
                Some(why) => Err(Error::Model(format!(
                    "{why}; no checkpoint is whole: remove the files, and the run begins anew"
                ))),
            };
        };
        content.check(run).map_err(|why| {
            let file = self.files[slot].display();
            Error::Model(format!("{file}: {why}"))
        })?;
        let resumed = Resumed {
            version: content.version.clone(),
            device: content.device.clone(),
            positions: content.positions(),
            damage: reasons,
        };
        let store = self.store.get_mut().unwrap_or_else(|e| e.into_inner());
        // The file that is used is overwritten last.
        store.next = 1 - slot;
        store.content = content.of_this_program(run);
        Ok(Some(resumed))
    }

    /// Returns the state of network `k` to go on from, if there is one.
    pub(super) fn state(&self, k: usize) -> Option<NetworkState> {
        locked(&self.store).content.networks[k].clone()
    }

    /// Returns whether network `k` is to be noted again.
    pub(super) fn is_due(&self, k: usize) -> bool {
        locked(&self.store).noted[k].elapsed() >= self.every
    }

    /// Notes the state of network `k`. Writes a file if `now`, or if none was written for a while.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written. The one before is unchanged.
    pub(super) fn note(&self, k: usize, state: NetworkState, now: bool) -> Result<(), Error> {
        let mut store = locked(&self.store);
        store.content.networks[k] = Some(state);
        store.noted[k] = Instant::now();
        match now || store.written.elapsed() >= self.every {
            true => self.write(&mut store),
            false => Ok(()),
        }
    }

    fn write(&self, store: &mut Store) -> Result<(), Error> {
        // Also after an error: the next try is as far away.
        store.written = Instant::now();
        store.content.sequence += 1;
        let file = &self.files[store.next];
        write_whole(file, &store.content.to_bytes()).map_err(Error::io(file))?;
        store.next = 1 - store.next;
        Ok(())
    }

    /// Removes the files: the run has ended.
    ///
    /// # Errors
    /// Returns an error if one cannot be removed.
    pub fn remove(&self) -> Result<(), Error> {
        let _store = locked(&self.store);
        let mut files = self.files.iter();
        files.try_for_each(|file| remove(file).map_err(Error::io(file)))
    }
}
