//! Loads a plan onto a device.

use super::Device;
use crate::Error;
use crate::cpu::CpuSession;
use crate::gpu::GpuSession;
use crate::plan::{Plan, Session};

impl Device {
    /// Loads `plan` for a data set of `data` rows.
    #[doc(hidden)] // plans are the library's own
    pub fn load(&self, plan: &Plan, data: usize) -> Result<Box<dyn Session<f32>>, Error> {
        Ok(match self {
            Device::Cpu => Box::new(CpuSession::new(plan, data, 0)?),
            Device::Gpu(gpu) => Box::new(GpuSession::new(gpu.clone(), plan, data)?),
        })
    }
}
