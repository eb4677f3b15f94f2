//! Replaces the run in a folder by another one, so that at any instant all files in place are of one run, and one of
//! them is a model.
//!
//! The new run is written to [`UNFINISHED`], its model last. Then a mark says that it is whole: from now on the new run is
//! the one to keep. The older run's small files are removed, the new model is renamed over the older one, and the other
//! files follow. If the process ends on the way, the next run in the folder goes on from there.

use super::events::VERSION;
use std::io::Read;
use std::path::Path;
use wgrad::Error;
use wgrad::file::{self, remove, remove_stale, sync_folder, write_whole};
pub(super) use wgrad::train::checkpoint::FILES as CHECKPOINTS;

/// Lock file of the run that writes to a folder.
pub(super) const LOCK: &str = ".running";

pub(super) const MODEL: &str = "model.safetensors";
pub(super) const CONFIG: &str = "config.toml";
pub(super) const METRICS: &str = "metrics.jsonl";
/// What TensorBoard reads; it wants `tfevents` in the name.
pub(super) const EVENTS: &str = "events.out.tfevents.wgrad";
pub(crate) const ABOUT: &str = "run.json";
pub(crate) const SWEEP: &str = "sweep.json";
/// The state that a sweep goes on from, or that a shard leaves behind.
pub(crate) const SWEEP_STATE: &str = "sweep-state.wgrad";
pub(crate) const TEST: &str = "test.csv";
pub(crate) const OUT_OF_FOLD: &str = "out_of_fold.csv";
pub(crate) const REPORT: &str = "report.html";

/// Subfolder for the files of a run in a non-empty folder, until it has a model. The model is the last file.
pub(super) const UNFINISHED: &str = "unfinished-run";

/// Empty file in the subfolder of a run whose files are all on the disk, and move into place.
const WHOLE: &str = "whole";

/// Files of a run that describe its model, or that it goes on from.
const OTHERS: [&str; 11] = [
    METRICS,
    EVENTS,
    ABOUT,
    SWEEP,
    SWEEP_STATE,
    TEST,
    OUT_OF_FOLD,
    REPORT,
    CHECKPOINTS[0],
    CHECKPOINTS[1],
    CONFIG,
];

fn is_there(path: &Path) -> Result<bool, Error> {
    file::is_there(path).map_err(Error::io(path))
}

/// Checks whether the subfolder has a run whose files are all on the disk.
pub(super) fn is_whole(folder: &Path) -> Result<bool, Error> {
    let unfinished = folder.join(UNFINISHED);
    Ok(is_folder(&unfinished)?
        && (is_there(&unfinished.join(MODEL))? || is_there(&unfinished.join(WHOLE))?))
}

/// Checks whether there is a folder at `path`.
///
/// # Errors
/// Returns an error if there is something else, as a link.
fn is_folder(path: &Path) -> Result<bool, Error> {
    match std::fs::symlink_metadata(path) {
        Ok(found) if !found.is_dir() => Err(foreign(path)),
        Ok(_) => Ok(true),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(why) => Err(Error::io(path)(why)),
    }
}

/// Puts a whole run in place, if there is one in the subfolder. Returns whether there was one.
///
/// # Errors
/// Returns an error if a step fails. It says where the models are.
pub(super) fn settle(folder: &Path) -> Result<bool, Error> {
    let whole = is_whole(folder)?;
    if whole {
        put_in_place(folder).map_err(|why| match why {
            Error::Io { path, why } => Error::Io {
                path,
                why: std::io::Error::new(why.kind(), format!("{why}; {}", kept(folder))),
            },
            other => other,
        })?;
    }
    Ok(whole)
}

/// Says where the models are while a whole run is in the subfolder.
pub(super) fn kept(folder: &Path) -> String {
    let apart = folder.join(UNFINISHED);
    let (place, from) = (folder.display(), apart.display());
    let cure = format!(
        "the next run with --out {place} --force completes the move, or move the files of {from} up by hand"
    );
    match is_there(&apart.join(MODEL)) {
        Ok(true) => format!("the new model is {from}/{MODEL}, {place} has the older one: {cure}"),
        Ok(false) => {
            format!(
                "the new model is {place}/{MODEL}, what is not in place of its run is in {from}: {cure}"
            )
        }
        Err(why) => format!("the new model is in {from} or {place} ({why}): {cure}"),
    }
}

fn put_in_place(folder: &Path) -> Result<(), Error> {
    let apart = folder.join(UNFINISHED);
    let synced = |folder: &Path| sync_folder(folder).map_err(Error::io(folder));
    let mark = apart.join(WHOLE);
    write_whole(&mark, b"").map_err(Error::io(&mark))?;
    synced(folder)?;
    // Nothing waits for the disk in between, so that hardly any time passes without a configuration. File systems keep
    // the order of these changes. Without a model apart, it is in place, and so may be some of the others.
    if is_there(&apart.join(MODEL))? {
        for file in OTHERS.map(|file| folder.join(file)) {
            remove(&file).map_err(Error::io(&file))?;
        }
    }
    let files = [
        MODEL,
        CONFIG,
        ABOUT,
        METRICS,
        EVENTS,
        SWEEP,
        SWEEP_STATE,
        TEST,
        OUT_OF_FOLD,
        REPORT,
    ];
    for file in files.into_iter().chain(CHECKPOINTS) {
        let to = folder.join(file);
        match std::fs::rename(apart.join(file), &to) {
            Err(why) if why.kind() == std::io::ErrorKind::NotFound => {}
            moved => moved.map_err(Error::io(&to))?,
        }
    }
    synced(folder)?;
    clear(folder)?;
    synced(folder)
}

/// Removes what a run that ended left in a folder: the subfolder, which has no model, and temporary files.
///
/// # Errors
/// Returns an error if something cannot be removed, or is not a run's.
pub(super) fn clear(folder: &Path) -> Result<(), Error> {
    let unfinished = folder.join(UNFINISHED);
    if is_folder(&unfinished)? {
        remove_temporary(&unfinished)?;
        // The mark goes last: the others tell nothing without it.
        for file in OTHERS.into_iter().chain([WHOLE]) {
            let file = unfinished.join(file);
            remove(&file).map_err(Error::io(&file))?;
        }
        match std::fs::remove_dir(&unfinished) {
            // Somebody else put files there. They stay, and do no harm.
            Err(why) if why.kind() == std::io::ErrorKind::DirectoryNotEmpty => {}
            removed => removed.map_err(Error::io(&unfinished))?,
        }
    }
    remove_temporary(folder)
}

fn remove_temporary(folder: &Path) -> Result<(), Error> {
    let mut files = OTHERS.into_iter().chain([MODEL, WHOLE]);
    files.try_for_each(|file| {
        let file = folder.join(file);
        remove_stale(&file).map_err(Error::io(&file))
    })
}

/// Checks that files with the names of a run's files are a run's, before anything overwrites them.
///
/// # Errors
/// Returns an error if one is not, or cannot be read.
pub(super) fn require_own(folder: &Path) -> Result<(), Error> {
    let marks: [(&str, &[&str]); 12] = [
        (CONFIG, &["[network]", "[optimizer]"]),
        (METRICS, &["{\"type\":\"run\""]),
        (EVENTS, &[VERSION]),
        (ABOUT, &["\"wgrad\"", "\"command\""]),
        (SWEEP, &["\"ranked\""]),
        (SWEEP_STATE, &["wgrad-s"]),
        (TEST, &["true_", "predicted_"]),
        (OUT_OF_FOLD, &["true_", "predicted_"]),
        (REPORT, &["<!DOCTYPE html>", "wgrad"]),
        (MODEL, &["__metadata__", "wgrad"]),
        (CHECKPOINTS[0], &["__metadata__", "wgrad"]),
        (CHECKPOINTS[1], &["__metadata__", "wgrad"]),
    ];
    for (file, marks) in marks {
        let path = folder.join(file);
        if !is_there(&path)? {
            continue;
        }
        let mut head = Vec::new();
        let opened = std::fs::File::open(&path);
        let read = opened.and_then(|file| file.take(1 << 20).read_to_end(&mut head));
        read.map_err(Error::io(&path))?;
        let head = String::from_utf8_lossy(&head);
        // A run that was killed may have left an empty file.
        if !head.is_empty() && !marks.iter().all(|mark| head.contains(mark)) {
            return Err(foreign(&path));
        }
    }
    Ok(())
}

/// Returns the error for a file that no run wrote.
fn foreign(path: &Path) -> Error {
    Error::Config(format!(
        "{}: not written by wgrad, and --force overwrites only what is; move it away, or name another folder with --out",
        path.display()
    ))
}
