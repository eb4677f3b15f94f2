//! Many networks of one plan at once: what a sweep trains.
//!
//! They share the plan and the data set, and differ in their parameters, in the rate by which each multiplies the
//! schedule's learning rate, and in the fold of the data whose steps they take.

use super::crew::Crew;
use super::{Buffer, Phase, Plan, cpu, gpu, inline, lane, workgroup};
use crate::Error;
use crate::device::{Device, Gpu};
use crate::lanes::Lanes;
use crate::schedule::Step;
use serde::Serialize;

/// What is a network's own, apart from its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Member {
    /// Whose steps it takes.
    pub fold: usize,
    /// What it multiplies the schedule's learning rate by.
    pub rate: f32,
}

impl Default for Member {
    fn default() -> Member {
        Member { fold: 0, rate: 1.0 }
    }
}

/// Where a network lives while it is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Buffers, one network after the other; on an adapter one dispatch a call.
    Device,
    /// A lane of a vector unit, many networks side by side; on an adapter an invocation, many steps a dispatch.
    Lane,
    /// A workgroup's memory, many networks side by side and many steps a dispatch.
    Workgroup,
}

impl Family {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Family::Device => "device",
            Family::Lane => "lane",
            Family::Workgroup => "workgroup",
        }
    }

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

/// Told how much of a run is done, from 0 to 1; says whether to go on. Several threads may ask.
pub type Watch<'a> = dyn Fn(f64) -> bool + Sync + 'a;

/// Networks of a plan, loaded into an executor.
pub trait Population: Send {
    /// Overwrites a buffer of the data set, or one of all networks, one after the other.
    fn write(&mut self, buffer: Buffer, values: &[f32]) -> Result<(), Error>;
    /// Reads a buffer of all networks, one after the other: parameters, moments, or an account of errors or hits.
    fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, Error>;
    /// Reads a buffer of one network, which has `len` elements there.
    fn read_one(&mut self, buffer: Buffer, network: usize, len: usize) -> Result<Vec<f32>, Error> {
        Ok(self.read(buffer)?[network * len..][..len].to_vec())
    }
    /// Replays a phase once for each step of a network's fold. Every fold has as many steps as the others; one without
    /// rows does nothing. When `watch` says no, the error is [`Error::Interrupted`].
    fn run(&mut self, phase: Phase, schedules: &[Vec<Step>], watch: &Watch) -> Result<(), Error>;
    /// Which networks have left the finite numbers.
    fn diverged(&mut self) -> Result<Vec<bool>, Error>;
    /// Goes on with these networks only, in this order.
    fn keep(&mut self, networks: &[usize]) -> Result<(), Error>;
    /// How they are trained.
    fn family(&self) -> Family;
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
        Device::Gpu(gpu) if inline::fits(plan, gpu.uniform_bytes()) => Family::Lane,
        Device::Gpu(gpu) if workgroup_pays(gpu, plan) => Family::Workgroup,
        Device::Gpu(_) => Family::Device,
        Device::Cpu => {
            let elements = super::Placement::of(plan.extent(Buffer::DataInputs), 1, data, 1).len;
            let parameters = super::Placement::of(plan.extent(Buffer::Parameters), 1, data, 1).len;
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
    on && inline::workgroup::fits(plan, adapter.workgroup_memory)
}

/// Loads the networks `members` of `plan` onto `device`, for a data set of `data` rows, those of all folds.
pub fn load(
    device: &Device,
    family: Family,
    plan: &Plan,
    data: usize,
    members: &[Member],
) -> Result<Box<dyn Population>, Error> {
    let threads = cpu::threads();
    Ok(match (device, family) {
        (Device::Gpu(gpu), Family::Lane) => {
            Box::new(lane::Session::of(gpu.clone(), plan, members)?)
        }
        (Device::Gpu(gpu), Family::Workgroup) => {
            Box::new(workgroup::Session::new(gpu.clone(), plan, data, members)?)
        }
        (Device::Cpu, Family::Workgroup) => {
            return Err(Error::Config(
                "the CPU device has no workgroups: expected the lane or the device family"
                    .to_owned(),
            ));
        }
        (Device::Gpu(gpu), Family::Device) => {
            let session = gpu::Session::new(gpu.clone(), plan, data)?;
            Box::new(Crew::<f32, _>::new(vec![session], family, plan, members))
        }
        (Device::Cpu, Family::Lane) => {
            let one = || cpu::Session::<Lanes>::new(plan, data, 1);
            let sessions = (0..threads).map(|_| one()).collect();
            Box::new(Crew::new(sessions, family, plan, members))
        }
        (Device::Cpu, Family::Device) => {
            let one = || cpu::Session::<f32>::new(plan, data, 1);
            let sessions = (0..threads).map(|_| one()).collect();
            Box::new(Crew::new(sessions, family, plan, members))
        }
    })
}
