//! `wgrad sweep --search`: tries random settings, trains the best one as `wgrad train` does, and tests it.

mod conclude;
mod job;
mod report;
mod screen;

use super::args::Sweep;
use super::shards::folder_name;
use super::{next, stored};
use crate::cli::interrupt;
use crate::cli::messages::{print_json, print_lines, typed, warn};
use crate::cli::report as page;
use crate::cli::run_folder::{RunFolder, SWEEP};
use conclude::conclude;
use jiff::Timestamp;
use job::SearchJob;
use screen::Screen;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use wgrad::Error;
use wgrad::sweep::SweepAbout;
use wgrad::sweep::merge::checked_shards;
use wgrad::sweep::search::{Search, SearchState, settle_device};
use wgrad::text::{counted, shown_json};

/// Searches, or trains a shard of a round, or goes on with the search of a folder.
pub(super) fn run(
    args: &Sweep,
    count: usize,
    resumed: Option<(&Path, SearchState)>,
) -> anyhow::Result<ExitCode> {
    let shard = args.shards.shard()?;
    let mut job = SearchJob::new(args, count)?;
    settle_device(&mut job.config, &job.origin, &job.data)?;
    let begun = Timestamp::now();
    let mut state = SearchState::new(job.candidates.len());
    shard.check(job.candidates.len(), "setting")?;
    state.about = SweepAbout {
        shard,
        identity: job.identity,
        ..stored::about()
    };
    if let Some((run, resumed)) = &resumed {
        let gone_on = gone_on(args, resumed.clone(), &job);
        match gone_on.map_err(|why| stored::blame(run, why))? {
            Some(resumed) => state = resumed,
            None => {
                print_lines(vec![next::ended(shard)])?;
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
    let run_on = (
        job.config.run.device.clone(),
        job.config.run.backend.clone(),
    );
    state.about.version = env!("CARGO_PKG_VERSION").to_owned();
    (state.about.device, state.about.run_on) = (run_on.0.clone(), run_on);
    let stop = interrupt::stop_flag();
    let mut folder = match &resumed {
        Some((run, _)) => RunFolder::resume_sweep(run)?,
        None => {
            let name = folder_name(&job.data.name, shard);
            RunFolder::create(args.out.as_deref(), &name, args.force)?
        }
    };
    let screen = Screen::new(args, stop, &folder, state.about.elapsed);
    screen.write(&state)?;
    folder.write_config(&job.config)?;
    screen.begin(&job.data, &job.candidates, &job.config);
    let (config, origin, data) = (&job.config, &job.origin, &job.data);
    let search = Search::new(config, origin, data, &job.candidates, state, &screen)?;
    let ended = search.run();
    screen.end();
    let mut state = search.state();
    state.about.has_ended = !shard.is_whole() && state.is_done();
    screen.write(&state)?;
    ended?;
    let elapsed = screen.elapsed();
    if !shard.is_whole() {
        return Ok(of_shard(args, &search, &folder, stop)?);
    }
    let tried = match search.tried() {
        Err(Error::Interrupted) if !stop.load(Ordering::Relaxed) => {
            return Err(Error::Config(
                "--time: it ended before a network was trained; allow more, or use a sample of the rows"
                    .to_owned(),
            )
            .into());
        }
        tried => tried?,
    };
    let interrupted = conclude(args, &job, &tried, &mut folder, (begun, elapsed), stop)?;
    match interrupted {
        true if !args.json => print_lines(vec![format!(
            "go on   wgrad sweep --resume {}",
            typed(&folder.path().display().to_string())
        )])?,
        true => {}
        false => folder.remove_sweep_state()?,
    }
    let ended = Ok(interrupt::ended(interrupted));
    page::after(folder, &job.data, args.report, args.quiet, ended)
}

/// Returns the state that a search goes on from; `None` if it has ended.
fn gone_on(
    args: &Sweep,
    mut state: SearchState,
    job: &SearchJob,
) -> Result<Option<SearchState>, Error> {
    if state.about.identity != job.identity {
        return Err(stored::changed(&state.about.version));
    }
    let done = state.round() + 1;
    let waits = state.about.has_ended && !state.is_last();
    let file = args.shards.next.as_deref();
    let next = file.map(|file| next::read(file, job.identity, done));
    match (next.transpose()?.flatten(), waits) {
        (Some(left), true) => {
            state.about.next = Some((done, left.clone()));
            state.go_on_with(left);
        }
        (Some(_), false) => {
            return Err(Error::Config(
                "--next: the search has not stopped after a round; leave it out".to_owned(),
            ));
        }
        (None, true) if file.is_none() => {
            return Err(next::wanted(state.about.shard, &counted(done, "fold")));
        }
        (None, _) if state.about.has_ended => return Ok(None),
        (None, _) => {}
    }
    Ok(Some(state))
}

/// Reports and saves what a shard has found in a round.
fn of_shard(
    args: &Sweep,
    search: &Search,
    folder: &RunFolder,
    stop: &AtomicBool,
) -> Result<ExitCode, Error> {
    let interrupted = stop.load(Ordering::Relaxed);
    let state = search.state();
    // Nothing was trained, or all of it diverged: other shards may have settings that do not.
    let tried = search.tried().unwrap_or_default();
    let waits = !interrupted && !state.is_last();
    let record = json!({
        "shard": state.about.shard.to_string(),
        "waits_after": waits.then_some(state.round() + 1),
        "fold": state.round() + 1,
        "ranked": report::ranked(&tried),
        "interrupted": interrupted,
    });
    folder.write(SWEEP, &shown_json(&record.to_string()))?;
    let at = typed(&folder.path().display().to_string());
    let lines = match interrupted {
        true => vec![format!("interrupted; wgrad sweep --resume {at} goes on")],
        false => vec![
            format!(
                "shard {}: fold {} is trained",
                state.about.shard,
                state.round() + 1
            ),
            format!(
                "when all have ended: wgrad sweep --merge {at} and the others{}",
                if waits { " --next FILE" } else { "" }
            ),
        ],
    };
    let told = match args.json {
        true => print_json(&record),
        false => print_lines(lines),
    };
    told.map_err(Error::io(Path::new("stdout")))?;
    Ok(interrupt::ended(interrupted))
}

/// Merges the shards of a round: writes which settings go on, or trains the best one.
pub(super) fn merge(
    args: &Sweep,
    count: usize,
    states: Vec<(PathBuf, SearchState)>,
) -> anyhow::Result<ExitCode> {
    let begun = Timestamp::now();
    let mut job = SearchJob::new(args, count)?;
    let about = |state: &SearchState| state.about.clone();
    let states = checked_shards(states, about, job.identity)
        .map_err(|why| Error::Config(format!("--merge: {why}")))?;
    if let Some(file) = &args.shards.next {
        write_next(args.json, &states, &job, file)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut all = complete(&states)?;
    let round = all.round();
    if !all.is_last() {
        return Err(Error::Config(format!(
            "--merge: the shards have trained fold {}; write which settings go on with --next FILE",
            round + 1
        ))
        .into());
    }
    settle_device(&mut job.config, &job.origin, &job.data)?;
    let stop = interrupt::stop_flag();
    let elapsed = states.iter().map(|(_, state)| state.about.elapsed).sum();
    all.about = SweepAbout::default();
    let name = folder_name(&job.data.name, all.about.shard);
    let mut folder = RunFolder::create(args.out.as_deref(), &name, args.force)?;
    let nobody = Screen::new(args, stop, &folder, 0.0);
    let (config, origin, data) = (&job.config, &job.origin, &job.data);
    let tried = Search::new(config, origin, data, &job.candidates, all, &nobody)?.tried()?;
    let interrupted = conclude(args, &job, &tried, &mut folder, (begun, elapsed), stop)?;
    warn(
        interrupted
            .then_some("the search is complete; merge again to train the best setting to its end"),
    );
    let ended = Ok(interrupt::ended(interrupted));
    page::after(folder, &job.data, args.report, args.quiet, ended)
}

/// Returns what all shards know together.
///
/// # Errors
/// Returns an error if one is not done with the round, or has not gone on to it.
fn complete(states: &[(PathBuf, SearchState)]) -> Result<SearchState, Error> {
    let round = states.iter().map(|(_, state)| state.round()).max();
    for (path, state) in states {
        let shard = state.about.shard;
        if !state.is_done() {
            return Err(Error::Config(format!(
                "--merge: shard {shard} is at fold {}, and is not done; go on with wgrad sweep --resume {}",
                state.round() + 1,
                path.display()
            )));
        }
        if Some(state.round()) != round {
            return Err(next::behind(shard, path));
        }
    }
    let mut all = states[0].1.clone();
    states.iter().for_each(|(_, state)| all.add(state));
    Ok(all)
}

/// Writes which settings go on to `file`, and prints the commands for that. Writes it again if some shards have gone on already.
fn write_next(
    json: bool,
    states: &[(PathBuf, SearchState)],
    job: &SearchJob,
    file: &Path,
) -> anyhow::Result<()> {
    let ahead = states
        .iter()
        .filter_map(|(_, state)| state.about.next.as_ref());
    let last = ahead.max_by_key(|(after, _)| *after).cloned();
    let waits =
        |state: &SearchState, after: usize| state.about.has_ended && state.round() + 1 == after;
    let (after, left, shards): (usize, Vec<usize>, Vec<&PathBuf>) = match last {
        Some((after, left)) if states.iter().any(|(_, s)| waits(s, after)) => {
            let behind = states.iter().filter(|(_, state)| waits(state, after));
            (after, left, behind.map(|(path, _)| path).collect())
        }
        _ => {
            let all = complete(states)?;
            let left = all.better_half().filter(|_| !all.is_last());
            let left = left.ok_or_else(|| {
                let file = file.display();
                Error::Config(format!(
                    "--next {file}: all folds are trained; leave it out"
                ))
            })?;
            let shards = states.iter().map(|(path, _)| path);
            (all.round() + 1, left, shards.collect())
        }
    };
    let count = left.len();
    next::write(file, job.identity, after, left)?;
    Ok(next::tell(
        json,
        count,
        "setting",
        file,
        shards.into_iter(),
    )?)
}
