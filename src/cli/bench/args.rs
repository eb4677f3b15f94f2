//! The arguments of `wgrad bench`.

use crate::cli::{flags::DeviceFlags, messages::tell_line, spelling::as_flags};
use clap::Args;
use std::path::PathBuf;
use wgrad::bench::BenchJob;
use wgrad::config::Distributed;
use wgrad::device;
use wgrad::device::{Device, Request, choose};
use wgrad::gpu::Precision;
use wgrad::gpu::adapter::adapters::backends;

/// Measure training steps, CPU and GPU side by side
#[derive(Args)]
pub(crate) struct Bench {
    /// Layer widths of each network, as in 784-128-10, separated by commas [default: six networks of growing size]
    #[arg(long, value_name = "WIDTHS", value_delimiter = ',', value_parser = widths)]
    pub(super) layers: Vec<Widths>,
    /// Batch sizes, separated by commas [default: 1,32,128,1024,16384; slow ones are skipped]
    #[arg(long, value_name = "ROWS", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) batch: Vec<u32>,
    /// Rows in the data set [default: 64, or the batch size if larger]
    #[arg(long, value_name = "ROWS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) rows: Option<u32>,
    /// Number of networks that a GPU trains side by side, one per lane
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) networks: u32,
    #[command(flatten)]
    pub(super) device: DeviceFlags,
    /// Precision of matrix products on GPUs; mixed needs cooperative matrices and a single network
    #[arg(long, value_enum, default_value_t, conflicts_with_all = ["calibrate", "networks"])]
    pub(super) precision: Precision,
    /// Write a chart of rows/s over batch size as an SVG file
    #[arg(long, value_name = "FILE")]
    pub(super) svg: Option<PathBuf>,
    /// Write a page: rows/s and the share of the peak over batch size, where an adapter overtakes the CPU, and all figures
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,
    /// Measure the cost of a step on each device, and save it for --device auto
    #[arg(long, conflicts_with_all = ["layers", "batch", "rows", "networks", "svg", "report"])]
    pub(super) calibrate: bool,
    /// Measure steps of one network on all processes of mpirun or srun together
    #[arg(long, value_enum, conflicts_with_all = ["rows", "networks", "precision", "calibrate", "svg", "report"])]
    pub(super) distributed: Option<Distributed>,
    /// Print one JSON object to stdout
    #[arg(long)]
    pub(super) json: bool,
    /// Hide progress
    #[arg(long)]
    pub(super) quiet: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Widths(Vec<usize>);

/// Default networks: from the article's network to one of 670,000 weights, and a deep and narrow one.
const LADDER: [&str; 6] = [
    "2-2-2",
    "4-16-3",
    "64-32-10",
    "784-128-10",
    "784-512-512-10",
    "128-64-64-64-64-64-3",
];
const BATCHES: [usize; 5] = [1, 32, 128, 1024, 16_384];
/// Those for several ranks: with smaller ones they seldom pay.
const OF_RANKS: [usize; 4] = [128, 1024, 4096, 16_384];

fn widths(text: &str) -> Result<Widths, String> {
    let parsed: Result<Vec<usize>, _> = text.split('-').map(str::parse).collect();
    match parsed {
        Ok(widths) if widths.len() >= 2 && !widths.contains(&0) => Ok(Widths(widths)),
        _ => Err("expected two or more widths with dashes between them, as in 784-128-10".into()),
    }
}

impl Bench {
    /// Returns the jobs, one list per network, in order of batch size.
    pub(super) fn jobs(&self) -> Vec<Vec<BenchJob>> {
        let networks = match self.layers.is_empty() {
            false => self.layers.clone(),
            true => LADDER.iter().filter_map(|text| widths(text).ok()).collect(),
        };
        let batches = match self.batch.is_empty() {
            true if self.distributed.is_some() => OF_RANKS.to_vec(),
            true => BATCHES.to_vec(),
            false => self.batch.iter().map(|&b| b as usize).collect(),
        };
        let job = |widths: &Widths, batch| {
            let usual = BenchJob::new(widths.0.clone(), batch);
            BenchJob {
                networks: self.networks as usize,
                rows: self.rows.map_or(usual.rows, |rows| rows as usize),
                ..usual
            }
        };
        let each = |w| batches.iter().map(|&batch| job(w, batch)).collect();
        networks.iter().map(each).collect()
    }

    /// Returns the devices to measure. Without `--device`, those that cannot be opened or lack the precision are errors, and
    /// the CPU is kept for comparison.
    pub(super) fn devices(&self) -> Result<Vec<Result<Device, wgrad::Error>>, wgrad::Error> {
        let name = match self.device.device.as_deref() {
            None | Some("all" | "auto") => None,
            Some(name) => Some(name),
        };
        let Some(name) = name else {
            let computing = |device: Result<Device, wgrad::Error>| match device? {
                Device::Cpu => Ok(Device::Cpu),
                gpu => gpu.computing(self.precision),
            };
            let asked = self.device.backend.as_deref();
            let all = device::all_of(backends(asked)?);
            if let (Some(backend), [_]) = (asked, &all[..]) {
                tell(self, &format!("no adapter on {backend}: the CPU only"));
            }
            return Ok(all.into_iter().map(computing).collect());
        };
        let request = Request::from(name);
        let backend = self.device.backend.as_deref();
        let chosen = choose(&request, backend, 0)?.device;
        Ok(vec![Ok(chosen.computing(self.precision)?)])
    }
}

pub(super) fn tell(args: &Bench, line: &str) {
    if !args.quiet {
        tell_line(&as_flags(line));
    }
}
