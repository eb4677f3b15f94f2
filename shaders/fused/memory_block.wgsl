// The device family's blocks, for GPUs: a workgroup takes ROWS rows of the batch through all layers and back, or all that
// are narrow, one dispatch for what else is one a layer; what the products over all rows (weight_gradient, fused_sgd) and
// wider layers read, it leaves in `results`.
// In front of this file src/gpu/print/block/lines.rs prints ROWS, LANE_ROWS, TEAM, STATE, PANEL, PANELS and
// run_calls().
//
// The workgroup's memory holds the rows' values, four of a row a texel: a base is a texel's number. A lane has LANE_ROWS
// rows by the 4 neurons of a texel (lanes_block.wgsl). The losses' unit functions see single elements of their own row;
// their accounts are in the results.

@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> inputs: array<vec4<f32>>; // (N, I), of the first layer or the first narrow one
@group(0) @binding(2) var<storage, read> targets: array<f32>;      // (N, T)
@group(0) @binding(3) var<storage, read> parameters: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> results: array<f32>;
@group(0) @binding(5) var<storage, read_write> status: atomic<u32>;
@group(0) @binding(6) var<storage, read_write> counter: u32;

const ROW_OF_GROUPS = 65535u; // what one dimension of a dispatch may hold
const ACCOUNT = 0x80000000u;  // what is added to the base of an account
const INPUTS = 0xffffffffu;   // the base of what a block is given

var<workgroup> state: array<vec4<f32>, STATE>;
var<private> lane: u32;
var<private> before: u32;  // rows of the batch before these
var<private> present: u32; // rows

fn texels(width: u32) -> u32 { return (width + 3u) / 4u; }
// Texels from a row to the next: an odd number, so that rows are in different banks.
fn line(width: u32) -> u32 { return texels(width) | 1u; }

fn load(base: u32, i: u32) -> f32 {
    if (base >= ACCOUNT) { return results[base - ACCOUNT + before + i / 4u]; }
    return state[base + i / 4u][i % 4u];
}
fn store(base: u32, i: u32, value: f32) {
    if (base >= ACCOUNT) { results[base - ACCOUNT + before + i / 4u] = value; } else { state[base + i / 4u][i % 4u] = value; }
}
fn at(n: u32, i: u32, width: u32) -> u32 { return 4u * n * line(width) + i; }
fn rows() -> u32 { return present; }
fn inverse_rows() -> f32 { return step.inverse_rows; }
fn diverged(what: u32) { atomicMin(&status, 2u * step.index + what); }
// No workgroup reads the counter: the step's row was brought before.
fn count_step() { if (before == 0u) { counter += 1u; } }

fn sync() { workgroupBarrier(); }
// What other lanes left in the results is there too. It is dear: hardware waits for its writes, and empties a cache.
fn sync_results() {
    storageBarrier();
    workgroupBarrier();
}

// The row of the batch; beyond the last row it is the last one, and its results are not kept.
fn row_of_batch(n: u32) -> u32 { return before + min(n, present - 1u); }

// All loops over elements turn as often for any batch, so that their loads do not wait for each other.
fn bring_inputs(width: u32, to: u32) {
    for (var u = lane; u < ROWS * texels(width); u += TEAM) {
        let n = u / texels(width);
        let t = u % texels(width);
        state[to + n * line(width) + t] = four_inputs(row_of_batch(n) * width, 4u * t, width);
    }
}
// Elements i..i + 3 of a row.
fn four_inputs(first: u32, i: u32, width: u32) -> vec4<f32> {
    if (width % 4u == 0u) { return inputs[(first + i) / 4u]; }
    let k = first + min(vec4<u32>(i, i + 1u, i + 2u, i + 3u), vec4<u32>(width - 1u));
    return vec4<f32>(input(k.x), input(k.y), input(k.z), input(k.w));
}
fn input(k: u32) -> f32 { return inputs[k / 4u][k % 4u]; }

fn bring_targets(width: u32, to: u32) {
    for (var u = lane; u < ROWS * texels(width); u += TEAM) {
        let n = u / texels(width);
        let i = 4u * (u % texels(width));
        let k = row_of_batch(n) * width + min(vec4<u32>(i, i + 1u, i + 2u, i + 3u), vec4<u32>(width - 1u));
        state[to + n * line(width) + i / 4u] = vec4<f32>(targets[k.x], targets[k.y], targets[k.z], targets[k.w]);
    }
}
// Lanes along the elements, as rows lie in the results.
fn keep(width: u32, source: u32, to: u32) {
    for (var u = lane; u < ROWS * width; u += TEAM) {
        let value = load(source, at(u / width, u % width, width));
        if (u < present * width) { results[to + before * width + u] = value; }
    }
}

fn parameter(k: u32) -> f32 { return parameters[k / 4u][k % 4u]; }

@compute @workgroup_size(TEAM)
fn run_block(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    let first = (group.y * ROW_OF_GROUPS + group.x) * ROWS;
    if (first >= step.rows) { return; }
    lane = index;
    before = first;
    present = min(step.rows - first, ROWS);
    run_calls();
}
