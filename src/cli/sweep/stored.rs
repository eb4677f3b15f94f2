//! Sweeps that go on, and shards that are merged: the command is that of the state in the run folder.

use super::args::Sweep;
use crate::cli::run_folder::{SWEEP_STATE, sweep_folder};
use clap::parser::ValueSource;
use clap::{Args, Command, FromArgMatches};
use std::path::Path;
use wgrad::Error;
use wgrad::sweep::search::SearchState;
use wgrad::sweep::{SweepAbout, SweepState};

/// Flags that may stand beside `--resume` and `--merge`: they change nothing of what is trained.
const BESIDE: [&str; 12] = [
    "source",
    "device",
    "backend",
    "resume",
    "merge",
    "next",
    "out",
    "force",
    "report",
    "json",
    "quiet",
    "checkpoint",
];

/// Returns what a state says of this command.
pub(super) fn about() -> SweepAbout {
    let all = std::env::args_os().skip(1);
    let folder = std::env::current_dir().unwrap_or_default();
    SweepAbout {
        arguments: all.map(|arg| arg.to_string_lossy().into_owned()).collect(),
        folder: folder.display().to_string(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..SweepAbout::default()
    }
}

/// The state in the folder of a run.
pub(super) enum Stored {
    Sweep(SweepState),
    Search(SearchState),
}

impl Stored {
    pub(super) fn about(&self) -> &SweepAbout {
        match self {
            Stored::Sweep(state) => &state.about,
            Stored::Search(state) => &state.about,
        }
    }
}

/// Reads the state of the sweep in the folder of a run.
///
/// # Errors
/// Returns an error if there is none, or it is damaged.
pub(super) fn read(run: &Path, flag: &str) -> Result<Stored, Error> {
    let file = sweep_folder(run, flag)?.join(SWEEP_STATE);
    let bytes = std::fs::read(&file).map_err(Error::io(&file))?;
    let read = match SearchState::is_search(&bytes) {
        true => SearchState::from_bytes(&bytes).map(Stored::Search),
        false => SweepState::from_bytes(&bytes).map(Stored::Sweep),
    };
    read.map_err(|why| Error::Model(format!("{}: {why}", file.display())))
}

/// Names the folder that an error is about.
pub(super) fn blame(run: &Path, why: Error) -> Error {
    match why {
        Error::Config(why) => Error::Config(format!("{}: {why}", run.display())),
        Error::Model(why) => Error::Model(format!("{}: {why}", run.display())),
        other => other,
    }
}

/// Returns the error for a sweep that cannot go on from a state that another `version` may have written.
pub(super) fn changed(version: &str) -> Error {
    Error::Config(format!(
        "its data or its settings are not what the sweep began with, or its version of wgrad ({version}) is another; bring back what it was, or sweep anew"
    ))
}

/// Returns the command that began a sweep, with the flags of `now` that say what becomes of it.
///
/// # Errors
/// Returns an error if `now` has other flags, or this version does not understand the command.
pub(super) fn command(now: &Sweep, about: &SweepAbout, flag: &str) -> Result<Sweep, Error> {
    refuse_others(flag)?;
    let own = |why: String| {
        Error::Config(format!(
            "{flag}: the command that began the sweep (wgrad {}) is not understood: {why}",
            about.arguments.join(" ")
        ))
    };
    let matches = parser().try_get_matches_from(&about.arguments);
    let mut then = Sweep::from_arg_matches(&matches.map_err(|why| own(why.to_string()))?)
        .map_err(|why| own(why.to_string()))?;
    then.set_place(now);
    if let Some(source) = then.source().filter(|source| is_missing(source)) {
        return Err(Error::Config(format!(
            "{flag}: {source} is not here; the sweep began in {}: go there, or say where the data is, as in wgrad sweep DATA {flag} RUN",
            about.folder
        )));
    }
    then.out.clone_from(&now.out);
    (then.force, then.report) = (now.force, now.report);
    (then.json, then.quiet) = (now.json, now.quiet);
    then.shards = now.shards.clone();
    if now.shards.resume.is_some() {
        then.shards.set_shard(about.shard);
    }
    Ok(then)
}

/// Returns whether the data is a file that is not here.
fn is_missing(source: &str) -> bool {
    let path = Path::new(source);
    let is_path = path.extension().is_some() || source.contains(std::path::MAIN_SEPARATOR);
    is_path && !path.exists()
}

/// A parser of the arguments of `wgrad sweep`, which begin with `sweep`.
fn parser() -> Command {
    Sweep::augment_args(Command::new("sweep"))
}

/// Checks that the command line has no flags but those of [`BESIDE`].
fn refuse_others(flag: &str) -> Result<(), Error> {
    let parser = parser();
    let arguments = std::env::args_os().skip(1);
    let Ok(matches) = parser.clone().try_get_matches_from(arguments) else {
        return Ok(());
    };
    let typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let all = parser.get_arguments();
    let mut others = all.filter(|arg| {
        let id = arg.get_id().as_str();
        !BESIDE.contains(&id) && typed(id)
    });
    match others
        .next()
        .map(|arg| arg.get_long().unwrap_or("DATA").to_owned())
    {
        None => Ok(()),
        Some(other) => Err(Error::Config(format!(
            "--{other}: not with {flag}, which goes on with the settings that the sweep began with; leave it out"
        ))),
    }
}
