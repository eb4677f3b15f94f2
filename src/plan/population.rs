//! Many networks of one plan at once: what a sweep trains.
//!
//! They share the plan and the data set, and differ in their parameters, in the rate by which each multiplies the
//! schedule's learning rate, and in the fold of the data whose steps they take.

use super::Phase;
use crate::Error;
use crate::kernels::{Buffer, Step};
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
}

/// Told how much of a run is done, from 0 to 1; says whether to go on. Several threads may ask.
pub type PopulationWatch<'a> = dyn Fn(f64) -> bool + Sync + 'a;

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
    fn run(
        &mut self,
        phase: Phase,
        schedules: &[Vec<Step>],
        watch: &PopulationWatch,
    ) -> Result<(), Error>;
    /// Which networks have left the finite numbers.
    fn diverged(&mut self) -> Result<Vec<bool>, Error>;
    /// Goes on with these networks only, in this order.
    fn keep(&mut self, networks: &[usize]) -> Result<(), Error>;
    /// How they are trained.
    fn family(&self) -> Family;
}
