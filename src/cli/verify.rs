//! `wgrad verify`: every kernel and family on every adapter, against reference values and bounds.

use super::devices::driver;
use anyhow::bail;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wgrad::Error;
use wgrad::device::{self, Device, Gpu, NO_ADAPTER_CURE, Precision, Request};
use wgrad::plan::population::Family;
use wgrad::verify::judge::Worst;
use wgrad::verify::{self, Finding, KERNELS, Mismatch, families};
use wgrad::words::counted;

/// Check every kernel on every adapter against reference values
///
/// Each kernel, in each variant that the adapter can run, against the same formula in f64, with a bound for each element;
/// and each family of executors, training small networks. The exit code is 1 if anything is wrong.
#[derive(Args)]
pub(crate) struct Verify {
    /// Kernels and families, separated by commas [default: all]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    only: Vec<String>,
    /// all, gpu (the best one), or a part of an adapter's name [default: all]
    #[arg(long, value_name = "DEVICE")]
    device: Option<String>,
    /// vulkan, metal, dx12, or gl (in builds with that feature)
    #[arg(long, value_name = "BACKEND")]
    backend: Option<String>,
    /// One JSON object on stdout, for a report
    #[arg(long)]
    json: bool,
    /// Only what is wrong
    #[arg(long)]
    quiet: bool,
}

const FAMILIES: [Family; 3] = [Family::Device, Family::Lane, Family::Workgroup];

/// Mismatches that are printed of a kernel.
const SHOWN: usize = 3;

/// What is verified.
#[derive(Clone, Copy)]
enum Part {
    Kernel(usize),
    Family(Family),
}

impl Part {
    fn all() -> impl Iterator<Item = Part> {
        let kernels = (0..KERNELS.len()).map(Part::Kernel);
        kernels.chain(FAMILIES.map(Part::Family))
    }

    fn name(self) -> &'static str {
        match self {
            Part::Kernel(k) => KERNELS[k].0.name,
            Part::Family(family) => family.name(),
        }
    }

    fn verify(self, gpu: &Arc<Gpu>, watch: &mut dyn FnMut(&'static str)) -> Result<Finding, Error> {
        match self {
            Part::Kernel(k) => verify::kernel(gpu, KERNELS[k], watch),
            Part::Family(family) => families::family(gpu, family, watch),
        }
    }
}

/// What was found on an adapter, kernels apart from families.
struct Found {
    info: wgpu::AdapterInfo,
    kernels: Vec<Finding>,
    families: Vec<Finding>,
    /// Why nothing more was found.
    error: Option<Error>,
}

impl Found {
    fn all(&self) -> impl Iterator<Item = &Finding> {
        self.kernels.iter().chain(&self.families)
    }
}

/// An adapter, and what came of opening it.
type Opened = (wgpu::AdapterInfo, Result<Arc<Gpu>, Error>);

pub(crate) fn run(args: &Verify) -> anyhow::Result<ExitCode> {
    let (parts, start) = (parts(&args.only)?, Instant::now());
    let mut all = Vec::new();
    for opened in adapters(args)? {
        all.push(verify_adapter(args, &parts, opened)?);
    }
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", object(&all))?;
    } else if !args.quiet {
        writeln!(out, "\n{}", summary(&all, start.elapsed()))?;
    }
    match fault(&all) {
        None => Ok(ExitCode::SUCCESS),
        Some(fault) => bail!(fault),
    }
}

fn parts(names: &[String]) -> Result<Vec<Part>, Error> {
    if names.is_empty() {
        return Ok(Part::all().collect());
    }
    let part = |name: &String| {
        Part::all().find(|part| part.name() == name).ok_or_else(|| {
            let all: Vec<&str> = Part::all().map(Part::name).collect();
            Error::Config(format!("--only {name}: expected one of {}", all.join(", ")))
        })
    };
    names.iter().map(part).collect()
}

/// The adapters that are asked for. Of all there are, those that have too little for any run are left out.
fn adapters(args: &Verify) -> Result<Vec<Opened>, Error> {
    let backend = args.backend.as_deref();
    match args.device.as_deref().map(Request::from) {
        None | Some(Request::Auto) => {}
        Some(Request::Name(name)) if name == "all" => {}
        Some(request) => {
            let choice = device::choose(&request, backend, 0)?;
            super::warn(choice.warning.as_deref());
            return match choice.device {
                Device::Gpu(gpu) => Ok(vec![(gpu.info.clone(), Ok(gpu))]),
                Device::Cpu => Err(Error::Config(
                    "--device cpu: expected an adapter; the CPU's f64 is what they are held against".to_owned(),
                )),
            };
        }
    }
    let mut opened = Vec::new();
    for adapter in device::adapters(device::backends(backend)?) {
        let info = adapter.get_info();
        match device::lacking(&adapter.limits()) {
            None => opened.push((info, Gpu::open(&adapter, Precision::F32).map(Arc::new))),
            Some(what) => super::warn(Some(&format!("{} is left out: {what}", info.name))),
        }
    }
    match opened.is_empty() {
        false => Ok(opened),
        true => Err(Error::Adapter(format!(
            "no GPU adapter found: {}",
            NO_ADAPTER_CURE.replace(", or use --device cpu", "")
        ))),
    }
}

fn verify_adapter(args: &Verify, parts: &[Part], (info, opened): Opened) -> std::io::Result<Found> {
    let mut out = std::io::stdout().lock();
    let mut head = vec![head(&info)];
    let mut found = Found {
        info,
        kernels: Vec::new(),
        families: Vec::new(),
        error: None,
    };
    let gpu = match opened {
        Ok(gpu) => gpu,
        Err(why) => {
            found.error = Some(why);
            return Ok(found);
        }
    };
    let spinner = spinner(args.quiet);
    for &part in parts {
        let mut watch = |variant| spinner.set_message(format!("{}, {variant}", part.name()));
        let finding = match part.verify(&gpu, &mut watch) {
            Ok(finding) => finding,
            Err(why) => {
                found.error = Some(why);
                break;
            }
        };
        let told = !args.json && (!args.quiet || !finding.ok());
        if told {
            head.extend(lines(&finding));
            let text = head.join("\n");
            head.clear();
            spinner.suspend(|| writeln!(out, "{text}"))?;
        }
        match part {
            Part::Kernel(_) => found.kernels.push(finding),
            Part::Family(_) => found.families.push(finding),
        }
    }
    spinner.finish_and_clear();
    Ok(found)
}

/// What is being verified, on a terminal.
fn spinner(quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let spinner = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg}  {elapsed}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(200));
    spinner
}

fn head(info: &wgpu::AdapterInfo) -> String {
    format!("{} ({}), driver {}", info.name, info.backend, driver(info))
}

/// A finding's line of the table, and its first mismatches.
fn lines(finding: &Finding) -> Vec<String> {
    let verdict = match finding.ok() {
        true => "ok   ",
        false => "WRONG",
    };
    let mut lines = vec![format!(
        "  {verdict}  {:<15} {:>10} {:>9}  {}",
        finding.name,
        counted(finding.variants.len(), "variant"),
        counted(finding.cases, "case"),
        told(finding),
    )];
    let shown = finding.mismatches.iter().take(SHOWN);
    lines.extend(shown.map(|mismatch| {
        let Mismatch {
            variant,
            case,
            what,
        } = mismatch;
        format!("         {variant}: {case}: {what}")
    }));
    if finding.mismatches.len() > SHOWN {
        let more = finding.mismatches.len() - SHOWN;
        lines.push(format!("         and {more} more"));
    }
    lines
}

/// How far off the elements are.
fn told(finding: &Finding) -> String {
    let Worst { error, bound } = finding.worst;
    match (finding.mismatches.len(), error == 0.0) {
        (0, _) if finding.cases == 0 => "nothing that fits this adapter".to_owned(),
        (0, true) => "exact".to_owned(),
        (0, false) => {
            let percent = (100.0 * finding.worst.share()).ceil();
            format!("errors of at most {percent} % of their bounds ({error:.1e} of {bound:.1e})")
        }
        (wrong, _) => format!("{wrong} wrong"),
    }
}

fn summary(all: &[Found], elapsed: Duration) -> String {
    let cases: usize = all.iter().flat_map(Found::all).map(|f| f.cases).sum();
    let adapters = counted(all.len(), "adapter");
    format!(
        "{} on {adapters} in {:.0} s",
        counted(cases, "case"),
        elapsed.as_secs_f64()
    )
}

/// What is wrong, and what to do about it.
fn fault(all: &[Found]) -> Option<String> {
    let mut wrong = Vec::new();
    for found in all {
        let names: Vec<&str> = found.all().filter(|f| !f.ok()).map(|f| f.name).collect();
        if !names.is_empty() {
            wrong.push(format!(
                "{} computes wrong: {}",
                found.info.name,
                names.join(", ")
            ));
        }
        wrong.extend(found.error.as_ref().map(Error::to_string));
    }
    let cure = "update the driver; what wgrad verify --json prints belongs in a report";
    (!wrong.is_empty()).then(|| format!("{}; {cure}", wrong.join("; ")))
}

fn object(all: &[Found]) -> Value {
    let adapters: Vec<Value> = all.iter().map(adapter).collect();
    json!({"version": env!("CARGO_PKG_VERSION"), "adapters": adapters, "ok": fault(all).is_none()})
}

fn adapter(found: &Found) -> Value {
    let records = |findings: &[Finding], what: &str| -> Vec<Value> {
        findings.iter().map(|f| record(f, what)).collect()
    };
    json!({
        "name": found.info.name,
        "backend": found.info.backend.to_string(),
        "driver": driver(&found.info),
        "kernels": records(&found.kernels, "kernel"),
        "families": records(&found.families, "family"),
        "error": found.error.as_ref().map(Error::to_string),
    })
}

fn record(finding: &Finding, what: &str) -> Value {
    let mismatches = finding
        .mismatches
        .iter()
        .map(|m| json!({"variant": m.variant, "case": m.case, "what": m.what}));
    let Worst { error, bound } = finding.worst;
    json!({
        what: finding.name,
        "variants": finding.variants,
        "cases": finding.cases,
        "max_error": error,
        "bound": bound,
        "ok": finding.ok(),
        "mismatches": mismatches.collect::<Vec<Value>>(),
    })
}
