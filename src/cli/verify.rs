//! `wgrad verify`: checks every kernel and family on every adapter against reference values and error bounds.

mod budget;
mod report;
mod selection;

use crate::cli::{
    interrupt::interrupt_flag,
    messages::{tell_line, warn},
};
use anyhow::bail;
use budget::Budget;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use report::Found;
use selection::{Selection, VerifyPart};
use std::io::{ErrorKind, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use wgrad::Error;
use wgrad::device::Device;
use wgrad::gpu::adapter::{adapters as found, adapters::NO_ADAPTER_CURE, limits::lacking};
use wgrad::gpu::{Gpu, Precision};
use wgrad::text::{shown, shown_json};
use wgrad::verify::{Action, Place};

/// Check every kernel on every adapter, or on the CPU device, against reference values
///
/// Checks each kernel, in each variant that the adapter supports, against the same formula in f64, with an error bound
/// for each element; and each family of executors by training small networks. The exit code is 1 if anything is wrong.
#[derive(Args)]
pub(crate) struct Verify {
    /// Kernels and families, separated by commas, each optionally with a variant and a case: sgd, sgd:plain,
    /// sgd:plain:17 [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',', long_help = selection::help())]
    only: Vec<String>,
    /// all adapters, gpu (the best one), part of an adapter's name, or cpu [default: all]
    #[arg(long, value_name = "DEVICE")]
    device: Option<String>,
    /// vulkan, metal, dx12, or gl (in builds with that feature)
    #[arg(long, value_name = "BACKEND")]
    backend: Option<String>,
    /// Time limit in seconds, approximate; checks a sample of each variant's cases [default: all cases]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    time: Option<u32>,
    /// Check one case of each variant, and once each limit of the shaders that is not slow: about ten seconds
    #[arg(long)]
    quick: bool,
    /// Print one JSON object to stdout, for a report
    #[arg(long)]
    json: bool,
    /// Print only failures
    #[arg(long)]
    quiet: bool,
}

pub(crate) fn run(args: &Verify) -> anyhow::Result<ExitCode> {
    let (selection, start) = (Selection::read(&args.only)?, Instant::now());
    let devices = devices(args)?;
    let stop = interrupt_flag()?;
    let (mut all, mut ran, mut out) = (Vec::new(), Vec::new(), Out::default());
    let time = args.time.map(|seconds| Duration::from_secs(seconds.into()));
    let parts = devices.len() * selection.parts().count();
    let mut budget = Budget::new(time, parts);
    for device in devices {
        if !stop.load(Ordering::Relaxed) {
            let mut goes_on = |part, at| match (at, stop.load(Ordering::Relaxed)) {
                (_, true) => Action::Stop,
                (None, false) => {
                    budget.begin(part);
                    Action::Run
                }
                (Some(at), false) if !selection.has(part, at) => Action::Skip,
                (Some(at), false) => {
                    let is_asked = !args.quick || at.quick || selection.names(part, at);
                    if !is_asked || !budget.allows(at) {
                        return Action::LeaveOut;
                    }
                    ran.push((part, at));
                    Action::Run
                }
            };
            all.push(verify(args, &selection, &device, &mut goes_on, &mut out)?);
        }
    }
    let (elapsed, interrupted) = (start.elapsed(), stop.load(Ordering::Relaxed));
    if args.json {
        let object = report::object(&all, &args.only, elapsed, interrupted);
        out.line(&shown_json(&object.to_string()))?;
    } else if !args.quiet {
        out.line(&format!("\n{}", report::summary(&all, elapsed, args.quick)))?;
    }
    match report::fault(&all) {
        Some(fault) => bail!(fault),
        None if interrupted => Err(Error::Interrupted.into()),
        None => Ok(selection.check(&ran).map(|()| ExitCode::SUCCESS)?),
    }
}

/// What is verified: an adapter, or without one the CPU device.
type Selected = Option<wgpu::Adapter>;

/// Returns the selected devices: the CPU device, or adapters.
fn devices(args: &Verify) -> Result<Vec<Selected>, Error> {
    let device = args.device.as_deref().unwrap_or_default().trim();
    match device.eq_ignore_ascii_case("cpu") {
        true => Ok(vec![None]),
        false => Ok(adapters(args)?.into_iter().map(Some).collect()),
    }
}

/// Returns the selected adapters. Without `--device`, skips those with too small limits.
fn adapters(args: &Verify) -> Result<Vec<wgpu::Adapter>, Error> {
    let mut all = found::adapters(found::backends(args.backend.as_deref())?);
    if all.is_empty() {
        let what = format!("no GPU adapter found: {NO_ADAPTER_CURE}");
        return Err(Error::Adapter(what));
    }
    let device = args
        .device
        .as_deref()
        .unwrap_or("all")
        .trim()
        .to_lowercase();
    let names = |all: &[wgpu::Adapter]| -> String {
        let names: Vec<String> = all.iter().map(|a| a.get_info().name).collect();
        names.join(", ")
    };
    let there = names(&all);
    match &device[..] {
        "" => all.clear(),
        "all" | "auto" | "gpu" => {}
        part => all.retain(|adapter| adapter.get_info().name.to_lowercase().contains(part)),
    }
    if all.is_empty() {
        return Err(Error::Adapter(format!(
            "--device {device:?}: expected all, gpu, cpu, or a part of an adapter's name; there are: {there}"
        )));
    }
    let asked = names(&all);
    all.retain(|adapter| match lacking(&adapter.limits()) {
        None => true,
        Some(what) => {
            let name = adapter.get_info().name;
            warn(Some(&format!("{name} is skipped: {what}")));
            false
        }
    });
    if all.is_empty() {
        let what = "lacks what every run needs";
        return Err(Error::Adapter(format!("{asked} {what}")));
    }
    if device == "gpu" {
        all.truncate(1);
    }
    Ok(all)
}

/// Verifies the selection on a device. Calls `goes_on` before each part, and before each case of it.
fn verify(
    args: &Verify,
    selection: &Selection,
    selected: &Selected,
    goes_on: &mut dyn FnMut(VerifyPart, Option<Place>) -> Action,
    out: &mut Out,
) -> std::io::Result<Found> {
    let mut found = match selected {
        None => Found::on_cpu(),
        Some(adapter) => Found::new(&adapter.get_info()),
    };
    let mut head = Some(found.head()).filter(|_| !args.json);
    if !args.quiet {
        head.take().map_or(Ok(()), |head| out.line(&head))?;
    }
    let opened = match selected {
        None => Ok(Device::Cpu),
        Some(adapter) => Gpu::open(adapter, Precision::F32).map(|gpu| Device::Gpu(Arc::new(gpu))),
    };
    let device = match opened {
        Ok(device) => device,
        Err(why) => {
            found.error = Some(why);
            return Ok(found);
        }
    };
    let progress = Progress::new(args.quiet);
    for part in selection.parts() {
        let (mut last, mut stopped) = (None, false);
        goes_on(part, None);
        let mut watch = |at: Place| {
            let order = goes_on(part, Some(at));
            stopped |= order == Action::Stop;
            if order == Action::Run && last.replace(at.variant) != Some(at.variant) {
                progress.tell(&format!("{}, {}", part.name(), at.variant));
            }
            order
        };
        let finding = part.verify(&device, &mut watch);
        // Of an incomplete part, report only failures.
        if stopped && finding.ok() {
            break;
        }
        if !args.json && (!args.quiet || !finding.ok()) {
            let lines = head.take().into_iter().chain(report::lines(&finding));
            let lines: Vec<String> = lines.collect();
            progress.suspend(|| out.line(&lines.join("\n")))?;
        }
        found.add(part, finding);
    }
    progress.end();
    Ok(found)
}

/// Stdout. Its reader may go away: the exit code reports failures too.
#[derive(Default)]
struct Out {
    is_gone: bool,
}

impl Out {
    fn line(&mut self, text: &str) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        let mut lines = text.split('\n');
        let written = lines.try_for_each(|line| writeln!(out, "{}", shown(line)));
        match written.and_then(|()| out.flush()) {
            Err(why) if self.is_gone || why.kind() == ErrorKind::BrokenPipe => {
                self.is_gone = true;
                Ok(())
            }
            other => other,
        }
    }
}

/// Shows on stderr what is being verified: as a changing line on a terminal, else one line each. If a driver crashes,
/// the last line names the kernel.
enum Progress {
    Spinner(ProgressBar),
    Lines,
    Nothing,
}

impl Progress {
    fn new(quiet: bool) -> Progress {
        if quiet {
            return Progress::Nothing;
        }
        if !std::io::stderr().is_terminal() {
            return Progress::Lines;
        }
        let spinner = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {elapsed:>4} {wide_msg}") {
            spinner.set_style(style);
        }
        spinner.enable_steady_tick(Duration::from_millis(200));
        Progress::Spinner(spinner)
    }

    fn tell(&self, what: &str) {
        match self {
            Progress::Spinner(spinner) => spinner.set_message(what.to_owned()),
            Progress::Lines => tell_line(&format!("  {what}")),
            Progress::Nothing => {}
        }
    }

    fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        match self {
            Progress::Spinner(spinner) => spinner.suspend(write),
            _ => write(),
        }
    }

    fn end(&self) {
        if let Progress::Spinner(spinner) = self {
            spinner.finish_and_clear();
        }
    }
}
