//! The report of `wgrad verify`, as text and as JSON.

use super::super::devices::{driver, identity};
use super::selection::VerifyPart;
use serde_json::{Value, json};
use std::time::Duration;
use wgrad::Error;
use wgrad::device::Device;
use wgrad::gpu::adapter::gpu::TRY_ANOTHER;
use wgrad::text::counted;
use wgrad::verify::{Finding, Mismatch, judge::Worst};

/// The findings on a device, kernels and families apart.
pub(super) struct Found {
    name: String,
    head: String,
    /// The keys that identify the device.
    identity: Value,
    kernels: Vec<Finding>,
    families: Vec<Finding>,
    /// The error that ended the verification.
    pub(super) error: Option<Error>,
}

impl Found {
    pub(super) fn new(info: &wgpu::AdapterInfo) -> Found {
        let driver = driver(info);
        let head = format!("{} ({}), driver {driver}", info.name, info.backend);
        Found::of(info.name.clone(), head, identity(info))
    }

    /// Nothing found yet on the CPU device, whose driver is this program.
    pub(super) fn on_cpu() -> Found {
        let (name, version) = (Device::Cpu.name(), env!("CARGO_PKG_VERSION"));
        let identity = json!({
            "name": name,
            "backend": Device::Cpu.backend(),
            "driver": "wgrad",
            "driver_info": version,
            "type": "cpu",
            "software": true,
        });
        let head = format!("{name}, wgrad {version}");
        Found::of(name, head, identity)
    }

    fn of(name: String, head: String, identity: Value) -> Found {
        Found {
            name,
            head,
            identity,
            kernels: Vec::new(),
            families: Vec::new(),
            error: None,
        }
    }

    pub(super) fn add(&mut self, part: VerifyPart, finding: Finding) {
        match part {
            VerifyPart::Kernel(_) => self.kernels.push(finding),
            VerifyPart::Family(_) => self.families.push(finding),
        }
    }

    pub(super) fn head(&self) -> String {
        self.head.clone()
    }

    /// Returns the error as text, without a remedy that does not apply here.
    fn error(&self) -> Option<String> {
        let told = self.error.as_ref()?.to_string();
        Some(told.replace(TRY_ANOTHER, ""))
    }

    fn all(&self) -> impl Iterator<Item = &Finding> {
        self.kernels.iter().chain(&self.families)
    }
}

/// Formats a finding as a row of the table, followed by the first mismatch of each variant.
pub(super) fn lines(finding: &Finding) -> Vec<String> {
    let state = match state(finding) {
        State::Ok => "ok",
        State::Wrong => "WRONG",
        State::Failed => "FAILED",
    };
    let mut lines = vec![format!(
        "  {state:<6} {:<15} {:>10} {:>9}  {}",
        finding.name,
        counted(finding.variants.len(), "variant"),
        counted(finding.cases, "case"),
        told(finding),
    )];
    for variant in &finding.variants {
        let all = finding.mismatches.iter();
        let own: Vec<&Mismatch> = all.filter(|m| m.at.variant == *variant).collect();
        if let [first, more @ ..] = &own[..] {
            let name = finding.name;
            let Mismatch {
                at, case, wrong, ..
            } = first;
            lines.push(format!("         {name}:{variant}:{}  {case}", at.number));
            lines.push(format!("           {}", wrong.what));
            if !more.is_empty() {
                let more = counted(more.len(), "more case");
                lines.push(format!("           and {more} of {variant}"));
            }
        }
    }
    lines
}

/// The verdict on a finding.
#[derive(PartialEq)]
enum State {
    Ok,
    /// A computed value is wrong.
    Wrong,
    /// All computed values are right, but something else failed.
    Failed,
}

fn state(finding: &Finding) -> State {
    match (finding.ok(), finding.mismatches.iter().all(|m| m.failed)) {
        (true, _) => State::Ok,
        (false, true) => State::Failed,
        (false, false) => State::Wrong,
    }
}

/// Formats the largest error of the elements, or the number of failed cases.
fn told(finding: &Finding) -> String {
    let Worst { error, bound } = finding.worst;
    let failed = finding.mismatches.iter().filter(|m| m.failed).count();
    let wrong = finding.mismatches.len() - failed;
    let counts = [
        (wrong, "wrong"),
        (failed, "failed"),
        (finding.left, "not run"),
    ];
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    match (counts.is_empty(), finding.cases, error == 0.0) {
        (false, ..) => counts.join(", "),
        (_, 0, _) if finding.left_out > 0 => format!("{} left out", finding.left_out),
        (_, 0, _) => "none that fits this device".to_owned(),
        (.., true) => "exact".to_owned(),
        (.., false) => {
            let percent = 100.0 * finding.worst.share();
            format!("error {percent:.0} % of its bound ({error:.1e} of {bound:.1e})")
        }
    }
}

pub(super) fn summary(all: &[Found], elapsed: Duration, quick: bool) -> String {
    let cases: usize = all.iter().flat_map(Found::all).map(|f| f.cases).sum();
    let adapters = counted(all.len(), "device");
    let seconds = elapsed.as_secs_f64();
    let left_out: usize = all.iter().flat_map(Found::all).map(|f| f.left_out).sum();
    let more = match (left_out, quick) {
        (0, _) => String::new(),
        (count, false) => format!("; no time for {count} more"),
        (count, true) => format!("; {count} more without --quick"),
    };
    format!(
        "{} on {adapters} in {seconds:.0} s{more}",
        counted(cases, "case")
    )
}

/// Describes what is wrong, and a remedy.
pub(super) fn fault(all: &[Found]) -> Option<String> {
    let mut faults = Vec::new();
    for found in all {
        for (is, what) in [
            (State::Wrong, "computes wrong"),
            (State::Failed, "fails in"),
        ] {
            let names = found.all().filter(|finding| state(finding) == is);
            let names: Vec<&str> = names.map(|finding| finding.name).collect();
            if !names.is_empty() {
                faults.push(format!("{} {what}: {}", found.name, names.join(", ")));
            }
        }
        faults.extend(found.error());
    }
    let cure = "update the driver, or report it with what wgrad verify --json prints";
    (!faults.is_empty()).then(|| format!("{}; {cure}", faults.join("; ")))
}

pub(super) fn object(
    all: &[Found],
    only: &[String],
    elapsed: Duration,
    interrupted: bool,
) -> Value {
    let adapters: Vec<Value> = all.iter().map(adapter).collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "system": format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        "only": only,
        "adapters": adapters,
        "elapsed_s": elapsed.as_secs_f64(),
        "interrupted": interrupted,
        "ok": fault(all).is_none() && !interrupted,
    })
}

fn adapter(found: &Found) -> Value {
    let records = |findings: &[Finding], what: &str| -> Value {
        findings.iter().map(|f| record(f, what)).collect()
    };
    let mut adapter = found.identity.clone();
    adapter["kernels"] = records(&found.kernels, "kernel");
    adapter["families"] = records(&found.families, "family");
    adapter["error"] = found.error().into();
    adapter
}

fn record(finding: &Finding, what: &str) -> Value {
    let Worst { error, bound } = finding.worst;
    let mismatches: Vec<Value> = finding.mismatches.iter().map(mismatch).collect();
    json!({
        what: finding.name,
        "variants": finding.variants,
        "cases": finding.cases,
        "not_run": finding.left,
        "left_out": finding.left_out,
        "max_error": error,
        "bound": bound,
        "ok": finding.ok(),
        "mismatches": mismatches,
    })
}

fn mismatch(mismatch: &Mismatch) -> Value {
    let element = mismatch.wrong.element.as_ref().map(|element| {
        json!({
            "name": element.name,
            "index": element.index,
            "value": element.value,
            "reference": element.reference,
            "error": element.error(),
            "bound": element.bound,
        })
    });
    json!({
        "variant": mismatch.at.variant,
        "number": mismatch.at.number,
        "case": mismatch.case,
        "failed": mismatch.failed,
        "what": mismatch.wrong.what,
        "element": element,
    })
}
