//! What a training run says: a bar or plain lines for people, JSON lines for programs and for the run's folder.

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use wgrad::Error;
use wgrad::text::figure;
use wgrad::train::{Epoch, Metrics, Progress};

pub(crate) struct Log {
    json: bool,
    quiet: bool,
    metrics: Option<File>,
    /// Bytes of the metrics' whole lines.
    written: u64,
    path: PathBuf,
    /// Why there are no more metrics in the run's folder.
    failed: Option<Error>,
    epochs: usize,
    /// Only on a terminal.
    bar: Option<ProgressBar>,
}

impl Log {
    pub(crate) fn new(json: bool, quiet: bool, (metrics, path): (File, PathBuf)) -> Log {
        Log {
            json,
            quiet,
            metrics: Some(metrics),
            written: 0,
            path,
            failed: None,
            epochs: 0,
            bar: None,
        }
    }

    /// Says what is about to run.
    pub(crate) fn run(&mut self, description: &Value, lines: &[String]) -> Result<(), Error> {
        self.record("run", description)?;
        lines.iter().for_each(|line| self.tell(line));
        Ok(())
    }

    pub(crate) fn start(&mut self, epochs: usize) {
        self.epochs = epochs;
        if !self.quiet && std::io::stderr().is_terminal() {
            let style = ProgressStyle::with_template("{msg} {wide_bar} {percent:>3} %  {eta} left");
            let bar = ProgressBar::new(epochs as u64 * 1000);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            self.bar = Some(bar);
        }
    }

    pub(crate) fn progress(&mut self, progress: Progress) {
        if let Some(bar) = &self.bar {
            let within = 1000 * progress.step / progress.steps;
            bar.set_position((progress.epoch * 1000 + within) as u64);
            let (epoch, loss) = (progress.epoch + 1, progress.loss);
            bar.set_message(format!(
                "epoch {epoch}/{}  loss {}",
                self.epochs,
                figure(loss)
            ));
        }
    }

    pub(crate) fn epoch(
        &mut self,
        epoch: &Epoch,
        val: Option<Metrics>,
        elapsed_s: f64,
    ) -> Result<(), Error> {
        let record = json!({
            "epoch": epoch.epoch,
            "step": epoch.steps,
            "train_loss": epoch.train_loss,
            "val_loss": val.map(|v| v.loss),
            "val_accuracy": val.and_then(|v| v.accuracy),
            "samples_per_s": epoch.samples_per_s,
            "elapsed_s": elapsed_s,
        });
        self.record("epoch", &record)?;
        let width = self.epochs.to_string().len();
        let mut line = format!(
            "epoch {:>width$}/{}  train loss {}",
            epoch.epoch,
            self.epochs,
            figure(epoch.train_loss)
        );
        if let Some(val) = val {
            line += &format!("  validation loss {}", figure(val.loss));
            if let Some(accuracy) = val.accuracy {
                line += &format!("  accuracy {accuracy:.4}");
            }
        }
        line += &format!("  {} rows/s", thousands(epoch.samples_per_s));
        self.tell(&line);
        Ok(())
    }

    /// Says how it ended; the lines are the command's result.
    pub(crate) fn end(&mut self, record: &Value, lines: &[String]) -> Result<(), Error> {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let for_people = !self.json;
        self.record("end", record)?;
        if for_people {
            let mut out = std::io::stdout().lock();
            for line in lines {
                writeln!(out, "{line}").map_err(Error::io("stdout"))?;
            }
        }
        Ok(())
    }

    /// Whether all that was told is in the run's folder too.
    pub(crate) fn is_kept(&mut self) -> Result<(), Error> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Progress, for people.
    fn tell(&self, line: &str) {
        match &self.bar {
            _ if self.quiet => {}
            Some(bar) => bar.println(line),
            // Whoever read our progress may have gone: that is no reason to stop.
            None => drop(writeln!(std::io::stderr(), "{line}")),
        }
    }

    fn record(&mut self, kind: &str, fields: &Value) -> Result<(), Error> {
        let mut record = serde_json::Map::from_iter([("type".to_owned(), json!(kind))]);
        record.extend(fields.as_object().cloned().unwrap_or_default());
        let line = Value::Object(record);
        if let Some(file) = &mut self.metrics {
            let line = format!("{line}\n");
            match file.write_all(line.as_bytes()) {
                Ok(()) => self.written += line.len() as u64,
                Err(why) => {
                    // No reason to lose the run: it is told at its end. No half of a line stays.
                    drop(file.set_len(self.written));
                    self.failed = Some(Error::io(&self.path)(why));
                    self.metrics = None;
                }
            }
        }
        if self.json {
            self.json = match writeln!(std::io::stdout(), "{line}") {
                // Whoever read our lines has gone: the run goes on, and its folder has them.
                Err(why) if why.kind() == std::io::ErrorKind::BrokenPipe => false,
                written => written.map(|()| true).map_err(Error::io("stdout"))?,
            };
        }
        Ok(())
    }
}

/// A rate with its thousands apart.
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
