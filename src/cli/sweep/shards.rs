//! `--shard`, `--merge` and `--resume`: sweeps in several processes, and sweeps that were interrupted.

use super::launchers;
use clap::Args;
use std::path::PathBuf;
use wgrad::sweep::Shard;

/// How a sweep is cut into shards, and what becomes of them.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ShardFlags {
    /// Train one shard of the networks, as 2/8; auto takes it from Slurm, Open MPI and others, auto/8 where they do not say how
    /// many there are
    #[arg(long, value_name = "I/N", value_parser = shard)]
    shard: Option<WantedShard>,
    /// Merge the shards of a sweep in these folders: the ranking and the best network of all
    #[arg(long, value_name = "RUN", num_args = 1.., conflicts_with_all = ["shard", "resume"])]
    pub(super) merge: Vec<PathBuf>,
    /// With --merge, write which networks go on after --halving; with --resume, go on with those
    #[arg(long, value_name = "FILE")]
    pub(super) next: Option<PathBuf>,
    /// Go on with the sweep, or the shard of one, in this folder
    #[arg(long, value_name = "RUN", conflicts_with_all = ["shard", "config", "out", "force"])]
    pub(super) resume: Option<PathBuf>,
}

/// The shard that was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum WantedShard {
    Given(Shard),
    /// From the environment, with the number of shards if that was typed.
    Auto(Option<usize>),
}

fn shard(text: &str) -> Result<WantedShard, String> {
    let expected = || {
        "expected a number from 1, and how many there are, as in 2/8; auto, or auto/8".to_owned()
    };
    match text.strip_prefix("auto") {
        None => text.parse().map(WantedShard::Given).map_err(|_| expected()),
        Some("") => Ok(WantedShard::Auto(None)),
        Some(count) => {
            let count = count.strip_prefix('/').and_then(|count| count.parse().ok());
            let count = count.filter(|count: &usize| *count > 0);
            count
                .map(|count| WantedShard::Auto(Some(count)))
                .ok_or_else(expected)
        }
    }
}

/// Returns the name of the folder for a sweep of some data.
pub(super) fn folder_name(data: &str, shard: Shard) -> String {
    match shard.is_whole() {
        true => format!("sweep-{data}"),
        false => format!("sweep-{data}-shard-{}-of-{}", shard.index + 1, shard.count),
    }
}

impl ShardFlags {
    /// Returns the shard to train; all networks if none was asked for.
    ///
    /// # Errors
    /// Returns an error if the environment does not say which one.
    pub(super) fn shard(&self) -> Result<Shard, wgrad::Error> {
        match self.shard {
            None => Ok(Shard::WHOLE),
            Some(WantedShard::Given(shard)) => Ok(shard),
            Some(WantedShard::Auto(count)) => {
                let variable = |name: &str| std::env::var(name).ok();
                launchers::shard(&variable, count).map_err(wgrad::Error::Config)
            }
        }
    }

    /// Fixes the shard: it is that of the state that the sweep goes on from.
    pub(super) fn set_shard(&mut self, shard: Shard) {
        self.shard = (!shard.is_whole()).then_some(WantedShard::Given(shard));
    }
}
