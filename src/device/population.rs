//! Chooses the family that trains a population on a device, and loads the population.

use super::spread::{Part, Spread};
use super::{Device, load::require_memory};
use crate::Error;
use crate::cpu::{CpuSession, WorkerPool};
use crate::gpu::adapter::adapters::capabilities;
use crate::gpu::print::{network, workgroup as block};
use crate::gpu::{GpuSession, LaneSession, WorkgroupSession};
use crate::kernels::{Buffer, Capabilities, HasTwin, Switches};
use crate::math::{F32x16, F32x64, Real};
use crate::plan::{Extent, Family, Layout, Member, Plan, Population};
use crate::threads::threads;

impl Family {
    /// Describes how this family trains many networks on `device`.
    pub fn side_by_side(self, device: &Device) -> &'static str {
        match self {
            Family::Device if matches!(device, Device::Gpu(_)) => "one network after the other",
            Family::Device => "one network after the other on each thread",
            Family::Lane => "a network in each lane",
            Family::Workgroup => "a network in each workgroup",
        }
    }
}

/// Maximum number of elements of a data set for the lane family, which copies it for each lane. A larger one does not
/// stay in a core's cache.
const MAX_LANE_DATA: usize = 1 << 20;
/// Minimum number of networks for the lane family. With fewer, most lanes are empty.
const MIN_LANE_NETWORKS: usize = 6;
/// Maximum number of parameters of a network in a lane. At 2,410 the lane family is faster than one network at a time;
/// larger networks were not measured.
const MAX_LANE_PARAMETERS: usize = 1 << 12;

/// Maximum numbers of a network that a step touches, for 64 networks a vector: 48 KiB. With more, the 64 networks do not
/// stay in the fastest cache, and 16 are faster.
const MAX_MANY_LANES_NUMBERS: usize = 192;
/// Maximum number of elements of a data set for 64 networks a vector.
const MAX_MANY_LANES_DATA: usize = MAX_LANE_DATA / 4;

/// Networks of one plan that a sweep trains side by side.
pub struct Crowd {
    /// The plan.
    pub plan: Plan,
    /// Rows of the data set, of all folds.
    pub data: usize,
    /// Networks of each fold.
    pub networks: usize,
    /// Folds.
    pub folds: usize,
    /// Multiply-adds of a step of one network.
    pub multiply_adds: usize,
    /// Steps, of all epochs.
    pub steps: usize,
}

impl Crowd {
    /// Returns the number of networks of all folds.
    pub fn all(&self) -> usize {
        self.networks * self.folds
    }
}

/// What decides the family of a population on a device.
#[derive(Clone, Copy, Debug)]
pub enum Host {
    /// The CPU device.
    Cpu,
    /// An adapter.
    Adapter {
        /// Maximum size in bytes of a uniform buffer.
        uniform_bytes: u64,
        /// What it has.
        capabilities: Capabilities,
    },
}

impl Host {
    /// Describes an adapter that is not open.
    ///
    /// # Errors
    /// If `WGRAD_TUNE` names a switch that does not exist.
    pub fn of_adapter(adapter: &wgpu::Adapter) -> Result<Host, Error> {
        let (info, limits) = (adapter.get_info(), adapter.limits());
        Ok(Host::Adapter {
            uniform_bytes: limits.max_uniform_buffer_binding_size,
            capabilities: Capabilities {
                switches: Switches::of_environment()?,
                ..capabilities(&info, adapter.features(), &limits)
            },
        })
    }

    fn of(device: &Device) -> Host {
        match device {
            Device::Cpu => Host::Cpu,
            Device::Gpu(gpu) => Host::Adapter {
                uniform_bytes: gpu.uniform_bytes(),
                capabilities: gpu.capabilities(),
            },
        }
    }

    /// Returns the family for `networks` networks of `plan` on a data set of `data` rows.
    pub fn family(&self, plan: &Plan, data: usize, networks: usize) -> Family {
        let can = |family| self.can(family, plan, data);
        match self {
            Host::Cpu if networks < MIN_LANE_NETWORKS => Family::Device,
            _ if can(Family::Lane) => Family::Lane,
            _ if can(Family::Workgroup) => Family::Workgroup,
            _ => Family::Device,
        }
    }

    /// Returns whether networks of `plan` fit a family, and are not too slow there.
    fn can(&self, family: Family, plan: &Plan, data: usize) -> bool {
        match (self, family) {
            (_, Family::Device) => true,
            (Host::Cpu, Family::Lane) => {
                let len = |buffer| Layout::of(plan.extent(buffer), 1, data, 1).len;
                len(Buffer::DataInputs) <= MAX_LANE_DATA
                    && len(Buffer::Parameters) <= MAX_LANE_PARAMETERS
            }
            (Host::Cpu, Family::Workgroup) => false,
            (Host::Adapter { uniform_bytes, .. }, Family::Lane) => {
                network::fits(plan, *uniform_bytes)
            }
            // On software adapters, workgroup memory is slower than one dispatch per call.
            (Host::Adapter { capabilities, .. }, Family::Workgroup) => {
                let on = !capabilities.software && capabilities.switches.has("workgroup-family");
                on && block::fits(plan, capabilities.workgroup_memory)
            }
        }
    }
}

/// Returns the family for `networks` networks of `plan` on a data set of `data` rows.
pub fn family(device: &Device, plan: &Plan, data: usize, networks: usize) -> Family {
    Host::of(device).family(plan, data, networks)
}

/// Returns whether a sweep may train networks of `plan`, on a data set of `data` rows, in `family` on `device`.
pub fn can_train(device: &Device, family: Family, plan: &Plan, data: usize) -> bool {
    Host::of(device).can(family, plan, data)
}

/// Loads the networks `members` of `plan` onto `devices`, on each as many. `data` is the number of rows of all folds.
///
/// # Errors
/// Returns an error if there is no device, or one cannot hold its networks.
pub fn load_on(
    devices: &[Device],
    family: Family,
    plan: &Plan,
    data: usize,
    members: &[Member],
) -> Result<Box<dyn Population>, Error> {
    match devices {
        [one] => load(one, family, plan, data, members),
        [] => Err(Error::Config("no device".to_owned())),
        many => {
            // Not every device has networks, if there are few.
            let parts = many
                .iter()
                .take(members.len())
                .enumerate()
                .map(|(d, device)| {
                    let places = (d..members.len()).step_by(many.len());
                    let own: Vec<Member> = places.clone().map(|place| members[place]).collect();
                    Ok(Part {
                        population: load(device, family, plan, data, &own)?,
                        places: places.collect(),
                    })
                });
            Ok(Box::new(Spread::new(parts.collect::<Result<_, Error>>()?)))
        }
    }
}

/// Loads the networks `members` of `plan` onto `device`. `data` is the number of rows of all folds.
pub fn load(
    device: &Device,
    family: Family,
    plan: &Plan,
    data: usize,
    members: &[Member],
) -> Result<Box<dyn Population>, Error> {
    Ok(match (device, family) {
        (Device::Gpu(gpu), Family::Lane) => Box::new(LaneSession::of(gpu.clone(), plan, members)?),
        (Device::Gpu(gpu), Family::Workgroup) => {
            Box::new(WorkgroupSession::new(gpu.clone(), plan, data, members)?)
        }
        (Device::Cpu, Family::Workgroup) => {
            return Err(Error::Config(
                "the CPU device has no workgroups: expected the lane or the device family"
                    .to_owned(),
            ));
        }
        (Device::Gpu(gpu), Family::Device) => {
            let session = GpuSession::new(gpu.clone(), plan, data)?;
            Box::new(WorkerPool::<f32, _>::new(
                vec![session],
                family,
                plan,
                members,
            ))
        }
        (Device::Cpu, Family::Lane) if has_many_lanes(plan, data, members.len()) => {
            on_cpu::<F32x64>(family, plan, data, members)?
        }
        (Device::Cpu, Family::Lane) => on_cpu::<F32x16>(family, plan, data, members)?,
        (Device::Cpu, Family::Device) => on_cpu::<f32>(family, plan, data, members)?,
    })
}

/// Returns whether 64 networks a vector are faster on the CPU device than 16. The bits are the same.
fn has_many_lanes(plan: &Plan, data: usize, networks: usize) -> bool {
    let touched = |(_, extent): &(Buffer, Extent)| Layout::of(extent, plan.batch_size, 0, 1).len;
    let numbers: usize = plan.buffers.iter().map(touched).sum();
    let inputs = Layout::of(plan.extent(Buffer::DataInputs), 1, data, 1).len;
    networks >= F32x64::NETWORKS * threads()
        && numbers <= MAX_MANY_LANES_NUMBERS
        && inputs <= MAX_MANY_LANES_DATA
}

/// Loads networks onto the CPU device, as many at a time as a `T` has numbers.
fn on_cpu<T: HasTwin>(
    family: Family,
    plan: &Plan,
    data: usize,
    members: &[Member],
) -> Result<Box<dyn Population>, Error> {
    let threads = threads();
    require_memory(plan, data, threads * T::NETWORKS)?;
    let one = || CpuSession::<T>::new(plan, data, 1);
    let sessions = (0..threads).map(|_| one()).collect::<Result<_, _>>()?;
    Ok(Box::new(WorkerPool::new(sessions, family, plan, members)))
}
