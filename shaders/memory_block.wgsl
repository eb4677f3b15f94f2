// The device family's blocks, for GPUs: a workgroup takes ROWS rows of the batch through all layers and back, or all that
// are narrow, one dispatch for what else is one a layer; what the products over all rows (weight_gradient, descent) and
// wider layers read, it leaves in `results`.
// In front of this file src/plan/inline/block/workgroup.rs prints ROWS, STRIDE, TEAM, STATE and run_calls().
//
// The workgroup's memory holds columns of four rows a texel, STRIDE texels a column: a base is a texel's number. A lane
// has 4 rows by 8 neurons (forward_block.wgsl, input_gradient_block.wgsl), so that lanes along the rows read neighbours, and
// the same weights. The losses' unit functions see single elements; their accounts are in the results.

@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> inputs: array<f32>;  // (N, I), of the first layer or the first narrow one
@group(0) @binding(2) var<storage, read> targets: array<f32>; // (N, T)
@group(0) @binding(3) var<storage, read> parameters: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> results: array<f32>;
@group(0) @binding(5) var<storage, read_write> status: atomic<u32>;
@group(0) @binding(6) var<storage, read_write> counter: u32;

const ROW_OF_GROUPS = 65535u; // what one dimension of a dispatch may hold
const ACCOUNT = 0x80000000u;  // what is added to the base of an account
const INPUTS = 0xffffffffu;   // the base of what a block is given
const ACROSS = ROWS / 4u;

var<workgroup> state: array<vec4<f32>, STATE>;
var<private> lane: u32;
var<private> before: u32;  // rows of the batch before these
var<private> present: u32; // rows

fn load(base: u32, i: u32) -> f32 {
    if (base >= ACCOUNT) { return results[base - ACCOUNT + before + i]; }
    return state[base + i / 4u][i % 4u];
}
fn store(base: u32, i: u32, value: f32) {
    if (base >= ACCOUNT) { results[base - ACCOUNT + before + i] = value; } else { state[base + i / 4u][i % 4u] = value; }
}
fn at(n: u32, i: u32, width: u32) -> u32 { return 4u * i * STRIDE + n; }
fn rows() -> u32 { return present; }
fn inverse_rows() -> f32 { return step.inverse_rows; }
fn diverged(what: u32) { atomicMin(&status, 2u * step.index + what); }
// No workgroup reads the counter: the step's row was brought before.
fn count_step() { if (before == 0u) { counter += 1u; } }
fn sync() {
    storageBarrier(); // a block reads its own results
    workgroupBarrier();
}

// Rows 4 q..4 q + 3 of the batch; beyond the last row it is the last one, and its results are not kept.
fn four_rows(q: u32) -> vec4<u32> {
    return before + min(vec4<u32>(4u * q, 4u * q + 1u, 4u * q + 2u, 4u * q + 3u), vec4<u32>(present - 1u));
}

// Lanes along the columns, as rows lie in the buffers.
fn bring_inputs(width: u32, to: u32) {
    for (var u = lane; u < ACROSS * width; u += TEAM) {
        let k = four_rows(u / width) * width + u % width;
        state[to + u % width * STRIDE + u / width] = vec4<f32>(inputs[k.x], inputs[k.y], inputs[k.z], inputs[k.w]);
    }
}
fn bring_targets(width: u32, to: u32) {
    for (var u = lane; u < ACROSS * width; u += TEAM) {
        let k = four_rows(u / width) * width + u % width;
        state[to + u % width * STRIDE + u / width] = vec4<f32>(targets[k.x], targets[k.y], targets[k.z], targets[k.w]);
    }
}
fn keep(width: u32, source: u32, to: u32) {
    for (var u = lane; u < ACROSS * width; u += TEAM) {
        let n = 4u * (u / width);
        let k = to + (before + n) * width + u % width;
        let four = state[source + u % width * STRIDE + u / width];
        if (n < present) { results[k] = four.x; }
        if (n + 1u < present) { results[k + width] = four.y; }
        if (n + 2u < present) { results[k + 2u * width] = four.z; }
        if (n + 3u < present) { results[k + 3u * width] = four.w; }
    }
}

// Elements k..k + 3 of the parameters; those from `end` on are not needed.
fn four_parameters(k: u32, end: u32) -> vec4<f32> {
    if (k % 4u == 0u) { return parameters[k / 4u]; }
    return vec4<f32>(parameter(k), parameter(min(k + 1u, end)), parameter(min(k + 2u, end)), parameter(min(k + 3u, end)));
}
fn parameter(k: u32) -> f32 { return parameters[k / 4u][k % 4u]; }

// A term of 4 neurons and 4 rows: column j of the sums is neuron j's.
fn add_term(sums: mat4x4<f32>, neurons: vec4<f32>, rows: vec4<f32>) -> mat4x4<f32> {
    return sums + mat4x4<f32>(neurons.x * rows, neurons.y * rows, neurons.z * rows, neurons.w * rows);
}

@compute @workgroup_size(TEAM)
fn run_block(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    let first = (group.y * ROW_OF_GROUPS + group.x) * ROWS;
    if (first >= step.rows) { return; }
    lane = index;
    before = first;
    present = min(step.rows - first, ROWS);
    run_calls();
}
