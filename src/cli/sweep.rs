//! `wgrad sweep`: trains many networks side by side over settings, seeds and folds, ranks the settings, saves the best.

mod args;
mod finish;
mod job;
mod launchers;
mod merging;
mod next;
mod outcome;
mod rounds;
mod screen;
mod search;
mod shards;
mod stored;
mod table;
mod unused;
mod variants;

pub(crate) use args::Sweep;

use super::run_folder::{RunFolder, SWEEP_STATE};
use crate::cli::{about::About, interrupt, messages::print_lines, report as page};
use finish::{Ended, Finished, conclude, exit_code};
use jiff::Timestamp;
use job::SweepJob;
use outcome::{best, record};
use rounds::{Plan, StateFile, rounds};
use screen::Screen;
use serde_json::json;
use shards::folder_name;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use stored::Stored;
use wgrad::Error;
use wgrad::config::Config;
use wgrad::device::Device;
use wgrad::sweep::{self, Shard, SweepAbout, SweepState, merge::States};
use wgrad::text::counted;
use wgrad::train::{
    EndReason,
    job::{resolve_device, set_device},
    resolve::rates,
};

pub(crate) fn run(args: &Sweep) -> anyhow::Result<ExitCode> {
    interrupt::catch()?;
    if !args.shards.merge.is_empty() {
        return merge_shards(args);
    }
    if let Some(run) = &args.shards.resume {
        let state = stored::read(run, "--resume")?;
        let command = stored::command(args, state.about(), "--resume")?;
        return match (state, command.search) {
            (Stored::Sweep(state), _) => train(&command, Some((run, state))),
            (Stored::Search(state), count) => {
                search::run(&command, count.unwrap_or(0) as usize, Some((run, state)))
            }
        };
    }
    if let Some(file) = &args.shards.next {
        return Err(Error::Config(format!(
            "--next {}: expected beside it --merge, to write the file, or --resume, to go on with it",
            file.display()
        ))
        .into());
    }
    match args.search {
        Some(count) => search::run(args, count as usize, None),
        None => train(args, None),
    }
}

/// Merges the shards in the folders of `--merge`.
fn merge_shards(args: &Sweep) -> anyhow::Result<ExitCode> {
    let (mut sweeps, mut searches) = (Vec::new(), Vec::new());
    let mut first = None;
    for run in &args.shards.merge {
        let state = stored::read(run, "--merge")?;
        first.get_or_insert_with(|| state.about().clone());
        match state {
            Stored::Sweep(state) => sweeps.push((run.clone(), state)),
            Stored::Search(state) => searches.push((run.clone(), state)),
        }
    }
    let Some(first) = first else {
        return Ok(ExitCode::SUCCESS);
    };
    let command = stored::command(args, &first, "--merge")?;
    let out = args.out.as_deref().and_then(|out| out.canonicalize().ok());
    let is_out = |run: &&PathBuf| out.is_some() && run.canonicalize().ok() == out;
    if let Some(run) = args.shards.merge.iter().find(is_out) {
        return Err(Error::Config(format!(
            "--out {}: one of the shards to merge; name another folder",
            run.display()
        ))
        .into());
    }
    match (sweeps.first(), searches.first()) {
        (Some((a, _)), Some((b, _))) => Err(Error::Config(format!(
            "--merge: {} is a shard of a sweep, and {} one of a search",
            a.display(),
            b.display()
        ))
        .into()),
        (_, Some(_)) => search::merge(&command, command.search.unwrap_or(0) as usize, searches),
        (_, None) => merge(&command, sweeps),
    }
}

/// Trains a sweep, or a shard of it, or goes on with that of a folder.
fn train(args: &Sweep, resumed: Option<(&Path, SweepState)>) -> anyhow::Result<ExitCode> {
    let shard = args.shards.shard()?;
    let job = SweepJob::new(args)?;
    let plan = Plan::new(job.epochs, args.halving);
    let Some((begun, kept)) = begin(args, resumed.as_ref(), &job, &plan, shard)? else {
        print_lines(vec![next::ended(shard)])?;
        return Ok(ExitCode::SUCCESS);
    };
    let (devices, choice) = job.choose()?;
    let mut config = job.config.clone();
    resolve_device(&mut config, &choice);
    let stop = interrupt::stop_flag();
    let folder = match &resumed {
        Some((run, _)) => RunFolder::resume_sweep(run)?,
        None => {
            let name = folder_name(&job.data.name, shard);
            RunFolder::create(args.out.as_deref(), &name, args.force)?
        }
    };
    if resumed.is_none() {
        folder.write_bytes(SWEEP_STATE, &SweepState::begun(begun.clone()).to_bytes())?;
    }
    let screen = Screen::new(args, &config);
    screen.begin(&job, shard, &choice);
    let seed = config.split_seed();
    let mut sweep = sweep::Sweep::new(&devices, &job.folds, &job.axes, seed, shard)?;
    sweep.set_rates(|variant, steps_per_epoch| {
        let own = job.config_of(variant);
        let epochs = own.run.epochs.unwrap_or(job.epochs);
        rates(&own, epochs * steps_per_epoch)
    });
    screen.families(&sweep, &choice.device);
    screen.batch(&config, &job.data, job.axes.variants[0].training.batch_size);
    if let Some((run, state)) = &resumed {
        let restored = sweep.restore(state);
        restored.map_err(|why| stored::blame(run, why))?;
        if let Some(kept) = kept {
            sweep.keep_numbers(&kept.into_iter().collect())?;
        }
        screen.resumed(state, &choice.device.name());
    }
    folder.write_config(&config)?;
    let about = about(args, &job, &config, &choice.device).begin(&folder, resumed.is_some())?;
    let file = StateFile::new(&folder, &config, &choice.device, begun);
    let ended = rounds(&plan, shard, &mut sweep, &file, &screen, stop);
    screen.end();
    let interrupted = match ended {
        Err(Error::Interrupted) => true,
        other => {
            other?;
            false
        }
    };
    let epoch = sweep.epoch();
    let waits = !interrupted && plan.is_cut(epoch) && sweep.in_training() > 0;
    let left_behind = match !interrupted && !shard.is_whole() {
        true => file.write_ended(&mut sweep, !plan.is_cut(epoch)),
        false => Ok(()),
    };
    let families = sweep.families();
    let families: Vec<&str> = families.iter().map(|family| family.name()).collect();
    let ended = Ended {
        shard,
        results: sweep.results(),
        waits_after: waits.then_some(epoch),
        elapsed: file.elapsed(),
        family: families.join(", "),
        device: choice.device.name(),
        interrupted,
        left_behind,
    };
    conclude(args, &job, ended, config, folder, about)
}

/// What the state of a sweep says of it from now on, and the networks that go on, if some do not.
type Begun = (SweepAbout, Option<Vec<usize>>);

/// Returns how a sweep begins, or goes on; `None` if it has ended.
fn begin(
    args: &Sweep,
    resumed: Option<&(&Path, SweepState)>,
    job: &SweepJob,
    plan: &Plan,
    shard: Shard,
) -> Result<Option<Begun>, Error> {
    let Some((run, state)) = resumed else {
        let begun = SweepAbout {
            shard,
            identity: job.identity,
            ..stored::about()
        };
        return Ok(Some((begun, None)));
    };
    let kept = match go_on(args, state, job, plan).map_err(|why| stored::blame(run, why))? {
        GoOn::Ended => return Ok(None),
        GoOn::With(networks) => networks,
    };
    let mut begun = state.about.clone();
    if let Some(kept) = &kept {
        begun.next = Some((state.epochs(), kept.clone()));
    }
    Ok(Some((begun, kept)))
}

/// Returns what is known of a sweep that begins now.
fn about(args: &Sweep, job: &SweepJob, config: &Config, device: &Device) -> About {
    let first = &job.folds[0];
    let about = About::new(config, device, first, first.checksum(), Timestamp::now());
    about.of_folds(args.folds)
}

/// How a sweep goes on.
enum GoOn {
    /// Not at all: it has ended.
    Ended,
    /// With all of its networks, or with those of `--next`.
    With(Option<Vec<usize>>),
}

/// Returns how a sweep goes on from its state.
fn go_on(args: &Sweep, state: &SweepState, job: &SweepJob, plan: &Plan) -> Result<GoOn, Error> {
    if state.about.identity != job.identity {
        return Err(stored::changed(&state.about.version));
    }
    // All of its networks were dropped, or have diverged.
    if state.about.has_ended && !state.goes_on() {
        return Ok(GoOn::Ended);
    }
    let epoch = state.epochs();
    let waits = state.about.has_ended && plan.is_cut(epoch) && state.goes_on();
    let file = args.shards.next.as_deref();
    let next = file.map(|file| next::read(file, job.identity, epoch));
    match (next.transpose()?.flatten(), waits) {
        (Some(networks), true) => Ok(GoOn::With(Some(networks))),
        (Some(_), false) => Err(Error::Config(
            "--next: the sweep has not stopped at a halving; leave it out".to_owned(),
        )),
        (None, true) if file.is_none() => {
            Err(next::wanted(state.about.shard, &counted(epoch, "epoch")))
        }
        (None, _) if state.about.has_ended => Ok(GoOn::Ended),
        (None, _) => Ok(GoOn::With(None)),
    }
}

/// Merges shards, or writes which networks of theirs go on.
fn merge(args: &Sweep, states: States) -> anyhow::Result<ExitCode> {
    let job = SweepJob::new(args)?;
    let plan = Plan::new(job.epochs, args.halving);
    if let Some(file) = &args.shards.next {
        merging::write_next(args.json, states, &plan, &job, file)?;
        return Ok(ExitCode::SUCCESS);
    }
    let states = merging::checked(states, &job)?;
    let results = merging::results(&states, &plan, &job)?;
    let mut config = job.config.clone();
    merging::warn_of_devices(&states);
    let first = states[0].1.about.clone();
    set_device(&mut config, &first.run_on.0, first.run_on.1);
    let name = folder_name(&job.data.name, Shard::WHOLE);
    let mut folder = RunFolder::create(args.out.as_deref(), &name, args.force)?;
    folder.write_config(&config)?;
    let about = about(args, &job, &config, &Device::Cpu).on_devices_of(&first.device);
    let mut about = about.begin(&folder, false)?;
    let mut best = best(&job, &results, &folder, false)?;
    let tested = best.as_mut().map_or(Ok(()), |best| best.test_rows(&job));
    let elapsed = states.iter().map(|(_, state)| state.about.elapsed).sum();
    let mut record = record(&results, best.as_ref(), elapsed, &first.device);
    record["interrupted"] = json!(false);
    record["shards"] = json!(states.len());
    let what = Finished {
        args,
        job: &job,
        shard: Shard::WHOLE,
        results: &results,
        best: best.as_ref(),
    };
    let (saved, told) = what.finish(config, &mut folder, record);
    let noted = about.end(&folder, EndReason::Epochs);
    saved?;
    tested?;
    noted?;
    told?;
    let ended = Ok(exit_code(&results, false));
    page::after(folder, &job.data, args.report, args.quiet, ended)
}
