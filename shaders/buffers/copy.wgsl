// A copy, a texel a lane: what wgrad bench holds an adapter's memory against. Commands that copy buffers are slower on some
// hardware (on an H200 0.8 TB/s, where this reaches 3.9).

@group(0) @binding(0) var<storage, read> source: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> copied: array<vec4<f32>>;

const ROW_OF_GROUPS = 65535u; // what one dimension of a dispatch may hold

@compute @workgroup_size(256)
fn run_copy(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let t = (group.y * ROW_OF_GROUPS + group.x) * 256u + lane;
    if (t < arrayLength(&copied)) { copied[t] = source[t]; }
}
