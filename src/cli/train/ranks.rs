//! `--distributed`: the processes that train one network together. The first one, rank 0, reads, reports and saves as a run of
//! one process does. The others train with it, print nothing and write nothing.

use super::Train;
use super::job::{job, read};
use crate::cli::messages::typed;
use crate::cli::run_folder::RunFolder;
use crate::cli::{interrupt, messages};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wgrad::Error;
use wgrad::config::{Config, Distributed, Recipe};
use wgrad::distributed::Group;
use wgrad::train::{EndReason, Progress, TrainJob};

/// What programs call the number of a process that they start.
const RANKS: [&str; 4] = [
    "OMPI_COMM_WORLD_RANK",
    "PMIX_RANK",
    "PMI_RANK",
    "SLURM_PROCID",
];

/// Silences this process if it is not the first one of several: all of them see what is wrong with a command line.
pub(super) fn silence_others() {
    let rank = RANKS.iter().find_map(|name| std::env::var(name).ok());
    if rank.is_some_and(|rank| rank.trim() != "0") {
        messages::silence();
    }
}

/// Joins the processes that train together, if the configuration asks for it.
///
/// # Errors
/// Returns an error if this program cannot, or there is no group that it can join.
pub(super) fn join(config: &Config) -> Result<Option<Arc<Group>>, Error> {
    match config.run.distributed {
        None => Ok(None),
        Some(Distributed::Mpi) => mpi().map(Arc::new).map(Some),
    }
}

#[cfg(feature = "mpi")]
fn mpi() -> Result<Group, Error> {
    wgrad::distributed::mpi::join()
}

#[cfg(not(feature = "mpi"))]
fn mpi() -> Result<Group, Error> {
    Err(Error::Config(
        "--distributed mpi: this wgrad was built without MPI; build it with: cargo install --path . --features mpi"
            .to_owned(),
    ))
}

/// Trains with the first rank, as one of the others. Returns the exit code of a run that ended as it should.
pub(super) fn follow(args: &Train, group: Arc<Group>) -> anyhow::Result<ExitCode> {
    let ended = train(args, &group);
    match ended {
        Ok(interrupted) => {
            close(group)?;
            Ok(interrupt::ended(interrupted))
        }
        Err(why) => {
            group.fail(&why.to_string());
            Err(why)
        }
    }
}

/// Trains, and returns whether the run was interrupted.
fn train(args: &Train, group: &Arc<Group>) -> anyhow::Result<bool> {
    let (config, origin) = args.config(Recipe::Tabular)?;
    let data = read(&config, &origin, true)?;
    let (config, origin) = args.config(Recipe::of(data.form))?;
    let mut job = job(config, &data, &origin)?;
    job.distribute(group.clone())?;
    let stop = interrupt::stop_flag();
    group.stop_on(stop);
    let network = job.network(0);
    let mut trainer = network.trainer()?;
    let mut watcher = |_: Progress| !stop.load(Ordering::Relaxed);
    let trained = network.train(&mut trainer, &mut watcher)?;
    Ok(trained.ending.reason == EndReason::Interrupted)
}

/// Says how a run goes on that another rank has ended.
pub(super) fn tell_how_to_go_on(
    job: &TrainJob,
    folder: &RunFolder,
    ended: &anyhow::Result<ExitCode>,
) {
    let why = ended.as_ref().err().and_then(|why| why.downcast_ref());
    if let (Some(group), Some(Error::Ranks(_))) = (job.group(), why) {
        let folder = typed(&folder.path().display().to_string());
        messages::tell_line(&format!(
            "go on with: mpirun -n {} wgrad train --resume {folder}",
            group.count()
        ));
    }
}

/// Leaves the group, when all ranks do.
///
/// # Errors
/// Returns an error if another rank has failed meanwhile.
pub(super) fn close(group: Arc<Group>) -> Result<(), Error> {
    Arc::into_inner(group).map_or(Ok(()), Group::close)
}
