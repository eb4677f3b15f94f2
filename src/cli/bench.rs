//! `wgrad bench`: compares the speed of training steps on the CPU device and on adapters.

mod args;
mod calibrate;
mod drawing;
mod table;

use crate::cli::{
    interrupt,
    messages::{print_json, print_lines, warn},
    spelling::as_flags,
};
pub(crate) use args::Bench;
use args::tell;
use drawing::Drawing;
use serde::Serialize;
use serde_json::json;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use wgrad::bench::{BenchJob, Ceiling, Family, Row, ceiling::ceiling};
use wgrad::device::Device;

/// Longest step, in microseconds, that is measured by default. Longer steps need an explicit `--batch`.
const LONG_STEP: f64 = 2e6;
/// Batch size from which the time of a step grows in proportion to it. Below, the network's size dominates.
const FULL_BATCH: usize = 32;

pub(crate) fn run(args: &Bench) -> anyhow::Result<ExitCode> {
    if args.calibrate {
        return calibrate::run(args);
    }
    let stop = interrupt::interrupt_flag()?;
    let drawing = args.svg.as_deref().map(Drawing::create).transpose()?;
    let measured = measure_all(args, stop)?;
    let told = print(args, &measured);
    // Print the figures even if the chart cannot be written.
    let drawn = drawing.map_or(Ok(()), |drawing| drawing.draw(&measured.rows));
    told?;
    drawn?;
    match measured.failure {
        Some(failure) => Err(failure.into()),
        None => Ok(interrupt::ended(measured.interrupted)),
    }
}

/// The results of a benchmark.
#[derive(Default)]
struct Measured {
    ceilings: Vec<Ceiling>,
    rows: Vec<Row>,
    skipped: Vec<Skipped>,
    /// The first error of a device that failed.
    failure: Option<wgrad::Error>,
    /// The first error of an adapter that cannot run something: that of the command, if nothing was measured.
    refusal: Option<wgrad::Error>,
    /// Whether a signal cut the measurements short.
    interrupted: bool,
}

/// What was not measured.
#[derive(Serialize)]
struct Skipped {
    /// The device; none if it cannot be opened.
    adapter: Option<String>,
    /// The layer widths and the batch size; none for the device as a whole.
    layers: Option<String>,
    batch: Option<usize>,
    family: Option<Family>,
    why: String,
}

impl Skipped {
    fn of(
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
    fn skip(&mut self, skipped: Skipped, why: wgrad::Error) {
        self.skipped.push(skipped);
        match why {
            wgrad::Error::Device(_) => self.failure.get_or_insert(why),
            wgrad::Error::Adapter(_) => self.refusal.get_or_insert(why),
            _ => return,
        };
    }
}

/// Measures all requested jobs, until `stop`.
///
/// # Errors
/// Returns an error if nothing was measured.
fn measure_all(args: &Bench, stop: &AtomicBool) -> Result<Measured, wgrad::Error> {
    let mut measured = Measured::default();
    for device in args.devices()? {
        if stopped(stop, &mut measured) {
            break;
        }
        // Without --device, an adapter that cannot be used does not end the comparison.
        let mut device = match device {
            Ok(device) => device,
            Err(why) => {
                warn(Some(&format!("skipped: {why}")));
                measured.skipped.push(Skipped::of(None, None, &why));
                continue;
            }
        };
        tell(
            args,
            &format!("{}: measuring peak performance", device.name()),
        );
        let mut ceiling = match ceiling(&device) {
            Ok(ceiling) => ceiling,
            Err(why) => {
                warn(Some(&format!("{}: skipped: {why}", device.name())));
                measured.skip(Skipped::of(Some(&device), None, &why), why);
                continue;
            }
        };
        tell(args, &table::ceiling(&ceiling));
        let first = measured.rows.len();
        for jobs in args.jobs() {
            measure(args, &mut device, &jobs, stop, &mut measured);
        }
        ceiling.settle(&mut measured.rows[first..]);
        measured.ceilings.push(ceiling);
    }
    if !measured.rows.is_empty() {
        return Ok(measured);
    }
    if measured.interrupted {
        return Err(wgrad::Error::Interrupted);
    }
    Err(measured.failure.or(measured.refusal).unwrap_or_else(|| {
        let first = measured.skipped.first().map(|skipped| &skipped.why[..]);
        wgrad::Error::Config(format!(
            "nothing was measured: {}",
            first.unwrap_or(
                "all jobs were skipped; use smaller --layers, --batch, --rows or --networks"
            )
        ))
    }))
}

/// Checks for Ctrl-C, and records the interruption.
fn stopped(stop: &AtomicBool, measured: &mut Measured) -> bool {
    measured.interrupted |= stop.load(Ordering::Relaxed);
    measured.interrupted
}

/// Prints the figures to stdout.
fn print(args: &Bench, measured: &Measured) -> std::io::Result<()> {
    let sentences = table::crossovers(&measured.rows);
    if args.json {
        let object = json!({
            "ceilings": measured.ceilings, "rows": measured.rows, "crossover": sentences,
            "skipped": measured.skipped, "interrupted": measured.interrupted,
        });
        return print_json(&object);
    }
    let lines = table::table(&measured.ceilings, &measured.rows);
    print_lines(lines.into_iter().chain(sentences))
}

/// Measures one network with growing batch sizes, until `stop`. Skips what cannot be measured or takes too long, and
/// says so. A device that failed is opened again for what remains.
fn measure(
    args: &Bench,
    device: &mut Device,
    jobs: &[BenchJob],
    stop: &AtomicBool,
    measured: &mut Measured,
) {
    let first = measured.rows.len();
    for job in jobs {
        if stopped(stop, measured) {
            return;
        }
        let what = format!(
            "{}: {} batch {}",
            device.name(),
            job.layers(),
            job.batch_size
        );
        tell(args, &what);
        let skip = |measured: &mut Measured, device: &Device, family, why: wgrad::Error| {
            tell(args, &format!("  skipped: {why}"));
            measured.skip(Skipped::of(Some(device), Some((job, family)), &why), why);
        };
        if let Err(why) = job.check() {
            skip(measured, device, None, why);
            continue;
        }
        for family in job.families(device) {
            if stopped(stop, measured) {
                return;
            }
            match device.sound() {
                Ok(sound) => *device = sound,
                Err(why) => return skip(measured, device, Some(family), why),
            }
            let forecast = forecast(&measured.rows[first..], job, family);
            if args.batch.is_empty() && forecast > LONG_STEP {
                let (seconds, batch) = (forecast / 1e6, job.batch_size);
                let why =
                    format!("a step would take about {seconds:.0} s; --batch {batch} measures it");
                skip(measured, device, Some(family), wgrad::Error::Config(why));
                continue;
            }
            match job.measure(device, family) {
                Ok(row) => {
                    let (family, us) = (row.family.name(), table::microseconds(row.us_per_step));
                    tell(args, &format!("  {family} family: {us} us per step"));
                    measured.rows.push(row);
                }
                Err(why) => skip(measured, device, Some(family), why),
            }
        }
    }
}

/// Predicts the time of a step of `job` in microseconds, from the last smaller batch.
fn forecast(rows: &[Row], job: &BenchJob, family: Family) -> f64 {
    let last = rows.iter().rev().find(|row| row.family == family);
    last.map_or(0.0, |row| {
        let from = row.batch.max(FULL_BATCH) as f64;
        row.us_per_step * (job.batch_size as f64 / from).max(1.0)
    })
}
