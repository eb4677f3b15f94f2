//! The limits that every run needs. WebGPU guarantees them, but some backends provide less.

/// A limit: its name, how to get an adapter's value, and the required minimum.
type Limit = (&'static str, fn(&wgpu::Limits) -> u32, u32);

const NEEDED: [Limit; 3] = [
    (
        "storage buffers a shader stage",
        |limits| limits.max_storage_buffers_per_shader_stage,
        STORAGE_BUFFERS,
    ),
    (
        "invocations a workgroup",
        |limits| limits.max_compute_invocations_per_workgroup,
        INVOCATIONS,
    ),
    (
        "invocations along a workgroup",
        |limits| limits.max_compute_workgroup_size_x,
        INVOCATIONS,
    ),
];
/// Needed by a dispatch that computes the products of several layers (`layers.wgsl`). Gathers, losses and whole
/// networks need 7.
const STORAGE_BUFFERS: u32 = 8;
/// Needed by the largest workgroups, which hold blocks of rows or a network.
const INVOCATIONS: u32 = 256;

/// Describes the first limit that is too low, for people. Returns none if the adapter can run everything that has no
/// further requirements.
pub fn lacking(limits: &wgpu::Limits) -> Option<String> {
    let mut lacking = NEEDED.iter().filter(|(_, has, least)| has(limits) < *least);
    lacking.next().map(|(what, has, least)| {
        let has = has(limits);
        format!("expected {least} {what}, found {has}")
    })
}

/// Maximum number of workgroups along one dimension of a dispatch (`memory_buffers.wgsl`, `ROW_OF_GROUPS`).
const ROW_OF_GROUPS: u64 = 65_535;

/// Splits a number of workgroups over two dimensions.
pub(crate) fn fold(groups: u64) -> [u32; 2] {
    [
        groups.min(ROW_OF_GROUPS) as u32,
        groups.div_ceil(ROW_OF_GROUPS) as u32,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::print::{layers::MOST_READ, workgroup::TEAMS};
    use crate::kernels;
    use crate::kernels::{Kernel, System};

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
        // The written buffer, the step and the status come in addition to the buffers that layers read.
        assert_eq!(MOST_READ as u32 + 3, STORAGE_BUFFERS);
        assert_eq!(*TEAMS.end() as u32, INVOCATIONS);
    }
}
