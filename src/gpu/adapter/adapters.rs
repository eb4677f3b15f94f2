//! Lists the available adapters and their capabilities.

use crate::Error;
use crate::kernels::Capabilities;

/// Advice for a machine without an adapter.
pub const NO_ADAPTER_CURE: &str = "install your GPU's Vulkan driver, or Mesa's software one (Debian and Ubuntu: apt-get install mesa-vulkan-drivers), or use `device = cpu`";

/// Returns the backends for `name`, or all backends of the build if there is no name.
pub fn backends(name: Option<&str>) -> Result<wgpu::Backends, Error> {
    let built = wgpu::Instance::enabled_backend_features();
    let asked = match name.map(str::to_lowercase).as_deref() {
        None => return Ok(built),
        Some("vulkan") => wgpu::Backends::VULKAN,
        Some("metal") => wgpu::Backends::METAL,
        Some("dx12") => wgpu::Backends::DX12,
        Some("gl") => wgpu::Backends::GL,
        Some(other) => {
            return Err(Error::Config(format!(
                "`backend = {other}`: expected vulkan, metal, dx12 or gl"
            )));
        }
    };
    if built.contains(asked) {
        return Ok(asked);
    }
    let cure = match asked {
        wgpu::Backends::GL => "; build with --features gles",
        _ => " and cannot be on this system",
    };
    let name = name.unwrap_or_default();
    Err(Error::Config(format!(
        "`backend = {name}`: not in this build{cure}"
    )))
}

/// Returns the available adapters, hardware before software. Software adapters with wider subgroups come first, because
/// they compute with wider vectors.
pub fn adapters(backends: wgpu::Backends) -> Vec<wgpu::Adapter> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = backends;
    let instance = wgpu::Instance::new(descriptor);
    let mut found = pollster::block_on(instance.enumerate_adapters(backends));
    found.sort_by_key(|adapter| {
        let info = adapter.get_info();
        let lanes = if is_software(&info) {
            info.subgroup_max_size
        } else {
            0
        };
        (rank(&info), std::cmp::Reverse(lanes))
    });
    found
}

fn rank(info: &wgpu::AdapterInfo) -> u8 {
    match info.device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu | wgpu::DeviceType::VirtualGpu => 1,
        wgpu::DeviceType::Cpu => 2,
        wgpu::DeviceType::Other => 3,
    }
}

/// Returns whether an adapter computes on the CPU.
pub fn is_software(info: &wgpu::AdapterInfo) -> bool {
    rank(info) >= 2
}

/// Returns an adapter's capabilities, for the choice of variants.
pub fn capabilities(
    info: &wgpu::AdapterInfo,
    features: wgpu::Features,
    limits: &wgpu::Limits,
) -> Capabilities {
    let known = info.subgroup_min_size == info.subgroup_max_size;
    let subgroups = features.contains(wgpu::Features::SUBGROUP) && known;
    Capabilities {
        software: is_software(info),
        subgroup: subgroups.then_some(info.subgroup_min_size),
        cooperative: None,
        workgroup_memory: limits.max_compute_workgroup_storage_size,
        ..Capabilities::default()
    }
}
