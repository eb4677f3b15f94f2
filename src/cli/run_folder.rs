//! The folder of a run: its model, resolved configuration and metrics.

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

/// Files that runs leave in their folders, the model last.
const FILES: [&str; 4] = [CONFIG, METRICS, "sweep.json", MODEL];

/// Subfolder for the files of a run in a non-empty folder, until it has a model.
const UNFINISHED: &str = "unfinished-run";

/// Lock file of the run that writes to a folder.
const LOCK: &str = ".running";

pub(crate) struct RunFolder {
    path: PathBuf,
    lock: File,
    /// Whether the run's files are in the [`UNFINISHED`] subfolder.
    apart: bool,
}

impl RunFolder {
    /// Creates `out`, which must be new or empty unless `force`; or the first free one of runs/NAME-1, runs/NAME-2, ...
    pub(crate) fn create(out: Option<&Path>, name: &str, force: bool) -> Result<RunFolder, Error> {
        match out {
            Some(out) => RunFolder::named(out, force),
            None => RunFolder::counted(name),
        }
    }

    fn named(out: &Path, force: bool) -> Result<RunFolder, Error> {
        std::fs::create_dir_all(out).map_err(|why| {
            Error::Config(format!(
                "--out {}: cannot create this folder ({why}); name another",
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
            // Another run may have started and ended in the meantime.
            false => require_empty(out)?,
            true if is_empty(out)? => {}
            true => {
                let unfinished = out.join(UNFINISHED);
                // Left by a run that was killed.
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
                "runs: cannot create a folder for the run here ({why}); name one elsewhere with --out DIR"
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

    /// Returns the final path of the model.
    pub(crate) fn model(&self) -> PathBuf {
        self.path.join(MODEL)
    }

    /// Returns the current path of a file of the run.
    fn at(&self, file: &str) -> PathBuf {
        match self.apart {
            true => self.path.join(UNFINISHED).join(file),
            false => self.path.join(file),
        }
    }

    /// Writes a file atomically.
    pub(crate) fn write(&self, file: &str, text: &str) -> Result<(), Error> {
        let path = self.at(file);
        write_whole(&path, text.as_bytes()).map_err(Error::io(&path))
    }

    pub(crate) fn write_config(&self, config: &Config) -> Result<(), Error> {
        self.write(CONFIG, &config.to_toml())
    }

    /// Creates the metrics file, and returns it with its final path.
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

    /// Moves the files of the finished run into place, over those of an older run.
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
                "{folder} is unchanged: this run has no model"
            )));
        }
        // Remove the file while the lock is held, so that it cannot be another run's.
        drop(std::fs::remove_file(self.path.join(LOCK)));
        drop(self.lock.unlock());
    }
}

/// Checks whether a folder is empty, apart from the lock file of a run that was killed.
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

/// Checks whether an open file is still the one at `path`: another run may have removed or recreated it.
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

/// Locks a run folder against other runs.
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
            // A run that just ended may have removed the file.
            Ok(()) if !is_at(&file, &path) => {}
            // Some file systems do not support locks.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(file),
        }
    }
}
