//! Which device a job runs on, and why.

use super::{Device, Gpu, NO_ADAPTER_CURE, adapters, backends, is_software};
use crate::Error;
use std::sync::Arc;

/// What the user asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Request {
    /// Whatever should be fastest for the job.
    #[default]
    Auto,
    /// The CPU device.
    Cpu,
    /// The best adapter, a software one if there is no other.
    Gpu,
    /// The adapter whose name contains this.
    Name(String),
}

impl From<&str> for Request {
    fn from(text: &str) -> Request {
        match text.to_lowercase().as_str() {
            "auto" => Request::Auto,
            "cpu" => Request::Cpu,
            "gpu" => Request::Gpu,
            _ => Request::Name(text.to_owned()),
        }
    }
}

/// A device, and why it is this one.
pub struct Choice {
    /// The device.
    pub device: Device,
    /// The reason, for people.
    pub reason: String,
}

/// Multiply-adds a step below which a GPU's launches cost more than the CPU's arithmetic: a static guess, until the
/// machine is calibrated.
const SMALL_STEP: usize = 1_000_000;

/// Chooses a device for steps of `multiply_adds`.
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
            "--device: expected auto, cpu, gpu, or a part of an adapter's name".to_owned(),
        )),
        Request::Auto => choose_automatically(adapters, multiply_adds),
        Request::Name(name) => by_name(adapters, name),
        _ => match adapters.into_iter().next() {
            None => Err(Error::Adapter(format!(
                "no GPU adapter found: {NO_ADAPTER_CURE}"
            ))),
            Some(best) => open(&best, "asked for: the best adapter there is".to_owned()),
        },
    }
}

fn choose_automatically(
    adapters: Vec<wgpu::Adapter>,
    multiply_adds: usize,
) -> Result<Choice, Error> {
    let Some(best) = adapters.first() else {
        return Ok(cpu(format!(
            "no GPU adapter found; to use one, {}",
            NO_ADAPTER_CURE.replace(", or use --device cpu", "")
        )));
    };
    let info = best.get_info();
    if is_software(&info) {
        return Ok(cpu(format!(
            "the only adapter, {}, computes on the CPU too; --device gpu uses it",
            info.name
        )));
    }
    if multiply_adds < SMALL_STEP {
        return Ok(cpu(format!(
            "a step of {multiply_adds} multiply-adds is too small to pay for launches on {}; --device gpu uses it",
            info.name
        )));
    }
    open(best, "the fastest adapter there is".to_owned())
}

fn by_name(adapters: Vec<wgpu::Adapter>, name: &str) -> Result<Choice, Error> {
    let names: Vec<String> = adapters.iter().map(|a| a.get_info().name).collect();
    let wanted = name.to_lowercase();
    match names
        .iter()
        .position(|n| n.to_lowercase().contains(&wanted))
    {
        Some(found) => open(&adapters[found], format!("its name contains {name:?}")),
        None if names.is_empty() => Err(Error::Adapter(format!(
            "no adapter {name:?}, and no other: {NO_ADAPTER_CURE}"
        ))),
        None => Err(Error::Adapter(format!(
            "no adapter {name:?}; there are: {}; or use --device cpu",
            names.join(", ")
        ))),
    }
}

fn cpu(reason: String) -> Choice {
    Choice {
        device: Device::Cpu,
        reason,
    }
}

fn open(adapter: &wgpu::Adapter, reason: String) -> Result<Choice, Error> {
    let device = Device::Gpu(Arc::new(Gpu::open(adapter)?));
    Ok(Choice { device, reason })
}
