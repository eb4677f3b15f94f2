//! The limits that an adapter has to have.

use wgrad::gpu::adapter::limits::{INVOCATIONS, STORAGE_BUFFERS, lacking};
use wgrad::gpu::print::{layers::MOST_READ, workgroup::TEAMS};
use wgrad::kernels;
use wgrad::kernels::{Kernel, System};

#[test]
fn webgpus_limits_are_enough_and_vulkans_are_not() {
    let webgpu = wgpu::Limits::default();
    assert_eq!(lacking(&webgpu), None);
    let few = wgpu::Limits {
        max_storage_buffers_per_shader_stage: 4,
        ..webgpu.clone()
    };
    let expected = "expected 8 storage buffers a shader stage, found 4";
    assert_eq!(lacking(&few).as_deref(), Some(expected));
    let small = wgpu::Limits {
        max_compute_invocations_per_workgroup: 128,
        ..webgpu.clone()
    };
    let expected = "expected 256 invocations a workgroup, found 128";
    assert_eq!(lacking(&small).as_deref(), Some(expected));
    let short = wgpu::Limits {
        max_compute_workgroup_size_x: 255,
        ..webgpu
    };
    assert!(lacking(&short).is_some());
}

#[test]
fn no_kernel_needs_more_than_is_asked_for() {
    let bound = |system: &System| match system {
        System::Schedule => 2,
        _ => 1,
    };
    let of_kernel = |kernel: &&Kernel| {
        let own: u32 = kernel.system.iter().map(bound).sum();
        4 + own
    };
    let most = kernels::ALL.iter().map(of_kernel).max();
    assert_eq!(most, Some(STORAGE_BUFFERS - 1));
    // What is written, the step and the status come with what layers read.
    assert_eq!(MOST_READ as u32 + 3, STORAGE_BUFFERS);
    assert_eq!(*TEAMS.end() as u32, INVOCATIONS);
}
