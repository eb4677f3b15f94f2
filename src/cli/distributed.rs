//! `--distributed`: the processes that work together, of which the first one alone prints.

use super::errors::{exit_code, tell_error};
use super::messages;
use std::process::ExitCode;
use std::sync::Arc;
use wgrad::Error;
use wgrad::config::Distributed;
use wgrad::distributed::Group;

/// What programs call the number of a process that they start.
const RANKS: [&str; 4] = [
    "OMPI_COMM_WORLD_RANK",
    "PMIX_RANK",
    "PMI_RANK",
    "SLURM_PROCID",
];

/// What they call how many they have started.
const SIZES: [&str; 3] = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"];

/// Silences this process if it is not the first one of several: all of them see what is wrong with a command line.
pub(super) fn silence_others() {
    if number(&RANKS).is_some_and(|rank| rank > 0) {
        messages::silence();
    }
}

/// Joins the processes that were started together.
///
/// # Errors
/// Returns an error if this program cannot, or there is no group that it can join.
pub(super) fn join(by: Distributed) -> Result<Arc<Group>, Error> {
    let group = match by {
        Distributed::Mpi => mpi()?,
    };
    match number(&SIZES).filter(|count| *count > 1 && group.count() == 1) {
        None => Ok(Arc::new(group)),
        Some(count) => Err(Error::Config(format!(
            "{count} processes were started together, and MPI connects none of them; with srun, add --mpi=pmix, or use mpirun of the MPI that wgrad was built with"
        ))),
    }
}

/// Returns the number in the first of these variables that is there, if it is one.
fn number(names: &[&str]) -> Option<usize> {
    let mut values = names.iter().filter_map(|name| std::env::var(name).ok());
    values.next()?.trim().parse().ok()
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

/// Ends the work of this rank with the others: leaves the group when all do, or tells them why not. The first rank says it.
///
/// # Errors
/// Returns an error if another rank has failed meanwhile.
pub(super) fn end(group: Arc<Group>, ended: anyhow::Result<ExitCode>) -> anyhow::Result<ExitCode> {
    let ended = match (ended, Arc::into_inner(group)) {
        (Ok(code), None) => return Ok(code),
        (Ok(code), Some(group)) => {
            group.close()?;
            return Ok(code);
        }
        (Err(why), group) => (why, group),
    };
    let (why, group) = ended;
    // First: what started the ranks may soon kill them.
    tell_error(&why);
    if let Some(group) = group {
        group.fail(&why.to_string());
    }
    Ok(ExitCode::from(exit_code(&why)))
}

/// Returns the command that starts so many ranks.
pub(super) fn starter(group: Option<&Group>) -> String {
    group.map_or(String::new(), |group| {
        format!("mpirun -n {} ", group.count())
    })
}

/// Warns, in the first of several processes that were started together, if each does what `alone` says, and how they do it
/// together.
pub(super) fn warn_of_many(alone: &str, together: &str) {
    let count = number(&SIZES).filter(|count| *count > 1);
    if let (Some(0), Some(count)) = (number(&RANKS), count) {
        messages::warn(Some(&format!(
            "{count} processes were started together, and {alone}; {together}"
        )));
    }
}
