//! What the files of a run say of it.

use super::replace::{
    ABOUT, CHECKPOINTS, CONFIG, EVENTS, LOCK, METRICS, MODEL, OUT_OF_FOLD, REPORT, SWEEP,
    SWEEP_STATE, TEST, UNFINISHED,
};
use super::resume::require_folder;
use serde_json::Value;
use std::path::{Path, PathBuf};
use wgrad::Error;
use wgrad::file::lock;

/// What a run is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunState {
    /// Another process writes to its folder.
    Running,
    /// It goes on with `--resume`.
    CutShort,
    Ended,
    /// It is no run, but a sweep.
    Sweep,
}

impl RunState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::CutShort => "cut_short",
            RunState::Ended => "ended",
            RunState::Sweep => "sweep",
        }
    }
}

/// The files of a run.
pub(crate) struct RunFiles {
    pub(crate) path: String,
    /// Where the files are now.
    pub(crate) folder: PathBuf,
    pub(crate) state: RunState,
    /// `run.json`; null if there is none.
    pub(crate) about: Value,
    /// The settings; null if there are none.
    pub(crate) config: Value,
    /// `sweep.json`; null if there is none.
    pub(crate) sweep: Value,
    /// The lines of the log.
    log: Vec<Value>,
    /// Names and sizes of the files.
    pub(crate) files: Vec<(&'static str, u64)>,
}

impl RunFiles {
    /// Returns whether it is a sweep, or a shard of one, that was cut short and goes on with `--resume`.
    pub(crate) fn goes_on(&self) -> bool {
        self.has(SWEEP_STATE) && self.sweep["interrupted"] != false
    }

    /// Reads the run in the folder at `path`: the one that is being trained, if it replaces another.
    ///
    /// # Errors
    /// Returns an error if there is no run.
    pub(crate) fn read(path: &Path) -> Result<RunFiles, Error> {
        require_folder(path, "")?;
        let shown = path.display().to_string();
        let apart = path.join(UNFINISHED);
        let folder = match apart.join(CONFIG).exists() {
            true => &apart,
            false => path,
        };
        let Ok(config) = std::fs::read_to_string(folder.join(CONFIG)) else {
            let what = match path.try_exists() {
                Ok(false) => "no such folder",
                _ => "no config.toml",
            };
            return Err(Error::Config(format!(
                "{shown}: {what}; expected the folder of a run, as runs/iris-1"
            )));
        };
        let text = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap_or_default();
        let all = [
            MODEL,
            CONFIG,
            ABOUT,
            METRICS,
            EVENTS,
            TEST,
            OUT_OF_FOLD,
            SWEEP,
            SWEEP_STATE,
            REPORT,
        ];
        let size = |file: &'static str| {
            let found = std::fs::metadata(folder.join(file)).ok()?;
            Some((file, found.len()))
        };
        let files: Vec<_> = all
            .into_iter()
            .chain(CHECKPOINTS)
            .filter_map(size)
            .collect();
        let has = |file: &str| files.iter().any(|(name, _)| *name == file);
        let lock_file = path.join(LOCK);
        // Without the file, nobody holds its lock; to open it would create it.
        let is_running = lock_file.exists() && matches!(lock(&lock_file), Ok(None));
        let state = match () {
            () if is_running => RunState::Running,
            () if has(SWEEP) || has(SWEEP_STATE) => RunState::Sweep,
            () if !has(MODEL) || CHECKPOINTS.iter().any(|file| has(file)) => RunState::CutShort,
            () => RunState::Ended,
        };
        let config: toml::Value = toml::from_str(&config)
            .map_err(|why| Error::Config(format!("{shown}: config.toml: {}", why.message())))?;
        Ok(RunFiles {
            path: shown,
            folder: folder.to_owned(),
            state,
            about: serde_json::from_str(&text(ABOUT)).unwrap_or_default(),
            config: serde_json::to_value(config).unwrap_or_default(),
            sweep: serde_json::from_str(&text(SWEEP)).unwrap_or_default(),
            log: text(METRICS)
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok())
                .collect(),
            files,
        })
    }

    /// Returns the number of rows that the model was trained anew on after its training, if it was.
    pub(crate) fn refit_rows(&self) -> Option<u64> {
        let rows = &self.about["data"]["rows"];
        let both = rows["train"].as_u64()? + rows["validation"].as_u64()?;
        (self.end()?["refit"] == true).then_some(both)
    }

    /// Returns whether there is a file of the run.
    pub(crate) fn has(&self, file: &str) -> bool {
        self.files.iter().any(|(name, _)| *name == file)
    }

    /// Returns the text of a file of the run, if there is one.
    pub(crate) fn text(&self, file: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.join(file)).ok()
    }

    /// Returns whether training diverged.
    pub(crate) fn is_diverged(&self) -> bool {
        self.end().is_some_and(|end| end["reason"] == "diverged")
    }

    /// Returns the line of the beginning, if there is one.
    pub(crate) fn begin(&self) -> Option<&Value> {
        self.log.iter().find(|line| line["type"] == "run")
    }

    /// Returns the lines of the epochs.
    pub(crate) fn epochs(&self) -> impl Iterator<Item = &Value> {
        self.log.iter().filter(|line| line["type"] == "epoch")
    }

    /// Returns the line of the end, if there is one.
    pub(crate) fn end(&self) -> Option<&Value> {
        self.log.iter().rev().find(|line| line["type"] == "end")
    }

    /// Returns the line of the epoch with the lowest validation loss.
    pub(crate) fn best(&self) -> Option<&Value> {
        let loss = |line: &Value| line["val_loss"].as_f64();
        let epochs = self.epochs().filter(|line| loss(line).is_some());
        epochs.min_by(|a, b| {
            let [a, b] = [a, b].map(|line| loss(line).unwrap_or(f64::INFINITY));
            a.total_cmp(&b)
        })
    }
}
