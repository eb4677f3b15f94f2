// The losses for adapters whose lanes are the SIMD lanes of a CPU: a workgroup is one subgroup and takes as many rows, a lane
// a row, by the unit function; then the rows' deltas go to their image too (image.wgsl): 8 rows are whole texels.

@group(0) @binding(11) var delta_image: texture_storage_2d<rgba32float, write>;

fn first_row(group: vec3<u32>) -> u32 { return (group.y * ROW_OF_GROUPS + group.x) * SUBGROUP; }

fn store_image(first: u32, lane: u32) {
    storageBarrier();
    let end = (min(first + SUBGROUP, rows()) * ARG0 + 3u) / 4u;
    for (var t = first * ARG0 / 4u + lane; t < end; t += SUBGROUP) {
        let four = vec4<f32>(out0[4u * t], out0[4u * t + 1u], out0[4u * t + 2u], out0[4u * t + 3u]);
        textureStore(delta_image, place(TEXEL2 + t), four);
    }
}

@compute @workgroup_size(SUBGROUP)
fn run_squared_error_subgroup(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
    let n = first_row(group) + lane;
    if (n < rows()) { squared_error(0u, n, ARG0, ARG1, ARG2, ARG3, IN0, IN1, OUT0, OUT1); }
    store_image(first_row(group), lane);
}
@compute @workgroup_size(SUBGROUP)
fn run_cross_entropy_subgroup(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
    let n = first_row(group) + lane;
    if (n < rows()) { cross_entropy(0u, n, ARG0, ARG1, IN0, IN1, OUT0, OUT1); }
    store_image(first_row(group), lane);
}
