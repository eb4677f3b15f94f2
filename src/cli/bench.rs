//! `wgrad bench`: training steps on the CPU device and on adapters, side by side.

mod calibrate;
mod drawing;
mod table;

use super::DeviceFlags;
use super::train::interrupt_flag;
use clap::Args;
use serde_json::json;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use wgrad::bench::{Family, Job, Row, ceiling};
use wgrad::device::{self, Device, Precision, Request};

/// Measure training steps, CPU and GPU side by side
#[derive(Args)]
pub(crate) struct Bench {
    /// Widths of one network, as in 784-128-10 [default: a ladder of six]
    #[arg(long, value_name = "WIDTHS", value_parser = widths)]
    layers: Option<Widths>,
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
        let networks = match &self.layers {
            Some(widths) => vec![widths.clone()],
            None => LADDER.iter().filter_map(|text| widths(text).ok()).collect(),
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
            let all = device::all_of(device::backends(asked)?);
            if let (Some(backend), [_]) = (asked, &all[..]) {
                tell(self, &format!("no adapter on {backend}: the CPU only"));
            }
            return Ok(all.into_iter().filter_map(computing).collect());
        };
        let request = Request::from(name);
        let backend = self.device.backend.as_deref();
        let chosen = device::choose(&request, backend, 0)?.device;
        Ok(vec![chosen.computing(self.precision)?])
    }
}

pub(crate) fn run(args: &Bench) -> anyhow::Result<ExitCode> {
    if args.calibrate {
        return calibrate::run(args);
    }
    let stop = interrupt_flag()?;
    let drawing = args.svg.as_deref().map(create).transpose()?;
    let (mut ceilings, mut rows) = (Vec::new(), Vec::new());
    for device in args.devices()? {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        tell(args, &format!("{}: measuring its ceiling", device.name()));
        let mut ceiling = ceiling(&device)?;
        tell(args, &table::ceiling(&ceiling));
        let mut own = Vec::new();
        for jobs in args.jobs() {
            own.extend(measure(args, &device, &jobs, &stop));
        }
        ceiling.settle(&mut own);
        ceilings.push(ceiling);
        rows.extend(own);
    }
    let interrupted = stop.load(Ordering::Relaxed);
    if rows.is_empty() && interrupted {
        return Err(wgrad::Error::Interrupted.into());
    }
    if rows.is_empty() {
        return Err(wgrad::Error::Config(
            "nothing was measured: all that was asked for was left out; use smaller --layers, --batch or --networks".to_owned(),
        )
        .into());
    }
    if let (Some(mut file), Some(path)) = (drawing, &args.svg) {
        let svg = drawing::chart(&rows).svg();
        file.write_all(svg.as_bytes())
            .map_err(wgrad::Error::io(path))?;
    }
    let sentences = table::crossovers(&rows);
    let mut out = std::io::stdout().lock();
    if args.json {
        let object = json!({"ceilings": ceilings, "rows": rows, "crossover": sentences, "interrupted": interrupted});
        writeln!(out, "{object}")?;
    } else {
        let lines = table::table(&ceilings, &rows);
        for line in lines.into_iter().chain(sentences) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(match interrupted {
        true => ExitCode::from(130),
        false => ExitCode::SUCCESS,
    })
}

/// A file that is written at the end: what is wrong with it is told before the measurements.
fn create(path: &Path) -> Result<File, wgrad::Error> {
    File::create(path).map_err(|why| {
        wgrad::Error::Config(format!(
            "--svg {}: cannot be written ({why}); name a file in a folder that is there and writable",
            path.display()
        ))
    })
}

/// Measures one network in growing batches, until `stop`. What cannot be measured, or not in good time, is left out with a
/// word.
fn measure(args: &Bench, device: &Device, jobs: &[Job], stop: &AtomicBool) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for job in jobs {
        let what = format!("{}: {} batch {}", device.name(), job.layers(), job.batch);
        tell(args, &what);
        if let Err(why) = job.check() {
            tell(args, &format!("  left out: {why}"));
            continue;
        }
        for family in job.families(device) {
            if stop.load(Ordering::Relaxed) {
                return rows;
            }
            let forecast = forecast(&rows, job, family);
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
                Ok(row) => rows.push(row),
                Err(why) => tell(args, &format!("  left out: {why}")),
            }
        }
    }
    rows
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
