// gather for adapters that compute on the CPU, where a load of four elements costs little more than one of a single element.
// I a multiple of 4.   data_inputs (rows, I)   data_targets (rows, T)   ->   x (N, I)   targets (N, T)
//
// A workgroup brings a row, and has no more lanes than compute its place in the order at once.

@group(0) @binding(1) var<storage, read> data_inputs: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> data_targets: array<f32>;
@group(0) @binding(3) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> targets: array<f32>;

const LANES = 8u;

@compute @workgroup_size(LANES)
fn run_gather_texels(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    if (!bring_row(group, lane)) { return; }
    let to = slot_row(group);
    let columns = ARG0 / 4u;
    for (var i = lane; i < columns; i += LANES) { x[to * columns + i] = data_inputs[current_row * columns + i]; }
    for (var i = lane; i < ARG1; i += LANES) { targets[to * ARG1 + i] = data_targets[current_row * ARG1 + i]; }
}
