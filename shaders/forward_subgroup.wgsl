// forward for adapters whose lanes are the SIMD lanes of a CPU, a subgroup a tile (forward_rows.wgsl).   I a multiple of 4.
// x (N, I)   w (O, I)   b (O)   ->   out (N, O), bit for bit as the plain variant. Where outputs go: forward_texels.wgsl, or
// forward_elements.wgsl.

@group(0) @binding(1) var x: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var w: texture_storage_2d<rgba32float, read>;
@group(0) @binding(3) var<storage, read> b: array<f32>;

fn row_texel(base: u32, texel: u32) -> vec4<f32> { return textureLoad(x, place(TEXEL0 + texel)); }
fn parameter_texel(base: u32, texel: u32) -> vec4<f32> { return textureLoad(w, place(TEXEL1 + texel)); }
fn four_biases(base: u32, o: u32, O: u32) -> vec4<f32> {
    let last = O - 1u;
    return vec4<f32>(b[min(o, last)], b[min(o + 1u, last)], b[min(o + 2u, last)], b[min(o + 3u, last)]);
}

// Rows of the batch, loaded once: loads from a storage buffer are slow here (image.wgsl).
var<private> present: u32;

@compute @workgroup_size(SUBGROUP)
fn run_forward_subgroup(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
    present = rows();
    let across = (ARG1 + 4u * SUBGROUP - 1u) / (4u * SUBGROUP);
    let tile = group.y * ROW_OF_GROUPS + group.x;
    let o = ((tile % across) * SUBGROUP + lane) * 4u;
    forward_rows(lane, (tile / across) * FORWARD_ROWS, o, ARG0, ARG1, ARG2, 0u, 1u, 2u, 3u);
}
