//! Chooses the device of a job, with a reason.

use super::Device;
use super::calibration::Calibration;
use crate::Error;
use crate::cpu::threads;
use crate::gpu::adapter::{
    adapters::{NO_ADAPTER_CURE, adapters, backends, is_software},
    limits::lacking,
};
use crate::gpu::{DeviceKey, Gpu, Precision};
use std::sync::Arc;

/// The device that the user requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Request {
    /// The device that is likely the fastest for the job.
    #[default]
    Auto,
    /// The CPU device.
    Cpu,
    /// The best adapter: a software one if there is no other.
    Gpu,
    /// All hardware adapters.
    All,
    /// The adapter whose name contains this text.
    Name(String),
}

impl From<&str> for Request {
    fn from(text: &str) -> Request {
        match text.to_lowercase().as_str() {
            "auto" => Request::Auto,
            "cpu" => Request::Cpu,
            "gpu" => Request::Gpu,
            "all" => Request::All,
            _ => Request::Name(text.to_owned()),
        }
    }
}

/// A device, and the reason for choosing it.
pub struct Choice {
    /// The device.
    pub device: Device,
    /// The reason, for people.
    pub reason: String,
    /// A warning about the choice, for people.
    pub warning: Option<String>,
}

/// Multiply-adds per step below which a GPU's launch overhead exceeds the CPU's computing time. A static guess, used
/// until the machine is calibrated.
const SMALL_STEP: usize = 1_000_000;

/// Chooses a device for steps of `multiply_adds`.
///
/// # Errors
/// If the requested adapter does not exist or cannot be opened. A calibration that cannot be read is not an error; it
/// becomes the choice's warning.
pub fn choose(
    request: &Request,
    backend: Option<&str>,
    multiply_adds: usize,
) -> Result<Choice, Error> {
    if *request == Request::Cpu {
        return Ok(cpu("asked for".to_owned()));
    }
    let adapters = adapters(backends(backend)?);
    match request {
        Request::Name(name) if name.trim().is_empty() => Err(Error::Config(
            "`device`: expected auto, cpu, gpu, or a part of an adapter's name".to_owned(),
        )),
        Request::Auto => choose_automatically(&adapters, multiply_adds),
        Request::All => Err(Error::Config(
            "`device = all`: only a sweep runs on several adapters; use `device = gpu`".to_owned(),
        )),
        Request::Name(name) => by_name(adapters, name),
        _ => match adapters.iter().find(is_able).or(adapters.first()) {
            None => Err(Error::Adapter(format!(
                "no GPU adapter found: {NO_ADAPTER_CURE}"
            ))),
            Some(best) => open(best, "asked for: the best adapter there is".to_owned()),
        },
    }
}

/// Opens all hardware adapters, the best one first.
///
/// # Errors
/// Returns an error if there is none, or one cannot be opened.
pub fn all_hardware(backend: Option<&str>) -> Result<Vec<Device>, Error> {
    let adapters = adapters(backends(backend)?);
    let able = adapters.iter().filter(is_able);
    let infos = able.map(|adapter| (adapter, adapter.get_info()));
    let hardware: Vec<_> = infos.filter(|(_, info)| !is_software(info)).collect();
    let Some((_, best)) = hardware.first() else {
        let cure = NO_ADAPTER_CURE.replace("use `device = cpu`", "use `device = auto`");
        return Err(Error::Adapter(format!("no hardware adapter found: {cure}")));
    };
    // Another backend would list the same adapters again.
    let same = hardware
        .iter()
        .filter(|(_, info)| info.backend == best.backend);
    let opened = same.map(|(adapter, _)| Ok(open(adapter, String::new())?.device));
    opened.collect()
}

/// Returns the `number`-th of the hardware adapters that are like `device`, counted around; `device` itself if there is no
/// other.
///
/// # Errors
/// Returns an error if the adapter cannot be opened.
pub fn one_of_its_kind(device: Device, number: usize) -> Result<Device, Error> {
    let Device::Gpu(gpu) = &device else {
        return Ok(device);
    };
    let adapters = adapters(gpu.info.backend.into());
    let is_like = |adapter: &&wgpu::Adapter| adapter.get_info().name == gpu.info.name;
    let like: Vec<_> = adapters.iter().filter(is_like).collect();
    match like.len() {
        0 | 1 => Ok(device),
        _ if is_software(&gpu.info) => Ok(device),
        count => Ok(open(like[number % count], String::new())?.device),
    }
}

/// Returns whether an adapter meets the requirements of every run.
fn is_able(adapter: &&wgpu::Adapter) -> bool {
    lacking(&adapter.limits()).is_none()
}

fn choose_automatically(adapters: &[wgpu::Adapter], multiply_adds: usize) -> Result<Choice, Error> {
    let (calibration, warning) = match Calibration::load() {
        Ok(calibration) => (calibration, None),
        Err(why) => (
            Calibration::default(),
            Some(format!("the calibration is not used: {why}")),
        ),
    };
    let able: Vec<&wgpu::Adapter> = adapters.iter().filter(is_able).collect();
    let infos: Vec<wgpu::AdapterInfo> = able.iter().map(|a| a.get_info()).collect();
    let (picked, reason) = by_calibration(&infos, &calibration, multiply_adds)
        .unwrap_or_else(|| by_table(&infos, multiply_adds));
    let unable = adapters.first().filter(|_| able.is_empty());
    let choice = match (picked, unable) {
        (None, Some(adapter)) => cpu(without(&adapter.get_info(), &adapter.limits())),
        (None, None) => cpu(reason),
        (Some(adapter), _) => open(able[adapter], reason)?,
    };
    Ok(Choice { warning, ..choice })
}

/// Explains which requirement an adapter does not meet.
pub fn without(info: &wgpu::AdapterInfo, limits: &wgpu::Limits) -> String {
    let what = lacking(limits).unwrap_or_default();
    format!("the best adapter, {}, has too little: {what}", info.name)
}

/// The index of an adapter, or none for the CPU device; and the reason.
type Pick = (Option<usize>, String);

/// Picks a device without a calibration.
pub fn by_table(adapters: &[wgpu::AdapterInfo], multiply_adds: usize) -> Pick {
    let Some(best) = adapters.first() else {
        let cure = NO_ADAPTER_CURE.replace(", or use `device = cpu`", "");
        return (None, format!("no GPU adapter found; to use one, {cure}"));
    };
    let name = &best.name;
    if is_software(best) {
        let reason = format!("the only adapter, {name}, is software; `device = gpu` uses it");
        return (None, reason);
    }
    if multiply_adds < SMALL_STEP {
        return (
            None,
            format!(
                "a step of {multiply_adds} multiply-adds is likely too small to pay for launches on {name}; `device = gpu` uses it, wgrad bench --calibrate measures"
            ),
        );
    }
    (Some(0), "the fastest adapter there is".to_owned())
}

/// Picks a device by measured curves. There must be one for the CPU device, one for every hardware adapter, and at
/// least one for any adapter.
pub fn by_calibration(
    adapters: &[wgpu::AdapterInfo],
    calibration: &Calibration,
    multiply_adds: usize,
) -> Option<Pick> {
    let time = |key: &DeviceKey| Some(calibration.curve(key)?.us_per_step(multiply_adds));
    let mut times = vec![(None, time(&DeviceKey::cpu(threads()))?)];
    for (number, info) in adapters.iter().enumerate() {
        match time(&DeviceKey::adapter(info, threads())) {
            Some(us) => times.push((Some(number), us)),
            None if is_software(info) => {}
            None => return None,
        }
    }
    times.sort_by(|a, b| a.1.total_cmp(&b.1));
    let [(picked, fastest), (next, slower), ..] = times[..] else {
        return None;
    };
    let next = next.map_or("the CPU device", |number| adapters[number].name.as_str());
    let [fastest, slower] = [fastest, slower].map(duration);
    let reason = format!("calibrated: {fastest} per step, {slower} on {next}");
    Some((picked, reason))
}

/// Formats microseconds for people.
fn duration(us: f64) -> String {
    match us {
        ..10.0 => format!("{us:.1} us"),
        ..10_000.0 => format!("{us:.0} us"),
        ..10_000_000.0 => format!("{:.0} ms", us / 1e3),
        _ => format!("{:.0} s", us / 1e6),
    }
}

fn by_name(adapters: Vec<wgpu::Adapter>, name: &str) -> Result<Choice, Error> {
    let names: Vec<String> = adapters.iter().map(|a| a.get_info().name).collect();
    match named(&names, name) {
        Some((found, warning)) => Ok(Choice {
            warning,
            ..open(&adapters[found], format!("its name contains {name:?}"))?
        }),
        None if names.is_empty() => Err(Error::Adapter(format!(
            "no adapter {name:?}, and no other: {NO_ADAPTER_CURE}"
        ))),
        None => Err(Error::Adapter(format!(
            "no adapter {name:?}; there are: {}; or use `device = cpu`",
            names.join(", ")
        ))),
    }
}

/// Returns the first of `names` that equals `name` or contains it, with a warning if others contain it too.
pub fn named(names: &[String], name: &str) -> Option<(usize, Option<String>)> {
    let wanted = name.to_lowercase();
    if let Some(same) = names.iter().position(|n| n.to_lowercase() == wanted) {
        return Some((same, None));
    }
    let all = names.iter().enumerate();
    let mut fit = all.filter(|(_, n)| n.to_lowercase().contains(&wanted));
    let (found, taken) = fit.next()?;
    let others: Vec<&str> = fit
        .map(|(_, n)| n.as_str())
        .filter(|n| n != taken)
        .collect();
    let warning = format!(
        "`device = {name}` is taken for {taken}; it is in {} too",
        others.join(", ")
    );
    Some((found, (!others.is_empty()).then_some(warning)))
}

fn cpu(reason: String) -> Choice {
    Choice {
        device: Device::Cpu,
        reason,
        warning: None,
    }
}

fn open(adapter: &wgpu::Adapter, reason: String) -> Result<Choice, Error> {
    let device = Device::Gpu(Arc::new(Gpu::open(adapter, Precision::F32)?));
    Ok(Choice {
        device,
        reason,
        warning: None,
    })
}
