//! The key of a measurement: the device and software that it is valid for.

use crate::math::width::Width;
use serde::{Deserialize, Serialize};

/// The key of a measurement. The measurement is valid only if all fields match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceKey {
    /// `cpu`, or the adapter's name.
    pub name: String,
    /// `cpu`, or the adapter's backend.
    pub backend: String,
    /// `cpu`, or the adapter's driver.
    pub driver: String,
    /// The vector instructions of the CPU device, or the driver's version, as the driver reports it.
    pub driver_info: String,
    /// The version of wgrad.
    pub wgrad: String,
    /// Threads of the CPU device.
    pub threads: usize,
}

impl DeviceKey {
    /// Returns the key of the CPU device with `threads` threads.
    pub fn cpu(threads: usize) -> DeviceKey {
        DeviceKey {
            name: "cpu".to_owned(),
            backend: "cpu".to_owned(),
            driver: "cpu".to_owned(),
            driver_info: Width::current().name().to_owned(),
            wgrad: env!("CARGO_PKG_VERSION").to_owned(),
            threads,
        }
    }

    /// Returns the key of an adapter, on a machine whose CPU device has `threads` threads.
    pub fn adapter(info: &wgpu::AdapterInfo, threads: usize) -> DeviceKey {
        DeviceKey {
            name: info.name.clone(),
            backend: info.backend.to_string(),
            driver: info.driver.clone(),
            driver_info: info.driver_info.clone(),
            ..DeviceKey::cpu(threads)
        }
    }
}
