//! The log of a training run: a progress bar or plain lines, JSON lines on stdout and in the run folder.

use super::curve::curve;
use super::messages::{lines_for_stderr, print_json, print_lines, tell_line};
use super::run_folder::{Events, LogFiles};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use wgrad::Error;
use wgrad::file::synced;
use wgrad::text::{counted, figure, shown_json};
use wgrad::train::{Epoch, Metrics, Progress};

pub(crate) struct Log {
    json: bool,
    quiet: bool,
    metrics: Option<File>,
    events: Option<Events>,
    /// Bytes of complete lines in the metrics file.
    written: u64,
    path: PathBuf,
    /// The error that stopped writing metrics to the run folder.
    failed: Option<Error>,
    /// The largest number of epochs, where it is known.
    epochs: Option<usize>,
    /// The lowest loss that is watched, of one network.
    best: f64,
    /// The loss that is watched, of each epoch of the current network.
    losses: Vec<f64>,
    /// The next epoch to print. There may be thousands.
    next_line: usize,
    /// The current network of an ensemble.
    network: Option<Network>,
    /// The last epoch in the log of each network, from 1. A device that failed may repeat some.
    logged: HashMap<usize, usize>,
    /// Present only on a terminal.
    bar: Option<ProgressBar>,
}

/// Widest curve beside the progress bar, in characters.
const CURVE: usize = 16;

/// A network of an ensemble, in training.
struct Network {
    /// Its number, from 1.
    number: usize,
    networks: usize,
    epochs: usize,
    /// The lowest loss that is watched, and the line about its epoch.
    best: Option<(f64, String)>,
}

impl Log {
    pub(crate) fn new(json: bool, quiet: bool, files: LogFiles) -> Log {
        let LogFiles {
            metrics,
            events,
            path,
        } = files;
        // A resumed run has lines already.
        let written = metrics.metadata().map_or(0, |file| file.len());
        Log {
            json,
            quiet,
            metrics: Some(metrics),
            events: Some(events),
            written,
            path,
            failed: None,
            epochs: None,
            best: f64::INFINITY,
            losses: Vec::new(),
            next_line: 1,
            network: None,
            logged: HashMap::new(),
            bar: None,
        }
    }

    /// Logs the start of the run.
    pub(crate) fn run(&mut self, description: &Value, lines: &[String]) -> Result<(), Error> {
        self.record("run", description)?;
        lines.iter().for_each(|line| self.tell(line));
        Ok(())
    }

    /// Begins a run of at most so many epochs, where it is known.
    pub(crate) fn start(&mut self, epochs: Option<usize>) {
        self.epochs = epochs;
        if self.quiet || !std::io::stderr().is_terminal() {
            return;
        }
        let (template, bar) = match epochs {
            Some(epochs) => (
                "{msg} {wide_bar} {percent:>3} %  {eta} left",
                ProgressBar::new(epochs as u64 * 1000),
            ),
            None => ("{spinner} {msg}  {elapsed}", ProgressBar::new_spinner()),
        };
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        self.bar = Some(bar);
    }

    /// Begins network `k` of an ensemble of so many, from 0.
    pub(crate) fn network(&mut self, k: usize, networks: usize) {
        self.tell_network();
        self.losses.clear();
        self.network = Some(Network {
            number: k + 1,
            networks,
            epochs: 0,
            best: None,
        });
    }

    /// Tells of the current network of an ensemble, which has ended. Its epochs would be too many lines.
    fn tell_network(&mut self) {
        let Some(network) = self.network.take().filter(|network| network.epochs > 0) else {
            return;
        };
        let name = format!("network {} of {}", network.number, network.networks);
        let epochs = counted(network.epochs, "epoch");
        let best = network.best.map(|(_, line)| format!("; best: {line}"));
        self.tell(&format!("{name}: {epochs}{}", best.unwrap_or_default()));
    }

    pub(crate) fn progress(&mut self, progress: Progress) {
        if let Some(bar) = &self.bar {
            let within = 1000 * progress.step / progress.steps;
            bar.set_position((progress.epoch * 1000 + within) as u64);
            let (epoch, loss) = (self.numbered(progress.epoch + 1), figure(progress.loss));
            let of = self.network.as_ref().map_or(String::new(), |network| {
                format!("network {} of {}  ", network.number, network.networks)
            });
            let curve = curve(&self.losses, CURVE);
            let gap = if curve.is_empty() { "" } else { "  " };
            bar.set_message(format!("{of}epoch {epoch}  loss {loss}{gap}{curve}"));
        }
    }

    /// Formats the number of an epoch, from 1, with their count where it is known.
    fn numbered(&self, epoch: usize) -> String {
        match self.epochs {
            Some(all) => format!("{epoch:>width$}/{all}", width = all.to_string().len()),
            None => format!("{epoch:>4}"),
        }
    }

    /// Returns whether to print `epoch`: each of a known number; else the first ones, then fewer and fewer.
    fn is_printed(&mut self, epoch: usize) -> bool {
        if self.epochs.is_some() {
            return true;
        }
        let due = epoch >= self.next_line;
        if due {
            self.next_line = epoch + 1 + epoch / 8;
        }
        due
    }

    pub(crate) fn epoch(
        &mut self,
        epoch: &Epoch,
        val: Option<Metrics>,
        elapsed_s: f64,
    ) -> Result<(), Error> {
        let number = self.network.as_ref().map_or(1, |network| network.number);
        let logged = self.logged.entry(number).or_default();
        if epoch.epoch <= std::mem::replace(logged, epoch.epoch.max(*logged)) {
            return Ok(());
        }
        let mut record = json!({
            "epoch": epoch.epoch,
            "step": epoch.steps,
            "train_loss": epoch.train_loss,
            "val_loss": val.map(|v| v.loss),
            "val_accuracy": val.and_then(|v| v.accuracy),
            "samples_per_s": epoch.samples_per_s,
            "elapsed_s": elapsed_s,
        });
        if let Some(network) = &self.network {
            record["network"] = json!(network.number);
        }
        self.record("epoch", &record)?;
        let loss = val.map_or(epoch.train_loss, |val| val.loss);
        self.losses.push(loss);
        let is_best = loss < self.best;
        self.best = self.best.min(loss);
        if self.network.is_none() && !self.is_printed(epoch.epoch) {
            return Ok(());
        }
        let mut line = format!(
            "epoch {}  train {}",
            self.numbered(epoch.epoch),
            figure(epoch.train_loss)
        );
        if let Some(val) = val {
            line += &format!("  val {}", figure(val.loss));
            if let Some(accuracy) = val.accuracy {
                line += &format!("  accuracy {accuracy:.4}");
            }
        }
        if let Some(network) = &mut self.network {
            network.epochs = epoch.epoch;
            if network.best.as_ref().is_none_or(|(best, _)| loss < *best) {
                network.best = Some((loss, line));
            }
            return Ok(());
        }
        line += &format!("  {} rows/s", thousands(epoch.samples_per_s));
        if is_best {
            line += " *";
        }
        self.tell(&line);
        Ok(())
    }

    /// Logs the end of the run. The lines are the command's result.
    pub(crate) fn end(&mut self, record: &Value, lines: &[String]) -> Result<(), Error> {
        self.tell_network();
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let for_people = !self.json;
        self.record("end", record)?;
        if for_people {
            print_lines(lines).map_err(Error::io("stdout"))?;
        }
        Ok(())
    }

    /// Writes the metrics of the run folder to the disk.
    ///
    /// # Errors
    /// Returns an error if the run folder misses some of the log.
    pub(crate) fn keep(&mut self) -> Result<(), Error> {
        if let Some(Err(why)) = self.metrics.as_ref().map(synced) {
            self.failed = Some(self.lost(why));
        }
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Returns the error for metrics that are not in the run folder.
    fn lost(&self, why: std::io::Error) -> Error {
        let why = std::io::Error::new(
            why.kind(),
            format!("not all metrics are on the disk: {why}"),
        );
        Error::io(&self.path)(why)
    }

    /// Prints progress.
    fn tell(&self, line: &str) {
        match &self.bar {
            _ if self.quiet => {}
            Some(bar) => lines_for_stderr(line)
                .iter()
                .for_each(|line| bar.println(line)),
            None => tell_line(line),
        }
    }

    fn record(&mut self, kind: &str, fields: &Value) -> Result<(), Error> {
        let mut record = serde_json::Map::from_iter([("type".to_owned(), json!(kind))]);
        record.extend(fields.as_object().cloned().unwrap_or_default());
        let line = Value::Object(record);
        if let Some(events) = self.events.as_mut().filter(|_| kind == "epoch")
            && let Err(why) = events.epoch(&line)
        {
            self.failed = Some(self.lost(why));
            self.events = None;
        }
        if let Some(file) = &mut self.metrics {
            let line = format!("{}\n", shown_json(&line.to_string()));
            match file.write_all(line.as_bytes()) {
                Ok(()) => self.written += line.len() as u64,
                Err(why) => {
                    // Keep training, and report the error at the end. Remove the incomplete line.
                    drop(file.set_len(self.written));
                    self.failed = Some(self.lost(why));
                    self.metrics = None;
                }
            }
        }
        if self.json {
            self.json = match print_json(&line) {
                // The reader of stdout is gone. The run goes on: its folder has the lines.
                Err(why) if why.kind() == std::io::ErrorKind::BrokenPipe => false,
                written => written.map(|()| true).map_err(Error::io("stdout"))?,
            };
        }
        Ok(())
    }
}

/// Formats a rate with thousands separators.
fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
