//! Loads a plan onto a device.

use super::Device;
use crate::Error;
use crate::cpu::CpuSession;
use crate::dataset::memory;
use crate::gpu::GpuSession;
use crate::plan::{Layout, Plan, Session};
use crate::text::counted;

/// Checks that `copies` copies of the buffers of `plan` fit into memory, for a data set of `data` rows.
pub(super) fn require_memory(plan: &Plan, data: usize, copies: usize) -> Result<(), Error> {
    let buffers = plan.buffers.iter();
    let numbers: u128 = buffers
        .map(|(_, extent)| Layout::of(extent, plan.widest(), data, 1).len as u128)
        .sum();
    let what = format!(
        "the CPU device: {} in batches of {}",
        counted(data, "row"),
        plan.widest()
    );
    let cure = "use a smaller `batch_size`, smaller `hidden` layers, or a sample of the rows";
    Ok(memory::require(
        4 * copies as u128 * numbers,
        1,
        &what,
        cure,
    )?)
}

impl Device {
    /// Loads `plan` for a data set of `data` rows.
    #[doc(hidden)] // plans are the library's own
    pub fn load(&self, plan: &Plan, data: usize) -> Result<Box<dyn Session<f32>>, Error> {
        Ok(match self {
            Device::Cpu => {
                require_memory(plan, data, 1)?;
                Box::new(CpuSession::new(plan, data, 0)?)
            }
            Device::Gpu(gpu) => Box::new(GpuSession::new(gpu.clone(), plan, data)?),
        })
    }
}
