//! `wgrad devices`: lists the adapters.

use crate::cli::{
    messages::{print_json, print_lines, warn},
    spelling::as_flags,
};
use clap::Args;
use serde_json::json;
use std::process::ExitCode;
use wgrad::device::Calibration;
use wgrad::gpu::DeviceKey;
use wgrad::gpu::adapter::{
    adapters as found,
    adapters::{NO_ADAPTER_CURE, adapters, backends, is_software},
    limits::lacking,
    precision::matrices,
};
use wgrad::kernels;
use wgrad::kernels::Capabilities;
use wgrad::text::counted;

/// List the adapters and their capabilities
#[derive(Args)]
pub(crate) struct Devices {
    /// vulkan, metal, dx12, or gl (in builds with that feature)
    #[arg(long, value_name = "BACKEND")]
    backend: Option<String>,
    /// Print one JSON object to stdout
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Devices) -> anyhow::Result<ExitCode> {
    let adapters = adapters(backends(args.backend.as_deref())?);
    let threads = wgrad::cpu::threads();
    let calibration = Calibration::load().unwrap_or_else(|why| {
        warn(Some(&why.to_string()));
        Calibration::default()
    });
    let key_of = |adapter: &wgpu::Adapter| DeviceKey::adapter(&adapter.get_info(), threads);
    let is_calibrated = |key: &DeviceKey| calibration.curve(key).is_some();
    if args.json {
        let record = |adapter: &wgpu::Adapter| {
            let mut record = record(adapter);
            record["calibrated"] = is_calibrated(&key_of(adapter)).into();
            record
        };
        let adapters: Vec<_> = adapters.iter().map(record).collect();
        let cpu =
            json!({"threads": threads, "calibrated": is_calibrated(&DeviceKey::cpu(threads))});
        print_json(&json!({"cpu": cpu, "adapters": adapters}))?;
        return Ok(ExitCode::SUCCESS);
    }
    let of_cpu = calibrated(&calibration, &DeviceKey::cpu(threads));
    let mut lines = vec![format!("cpu: {}, {of_cpu}", counted(threads, "thread"))];
    for adapter in &adapters {
        lines.extend(describe(adapter));
        let state = calibrated(&calibration, &key_of(adapter));
        lines.push(format!("  auto      {state}"));
    }
    if adapters.is_empty() {
        // This command takes no device.
        let cure = NO_ADAPTER_CURE.replace(", or use `device = cpu`", "");
        lines.push(format!("no GPU adapter: {cure}"));
    }
    print_lines(lines)?;
    Ok(ExitCode::SUCCESS)
}

/// Says whether a calibration for `--device auto` exists.
fn calibrated(calibration: &Calibration, key: &DeviceKey) -> String {
    let Some(curve) = calibration.curve(key) else {
        return "not calibrated (run wgrad bench --calibrate)".to_owned();
    };
    let of_populations = calibration.populations(key).map(|p| p.curve.points.len());
    format!(
        "calibrated, {}, {} of populations",
        counted(curve.points.len(), "size"),
        of_populations.sum::<usize>()
    )
}

/// Returns the fields that identify an adapter.
pub(crate) fn identity(info: &wgpu::AdapterInfo) -> serde_json::Value {
    json!({
        "name": info.name,
        "backend": info.backend.to_string(),
        "driver": info.driver,
        "driver_info": info.driver_info,
        "type": kind(info),
        "software": is_software(info),
        "vendor": format!("{:#06x}", info.vendor),
        "device": format!("{:#06x}", info.device),
        "pci_bus": info.device_pci_bus_id,
        "subgroup_sizes": [info.subgroup_min_size, info.subgroup_max_size],
    })
}

fn record(adapter: &wgpu::Adapter) -> serde_json::Value {
    let limits = adapter.limits();
    let mut record = identity(&adapter.get_info());
    for (key, value) in [
        (
            "subgroups",
            json!(adapter.features().contains(wgpu::Features::SUBGROUP)),
        ),
        ("max_buffer_bytes", json!(limits.max_buffer_size)),
        (
            "max_binding_bytes",
            json!(limits.max_storage_buffer_binding_size),
        ),
        (
            "workgroup_memory_bytes",
            json!(limits.max_compute_workgroup_storage_size),
        ),
        (
            "workgroup_invocations",
            json!(limits.max_compute_invocations_per_workgroup),
        ),
        ("cooperative_matrices", json!(matrices(adapter))),
        ("variants", json!(variants(&capabilities(adapter)))),
    ] {
        record[key] = value;
    }
    record
}

/// Returns the adapter's capabilities for kernel variants, opened for mixed precision if possible.
fn capabilities(adapter: &wgpu::Adapter) -> Capabilities {
    let (info, limits) = (adapter.get_info(), adapter.limits());
    Capabilities {
        cooperative: matrices(adapter),
        ..found::capabilities(&info, adapter.features(), &limits)
    }
}

/// Lists the candidate variants of each kernel on such an adapter, in order of preference. Variants with cooperative
/// matrices come first; only `--precision mixed` uses them.
fn variants(has: &Capabilities) -> serde_json::Map<String, serde_json::Value> {
    let runs = kernels::ALL.iter().map(|kernel| {
        let fit = kernel.variants.iter().filter(|v| v.suits(has));
        let names: Vec<&str> = fit.map(|v| v.name).collect();
        (kernel.name.to_owned(), json!(names))
    });
    runs.collect()
}

/// Returns the driver's name and version, as far as known.
pub(crate) fn driver(info: &wgpu::AdapterInfo) -> String {
    let told = format!("{} {}", info.driver, info.driver_info);
    told.trim().to_owned()
}

fn describe(adapter: &wgpu::Adapter) -> Vec<String> {
    let (info, limits) = (adapter.get_info(), adapter.limits());
    let subgroups = match adapter.features().contains(wgpu::Features::SUBGROUP) {
        true if info.subgroup_min_size == info.subgroup_max_size => {
            format!("subgroups of {}", info.subgroup_min_size)
        }
        true => format!(
            "subgroups of {} to {}",
            info.subgroup_min_size, info.subgroup_max_size
        ),
        false => "no subgroups".to_owned(),
    };
    let matrices = match matrices(adapter) {
        Some(size) => format!("{size} by {size} of f16, summed in f32, for --precision mixed"),
        None => "none that --precision mixed can use".to_owned(),
    };
    let matrices = format!("  matrices  {matrices}");
    let lines = [
        String::new(),
        format!("{} ({}, {})", info.name, info.backend, kind(&info)),
        format!("  driver    {}", driver(&info)),
        format!(
            "  buffers   up to {} MiB, bound up to {} MiB",
            limits.max_buffer_size >> 20,
            limits.max_storage_buffer_binding_size >> 20
        ),
        format!(
            "  workgroup up to {} invocations and {} KiB, {subgroups}",
            limits.max_compute_invocations_per_workgroup,
            limits.max_compute_workgroup_storage_size >> 10
        ),
    ];
    let use_it = match lacking(&limits) {
        None => format!("  use it    --device {:?}", first_word(&info.name)),
        Some(what) => format!("  use it    not with wgrad: {}", as_flags(&what)),
    };
    lines.into_iter().chain([matrices, use_it]).collect()
}

/// Shortens an adapter's name to its first word.
fn first_word(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

fn kind(info: &wgpu::AdapterInfo) -> &'static str {
    match info.device_type {
        wgpu::DeviceType::DiscreteGpu => "discrete GPU",
        wgpu::DeviceType::IntegratedGpu => "integrated GPU",
        wgpu::DeviceType::VirtualGpu => "virtual GPU",
        wgpu::DeviceType::Cpu | wgpu::DeviceType::Other => "software",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_by_cooperative_matrices_are_listed_where_there_are_such_matrices() {
        let gpu = Capabilities {
            subgroup: Some(32),
            workgroup_memory: 32 << 10,
            ..Capabilities::default()
        };
        let names = |has: &Capabilities| variants(has)["forward"].clone();
        let without = names(&gpu);
        assert_eq!(without[0], "tile_huge");
        let with = names(&Capabilities {
            cooperative: Some(16),
            ..gpu
        });
        assert_eq!(with[0], "cooperative_16");
        assert_eq!(
            with.as_array().unwrap()[1..],
            without.as_array().unwrap()[..]
        );
        assert!(
            variants(&gpu)["adam"]
                .as_array()
                .unwrap()
                .contains(&json!("plain"))
        );
    }
}
