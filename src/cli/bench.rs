//! `wgrad bench`: compares the speed of training steps on the CPU device and on adapters.

mod args;
mod calibrate;
mod crossover;
mod drawing;
mod measured;
mod ranks;
mod report;
mod table;

use crate::cli::{
    interrupt,
    messages::{print_json, print_lines, warn},
    output::Output,
};
pub(crate) use args::Bench;
use args::tell;
use crossover::{Crossover, crossovers};
use measured::{Measured, Skipped};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use wgrad::bench::{BenchJob, Family, Row, ceiling::ceiling};
use wgrad::device::Device;

/// Longest step, in microseconds, that is measured by default. Longer steps need an explicit `--batch`.
const LONG_STEP: f64 = 2e6;
/// Batch size from which the time of a step grows in proportion to it. Below, the network's size dominates.
const FULL_BATCH: usize = 32;

pub(crate) fn run(args: &Bench) -> anyhow::Result<ExitCode> {
    if args.calibrate {
        return calibrate::run(args);
    }
    if let Some(by) = args.distributed {
        interrupt::catch()?;
        return ranks::run(args, by);
    }
    let stop = interrupt::interrupt_flag()?;
    let open = |flag, path: &Option<PathBuf>| {
        let output = path.as_deref().map(|path| Output::create(flag, path));
        output.transpose()
    };
    let [svg, page] = [open("--svg", &args.svg)?, open("--report", &args.report)?];
    let measured = measure_all(args, stop)?;
    let told = print(args, &measured);
    // Print the figures even if the chart cannot be written.
    let drawn = svg.map_or(Ok(()), |file| {
        file.write(&drawing::speeds(&measured.rows).svg())
    });
    let paged = page.map_or(Ok(()), |file| file.write(&report::page(&measured)));
    told?;
    drawn.and(paged)?;
    match measured.failure {
        Some(failure) => Err(failure.into()),
        None => Ok(interrupt::ended(measured.interrupted)),
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
    let sentences = crossovers(&measured.rows);
    let sentences: Vec<String> = sentences.iter().map(Crossover::sentence).collect();
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
