//! Chooses the device of a job, with a reason.

use super::Device;
use super::calibration::Calibration;
use super::pick::{Candidate, Job, by_calibration, by_table};
use super::population::{Crowd, Host};
use crate::Error;
use crate::gpu::adapter::{
    adapters::{NO_ADAPTER_CURE, adapters, backends, is_software},
    limits::lacking,
};
use crate::gpu::{Gpu, Precision};
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
    choose_for(request, backend, &Job::Step(multiply_adds))
}

/// Chooses a device for the populations of a sweep.
///
/// # Errors
/// As [`choose`].
pub fn choose_for_sweep(
    request: &Request,
    backend: Option<&str>,
    crowds: &[Crowd],
) -> Result<Choice, Error> {
    choose_for(request, backend, &Job::Sweep(crowds))
}

fn choose_for(request: &Request, backend: Option<&str>, job: &Job) -> Result<Choice, Error> {
    if *request == Request::Cpu {
        return Ok(cpu("asked for".to_owned()));
    }
    let adapters = adapters(backends(backend)?);
    match request {
        Request::Name(name) if name.trim().is_empty() => Err(Error::Config(
            "`device`: expected auto, cpu, gpu, or a part of an adapter's name".to_owned(),
        )),
        Request::Auto => choose_automatically(&adapters, job),
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

fn choose_automatically(adapters: &[wgpu::Adapter], job: &Job) -> Result<Choice, Error> {
    let (calibration, warning) = match Calibration::load() {
        Ok(calibration) => (calibration, None),
        Err(why) => (
            Calibration::default(),
            Some(format!("the calibration is not used: {why}")),
        ),
    };
    let able: Vec<&wgpu::Adapter> = adapters.iter().filter(is_able).collect();
    let candidate = |adapter: &&wgpu::Adapter| {
        Ok(Candidate {
            info: adapter.get_info(),
            host: Host::of_adapter(adapter)?,
        })
    };
    let candidates: Vec<Candidate> = able.iter().map(candidate).collect::<Result<_, Error>>()?;
    let (picked, reason) = by_calibration(&candidates, &calibration, job)
        .unwrap_or_else(|| by_table(&candidates, job));
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
