//! The folder of a run: its model, its resolved configuration, its metrics.

use crate::cli::messages::warn;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use wgrad::Error;
use wgrad::config::Config;
use wgrad::file::write_whole;
use wgrad::train::Model;

const MODEL: &str = "model.safetensors";
const CONFIG: &str = "config.toml";
const METRICS: &str = "metrics.jsonl";

/// What runs leave in their folders, the model last.
const FILES: [&str; 4] = [CONFIG, METRICS, "sweep.json", MODEL];

/// Where a run in a folder that is not empty writes, until it has a model.
const UNFINISHED: &str = "unfinished-run";

/// Held by the run that writes in a folder.
const LOCK: &str = ".running";

pub(crate) struct RunFolder {
    path: PathBuf,
    lock: File,
    /// Whether its files are apart from what is in the folder.
    apart: bool,
}

impl RunFolder {
    /// `out`, which must be new or empty unless `force`; or the first of runs/NAME-1, runs/NAME-2, ... that is free.
    pub(crate) fn create(out: Option<&Path>, name: &str, force: bool) -> Result<RunFolder, Error> {
        match out {
            Some(out) => RunFolder::named(out, force),
            None => RunFolder::counted(name),
        }
    }

    fn named(out: &Path, force: bool) -> Result<RunFolder, Error> {
        std::fs::create_dir_all(out).map_err(|why| {
            Error::Config(format!(
                "--out {}: cannot be made a folder ({why}); name another",
                out.display()
            ))
        })?;
        if !force {
            require_empty(out)?;
        }
        let mut folder = RunFolder {
            path: out.to_owned(),
            lock: lock(out)?,
            apart: false,
        };
        match force {
            // Another run may have begun and ended meanwhile.
            false => require_empty(out)?,
            true if is_empty(out)? => {}
            true => {
                let unfinished = out.join(UNFINISHED);
                // That of a run that was killed.
                drop(std::fs::remove_dir_all(&unfinished));
                std::fs::create_dir(&unfinished).map_err(Error::io(&unfinished))?;
                folder.apart = true;
            }
        }
        Ok(folder)
    }

    fn counted(name: &str) -> Result<RunFolder, Error> {
        let runs = Path::new("runs");
        std::fs::create_dir_all(runs).map_err(|why| {
            Error::Config(format!(
                "runs: a folder for the run cannot be made here ({why}); name one elsewhere with --out DIR"
            ))
        })?;
        for count in 1.. {
            let path = runs.join(format!("{name}-{count}"));
            match std::fs::create_dir(&path) {
                Ok(()) => {
                    let (lock, apart) = (lock(&path)?, false);
                    return Ok(RunFolder { path, lock, apart });
                }
                Err(why) if why.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(why) => return Err(Error::io(&path)(why)),
            }
        }
        unreachable!("a folder is free before the numbers run out")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the model is, once the run has one.
    pub(crate) fn model(&self) -> PathBuf {
        self.path.join(MODEL)
    }

    /// Where a file of the run is now.
    fn at(&self, file: &str) -> PathBuf {
        match self.apart {
            true => self.path.join(UNFINISHED).join(file),
            false => self.path.join(file),
        }
    }

    /// Writes a file, whole or not at all.
    pub(crate) fn write(&self, file: &str, text: &str) -> Result<(), Error> {
        let path = self.at(file);
        write_whole(&path, text.as_bytes()).map_err(Error::io(&path))
    }

    pub(crate) fn write_config(&self, config: &Config) -> Result<(), Error> {
        self.write(CONFIG, &config.to_toml())
    }

    /// The file of the metrics, and where it will be.
    pub(crate) fn metrics_file(&self) -> Result<(File, PathBuf), Error> {
        let path = self.at(METRICS);
        let mut options = File::options();
        let options = options.create(true).write(true).truncate(false);
        let file = options.open(&path).map_err(Error::io(&path))?;
        Ok((file, self.path.join(METRICS)))
    }

    pub(crate) fn save(&self, model: &Model) -> Result<(), Error> {
        model.save(self.at(MODEL))
    }

    /// The run has a model, and all else that it has: they take the place of an older run's.
    pub(crate) fn keep(&mut self) -> Result<(), Error> {
        if !std::mem::take(&mut self.apart) {
            return Ok(());
        }
        let unfinished = self.path.join(UNFINISHED);
        for file in FILES {
            let (from, to) = (unfinished.join(file), self.path.join(file));
            let moved = match from.exists() {
                true => std::fs::rename(from, &to),
                false if to.exists() => std::fs::remove_file(&to),
                false => Ok(()),
            };
            moved.map_err(Error::io(&to))?;
        }
        std::fs::remove_dir_all(&unfinished).map_err(Error::io(&unfinished))
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if self.apart {
            drop(std::fs::remove_dir_all(self.path.join(UNFINISHED)));
            let folder = self.path.display();
            warn(Some(&format!(
                "{folder} is as it was: this run has no model to put there"
            )));
        }
        // Removed while it is held: nobody else's is removed.
        drop(std::fs::remove_file(self.path.join(LOCK)));
        drop(self.lock.unlock());
    }
}

/// Whether there is nothing in a folder, but for what a run that was killed can have left of its lock.
fn is_empty(folder: &Path) -> Result<bool, Error> {
    let entries = std::fs::read_dir(folder).map_err(Error::io(folder))?;
    let mut names = entries.flatten().map(|entry| entry.file_name());
    Ok(names.all(|name| name.to_str() == Some(LOCK)))
}

fn require_empty(folder: &Path) -> Result<(), Error> {
    if is_empty(folder)? {
        return Ok(());
    }
    Err(Error::Config(format!(
        "--out {}: not empty; choose another folder, or overwrite it with --force",
        folder.display()
    )))
}

/// Whether an open file is the one at `path`, which another run may have removed or made anew.
fn is_at(file: &File, path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let number = |of: std::io::Result<std::fs::Metadata>| of.ok().map(|m| (m.dev(), m.ino()));
        number(file.metadata()) == number(std::fs::metadata(path))
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        path.exists()
    }
}

/// Locks a run's folder, against other runs there.
fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join(LOCK);
    loop {
        let file = File::create(&path).map_err(Error::io(&path))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Config(format!(
                    "{}: another run is writing there; name another folder with --out, or wait for it",
                    folder.display()
                )));
            }
            // A run that has just ended can have removed the file.
            Ok(()) if !is_at(&file, &path) => {}
            // Some file systems know no locks.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(file),
        }
    }
}
