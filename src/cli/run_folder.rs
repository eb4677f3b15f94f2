//! The folder of a run: its model, its resolved configuration, its metrics.

use std::fs::File;
use std::path::{Path, PathBuf};
use wgrad::Error;
use wgrad::config::Config;

pub(crate) struct RunFolder(PathBuf);

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
        // An older run's files would pass for this one's, if it ends before it has written its own.
        for file in [
            "model.safetensors",
            "config.toml",
            "metrics.jsonl",
            "sweep.json",
        ] {
            let path = out.join(file);
            match std::fs::remove_file(&path) {
                Err(why) if why.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::io(&path)(why));
                }
                _ => {}
            }
        }
        Ok(RunFolder(out.to_owned()))
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
                Ok(()) => return Ok(RunFolder(path)),
                Err(why) if why.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(why) => return Err(Error::io(&path)(why)),
            }
        }
        unreachable!("a folder is free before the numbers run out")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn model(&self) -> PathBuf {
        self.0.join("model.safetensors")
    }

    pub(crate) fn write_config(&self, config: &Config) -> Result<(), Error> {
        let path = self.0.join("config.toml");
        std::fs::write(&path, config.to_toml()).map_err(Error::io(&path))
    }

    pub(crate) fn metrics_file(&self) -> Result<File, Error> {
        let path = self.0.join("metrics.jsonl");
        File::create(&path).map_err(Error::io(&path))
    }
}
