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
pub const STORAGE_BUFFERS: u32 = 8;
/// Needed by the largest workgroups, which hold blocks of rows or a network.
pub const INVOCATIONS: u32 = 256;

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
