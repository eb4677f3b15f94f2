//! Picks the fastest device for a job: by measured curves, or by a table where there are none.

use super::calibration::Calibration;
use super::population::{Crowd, Host};
use crate::cpu::threads;
use crate::gpu::DeviceKey;
use crate::gpu::adapter::adapters::{NO_ADAPTER_CURE, is_software};
use crate::text::counted;

/// What a device is picked for.
pub enum Job<'a> {
    /// Steps of one network, of so many multiply-adds.
    Step(usize),
    /// A sweep: all steps of all of its populations.
    Sweep(&'a [Crowd]),
}

impl Job<'_> {
    /// Returns the multiply-adds of a step, of all networks together.
    fn multiply_adds(&self) -> usize {
        match self {
            Job::Step(multiply_adds) => *multiply_adds,
            Job::Sweep(crowds) => {
                let all = crowds.iter().map(|crowd| crowd.all() * crowd.multiply_adds);
                all.sum()
            }
        }
    }

    /// Returns the time of a step or a sweep on a device in microseconds, if it was measured.
    fn time(&self, calibration: &Calibration, key: &DeviceKey, host: &Host) -> Option<f64> {
        match self {
            Job::Step(multiply_adds) => {
                let curve = calibration.curve(key)?;
                Some(curve.us_per_step(*multiply_adds))
            }
            Job::Sweep(crowds) => {
                let time = |crowd: &Crowd| {
                    let family = host.family(&crowd.plan, crowd.data, crowd.networks);
                    let (all, work) = (crowd.all(), crowd.multiply_adds);
                    let step = calibration.us_per_population_step(key, family, all, work)?;
                    let load = calibration.us_of_loading(key, family, work);
                    Some(load + crowd.steps as f64 * step)
                };
                crowds.iter().map(time).sum()
            }
        }
    }

    /// Says what takes the time.
    fn what(&self) -> String {
        match self {
            Job::Step(_) => "per step".to_owned(),
            Job::Sweep(crowds) => {
                let networks = crowds.iter().map(Crowd::all).sum();
                format!("for {}", counted(networks, "network"))
            }
        }
    }
}

/// An adapter that may be picked.
pub struct Candidate {
    /// What it says of itself.
    pub info: wgpu::AdapterInfo,
    /// What decides how it trains a population.
    pub host: Host,
}

/// The index of an adapter, or none for the CPU device; and the reason.
pub type Pick = (Option<usize>, String);

/// Multiply-adds per step below which a GPU's launch overhead exceeds the CPU's computing time. A static guess, used
/// until the machine is calibrated.
const SMALL_STEP: usize = 1_000_000;

/// Picks a device without a calibration.
pub fn by_table(adapters: &[Candidate], job: &Job) -> Pick {
    let Some(Candidate { info: best, .. }) = adapters.first() else {
        let cure = NO_ADAPTER_CURE.replace(", or use `device = cpu`", "");
        return (None, format!("no GPU adapter found; to use one, {cure}"));
    };
    let name = &best.name;
    if is_software(best) {
        let reason = format!("the only adapter, {name}, is software; `device = gpu` uses it");
        return (None, reason);
    }
    let multiply_adds = job.multiply_adds();
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

/// Picks a device by measured curves: of single networks for steps of one, of populations for a sweep. There must be one
/// for the CPU device, one for every hardware adapter, and at least one for any adapter.
pub fn by_calibration(
    adapters: &[Candidate],
    calibration: &Calibration,
    job: &Job,
) -> Option<Pick> {
    let cpu = job.time(calibration, &DeviceKey::cpu(threads()), &Host::Cpu);
    let mut times = vec![(None, cpu?)];
    for (number, Candidate { info, host }) in adapters.iter().enumerate() {
        match job.time(calibration, &DeviceKey::adapter(info, threads()), host) {
            Some(us) => times.push((Some(number), us)),
            None if is_software(info) => {}
            None => return None,
        }
    }
    times.sort_by(|a, b| a.1.total_cmp(&b.1));
    let [(picked, fastest), (next, slower), ..] = times[..] else {
        return None;
    };
    let next = next.map_or("the CPU device", |number| &adapters[number].info.name);
    let ([fastest, slower], what) = ([fastest, slower].map(duration), job.what());
    let reason = format!("calibrated: {fastest} {what}, {slower} on {next}");
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
