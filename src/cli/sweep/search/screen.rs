//! The progress of a search; its end by signals and by time; the state that it goes on from.

use crate::cli::messages::tell_line;
use crate::cli::run_folder::{RunFolder, SWEEP_STATE};
use crate::cli::spelling::as_flags;
use crate::cli::sweep::args::Sweep;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use wgrad::Error;
use wgrad::config::Config;
use wgrad::dataset::Dataset;
use wgrad::sweep::search::{Candidate, FOLDS, SearchState, SearchWatcher};
use wgrad::text::counted;

/// The state is written this often.
const EVERY: Duration = Duration::from_secs(10);

/// Shows the progress of a search, ends it by signals and by time, and writes its state.
pub(super) struct Screen<'a> {
    quiet: bool,
    stop: &'a AtomicBool,
    end: Option<Instant>,
    /// Present only on a terminal.
    bar: Option<ProgressBar>,
    folder: &'a RunFolder,
    start: Instant,
    /// Seconds of training before it was resumed.
    before: f64,
    written: Mutex<Instant>,
}

impl<'a> Screen<'a> {
    /// `before` are the seconds that it took so far.
    pub(super) fn new(
        args: &Sweep,
        stop: &'a AtomicBool,
        folder: &'a RunFolder,
        before: f64,
    ) -> Screen<'a> {
        let start = Instant::now();
        let bar = (!args.quiet && std::io::stderr().is_terminal()).then(|| {
            let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} networks");
            let bar = ProgressBar::no_length();
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Screen {
            quiet: args.quiet,
            stop,
            end: args.time.map(|time| start + time),
            bar,
            folder,
            start,
            before,
            written: Mutex::new(start),
        }
    }

    /// Returns the seconds of training, also those before it was resumed.
    pub(super) fn elapsed(&self) -> f64 {
        self.before + self.start.elapsed().as_secs_f64()
    }

    /// Writes the state.
    pub(super) fn write(&self, state: &SearchState) -> Result<(), Error> {
        let mut state = state.clone();
        state.about.elapsed = self.elapsed();
        self.folder.write_bytes(SWEEP_STATE, &state.to_bytes())
    }

    pub(super) fn begin(&self, data: &Dataset, all: &[Candidate], config: &Config) {
        if self.quiet {
            return;
        }
        tell_line(&format!(
            "{}: {} with up to {FOLDS} folds each; after each fold, the better half goes on",
            data.name,
            counted(all.len(), "setting"),
        ));
        for note in &data.notes {
            tell_line(&format!("  {}", as_flags(note)));
        }
        tell_line(&format!("device {}", config.run.device));
    }

    pub(super) fn end(&self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
    }
}

impl SearchWatcher for Screen<'_> {
    fn go_on(&self) -> bool {
        let in_time = self.end.is_none_or(|end| Instant::now() < end);
        in_time && !self.stop.load(Ordering::Relaxed)
    }

    fn trained(&self, round: usize, done: usize, total: usize) {
        let round = round + 1;
        match &self.bar {
            Some(bar) => {
                bar.set_length(total as u64);
                bar.set_position(done as u64);
                bar.set_message(format!("fold {round}"));
            }
            None if done == total && !self.quiet => {
                tell_line(&format!("fold {round}: {}", counted(total, "network")));
            }
            None => {}
        }
    }

    fn note(&self, state: &SearchState) -> Result<(), Error> {
        let mut written = self.written.lock().unwrap_or_else(|e| e.into_inner());
        if written.elapsed() < EVERY {
            return Ok(());
        }
        self.write(state)?;
        *written = Instant::now();
        Ok(())
    }
}
