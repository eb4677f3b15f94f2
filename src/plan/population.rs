//! Populations: many networks with one plan, which a sweep trains together.
//!
//! The networks share the plan and the data set. They differ in their parameters, in the factor that each applies to
//! the schedule's learning rate, and in the fold of the data that each trains on.

use super::Phase;
use crate::Error;
use crate::kernels::{Buffer, Step};
use serde::{Deserialize, Serialize};

/// The settings of one network, apart from its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Member {
    /// The fold whose steps the network takes.
    pub fold: usize,
    /// The factor on the schedule's learning rate.
    pub rate: f32,
}

impl Default for Member {
    fn default() -> Member {
        Member { fold: 0, rate: 1.0 }
    }
}

/// The way in which an executor holds and trains the networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Buffers, one network after the other. On an adapter, one dispatch per call.
    Device,
    /// One network per lane of a vector unit, many networks side by side. On an adapter, one network per invocation and
    /// many steps per dispatch.
    Lane,
    /// One network per workgroup, in its memory, many networks side by side and many steps per dispatch.
    Workgroup,
}

impl Family {
    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Family::Device => "device",
            Family::Lane => "lane",
            Family::Workgroup => "workgroup",
        }
    }
}

/// A callback that receives the completed fraction of a run, from 0 to 1, and returns whether to continue. Several
/// threads may call it.
pub type PopulationWatch<'a> = dyn Fn(f64) -> bool + Sync + 'a;

/// Networks of one plan, loaded into an executor.
pub trait Population: Send {
    /// Overwrites a buffer of the data set, or a buffer of all networks, one network after the other.
    fn write(&mut self, buffer: Buffer, values: &[f32]) -> Result<(), Error>;
    /// Reads a buffer of all networks, one network after the other: parameters, moments, or totals of errors or hits.
    fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, Error>;
    /// Reads a buffer of one network, which has `len` elements.
    fn read_one(&mut self, buffer: Buffer, network: usize, len: usize) -> Result<Vec<f32>, Error> {
        Ok(self.read(buffer)?[network * len..][..len].to_vec())
    }
    /// Replays a phase once for each step of a network's fold. All folds have the same number of steps; a step without
    /// rows does nothing. Returns [`Error::Interrupted`] when `watch` returns false.
    fn run(
        &mut self,
        phase: Phase,
        schedules: &[Vec<Step>],
        watch: &PopulationWatch,
    ) -> Result<(), Error>;
    /// Returns which networks have diverged to infinite or NaN values.
    fn diverged(&mut self) -> Result<Vec<bool>, Error>;
    /// Keeps these networks only, in this order.
    fn keep(&mut self, networks: &[usize]) -> Result<(), Error>;
    /// Returns the family that trains them.
    fn family(&self) -> Family;
}
