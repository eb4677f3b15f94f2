//! The progress of a sweep: a bar and a live table on a terminal, plain lines elsewhere.

use super::{args, job::SweepJob, table};
use crate::cli::{
    messages::{lines_for_stderr, tell_line, warn},
    spelling::as_flags,
};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use wgrad::config::Config;
use wgrad::dataset::Dataset;
use wgrad::device::{Choice, Device};
use wgrad::sweep;
use wgrad::sweep::{Shard, SweepState, rank};
use wgrad::text::counted;

/// Shows the progress of a sweep.
pub(super) struct Screen {
    quiet: bool,
    epochs: f64,
    /// Present only on a terminal.
    bar: Option<ProgressBar>,
    /// Time of the last line.
    told: Mutex<Instant>,
}

/// Minimum time between lines without a terminal.
const SILENCE: Duration = Duration::from_secs(10);

impl Screen {
    pub(super) fn new(args: &args::Sweep, config: &Config) -> Screen {
        let bar = (!args.quiet && std::io::stderr().is_terminal()).then(|| {
            let template = "{wide_bar} {percent:>3} %  {eta} left\n{msg}";
            let style = ProgressStyle::with_template(template);
            let bar = ProgressBar::new(config.run.epochs.unwrap_or(1) as u64 * 1000);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Screen {
            quiet: args.quiet,
            epochs: config.run.epochs.unwrap_or(1) as f64,
            bar,
            told: Mutex::new(Instant::now()),
        }
    }

    /// Prints what is about to be loaded, which takes a while for large data.
    pub(super) fn begin(&self, job: &SweepJob, shard: Shard, choice: &Choice) {
        let (data, folds, axes) = (&job.data, &job.folds, &job.axes);
        let [train, val, test] =
            [folds[0].train, folds[0].val, folds[0].test].map(|rows| rows.count);
        let seeds = (axes.seeds.end - axes.seeds.start) as usize;
        let settings = axes.settings().len();
        self.tell(&format!(
            "{}: {} x {} x {} = {}; {} to train on, {val} for validation, {test} for the test",
            data.name,
            counted(settings, "setting"),
            counted(seeds, "seed"),
            counted(folds.len(), "fold"),
            counted(settings * seeds * folds.len(), "network"),
            counted(train, "row"),
        ));
        if !shard.is_whole() {
            self.tell(&format!(
                "  shard {shard}: every {} of these networks",
                nth(shard.count)
            ));
        }
        data.notes
            .iter()
            .for_each(|note| self.tell(&format!("  {}", as_flags(note))));
        let (name, reason) = (choice.device.name(), &choice.reason);
        self.tell(&format!("device {name}: {}", as_flags(reason)));
    }

    /// Prints where a sweep goes on, and warns if its bits may differ.
    pub(super) fn resumed(&self, state: &SweepState, device: &str) {
        let epochs = counted(state.epochs(), "epoch");
        self.tell(&format!("resumed after {epochs}"));
        let differs = state.about.device != device && !(state.about.device.is_empty());
        let warning = format!(
            "the sweep was on {}, and goes on on {device}: its last bits may differ",
            state.about.device
        );
        warn(differs.then_some(&warning));
    }

    /// Prints how the networks are trained.
    pub(super) fn families(&self, sweep: &sweep::Sweep, device: &Device) {
        let families = sweep.families();
        let families: Vec<_> = families.iter().map(|f| f.side_by_side(device)).collect();
        self.tell(&format!("  {}", families.join(", ")));
    }

    /// Prints a note if the batch size is larger than a fold's training set.
    pub(super) fn batch(&self, config: &Config, data: &Dataset, taken: usize) {
        let usual = args::usual_batch(config, data);
        let asked = config.run.batch_size.unwrap_or(usual);
        // The default is no request, so it needs no note.
        if taken < asked && asked != usual {
            self.tell(&format!(
                "  --batch-size {asked}: larger than the training set; batches have at most {taken} rows"
            ));
        }
    }

    fn tell(&self, line: &str) {
        match &self.bar {
            _ if self.quiet => {}
            Some(bar) => lines_for_stderr(line)
                .iter()
                .for_each(|line| bar.println(line)),
            None => tell_line(line),
        }
    }

    /// Shows the progress. May be called from several threads.
    pub(super) fn progress(&self, epochs: f64) {
        if let Some(bar) = &self.bar {
            bar.set_position((epochs * 1000.0) as u64);
            return;
        }
        let Ok(mut told) = self.told.try_lock() else {
            return;
        };
        if told.elapsed() >= SILENCE {
            *told = Instant::now();
            let (percent, all) = (100.0 * epochs / self.epochs, self.epochs);
            self.tell(&format!("  epoch {epochs:.0} of {all}: {percent:.0} %"));
        }
    }

    pub(super) fn table(&self, sweep: &sweep::Sweep) {
        let ranked = rank(sweep.settings(), sweep.networks());
        match &self.bar {
            Some(bar) => bar.set_message(table::lines(&ranked, table::LIVE).join("\n")),
            None => {
                let Some(best) = ranked.first() else {
                    return;
                };
                let (epochs, in_training) = (best.epochs, sweep.in_training());
                let name = table::name(&best.what);
                self.tell(&format!(
                    "epoch {epochs}: {} in training, best {name}",
                    counted(in_training, "network")
                ));
            }
        }
    }

    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Returns an ordinal number.
fn nth(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}
