//! Chooses the family that trains a population on a device, and loads the population.

use super::spread::{Part, Spread};
use super::{Device, load::require_memory};
use crate::Error;
use crate::cpu::{CpuSession, WorkerPool};
use crate::gpu::print::{network, workgroup as block};
use crate::gpu::{Gpu, GpuSession, LaneSession, WorkgroupSession};
use crate::kernels::Buffer;
use crate::math::{F32x16, Real};
use crate::plan::{Family, Layout, Member, Plan, Population};
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

/// Returns the family for `networks` networks of `plan` on a data set of `data` rows.
pub fn family(device: &Device, plan: &Plan, data: usize, networks: usize) -> Family {
    match device {
        Device::Gpu(gpu) if network::fits(plan, gpu.uniform_bytes()) => Family::Lane,
        Device::Gpu(gpu) if workgroup_pays(gpu, plan) => Family::Workgroup,
        Device::Gpu(_) => Family::Device,
        Device::Cpu => {
            let elements = Layout::of(plan.extent(Buffer::DataInputs), 1, data, 1).len;
            let parameters = Layout::of(plan.extent(Buffer::Parameters), 1, data, 1).len;
            match elements <= MAX_LANE_DATA
                && parameters <= MAX_LANE_PARAMETERS
                && networks >= MIN_LANE_NETWORKS
            {
                true => Family::Lane,
                false => Family::Device,
            }
        }
    }
}

/// Returns whether the workgroup family trains networks that are too large for a lane: on hardware, if they fit. On
/// software adapters, workgroup memory is slower than one dispatch per call.
pub fn workgroup_pays(gpu: &Gpu, plan: &Plan) -> bool {
    let adapter = gpu.capabilities();
    let on = !adapter.software && adapter.switches.has("workgroup-family");
    on && block::fits(plan, adapter.workgroup_memory)
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
    let threads = threads();
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
        (Device::Cpu, Family::Lane) => {
            require_memory(plan, data, threads * F32x16::NETWORKS)?;
            let one = || CpuSession::<F32x16>::new(plan, data, 1);
            let sessions = (0..threads).map(|_| one()).collect::<Result<_, _>>()?;
            Box::new(WorkerPool::new(sessions, family, plan, members))
        }
        (Device::Cpu, Family::Device) => {
            require_memory(plan, data, threads)?;
            let one = || CpuSession::<f32>::new(plan, data, 1);
            let sessions = (0..threads).map(|_| one()).collect::<Result<_, _>>()?;
            Box::new(WorkerPool::new(sessions, family, plan, members))
        }
    })
}
