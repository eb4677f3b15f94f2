//! `run.json`: what made a run or a sweep. Command, version, device, data, and times.

use crate::cli::messages::typed;
use crate::cli::run_folder::{ABOUT, RunFolder};
use jiff::Timestamp;
use serde_json::{Value, json};
use wgrad::Error;
use wgrad::config::Config;
use wgrad::device::Device;
use wgrad::train::{EndReason, Prepared};

/// The content of the file.
pub(super) struct About {
    content: Value,
    begun: Timestamp,
}

impl About {
    /// Collects what is known of a run that has `begun`, of rows with this checksum.
    pub(super) fn new(
        config: &Config,
        device: &Device,
        prepared: &Prepared,
        checksum: u32,
        begun: Timestamp,
    ) -> About {
        let words = std::env::args_os().map(|word| typed(&word.to_string_lossy()));
        let words: Vec<String> = words.collect();
        let device = match device {
            Device::Cpu => json!({"name": device.name()}),
            Device::Gpu(gpu) => json!({
                "name": gpu.info.name,
                "backend": gpu.info.backend.to_string(),
                "driver": gpu.info.driver,
                "driver_info": gpu.info.driver_info,
            }),
        };
        let content = json!({
            "wgrad": env!("CARGO_PKG_VERSION"),
            "command": words.join(" "),
            "begun": seconds(begun),
            "seed": config.run.seed,
            "device": device,
            "data": {
                "source": config.data.source,
                "rows": {
                    "train": prepared.train.count,
                    "validation": prepared.val.count,
                    "test": prepared.test.count,
                },
                "inputs": prepared.schema.inputs,
                "crc32": format!("{checksum:08x}"),
            },
        });
        About { content, begun }
    }

    /// Says how many ranks have trained together.
    pub(super) fn of_ranks(mut self, ranks: Option<usize>) -> About {
        if let Some(ranks) = ranks {
            self.content["ranks"] = json!(ranks);
        }
        self
    }

    /// Says that the rows are those of the first of so many folds.
    pub(super) fn of_folds(mut self, folds: Option<usize>) -> About {
        if let Some(folds) = folds {
            self.content["data"]["folds"] = json!(folds);
        }
        self
    }

    /// Says that the networks were trained elsewhere, on this device.
    pub(super) fn on_devices_of(mut self, device: &str) -> About {
        self.content["device"] = json!({"name": device});
        self
    }

    /// Writes the file at the start. A run that goes on keeps what it began with.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub(super) fn begin(self, folder: &RunFolder, resumes: bool) -> Result<About, Error> {
        let content = match resumes.then(|| folder.about()).flatten() {
            Some(older) => gone_on(older, self.content),
            None => self.content,
        };
        let about = About { content, ..self };
        about.write(folder)?;
        Ok(about)
    }

    /// Adds how the run ended.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub(super) fn end(&mut self, folder: &RunFolder, reason: EndReason) -> Result<(), Error> {
        let now = Timestamp::now();
        self.content["ended"] = json!(seconds(now));
        self.content["elapsed_s"] = json!(now.as_second() - self.begun.as_second());
        self.content["reason"] = json!(reason);
        self.write(folder)
    }

    fn write(&self, folder: &RunFolder) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(&self.content).expect("plain data");
        folder.write(ABOUT, &(text + "\n"))
    }
}

/// Adds to what a run began with how it goes on.
fn gone_on(mut older: Value, mut now: Value) -> Value {
    let keys = ["wgrad", "command", "begun", "device"];
    let again: serde_json::Map<_, _> = keys
        .into_iter()
        .map(|key| (key.to_owned(), now[key].take()))
        .collect();
    match older["resumed"].as_array_mut() {
        Some(all) => all.push(again.into()),
        None => older["resumed"] = json!([again]),
    }
    older
}

/// Returns a time in whole seconds, as RFC 3339 writes it.
fn seconds(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).map_or_else(|_| time.to_string(), |t| t.to_string())
}
