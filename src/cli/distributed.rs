//! `--distributed`: the processes that work together, of which the first one alone prints.

use super::messages;
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

/// Silences this process if it is not the first one of several: all of them see what is wrong with a command line.
pub(super) fn silence_others() {
    let rank = RANKS.iter().find_map(|name| std::env::var(name).ok());
    if rank.is_some_and(|rank| rank.trim() != "0") {
        messages::silence();
    }
}

/// Joins the processes that were started together.
///
/// # Errors
/// Returns an error if this program cannot, or there is no group that it can join.
pub(super) fn join(by: Distributed) -> Result<Arc<Group>, Error> {
    match by {
        Distributed::Mpi => mpi().map(Arc::new),
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

/// Leaves the group, when all ranks do.
///
/// # Errors
/// Returns an error if another rank has failed meanwhile.
pub(super) fn close(group: Arc<Group>) -> Result<(), Error> {
    Arc::into_inner(group).map_or(Ok(()), Group::close)
}
