//! Goes on with a run that did not end: finds its files, and what its log has so far.

use super::replace::{
    CHECKPOINTS, CONFIG, METRICS, MODEL, SWEEP, SWEEP_STATE, UNFINISHED, is_whole, settle,
};
use crate::cli::messages::typed;
use serde_json::Value;
use std::path::{Path, PathBuf};
use wgrad::Error;
use wgrad::file::is_there;
use wgrad::train::checkpoint::Position;

/// Returns the folder with the files of the unfinished run in `run`, and whether it is apart from an older one.
///
/// # Errors
/// Returns an error if there is no run, or it has ended.
pub(super) fn unfinished(run: &Path) -> Result<(PathBuf, bool), Error> {
    let has = |path: PathBuf| is_there(&path).map_err(Error::io(&path));
    let apart = run.join(UNFINISHED);
    if !is_whole(run)? && has(apart.join(CONFIG))? && has(apart.join(METRICS))? {
        return Ok((apart, true));
    }
    let shown = run.display();
    let refused = |why: String| Err(Error::Config(format!("--resume {shown}: {why}")));
    if has(run.join(SWEEP_STATE))? {
        return refused(format!(
            "the folder of a sweep; go on with wgrad sweep --resume {}",
            typed(&shown.to_string())
        ));
    }
    if has(run.join(SWEEP))? {
        return refused("the folder of a sweep that has ended; sweep anew".to_owned());
    }
    if !has(run.join(CONFIG))? || !has(run.join(METRICS))? {
        return refused(
            "no config.toml and metrics.jsonl; expected the folder of a run that wgrad train began"
                .to_owned(),
        );
    }
    let mut has_checkpoint = false;
    for file in CHECKPOINTS {
        has_checkpoint |= has(run.join(file))?;
    }
    if !has_checkpoint && has(run.join(MODEL))? {
        return refused(format!(
            "the run has ended; to train on from its model, use wgrad train DATA --from {}",
            typed(&shown.to_string())
        ));
    }
    Ok((run.to_owned(), false))
}

/// Returns the folder with the state of the sweep in `run`: `run`, or that of a sweep that was to replace another run.
///
/// # Errors
/// Returns an error if there is none.
pub(crate) fn sweep_folder(run: &Path, flag: &str) -> Result<PathBuf, Error> {
    require_folder(run, &format!("{flag} "))?;
    settle(run)?;
    let apart = run.join(UNFINISHED);
    for folder in [&apart, run] {
        let state = folder.join(SWEEP_STATE);
        if is_there(&state).map_err(Error::io(&state))? {
            return Ok(folder.to_owned());
        }
    }
    let shown = run.display();
    let has = |file: &str| run.join(file).exists();
    let why = match (has(SWEEP), has(METRICS) || has(MODEL)) {
        (true, _) if flag == "--merge" => "no shard, but a whole sweep, or a merged one".to_owned(),
        (true, _) => "the sweep has ended".to_owned(),
        (_, true) => format!(
            "a run of wgrad train; go on with wgrad train --resume {}",
            typed(&shown.to_string())
        ),
        _ => format!("no {SWEEP_STATE}; expected the folder of a sweep that wgrad sweep began"),
    };
    Err(Error::Config(format!("{flag} {shown}: {why}")))
}

/// Checks that `run` is no file.
///
/// # Errors
/// Returns an error that suggests the folder of the file.
pub(super) fn require_folder(run: &Path, flag: &str) -> Result<(), Error> {
    if !run.is_file() {
        return Ok(());
    }
    let of_run = run.parent().filter(|folder| folder.join(CONFIG).exists());
    let meant = of_run.map_or(String::new(), |folder| {
        format!("; did you mean {}?", folder.display())
    });
    Err(Error::Config(format!(
        "{flag}{}: a file; expected the folder of a run{meant}",
        run.display()
    )))
}

/// Returns the configuration of the unfinished run in `run`.
///
/// # Errors
/// Returns an error if there is no such run.
pub(crate) fn config_to_resume(run: &Path) -> Result<PathBuf, Error> {
    require_folder(run, "--resume ")?;
    settle(run)?;
    unfinished(run).map(|(folder, _)| folder.join(CONFIG))
}

/// Returns the lines of a log that a run has got to, where its networks are at `positions`.
pub(super) fn lines(path: &Path, positions: &[Option<Position>]) -> Result<Vec<Value>, Error> {
    let text = std::fs::read_to_string(path).map_err(Error::io(path))?;
    let is_kept = |record: &Value| {
        let number = record["network"].as_u64().unwrap_or(1) as usize;
        let position = positions.get(number.wrapping_sub(1)).copied().flatten();
        match record["type"].as_str() {
            Some("run") => true,
            Some("epoch") => position.is_some_and(|position| {
                record["epoch"].as_u64().unwrap_or(u64::MAX) <= position.epochs as u64
            }),
            _ => false,
        }
    };
    // A run that was killed may have left half a line.
    let records = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    Ok(records.filter(is_kept).collect())
}
