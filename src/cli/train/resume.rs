//! Checkpoints of a run, and where a resumed run goes on.

use super::outcome::Outcome;
use crate::cli::messages::warn;
use crate::cli::run_folder::RunFolder;
use serde_json::{Value, json};
use std::time::Duration;
use wgrad::Error;
use wgrad::gpu::adapter::gpu::RUN_AGAIN;
use wgrad::text::counted;
use wgrad::train::checkpoint::{Identity, Resumed};
use wgrad::train::{Checkpoints, TrainJob};

/// Default of `checkpoint`, in seconds. A checkpoint has the bytes of up to four models.
const EVERY: f64 = 30.0;

/// Lets a run write checkpoints to its folder. Returns where it goes on, if it is to `resume` and there is a checkpoint.
///
/// # Errors
/// Returns an error if no checkpoint is whole, or it is that of other data.
pub(super) fn checkpoints(
    job: &mut TrainJob,
    run: &Identity,
    folder: &RunFolder,
    resume: bool,
) -> Result<Option<Resumed>, Error> {
    let every = Duration::from_secs_f64(job.config.run.checkpoint.unwrap_or(EVERY));
    let mut checkpoints = Checkpoints::new(&folder.current(), every, run);
    let resumed = match resume {
        true => checkpoints.resume(run)?,
        false => None,
    };
    job.checkpoints = Some(checkpoints);
    if let Some(Resumed { damage, .. }) = &resumed {
        let damage = damage.as_ref();
        let warning = damage.map(|why| format!("{why}; the run goes on from the one before"));
        warn(warning.as_deref());
    }
    Ok(resumed)
}

/// Opens a device that failed again, so that the run goes on from its last state in memory. Returns whether it does.
pub(super) fn reopened(job: &mut TrainJob, outcome: &Result<Outcome, Error>) -> bool {
    let why = match outcome {
        Err(Error::Device(why)) => why,
        Ok(Outcome {
            trained: Err(Error::Device(why)),
            ..
        }) => why,
        _ => return false,
    };
    // The other ranks have ended, or soon will.
    if job.group().is_some() {
        return false;
    }
    let Ok(device) = job.choice.device.sound() else {
        return false;
    };
    job.choice.device = device;
    let why = why.replace(RUN_AGAIN, "");
    warn(Some(&format!(
        "{why}; the device is opened again, and training goes on from its last state in memory"
    )));
    true
}

/// Adds where the run goes on to its description, and to the lines for people.
pub(super) fn describe(
    resumed: &Resumed,
    job: &TrainJob,
    description: &mut Value,
    lines: &mut Vec<String>,
) {
    let positions = || resumed.positions.iter().flatten();
    let of_epochs = positions().map(|position| position.epochs).sum::<usize>();
    description["resumed"] = json!({
        "epochs": of_epochs,
        "networks_ended": positions().filter(|position| position.ended).count(),
        "version": resumed.version,
        "device": resumed.device,
    });
    let mut line = format!("resumed after {}", counted(of_epochs, "epoch"));
    if let [Some(position)] = resumed.positions[..] {
        let within = match (position.step, position.refit) {
            (0, _) => String::new(),
            (step, false) => format!(" and {} of the next", counted(step, "step")),
            (_, true) => ", in training anew".to_owned(),
        };
        line += &within;
    }
    lines.push(line);
    let (device, version) = (job.choice.device.kind(), env!("CARGO_PKG_VERSION"));
    // Older checkpoints name the number of threads too.
    let same = resumed.device == device || (device == "cpu" && resumed.device.starts_with("cpu ("));
    let differs = match (same, resumed.version == version) {
        (true, true) => None,
        (false, _) => Some(format!("on {}, and goes on on {device}", resumed.device)),
        (true, false) => Some(format!(
            "with wgrad {}, and goes on with {version}",
            resumed.version
        )),
    };
    let differs = differs.map(|what| format!("the run began {what}: its bits may differ"));
    warn(differs.as_deref());
}
