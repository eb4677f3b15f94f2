//! `wgrad bench`: training steps on the CPU device and on adapters, side by side.

mod calibrate;
mod drawing;
mod table;

use super::DeviceFlags;
use super::train::interrupt_flag;
use clap::Args;
use drawing::Drawing;
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use wgrad::bench::ceiling::{Ceiling, ceiling};
use wgrad::bench::{Family, Job, Row};
use wgrad::device;
use wgrad::device::Device;
use wgrad::device::choice::Request;
use wgrad::device::choice::choose;
use wgrad::gpu::adapter::adapters::backends;
use wgrad::gpu::adapter::precision::Precision;

/// Measure training steps, CPU and GPU side by side
#[derive(Args)]
pub(crate) struct Bench {
    /// Widths of networks, as in 784-128-10, separated by commas [default: a ladder of six]
    #[arg(long, value_name = "WIDTHS", value_delimiter = ',', value_parser = widths)]
    layers: Vec<Widths>,
    /// Rows a step, separated by commas [default: 1,32,128,1024,16384, as far as steps take seconds at most]
    #[arg(long, value_name = "ROWS", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..))]
    batch: Vec<u32>,
    /// Rows of the data set [default: 64, or the batch where it is larger]
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(1..))]
    rows: Option<u32>,
    /// Networks trained side by side, one in each lane of a GPU
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    networks: u32,
    #[command(flatten)]
    device: DeviceFlags,
    /// What GPUs compute products in; mixed needs cooperative matrices, and is for one network at a time
    #[arg(long, value_enum, default_value_t, conflicts_with_all = ["calibrate", "networks"])]
    precision: Precision,
    /// Draw the rows a second against the batch, as SVG
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Measure what a step costs on each device, and keep it for --device auto
    #[arg(long, conflicts_with_all = ["layers", "batch", "rows", "networks", "svg"])]
    calibrate: bool,
    /// One JSON object on stdout
    #[arg(long)]
    json: bool,
    /// No progress
    #[arg(long)]
    quiet: bool,
}

#[derive(Clone, Debug)]
struct Widths(Vec<usize>);

/// From the article's network to one of 670,000 weights, and a deep and narrow one.
const LADDER: [&str; 6] = [
    "2-2-2",
    "4-16-3",
    "64-32-10",
    "784-128-10",
    "784-512-512-10",
    "128-64-64-64-64-64-3",
];
const BATCHES: [usize; 5] = [1, 32, 128, 1024, 16_384];
/// Steps longer than these microseconds are only measured if their batch was asked for.
const LONG_STEP: f64 = 2e6;
/// Rows from which on a step takes time in proportion to them; below, it is the network's size that counts.
const FULL_BATCH: usize = 32;

fn widths(text: &str) -> Result<Widths, String> {
    let parsed: Result<Vec<usize>, _> = text.split('-').map(str::parse).collect();
    match parsed {
        Ok(widths) if widths.len() >= 2 && !widths.contains(&0) => Ok(Widths(widths)),
        _ => Err("expected two or more widths with dashes between them, as in 784-128-10".into()),
    }
}

impl Bench {
    /// The jobs, network by network, from small batches to large.
    fn jobs(&self) -> Vec<Vec<Job>> {
        let networks = match self.layers.is_empty() {
            false => self.layers.clone(),
            true => LADDER.iter().filter_map(|text| widths(text).ok()).collect(),
        };
        let batches = match self.batch.is_empty() {
            true => BATCHES.to_vec(),
            false => self.batch.iter().map(|&b| b as usize).collect(),
        };
        let job = |widths: &Widths, batch| {
            let usual = Job::new(widths.0.clone(), batch);
            Job {
                networks: self.networks as usize,
                rows: self.rows.map_or(usual.rows, |rows| rows as usize),
                ..usual
            }
        };
        let each = |w| batches.iter().map(|&batch| job(w, batch)).collect();
        networks.iter().map(each).collect()
    }

    /// The devices to measure. Of all there are, those that have not the precision are left out, and the CPU stays for
    /// comparison.
    fn devices(&self) -> Result<Vec<Device>, wgrad::Error> {
        let name = match self.device.device.as_deref() {
            None | Some("all" | "auto") => None,
            Some(name) => Some(name),
        };
        let Some(name) = name else {
            let computing = |device| match device {
                Device::Cpu => Some(Device::Cpu),
                gpu => gpu
                    .computing(self.precision)
                    .map_err(|why| tell(self, &format!("left out: {why}")))
                    .ok(),
            };
            let asked = self.device.backend.as_deref();
            let all = device::all_of(backends(asked)?);
            if let (Some(backend), [_]) = (asked, &all[..]) {
                tell(self, &format!("no adapter on {backend}: the CPU only"));
            }
            return Ok(all.into_iter().filter_map(computing).collect());
        };
        let request = Request::from(name);
        let backend = self.device.backend.as_deref();
        let chosen = choose(&request, backend, 0)?.device;
        Ok(vec![chosen.computing(self.precision)?])
    }
}

pub(crate) fn run(args: &Bench) -> anyhow::Result<ExitCode> {
    if args.calibrate {
        return calibrate::run(args);
    }
    let stop = interrupt_flag()?;
    let drawing = args.svg.as_deref().map(Drawing::create).transpose()?;
    let measured = measure_all(args, &stop)?;
    let told = print(args, &measured);
    // The figures are told, even where there is no room for their chart.
    let drawn = drawing.map_or(Ok(()), |drawing| drawing.draw(&measured.rows));
    told?;
    drawn?;
    Ok(match measured.interrupted {
        true => ExitCode::from(130),
        false => ExitCode::SUCCESS,
    })
}

/// What was measured.
#[derive(Default)]
struct Measured {
    ceilings: Vec<Ceiling>,
    rows: Vec<Row>,
    /// Whether something was left out because of Ctrl-C.
    interrupted: bool,
}

/// Measures all that was asked for, until `stop`.
///
/// # Errors
/// If there is not one figure.
fn measure_all(args: &Bench, stop: &AtomicBool) -> Result<Measured, wgrad::Error> {
    let mut measured = Measured::default();
    let mut failed = None;
    for device in args.devices()? {
        if stopped(stop, &mut measured) {
            break;
        }
        tell(args, &format!("{}: measuring its ceiling", device.name()));
        let mut ceiling = match ceiling(&device) {
            Ok(ceiling) => ceiling,
            Err(why) => {
                super::warn(Some(&format!("{}: left out: {why}", device.name())));
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
            "nothing was measured, all was left out; use smaller --layers, --batch, --rows or --networks".to_owned(),
        )
    }))
}

/// Whether Ctrl-C keeps the rest from being measured.
fn stopped(stop: &AtomicBool, measured: &mut Measured) -> bool {
    measured.interrupted |= stop.load(Ordering::Relaxed);
    measured.interrupted
}

/// The figures, on stdout.
fn print(args: &Bench, measured: &Measured) -> std::io::Result<()> {
    let sentences = table::crossovers(&measured.rows);
    let mut out = std::io::stdout().lock();
    if args.json {
        let object = json!({
            "ceilings": measured.ceilings, "rows": measured.rows, "crossover": sentences,
            "interrupted": measured.interrupted,
        });
        return writeln!(out, "{object}");
    }
    let lines = table::table(&measured.ceilings, &measured.rows);
    let mut lines = lines.into_iter().chain(sentences);
    lines.try_for_each(|line| writeln!(out, "{line}"))
}

/// Measures one network in growing batches, until `stop`. What cannot be measured, or not in good time, is left out with a
/// word.
fn measure(
    args: &Bench,
    device: &Device,
    jobs: &[Job],
    stop: &AtomicBool,
    measured: &mut Measured,
) {
    let first = measured.rows.len();
    for job in jobs {
        if stopped(stop, measured) {
            return;
        }
        let what = format!("{}: {} batch {}", device.name(), job.layers(), job.batch);
        tell(args, &what);
        if let Err(why) = job.check() {
            tell(args, &format!("  left out: {why}"));
            continue;
        }
        for family in job.families(device) {
            if stopped(stop, measured) {
                return;
            }
            let forecast = forecast(&measured.rows[first..], job, family);
            if args.batch.is_empty() && forecast > LONG_STEP {
                let (seconds, batch) = (forecast / 1e6, job.batch);
                tell(
                    args,
                    &format!(
                        "  left out: a step would take about {seconds:.0} s; --batch {batch} measures it"
                    ),
                );
                continue;
            }
            match job.measure(device, family) {
                Ok(row) => {
                    let (family, us) = (row.family.name(), table::microseconds(row.us_per_step));
                    tell(args, &format!("  {family} family: {us} us a step"));
                    measured.rows.push(row);
                }
                Err(why) => tell(args, &format!("  left out: {why}")),
            }
        }
    }
}

/// Microseconds that a step of `job` should take, by the last smaller one.
fn forecast(rows: &[Row], job: &Job, family: Family) -> f64 {
    let last = rows.iter().rev().find(|row| row.family == family);
    last.map_or(0.0, |row| {
        let from = row.batch.max(FULL_BATCH) as f64;
        row.us_per_step * (job.batch as f64 / from).max(1.0)
    })
}

fn tell(args: &Bench, line: &str) {
    if !args.quiet {
        drop(writeln!(std::io::stderr(), "{line}"));
    }
}
