// The device family's blocks for adapters whose lanes are the SIMD lanes of a CPU, where a dispatch costs more than a small
// layer: a subgroup takes 16 rows of the batch through the last layer, the total error and the hidden deltas below, in one.
// In front of this file src/plan/inline/block/subgroup.rs prints run_calls().
//
// What it makes is in `results`, where it reads it itself, and deltas in images too, for the products over all rows
// (image.wgsl). A base is an offset there, or in the parameters.

@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var given: texture_storage_2d<rgba32float, read>; // (N, I), of the last layer
@group(0) @binding(2) var<storage, read> targets: array<f32>;           // (N, T)
@group(0) @binding(3) var parameters: texture_storage_2d<rgba32float, read>;
@group(0) @binding(4) var<storage, read_write> results: array<f32>;
@group(0) @binding(5) var<storage, read_write> status: atomic<u32>;
@group(0) @binding(6) var<storage, read_write> counter: u32;
@group(0) @binding(11) var delta_image: texture_storage_2d<rgba32float, write>; // (N, O)
@group(0) @binding(12) var below_image: texture_storage_2d<rgba32float, write>; // (N, I)

const ROW_OF_GROUPS = 65535u; // what one dimension of a dispatch may hold
const SUBGROUP = 8u;
const TARGETS = 0xfffffffeu;  // the base of the targets; that of what is given is not looked at

var<private> lane: u32;
var<private> first: u32;   // of its rows
var<private> end: u32;     // of its rows
var<private> present: u32; // rows of the batch

fn load(base: u32, i: u32) -> f32 {
    if (base == TARGETS) { return targets[i]; }
    return results[base + i];
}
fn store(base: u32, i: u32, value: f32) { results[base + i] = value; }
fn at(n: u32, i: u32, width: u32) -> u32 { return n * width + i; }
fn inverse_rows() -> f32 { return step.inverse_rows; }
fn diverged(what: u32) { atomicMin(&status, 2u * step.index + what); }
// No workgroup reads the counter: the step's row was brought before.
fn count_step() { counter += 1u; }
fn sync() { storageBarrier(); }

fn row_texel(base: u32, texel: u32) -> vec4<f32> { return textureLoad(given, place(texel)); }
fn parameter_texel(base: u32, texel: u32) -> vec4<f32> { return textureLoad(parameters, place(base / 4u + texel)); }
fn four_biases(base: u32, o: u32, O: u32) -> vec4<f32> { return parameter_texel(base, min(o, O - 1u) / 4u); }

fn forward_layer(I: u32, O: u32, activation: u32, x: u32, w: u32, b: u32, out: u32) {
    for (var o = 0u; o < O; o += 4u * SUBGROUP) {
        forward_rows(lane, first, o + 4u * lane, I, O, activation, x, w, b, out);
    }
}
fn put_outputs(out: u32, n: u32, o: u32, O: u32, y: vec4<f32>) {
    let k = out + n * O + o;
    results[k] = y.x;
    if (o + 1u < O) { results[k + 1u] = y.y; }
    if (o + 2u < O) { results[k + 2u] = y.z; }
    if (o + 3u < O) { results[k + 3u] = y.w; }
}

// The loss left its deltas in the results: 16 rows are whole texels.
fn store_deltas(O: u32, delta: u32) {
    for (var t = first * O / 4u + lane; t < (end * O + 3u) / 4u; t += SUBGROUP) {
        let k = delta + 4u * t;
        let four = vec4<f32>(results[k], results[k + 1u], results[k + 2u], results[k + 3u]);
        textureStore(delta_image, place(t), four);
    }
}

fn input_gradient_layer(I: u32, O: u32, activation: u32, delta: u32, w: u32, below: u32, out: u32) {
    for (var column = 0u; column < I / 4u; column += SUBGROUP) {
        input_gradient_rows(lane, first, column + lane, I, O, activation, delta, w, below, out);
    }
}
// Beyond the last neuron they are the last one's, a number that is finite or ends the run: weights are 0 there.
fn four_deltas(delta: u32, n: u32, o: u32, O: u32) -> vec4<f32> {
    let k = delta + n * O;
    let last = O - 1u;
    return vec4<f32>(
        results[k + o], results[k + min(o + 1u, last)], results[k + min(o + 2u, last)], results[k + min(o + 3u, last)]);
}
fn put_deltas(out: u32, texel: u32, deltas: vec4<f32>) {
    let k = out + 4u * texel;
    results[k] = deltas.x;
    results[k + 1u] = deltas.y;
    results[k + 2u] = deltas.z;
    results[k + 3u] = deltas.w;
    textureStore(below_image, place(texel), deltas);
}

@compute @workgroup_size(SUBGROUP)
fn run_block(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) index: u32) {
    let start = (group.y * ROW_OF_GROUPS + group.x) * FORWARD_ROWS;
    if (start >= step.rows) { return; }
    lane = index;
    first = start;
    present = step.rows;
    end = min(start + FORWARD_ROWS, present);
    run_calls();
}
