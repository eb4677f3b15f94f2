//! The rounds of a sweep: training, evaluating, halving, and the state that it goes on from.

use super::screen::Screen;
use crate::cli::messages::warn;
use crate::cli::run_folder::{RunFolder, SWEEP_STATE};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use wgrad::Error;
use wgrad::config::Config;
use wgrad::device::Device;
use wgrad::sweep::{Shard, Sweep, SweepAbout};

/// Rounds of a sweep without halving, after the first epoch. The table is updated after each round.
const ROUNDS: usize = 8;
/// Default of `checkpoint`: the state is written this often.
const EVERY: Duration = Duration::from_secs(30);
/// Writing the state takes at most this share of the time.
const MOST_WRITING: f64 = 0.05;

/// After which epochs the networks are evaluated, and halved.
pub(super) struct Plan {
    epochs: usize,
    evaluations: Vec<usize>,
    cuts: Vec<usize>,
}

impl Plan {
    pub(super) fn new(epochs: usize, halving: bool) -> Plan {
        let parts: Vec<usize> = match halving {
            true => [8, 4, 2, 1].map(|part| epochs / part).to_vec(),
            false => (1..=ROUNDS).map(|round| epochs * round / ROUNDS).collect(),
        };
        // Always evaluate after the first epoch: from then on there are results to show and to save.
        let mut evaluations = vec![epochs.min(1)];
        evaluations.extend(&parts);
        evaluations.retain(|end| *end > 0);
        evaluations.dedup();
        let mut cuts = match halving {
            true => parts,
            false => Vec::new(),
        };
        cuts.retain(|cut| *cut > 0 && *cut < epochs);
        cuts.dedup();
        Plan {
            epochs,
            evaluations,
            cuts,
        }
    }

    /// Returns whether networks are dropped after `epoch`.
    pub(super) fn is_cut(&self, epoch: usize) -> bool {
        self.cuts.contains(&epoch)
    }

    pub(super) fn is_end(&self, epoch: usize) -> bool {
        epoch >= self.epochs
    }
}

/// Where the state of a sweep is written.
pub(super) struct StateFile<'a> {
    folder: &'a RunFolder,
    about: SweepAbout,
    every: Duration,
    start: Instant,
}

impl<'a> StateFile<'a> {
    /// `begun` is what the sweep began with, or goes on from.
    pub(super) fn new(
        folder: &'a RunFolder,
        config: &Config,
        device: &Device,
        begun: SweepAbout,
    ) -> StateFile<'a> {
        let every = config.run.checkpoint.map(Duration::from_secs_f64);
        StateFile {
            folder,
            about: SweepAbout {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                device: device.name(),
                run_on: (config.run.device.clone(), config.run.backend.clone()),
                has_ended: false,
                ..begun
            },
            every: every.unwrap_or(EVERY),
            start: Instant::now(),
        }
    }

    /// Returns the seconds of training, also those before it was resumed.
    pub(super) fn elapsed(&self) -> f64 {
        self.about.elapsed + self.start.elapsed().as_secs_f64()
    }

    fn about(&self) -> SweepAbout {
        SweepAbout {
            elapsed: self.elapsed(),
            ..self.about.clone()
        }
    }

    pub(super) fn write(&self, sweep: &mut Sweep) -> Result<(), Error> {
        let state = sweep.state(self.about())?;
        self.folder.write_bytes(SWEEP_STATE, &state.to_bytes())
    }

    /// Writes the state of a shard that has done what it is to do. At the end of training, only the best network of each setting
    /// is kept.
    pub(super) fn write_ended(&self, sweep: &mut Sweep, is_last: bool) -> Result<(), Error> {
        let mut state = sweep.state(self.about())?;
        state.about.has_ended = true;
        if is_last {
            state.shrink(sweep.networks());
        }
        self.folder.write_bytes(SWEEP_STATE, &state.to_bytes())
    }
}

/// Trains all networks until the end, or a shard of them until the next halving.
///
/// # Errors
/// Returns an error if the device failed or the state cannot be written, and [`Error::Interrupted`] after a signal.
pub(super) fn rounds(
    plan: &Plan,
    shard: Shard,
    sweep: &mut Sweep,
    file: &StateFile,
    screen: &Screen,
    stop: &AtomicBool,
) -> Result<(), Error> {
    let mut written = Written::new(file.every);
    let begin = sweep.epoch();
    for &end in plan.evaluations.iter().filter(|end| **end > begin) {
        // In parts of about the time between two states.
        while sweep.epoch() < end {
            let from = sweep.epoch();
            let to = end.min(from + written.epochs_until_due());
            let told = |done: f64| {
                screen.progress(from as f64 + done * (to - from) as f64);
                !stop.load(Ordering::Relaxed)
            };
            let start = Instant::now();
            sweep.train(to, &told)?;
            written.trained(to - from, start.elapsed());
            if to < end && written.is_due() {
                written.write(|| file.write(sweep))?;
            }
        }
        sweep.evaluate()?;
        let is_cut = plan.is_cut(end);
        if is_cut && shard.is_whole() {
            sweep.halve()?;
        }
        screen.table(sweep);
        if sweep.in_training() == 0 || is_cut && !shard.is_whole() {
            break;
        }
        if !plan.is_end(end) && written.is_due() {
            written.write(|| file.write(sweep))?;
        }
    }
    Ok(())
}

/// When the state was written, and how fast epochs are.
struct Written {
    every: Duration,
    last: Instant,
    /// Time of an epoch; unknown before the first.
    epoch: Option<Duration>,
}

impl Written {
    fn new(every: Duration) -> Written {
        Written {
            every,
            last: Instant::now(),
            epoch: None,
        }
    }

    fn is_due(&self) -> bool {
        self.last.elapsed() >= self.every
    }

    fn trained(&mut self, epochs: usize, time: Duration) {
        self.epoch = Some(time / epochs.max(1) as u32);
    }

    /// Returns the number of epochs until the state is to be written.
    fn epochs_until_due(&self) -> usize {
        let Some(epoch) = self.epoch else {
            return 1;
        };
        let left = self.every.saturating_sub(self.last.elapsed());
        ((left.as_secs_f64() / epoch.as_secs_f64().max(1e-9)) as usize).max(1)
    }

    /// Writes the state. A sweep goes on without, as on a disk that is full for now.
    fn write(&mut self, write: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
        let start = Instant::now();
        match write() {
            Err(why @ Error::Io { .. }) => warn(Some(&format!(
                "{why}; the sweep goes on, and after an interruption from an earlier state"
            ))),
            written => written?,
        }
        // Large populations on slow disks are written less often.
        let least = start.elapsed().div_f64(MOST_WRITING);
        self.every = self.every.max(least);
        self.last = Instant::now();
        Ok(())
    }
}
