//! The folder of a run: its model, its resolved configuration, its metrics.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use wgrad::Error;
use wgrad::config::Config;

/// What runs leave in their folders.
const FILES: [&str; 4] = [
    "model.safetensors",
    "config.toml",
    "metrics.jsonl",
    "sweep.json",
];

pub(crate) struct RunFolder {
    path: PathBuf,
    /// Whether an older run's files were set aside ([`RunFolder::aside`]), and none of this one's are worth them yet.
    older: bool,
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
        let mut entries = std::fs::read_dir(out).map_err(Error::io(out))?;
        if entries.next().is_some() && !force {
            return Err(Error::Config(format!(
                "--out {}: not empty; choose another folder, or overwrite it with --force",
                out.display()
            )));
        }
        let mut folder = RunFolder {
            path: out.to_owned(),
            older: false,
        };
        folder.older = folder.set_aside()?;
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
                Ok(()) => return Ok(RunFolder { path, older: false }),
                Err(why) if why.kind() == ErrorKind::AlreadyExists => {}
                Err(why) => return Err(Error::io(&path)(why)),
            }
        }
        unreachable!("a folder is free before the numbers run out")
    }

    /// Where an older run's file is until this one has a model: it would pass for this one's.
    fn aside(&self, file: &str) -> PathBuf {
        self.path.join(format!("{file}.old"))
    }

    /// Sets the files of an older run with a model aside, and says whether there are any. Where the folder has no model, its
    /// files are those of a run that was in vain; one that lies aside is that of the run before, and stays.
    fn set_aside(&self) -> Result<bool, Error> {
        let is_whole = self.model().exists();
        let moved = |file: &str| match is_whole {
            true => std::fs::rename(self.path.join(file), self.aside(file)),
            false => std::fs::remove_file(self.path.join(file)),
        };
        for file in FILES {
            if is_whole {
                drop(std::fs::remove_file(self.aside(file)));
            }
            match moved(file) {
                Err(why) if why.kind() != ErrorKind::NotFound => {
                    return Err(Error::io(self.path.join(file))(why));
                }
                _ => {}
            }
        }
        Ok(self.aside(FILES[0]).exists())
    }

    /// The run has a model: an older one's files go.
    pub(crate) fn keep(&mut self) {
        self.older = false;
        FILES
            .iter()
            .for_each(|file| drop(std::fs::remove_file(self.aside(file))));
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn model(&self) -> PathBuf {
        self.path.join("model.safetensors")
    }

    pub(crate) fn write_config(&self, config: &Config) -> Result<(), Error> {
        self.write("config.toml", &config.to_toml())
    }

    /// Writes a file, whole or not at all.
    pub(crate) fn write(&self, file: &str, text: &str) -> Result<(), Error> {
        let path = self.path.join(file);
        let unfinished = self.path.join(format!("{file}.tmp"));
        let written =
            std::fs::write(&unfinished, text).and_then(|()| std::fs::rename(&unfinished, &path));
        if written.is_err() {
            drop(std::fs::remove_file(&unfinished));
        }
        written.map_err(Error::io(&path))
    }

    /// The file of the metrics, and its path.
    pub(crate) fn metrics_file(&self) -> Result<(File, PathBuf), Error> {
        let path = self.path.join("metrics.jsonl");
        let file = File::create(&path).map_err(Error::io(&path))?;
        Ok((file, path))
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if !self.older {
            return;
        }
        for file in FILES {
            drop(std::fs::remove_file(self.path.join(file)));
            drop(std::fs::rename(self.aside(file), self.path.join(file)));
        }
        let folder = self.path.display();
        super::warn(Some(&format!(
            "{folder}: the older run is kept, with its model"
        )));
    }
}
