//! `wgrad bench`: compares the speed of training steps on the CPU device and on adapters.

mod args;
mod calibrate;
mod drawing;
mod table;

use crate::cli::{
    interrupt::interrupt_flag,
    messages::{print_json, print_lines, warn},
};
pub(crate) use args::Bench;
use args::tell;
use drawing::Drawing;
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
    let stop = interrupt_flag()?;
    let drawing = args.svg.as_deref().map(Drawing::create).transpose()?;
    let measured = measure_all(args, &stop)?;
    let told = print(args, &measured);
    // Print the figures even if the chart cannot be written.
    let drawn = drawing.map_or(Ok(()), |drawing| drawing.draw(&measured.rows));
    told?;
    drawn?;
    Ok(match measured.interrupted {
        true => ExitCode::from(130),
        false => ExitCode::SUCCESS,
    })
}

/// The results of a benchmark.
#[derive(Default)]
struct Measured {
    ceilings: Vec<Ceiling>,
    rows: Vec<Row>,
    /// Whether Ctrl-C cut the measurements short.
    interrupted: bool,
}

/// Measures all requested jobs, until `stop`.
///
/// # Errors
/// Returns an error if nothing was measured.
fn measure_all(args: &Bench, stop: &AtomicBool) -> Result<Measured, wgrad::Error> {
    let mut measured = Measured::default();
    let mut failed = None;
    for device in args.devices()? {
        if stopped(stop, &mut measured) {
            break;
        }
        tell(
            args,
            &format!("{}: measuring peak performance", device.name()),
        );
        let mut ceiling = match ceiling(&device) {
            Ok(ceiling) => ceiling,
            Err(why) => {
                warn(Some(&format!("{}: skipped: {why}", device.name())));
                failed = failed.or(Some(why));
                continue;
            }
        };
        tell(args, &table::ceiling(&ceiling));
        let first = measured.rows.len();
        for jobs in args.jobs() {
            measure(args, &device, &jobs, stop, &mut measured);
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
    Err(failed.unwrap_or_else(|| {
        wgrad::Error::Config(
            "nothing was measured, all jobs were skipped; use smaller --layers, --batch, --rows or --networks".to_owned(),
        )
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
            "interrupted": measured.interrupted,
        });
        return print_json(&object);
    }
    let lines = table::table(&measured.ceilings, &measured.rows);
    print_lines(lines.into_iter().chain(sentences))
}

/// Measures one network with growing batch sizes, until `stop`. Skips what cannot be measured or takes too long, and
/// says so.
fn measure(
    args: &Bench,
    device: &Device,
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
        if let Err(why) = job.check() {
            tell(args, &format!("  skipped: {why}"));
            continue;
        }
        for family in job.families(device) {
            if stopped(stop, measured) {
                return;
            }
            let forecast = forecast(&measured.rows[first..], job, family);
            if args.batch.is_empty() && forecast > LONG_STEP {
                let (seconds, batch) = (forecast / 1e6, job.batch_size);
                tell(
                    args,
                    &format!(
                        "  skipped: a step would take about {seconds:.0} s; --batch {batch} measures it"
                    ),
                );
                continue;
            }
            match job.measure(device, family) {
                Ok(row) => {
                    let (family, us) = (row.family.name(), table::microseconds(row.us_per_step));
                    tell(args, &format!("  {family} family: {us} us per step"));
                    measured.rows.push(row);
                }
                Err(why) => tell(args, &format!("  skipped: {why}")),
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
