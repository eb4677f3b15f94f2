//! Which family trains a population on a device, and what loads it there.

use super::Device;
use crate::Error;
use crate::cpu::{CpuSession, WorkerPool, team};
use crate::gpu::{
    Gpu, GpuSession, LaneSession, WorkgroupSession,
    print::{network, workgroup as block},
};
use crate::kernels::Buffer;
use crate::math::F32x16;
use crate::plan::{Family, Layout, Member, Plan, Population};

impl Family {
    /// How it trains many networks on `device`.
    pub fn side_by_side(self, device: &Device) -> &'static str {
        match self {
            Family::Device if matches!(device, Device::Gpu(_)) => "one network after the other",
            Family::Device => "one network after the other on each thread",
            Family::Lane => "a network in each lane",
            Family::Workgroup => "a network in each workgroup",
        }
    }
}

/// Elements of a data set that is worth a copy for each lane: beyond, it does not stay in a core's cache.
const LANE_DATA: usize = 1 << 20;
/// Networks that are worth lanes: fewer leave most of them empty.
const LANE_NETWORKS: usize = 6;
/// Parameters up to which a network has a lane: at 2,410 it is faster than one network at a time; more was not measured.
const LANE_WORK: usize = 1 << 12;

/// How `device` trains a population of so many networks of `plan` on `data` rows.
pub fn family(device: &Device, plan: &Plan, data: usize, networks: usize) -> Family {
    match device {
        Device::Gpu(gpu) if network::fits(plan, gpu.uniform_bytes()) => Family::Lane,
        Device::Gpu(gpu) if workgroup_pays(gpu, plan) => Family::Workgroup,
        Device::Gpu(_) => Family::Device,
        Device::Cpu => {
            let elements = Layout::of(plan.extent(Buffer::DataInputs), 1, data, 1).len;
            let parameters = Layout::of(plan.extent(Buffer::Parameters), 1, data, 1).len;
            match elements <= LANE_DATA && parameters <= LANE_WORK && networks >= LANE_NETWORKS {
                true => Family::Lane,
                false => Family::Device,
            }
        }
    }
}

/// Whether networks that are too large for a lane are trained in workgroups: on hardware, if they fit. Where the CPU
/// computes, memory that lanes share is slower than a dispatch a call.
pub fn workgroup_pays(gpu: &Gpu, plan: &Plan) -> bool {
    let adapter = gpu.capabilities();
    let on = !adapter.software && adapter.switches.has("workgroup-family");
    on && block::fits(plan, adapter.workgroup_memory)
}

/// Loads the networks `members` of `plan` onto `device`, for a data set of `data` rows, those of all folds.
pub fn load(
    device: &Device,
    family: Family,
    plan: &Plan,
    data: usize,
    members: &[Member],
) -> Result<Box<dyn Population>, Error> {
    let threads = team::threads();
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
            let one = || CpuSession::<F32x16>::new(plan, data, 1);
            let sessions = (0..threads).map(|_| one()).collect();
            Box::new(WorkerPool::new(sessions, family, plan, members))
        }
        (Device::Cpu, Family::Device) => {
            let one = || CpuSession::<f32>::new(plan, data, 1);
            let sessions = (0..threads).map(|_| one()).collect();
            Box::new(WorkerPool::new(sessions, family, plan, members))
        }
    })
}
