//! What every run needs of an adapter: what WebGPU guarantees, and some backends do not.

/// A limit: what it counts, an adapter's own, and what is needed.
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
/// Of several layers' products in one dispatch (`layers.wgsl`); rows that are brought, losses and whole networks have 7.
pub const STORAGE_BUFFERS: u32 = 8;
/// Of the largest workgroups, those that hold blocks of rows or a network.
pub const INVOCATIONS: u32 = 256;

/// What of all this an adapter with these limits lacks, for people; none if it can run everything but what asks for more.
pub fn lacking(limits: &wgpu::Limits) -> Option<String> {
    let mut lacking = NEEDED.iter().filter(|(_, has, least)| has(limits) < *least);
    lacking.next().map(|(what, has, least)| {
        let has = has(limits);
        format!("expected {least} {what}, found {has}")
    })
}

/// What one dimension of a dispatch may hold (`memory_buffers.wgsl`, `ROW_OF_GROUPS`).
const ROW_OF_GROUPS: u64 = 65_535;

/// So many workgroups, in two dimensions.
pub(crate) fn fold(groups: u64) -> [u32; 2] {
    [
        groups.min(ROW_OF_GROUPS) as u32,
        groups.div_ceil(ROW_OF_GROUPS) as u32,
    ]
}
