// descent for adapters whose lanes are the SIMD lanes of a CPU (weight_gradient_sums.wgsl).   I a multiple of 4.
// delta (N, O)   x (N, I)   ->   w (O, I)   b (O), bit for bit as the plain variant: rows are added in order.
// `before` is what the weights were.

@group(0) @binding(3) var<storage, read_write> w: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> b: array<f32>;
@group(0) @binding(11) var before: texture_storage_2d<rgba32float, read>;

// Loaded once: loads from a storage buffer are slow here (image.wgsl).
var<private> rate: f32;
// Magnitudes of what was stored, as bits: they are judged once, since here a branch that is not taken costs as if it were.
var<private> largest: vec4<u32>;

fn look(updated: vec4<f32>) { largest = max(largest, bitcast<vec4<u32>>(updated) & vec4<u32>(0x7FFFFFFFu)); }

fn start(o: u32, column: u32, columns: u32) -> vec4<f32> { return vec4<f32>(); }
fn start_bias(o: u32) -> f32 { return 0.0; }

fn put(o: u32, column: u32, columns: u32, sums: vec4<f32>) {
    if (o >= ARG1 || column >= columns) { return; }
    let at = o * columns + column;
    let p = textureLoad(before, place(TEXEL2 + at));
    var g = sums;
    if (ARG2 != 0u) { g += bitcast<f32>(ARG2) * p; }
    let updated = p - rate * g;
    w[at] = updated;
    look(updated);
}
fn put_bias(o: u32, sum: f32) {
    if (o >= ARG1) { return; }
    let p = b[o];
    var g = sum;
    if (ARG2 != 0u) { g += bitcast<f32>(ARG2) * p; }
    let updated = p - rate * g;
    b[o] = updated;
    look(vec4<f32>(updated));
}

@compute @workgroup_size(SUBGROUP)
fn run_descent_subgroup(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
    if (stopped()) { return; }
    rate = learning_rate();
    add_rows(group, lane, 0u, rows());
    if (any(largest >= vec4<u32>(0x7F800000u))) { diverged(UPDATE_DIVERGED); }
}
