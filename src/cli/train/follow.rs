//! `wgrad train --distributed` in the processes other than the first one. That one reads, reports and saves as a run of one
//! process does. The others train with it, print nothing and write nothing.

use super::Train;
use super::job::{job, read};
use crate::cli::messages::typed;
use crate::cli::run_folder::RunFolder;
use crate::cli::{
    distributed::{end, starter},
    interrupt,
};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wgrad::Error;
use wgrad::config::Recipe;
use wgrad::distributed::Group;
use wgrad::train::{Progress, TrainJob};

/// Trains with the first rank, as one of the others. Returns the exit code of a run that ended as it should.
pub(super) fn follow(args: &Train, group: Arc<Group>) -> anyhow::Result<ExitCode> {
    let ended = train(args, &group);
    end(group, ended)
}

/// Trains. Returns the exit code.
fn train(args: &Train, group: &Arc<Group>) -> anyhow::Result<ExitCode> {
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
    network.train(&mut trainer, &mut watcher)?;
    Ok(interrupt::ended(stop.load(Ordering::Relaxed)))
}

/// Adds how a run goes on to the error of another rank that has ended it.
pub(super) fn with_cure(why: anyhow::Error, job: &TrainJob, folder: &RunFolder) -> anyhow::Error {
    match (job.group(), why.downcast_ref()) {
        (Some(group), Some(Error::Ranks(why))) => {
            let (start, folder) = (starter(Some(group)), folder.path().display().to_string());
            let folder = typed(&folder);
            Error::Ranks(format!(
                "{why}; go on with: {start}wgrad train --resume {folder}"
            ))
            .into()
        }
        _ => why,
    }
}
