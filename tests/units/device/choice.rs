//! Which device a job runs on.

use wgrad::cpu::threads;
use wgrad::device::{
    Calibration,
    calibration::{Curve, Point},
    choice::{by_calibration, by_table, named, without},
};
use wgrad::gpu::DeviceKey;

fn adapter(name: &str, device_type: wgpu::DeviceType) -> wgpu::AdapterInfo {
    let mut info = wgpu::AdapterInfo::new(device_type, wgpu::Backend::Vulkan);
    info.name = name.to_owned();
    info.driver_info = "1.0".to_owned();
    info
}

fn curve(key: DeviceKey, us: [f64; 2]) -> Curve {
    let sizes = [1e3, 1e9];
    let point = |i: usize| Point {
        multiply_adds: sizes[i],
        us_per_step: us[i],
    };
    Curve {
        key,
        points: vec![point(0), point(1)],
    }
}

#[test]
fn a_part_of_several_names_is_taken_for_the_first_and_said() {
    let names = ["SwiftShader", "llvmpipe", "llvmpipe two", "llvmpipe"].map(str::to_owned);
    assert_eq!(named(&names, "Shader"), Some((0, None)));
    assert_eq!(named(&names, "LLVMPIPE"), Some((1, None)), "its whole name");
    assert_eq!(named(&names[..2], "pipe"), Some((1, None)));
    assert_eq!(named(&names, "nvidia"), None);
    let (found, warning) = named(&names, "e").unwrap();
    assert_eq!(found, 0);
    let warning = warning.unwrap();
    assert!(
        warning.ends_with("SwiftShader; it is in llvmpipe, llvmpipe two, llvmpipe too"),
        "{warning}"
    );
}

#[test]
fn the_calibrated_pick_is_the_faster_device_at_the_size_of_the_step() {
    let adapters = [adapter("Big", wgpu::DeviceType::DiscreteGpu)];
    let mut calibration = Calibration::default();
    calibration.insert(curve(DeviceKey::cpu(threads()), [1.0, 1e6]));
    assert_eq!(by_calibration(&adapters, &calibration, 1000), None);
    calibration.insert(curve(
        DeviceKey::adapter(&adapters[0], threads()),
        [100.0, 1e4],
    ));
    let pick = |work| by_calibration(&adapters, &calibration, work).unwrap();
    let (small, large) = (pick(1000), pick(1_000_000_000));
    assert_eq!(small.0, None);
    assert_eq!(small.1, "calibrated: 1.0 us per step, 100 us on Big");
    assert_eq!(large.0, Some(0));
    assert_eq!(
        large.1,
        "calibrated: 10 ms per step, 1000 ms on the CPU device"
    );
}

#[test]
fn an_adapter_with_too_little_is_named() {
    let old = adapter("Old", wgpu::DeviceType::IntegratedGpu);
    let limits = wgpu::Limits {
        max_storage_buffers_per_shader_stage: 4,
        ..wgpu::Limits::default()
    };
    assert_eq!(
        without(&old, &limits),
        "the best adapter, Old, has too little: expected 8 storage buffers a shader stage, found 4"
    );
}

#[test]
fn a_software_adapter_is_picked_when_it_was_measured_to_win() {
    let adapters = [adapter("soft", wgpu::DeviceType::Cpu)];
    let mut calibration = Calibration::default();
    calibration.insert(curve(DeviceKey::cpu(threads()), [10.0, 1e6]));
    calibration.insert(curve(
        DeviceKey::adapter(&adapters[0], threads()),
        [5.0, 2e6],
    ));
    let pick = |work| by_calibration(&adapters, &calibration, work).unwrap().0;
    assert_eq!((pick(1), pick(1_000_000_000)), (Some(0), None));
    assert_eq!(by_table(&adapters, 1_000_000_000).0, None);
}

#[test]
fn a_new_driver_of_a_gpu_brings_the_table_back_and_an_unmeasured_software_adapter_does_not() {
    let (mut gpu, soft) = (
        adapter("Big", wgpu::DeviceType::DiscreteGpu),
        adapter("soft", wgpu::DeviceType::Cpu),
    );
    let mut calibration = Calibration::default();
    calibration.insert(curve(DeviceKey::cpu(threads()), [1.0, 1e6]));
    calibration.insert(curve(DeviceKey::adapter(&gpu, threads()), [100.0, 1e4]));
    let both = [gpu.clone(), soft];
    assert!(by_calibration(&both, &calibration, 1000).is_some());
    gpu.driver_info = "1.1".to_owned();
    assert_eq!(by_calibration(&[gpu.clone()], &calibration, 1000), None);
    assert_eq!(by_table(&[gpu.clone()], 10).0, None);
    assert_eq!(by_table(&[gpu], 1_000_000_000).0, Some(0));
}
