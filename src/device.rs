//! Adapters: which there are, which one to use and why, and everything of wgpu that is not a plan (limits, errors, a
//! device that is lost, waiting).

mod adapters;
pub mod calibration;
mod choice;
mod clock;
mod gpu;
mod limits;
mod precision;

pub use adapters::{NO_ADAPTER_CURE, adapters, all, all_of, backends, capabilities, is_software};
pub use choice::{Choice, Request, choose};
pub use clock::Clock;
pub use gpu::{Gpu, RUN_AGAIN, Sums, TRY_ANOTHER};
pub use limits::lacking;
pub use precision::{Precision, matrices};

use crate::Error;
use crate::plan::{self, Plan, Session, cpu};
use crate::words::counted;
use std::sync::Arc;

/// A device to run on.
#[derive(Clone)]
pub enum Device {
    /// The CPU device.
    Cpu,
    /// An opened adapter.
    Gpu(Arc<Gpu>),
}

impl Device {
    /// Its name: the adapter's, or the CPU device's.
    pub fn name(&self) -> String {
        match self {
            Device::Cpu => format!("cpu ({})", counted(cpu::threads(), "thread")),
            Device::Gpu(gpu) => gpu.info.name.clone(),
        }
    }

    /// The same device, adding as `sums` says.
    pub fn adding(self, sums: Sums) -> Device {
        match self {
            Device::Cpu => Device::Cpu,
            Device::Gpu(gpu) => {
                let mut gpu = (*gpu).clone();
                gpu.sums = sums;
                Device::Gpu(Arc::new(gpu))
            }
        }
    }

    /// Loads `plan`, for a data set of `data` rows.
    #[doc(hidden)] // plans are the library's own
    pub fn load(&self, plan: &Plan, data: usize) -> Result<Box<dyn Session<f32>>, Error> {
        Ok(match self {
            Device::Cpu => Box::new(cpu::Session::new(plan, data, 0)),
            Device::Gpu(gpu) => Box::new(plan::gpu::Session::new(gpu.clone(), plan, data)?),
        })
    }

    /// Bytes that one buffer may have.
    pub fn largest_buffer(&self) -> u64 {
        match self {
            Device::Cpu => u64::MAX,
            Device::Gpu(gpu) => gpu.largest_buffer(),
        }
    }

    /// `cpu`, or the adapter's backend: `vulkan`, `metal`, `dx12`, `gl`.
    pub fn backend(&self) -> String {
        match self {
            Device::Cpu => "cpu".to_owned(),
            Device::Gpu(gpu) => gpu.info.backend.to_string(),
        }
    }
}
