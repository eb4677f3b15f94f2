//! `run.json`: what made a run. Command, version, device, data, and times.

use crate::cli::messages::typed;
use crate::cli::run_folder::{ABOUT, RunFolder};
use jiff::Timestamp;
use serde_json::{Value, json};
use wgrad::Error;
use wgrad::device::Device;
use wgrad::train::{Ending, TrainJob, checkpoint::Identity};

/// The content of the file.
pub(super) struct About {
    content: Value,
    begun: Timestamp,
}

impl About {
    /// Writes what is known at the start. A run that goes on keeps what it began with.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub(super) fn begin(
        job: &TrainJob,
        run: &Identity,
        folder: &RunFolder,
        resumes: bool,
    ) -> Result<About, Error> {
        let words = std::env::args_os().map(|word| typed(&word.to_string_lossy()));
        let words: Vec<String> = words.collect();
        let device = match &job.choice.device {
            Device::Cpu => json!({"name": job.choice.device.name()}),
            Device::Gpu(gpu) => json!({
                "name": gpu.info.name,
                "backend": gpu.info.backend.to_string(),
                "driver": gpu.info.driver,
                "driver_info": gpu.info.driver_info,
            }),
        };
        let begun = Timestamp::now();
        let prepared = &job.prepared;
        let content = json!({
            "wgrad": env!("CARGO_PKG_VERSION"),
            "command": words.join(" "),
            "begun": seconds(begun),
            "seed": job.config.run.seed,
            "device": device,
            "data": {
                "source": job.config.data.source,
                "rows": {
                    "train": prepared.train.count,
                    "validation": prepared.val.count,
                    "test": prepared.test.count,
                },
                "inputs": prepared.schema.inputs,
                "crc32": format!("{:08x}", run.data),
            },
        });
        let content = match resumes.then(|| folder.about()).flatten() {
            Some(older) => gone_on(older, content),
            None => content,
        };
        let about = About { content, begun };
        about.write(folder)?;
        Ok(about)
    }

    /// Adds how the run ended.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub(super) fn end(&mut self, folder: &RunFolder, ending: &Ending) -> Result<(), Error> {
        let now = Timestamp::now();
        self.content["ended"] = json!(seconds(now));
        self.content["elapsed_s"] = json!(now.as_second() - self.begun.as_second());
        self.content["reason"] = json!(ending.reason);
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
