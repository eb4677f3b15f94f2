//! Devices: which one a job runs on and why, and how a plan or a population is loaded onto it.

pub mod calibration;
pub mod choice;
pub mod load;
pub mod pick;
pub mod population;
pub mod precision;
mod spread;

pub use calibration::Calibration;
pub use choice::{Choice, Request, choose};
pub use population::Crowd;

use crate::Error;
use crate::gpu::adapter::adapters::adapters;
use crate::gpu::{DeviceKey, Gpu, Precision, Sums};
use crate::text::counted;
use crate::threads::threads;
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
    /// Returns the name of the adapter, or of the CPU device with its number of threads.
    pub fn name(&self) -> String {
        match self {
            Device::Cpu => format!("cpu ({})", counted(threads(), "thread")),
            Device::Gpu(gpu) => gpu.info.name.clone(),
        }
    }

    /// Returns the key that measurements of this device have.
    pub fn key(&self) -> DeviceKey {
        match self {
            Device::Cpu => DeviceKey::cpu(threads()),
            Device::Gpu(gpu) => DeviceKey::adapter(&gpu.info, threads()),
        }
    }

    /// Returns the name of devices that compute the same bits: the number of threads does not change them.
    pub fn kind(&self) -> String {
        match self {
            Device::Cpu => "cpu".to_owned(),
            Device::Gpu(_) => self.name(),
        }
    }

    /// Returns the same device, with the summation order `sums`.
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

    /// Returns the device, opened again if it has failed.
    ///
    /// # Errors
    /// If it cannot be opened again.
    pub fn sound(&self) -> Result<Device, Error> {
        Ok(match self {
            Device::Cpu => Device::Cpu,
            Device::Gpu(gpu) => Device::Gpu(gpu.sound()?),
        })
    }

    /// Returns the maximum size of a buffer, in bytes.
    pub fn largest_buffer(&self) -> u64 {
        match self {
            Device::Cpu => u64::MAX,
            Device::Gpu(gpu) => gpu.largest_buffer(),
        }
    }

    /// Returns `cpu`, or the adapter's backend: `vulkan`, `metal`, `dx12`, `gl`.
    pub fn backend(&self) -> String {
        match self {
            Device::Cpu => "cpu".to_owned(),
            Device::Gpu(gpu) => gpu.info.backend.to_string(),
        }
    }
}

/// Returns the CPU device, and every adapter that can be opened.
pub fn all() -> Vec<Device> {
    let all = all_of(wgpu::Instance::enabled_backend_features());
    all.into_iter().filter_map(Result::ok).collect()
}

/// Returns the CPU device, and every adapter of some backends, or the reason why it cannot be opened.
pub fn all_of(backends: wgpu::Backends) -> Vec<Result<Device, Error>> {
    let adapters = adapters(backends);
    let opened = adapters.iter().map(|adapter| {
        let gpu = Gpu::open(adapter, Precision::F32)?;
        Ok(Device::Gpu(Arc::new(gpu)))
    });
    [Ok(Device::Cpu)].into_iter().chain(opened).collect()
}
