//! The folder of a run: its model, resolved configuration and metrics.
//!
//! A run in a folder with an older run writes its files apart. [`replace`] puts them in place when all are on the disk.

mod events;
mod replace;
mod resume;
mod summary;

pub(crate) use events::Events;
pub(crate) use summary::{RunFiles, RunState};

use crate::cli::messages::{typed, warn};
pub(crate) use replace::{ABOUT, OUT_OF_FOLD, REPORT, SWEEP, SWEEP_STATE, TEST};
use replace::{
    CHECKPOINTS, CONFIG, EVENTS, LOCK, METRICS, MODEL, UNFINISHED, clear, is_whole, kept,
    require_own, settle,
};
pub(crate) use resume::{config_to_resume, sweep_folder};
use serde_json::Value;
use std::fs::File;
use std::path::{Path, PathBuf};
use wgrad::Error;
use wgrad::config::Config;
use wgrad::file::{create_folder, lock, remove, write_whole};
use wgrad::train::{Model, checkpoint::Position};

/// The files that the log of a run goes to.
pub(crate) struct LogFiles {
    pub(crate) metrics: File,
    pub(crate) events: Events,
    /// The final path of the metrics.
    pub(crate) path: PathBuf,
}

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

    /// Returns the folder of a run that did not end.
    ///
    /// # Errors
    /// Returns an error if there is no run, it has ended, or another one writes to the folder.
    pub(crate) fn resume(run: &Path) -> Result<RunFolder, Error> {
        resume::unfinished(run)?;
        let lock = lock_run(run)?;
        settle(run)?;
        let (_, apart) = resume::unfinished(run)?;
        Ok(RunFolder {
            path: run.to_owned(),
            lock,
            apart,
        })
    }

    /// Returns the folder of a sweep that goes on.
    ///
    /// # Errors
    /// Returns an error if there is none, or another process writes to the folder.
    pub(crate) fn resume_sweep(run: &Path) -> Result<RunFolder, Error> {
        let lock = lock_run(run)?;
        let apart = sweep_folder(run, "--resume")? != run;
        Ok(RunFolder {
            path: run.to_owned(),
            lock,
            apart,
        })
    }

    fn named(out: &Path, force: bool) -> Result<RunFolder, Error> {
        create_folder(out).map_err(|why| {
            Error::Config(format!(
                "--out {}: cannot create this folder ({why}); name another",
                out.display()
            ))
        })?;
        if !force && !is_whole(out)? {
            require_empty(out)?;
        }
        let mut folder = RunFolder {
            path: out.to_owned(),
            lock: lock_run(out)?,
            apart: false,
        };
        let settled = settle(out)?;
        warn(settled.then_some(&format!(
            "{}: a run that was killed had replaced the older one in part; its model is in place now",
            out.display()
        )));
        clear(out)?;
        match force {
            // Another run may have started and ended in the meantime.
            false => require_empty(out)?,
            true if is_empty(out)? => {}
            true => {
                require_own(out)?;
                let unfinished = out.join(UNFINISHED);
                create_folder(&unfinished).map_err(Error::io(&unfinished))?;
                folder.apart = true;
            }
        }
        Ok(folder)
    }

    fn counted(name: &str) -> Result<RunFolder, Error> {
        let runs = Path::new("runs");
        create_folder(runs).map_err(|why| {
            Error::Config(format!(
                "runs: cannot create a folder for the run here ({why}); name one elsewhere with --out DIR"
            ))
        })?;
        for count in 1.. {
            let path = runs.join(format!("{name}-{count}"));
            match std::fs::create_dir(&path) {
                Ok(()) => {
                    wgrad::file::sync_folder(runs).map_err(Error::io(runs))?;
                    let (lock, apart) = (lock_run(&path)?, false);
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

    /// Returns whether there is an older run, or anything else, in the folder.
    pub(crate) fn replaces(&self) -> bool {
        self.apart
    }

    /// Returns the final path of the model.
    pub(crate) fn model(&self) -> PathBuf {
        self.path.join(MODEL)
    }

    /// Returns the folder where the files of the run are now.
    pub(crate) fn current(&self) -> PathBuf {
        match self.apart {
            true => self.path.join(UNFINISHED),
            false => self.path.clone(),
        }
    }

    /// Returns the current path of a file of the run.
    fn at(&self, file: &str) -> PathBuf {
        self.current().join(file)
    }

    /// Writes a file durably.
    pub(crate) fn write(&self, file: &str, text: &str) -> Result<(), Error> {
        self.write_bytes(file, text.as_bytes())
    }

    /// Writes a file durably.
    pub(crate) fn write_bytes(&self, file: &str, bytes: &[u8]) -> Result<(), Error> {
        let path = self.at(file);
        write_whole(&path, bytes).map_err(Error::io(&path))
    }

    pub(crate) fn write_config(&self, config: &Config) -> Result<(), Error> {
        self.write(CONFIG, &config.to_toml())
    }

    /// Creates the files that the log goes to.
    pub(crate) fn log_files(&self) -> Result<LogFiles, Error> {
        self.files_with(&[])
    }

    /// Opens the files that the log of a resumed run goes to, whose networks are at `positions`.
    pub(crate) fn resumed_log_files(
        &self,
        positions: &[Option<Position>],
    ) -> Result<LogFiles, Error> {
        let lines = resume::lines(&self.at(METRICS), positions)?;
        self.files_with(&lines)
    }

    /// Creates the files of a log with these lines.
    fn files_with(&self, lines: &[Value]) -> Result<LogFiles, Error> {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let path = self.at(METRICS);
        write_whole(&path, text.as_bytes()).map_err(Error::io(&path))?;
        let metrics = File::options().append(true).open(&path);
        let metrics = metrics.map_err(Error::io(&path))?;
        let path = self.at(EVENTS);
        let events = File::create(&path).and_then(Events::begin);
        let mut events = events.map_err(Error::io(&path))?;
        let epochs = lines.iter().filter(|line| line["type"] == "epoch");
        for line in epochs {
            events.epoch(line).map_err(Error::io(&path))?;
        }
        Ok(LogFiles {
            metrics,
            events,
            path: self.path.join(METRICS),
        })
    }

    /// Returns what `run.json` says, if it is there and whole: runs of older versions have none, and a run goes on without.
    pub(crate) fn about(&self) -> Option<Value> {
        let text = std::fs::read_to_string(self.at(ABOUT)).ok()?;
        let about: Value = serde_json::from_str(&text).ok()?;
        about.is_object().then_some(about)
    }

    /// Removes the checkpoints of the run, which has ended.
    pub(crate) fn remove_checkpoints(&self) -> Result<(), Error> {
        CHECKPOINTS.into_iter().try_for_each(|file| {
            let file = self.at(file);
            remove(&file).map_err(Error::io(&file))
        })
    }

    /// Removes the state of a sweep, which has ended.
    pub(crate) fn remove_sweep_state(&self) -> Result<(), Error> {
        let file = self.at(SWEEP_STATE);
        remove(&file).map_err(Error::io(&file))
    }

    /// Writes lists of rows, each with its file, and then the model, the last file of the run, and puts the run in place. A
    /// model is saved even if a list is not: returns what became of the lists.
    pub(crate) fn save<'l>(
        &mut self,
        model: &Model,
        lists: impl IntoIterator<Item = (&'l str, &'l str)>,
    ) -> Result<Result<(), Error>, Error> {
        let listed = lists
            .into_iter()
            .try_for_each(|(file, list)| self.write(file, list));
        model.save(self.at(MODEL)).inspect_err(|_| {
            // Lists of nobody's predictions. What stays is harmless.
            drop(remove(&self.at(TEST)));
            drop(remove(&self.at(OUT_OF_FOLD)));
        })?;
        self.keep()?;
        Ok(listed)
    }

    /// Puts the files of the finished run in the place of an older run's.
    fn keep(&mut self) -> Result<(), Error> {
        match std::mem::take(&mut self.apart) {
            true => settle(&self.path).map(drop),
            false => Ok(()),
        }
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if self.apart {
            let folder = self.path.display();
            let told = match is_whole(&self.path) {
                Ok(true) => kept(&self.path),
                Ok(false) => match clear(&self.path) {
                    Ok(()) => format!("{folder} is unchanged: this run has no model"),
                    Err(why) => {
                        format!("{folder} has the older run, and remains of this one: {why}")
                    }
                },
                Err(why) => {
                    format!("{folder} has the older run, and maybe this one in {UNFINISHED}: {why}")
                }
            };
            warn(Some(&told));
        }
        // Remove the file while the lock is held, so that it cannot be another run's. What stays is harmless.
        drop(remove(&self.path.join(LOCK)));
        drop(self.lock.unlock());
    }
}

/// Checks whether a folder is empty, apart from the lock and temporary files of a run that was killed.
fn is_empty(folder: &Path) -> Result<bool, Error> {
    for entry in std::fs::read_dir(folder).map_err(Error::io(folder))? {
        let name = entry.map_err(Error::io(folder))?.file_name();
        if name != LOCK && !wgrad::file::is_temporary(&name) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn require_empty(folder: &Path) -> Result<(), Error> {
    if is_empty(folder)? {
        return Ok(());
    }
    let shown = folder.display();
    // With a run that did not end in it.
    let has = |file: &str| folder.join(file).exists();
    let resume = match has(CONFIG) && has(METRICS) && !has(MODEL) {
        _ if has(SWEEP_STATE) => format!(
            ", or go on with its sweep: wgrad sweep --resume {}",
            typed(&shown.to_string())
        ),
        true => format!(
            ", or go on with its run: wgrad train --resume {}",
            typed(&shown.to_string())
        ),
        false => String::new(),
    };
    Err(Error::Config(format!(
        "--out {shown}: not empty; choose another folder, or overwrite it with --force{resume}"
    )))
}

/// Locks a run folder against other runs.
fn lock_run(folder: &Path) -> Result<File, Error> {
    let path = folder.join(LOCK);
    lock(&path).map_err(Error::io(&path))?.ok_or_else(|| {
        Error::Config(format!(
            "{}: another run is writing there; wait for it, or name another folder",
            folder.display()
        ))
    })
}
