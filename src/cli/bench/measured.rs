//! The results of a benchmark.

use crate::cli::spelling::as_flags;
use serde::Serialize;
use wgrad::bench::{BenchJob, Ceiling, Family, Row};
use wgrad::device::Device;

/// The results of a benchmark.
#[derive(Default)]
pub(super) struct Measured {
    pub(super) ceilings: Vec<Ceiling>,
    pub(super) rows: Vec<Row>,
    pub(super) skipped: Vec<Skipped>,
    /// The first error of a device that failed.
    pub(super) failure: Option<wgrad::Error>,
    /// The first error of an adapter that cannot run something: that of the command, if nothing was measured.
    pub(super) refusal: Option<wgrad::Error>,
    /// Whether a signal cut the measurements short.
    pub(super) interrupted: bool,
}

/// What was not measured.
#[derive(Serialize)]
pub(super) struct Skipped {
    /// The device; none if it cannot be opened.
    pub(super) adapter: Option<String>,
    /// The layer widths and the batch size; none for the device as a whole.
    pub(super) layers: Option<String>,
    pub(super) batch: Option<usize>,
    pub(super) family: Option<Family>,
    pub(super) why: String,
}

impl Skipped {
    pub(super) fn of(
        device: Option<&Device>,
        job: Option<(&BenchJob, Option<Family>)>,
        why: &wgrad::Error,
    ) -> Skipped {
        Skipped {
            adapter: device.map(Device::name),
            layers: job.map(|(job, _)| job.layers()),
            batch: job.map(|(job, _)| job.batch_size),
            family: job.and_then(|(_, family)| family),
            why: as_flags(&why.to_string()),
        }
    }
}

impl Measured {
    /// Notes an error. A device that failed ends the command with its error, after the other measurements.
    pub(super) fn skip(&mut self, skipped: Skipped, why: wgrad::Error) {
        self.skipped.push(skipped);
        match why {
            wgrad::Error::Device(_) => self.failure.get_or_insert(why),
            wgrad::Error::Adapter(_) => self.refusal.get_or_insert(why),
            _ => return,
        };
    }
}
