//! `wgrad bench`: training steps on the CPU device and on adapters, side by side.

use super::DeviceFlags;
use clap::Args;
use serde_json::json;
use std::io::Write;
use std::process::ExitCode;
use wgrad::bench::{Job, Row, ceiling};
use wgrad::device::{self, Device, Request};

/// Measure training steps, CPU and GPU side by side
#[derive(Args)]
pub(crate) struct Bench {
    /// Widths of one network, as in 784-128-10 [default: a ladder of six]
    #[arg(long, value_name = "WIDTHS", value_parser = widths)]
    layers: Option<Widths>,
    /// Rows a step, separated by commas [default: 1,32,128,1024]
    #[arg(long, value_name = "ROWS", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..))]
    batch: Vec<u32>,
    /// Networks trained side by side, one in each lane of a GPU
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    networks: u32,
    #[command(flatten)]
    device: DeviceFlags,
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
const BATCHES: [usize; 4] = [1, 32, 128, 1024];

fn widths(text: &str) -> Result<Widths, String> {
    let parsed: Result<Vec<usize>, _> = text.split('-').map(str::parse).collect();
    match parsed {
        Ok(widths) if widths.len() >= 2 && !widths.contains(&0) => Ok(Widths(widths)),
        _ => Err("expected two or more widths with dashes between them, as in 784-128-10".into()),
    }
}

impl Bench {
    fn jobs(&self) -> Vec<Job> {
        let ladder = || LADDER.iter().filter_map(|text| widths(text).ok());
        let networks = match &self.layers {
            Some(widths) => vec![widths.clone()],
            None => ladder().collect(),
        };
        let batches = match self.batch.is_empty() {
            true => BATCHES.to_vec(),
            false => self.batch.iter().map(|&b| b as usize).collect(),
        };
        let job = |widths: &Widths, batch| Job {
            widths: widths.0.clone(),
            batch,
            networks: self.networks as usize,
        };
        let each = |w| batches.iter().map(move |&batch| (w, batch));
        networks
            .iter()
            .flat_map(each)
            .map(|(w, batch)| job(w, batch))
            .collect()
    }

    fn devices(&self) -> Result<Vec<Device>, wgrad::Error> {
        match self.device.device.as_deref() {
            None | Some("all" | "auto") => Ok(device::all()),
            Some(name) => {
                let request = Request::from(name);
                let backend = self.device.backend.as_deref();
                Ok(vec![device::choose(&request, backend, 0)?.device])
            }
        }
    }
}

pub(crate) fn run(args: &Bench) -> anyhow::Result<ExitCode> {
    let mut rows = Vec::new();
    for device in args.devices()? {
        tell(args, &format!("{}: measuring its ceiling", device.name()));
        let ceiling = ceiling(&device)?;
        tell(
            args,
            &format!("{}: {ceiling:.1} GFLOP/s in a large product", device.name()),
        );
        for job in args.jobs() {
            for family in job.families(&device) {
                tell(
                    args,
                    &format!("{}: {} batch {}", device.name(), job.layers(), job.batch),
                );
                match job.measure(&device, family, ceiling) {
                    Ok(row) => rows.push(row),
                    Err(why) => tell(args, &format!("  left out: {why}")),
                }
            }
        }
    }
    let sentences = crossovers(&rows);
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", json!({"rows": rows, "crossover": sentences}))?;
        return Ok(ExitCode::SUCCESS);
    }
    for line in table(&rows).into_iter().chain(sentences) {
        writeln!(out, "{line}")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(args: &Bench, line: &str) {
    if !args.quiet {
        drop(writeln!(std::io::stderr(), "{line}"));
    }
}

fn table(rows: &[Row]) -> Vec<String> {
    let longest = |text: fn(&Row) -> &str| rows.iter().map(|r| text(r).len()).max().unwrap_or(0);
    let (layers, adapter) = (longest(|r| &r.layers), longest(|r| &r.adapter));
    let mut lines = vec![format!(
        "{:<layers$}  {:>6}  {:>8}  {:<adapter$}  {:<6}  {:>12}  {:>13}  {:>8}  {:>7}",
        "layers",
        "batch",
        "networks",
        "device",
        "family",
        "us a step",
        "rows/s",
        "GFLOP/s",
        "ceiling"
    )];
    lines.extend(rows.iter().map(|r| {
        format!(
            "{:<layers$}  {:>6}  {:>8}  {:<adapter$}  {:<6}  {:>12.1}  {:>13.0}  {:>8.2}  {:>5.1} %",
            r.layers,
            r.batch,
            r.networks,
            r.adapter,
            format!("{:?}", r.family).to_lowercase(),
            r.us_per_step,
            r.samples_per_s,
            r.gflops,
            100.0 * r.share
        )
    }));
    lines.push(String::new());
    lines
}

/// For each network and adapter, from which batch on the adapter is faster than the CPU device.
fn crossovers(rows: &[Row]) -> Vec<String> {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    let mut sentences = Vec::new();
    for row in rows.iter().filter(|r| r.device == "gpu") {
        if seen.contains(&(&row.layers, &row.adapter)) {
            continue;
        }
        seen.push((&row.layers, &row.adapter));
        let mut batches: Vec<usize> = rows.iter().map(|r| r.batch).collect();
        batches.sort_unstable();
        batches.dedup();
        let best = |device: &str, adapter: Option<&str>, batch| {
            let fits = |r: &&Row| {
                r.layers == row.layers
                    && r.batch == batch
                    && r.device == device
                    && adapter.is_none_or(|a| r.adapter == a)
            };
            let times = rows.iter().filter(fits).map(|r| r.us_per_step);
            times.min_by(f64::total_cmp)
        };
        let wins = |&batch: &usize| {
            let gpu = best("gpu", Some(&row.adapter), batch);
            let cpu = best("cpu", None, batch);
            matches!((gpu, cpu), (Some(gpu), Some(cpu)) if gpu < cpu)
        };
        let compared = batches.iter().any(|&b| best("cpu", None, b).is_some());
        if !compared {
            continue;
        }
        let from = batches.iter().rev().take_while(|b| wins(b)).last();
        let (layers, adapter) = (&row.layers, &row.adapter);
        sentences.push(match from {
            Some(batch) => format!(
                "{layers}: {adapter} is faster than the CPU device from a batch of {batch} on"
            ),
            None => format!(
                "{layers}: the CPU device is faster than {adapter} at the largest batch measured"
            ),
        });
    }
    sentences
}
