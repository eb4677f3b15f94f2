// input_gradient for GPUs, by tiles (tile.wgsl): a row of the product is a row n of the batch, a column a neuron i below, a
// term a neuron o above.
// delta (N, O)   w (O, I)   below (N, I)   ->   out (N, I), bit for bit as the plain variant: terms are added in order.

@group(0) @binding(1) var<storage, read> delta: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> below: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

const LEFT_ALONG_TERMS = true;
const RIGHT_ALONG_TERMS = false;
fn left_scale() -> f32 { return delta_scale(); }

fn texel(operand: u32, t: u32) -> vec4<f32> {
    if (operand == LEFT) { return delta[t]; }
    return w[t];
}
fn left(n: u32, o: u32) -> vec4<f32> { return four_of(LEFT, n, o, batch_rows(), ARG1); }
fn right(o: u32, i: u32) -> vec4<f32> { return four_of(RIGHT, o, i, ARG1, ARG0); }

fn start(n: u32, i: u32) -> vec4<f32> { return vec4<f32>(); }

fn put(n: u32, i: u32, sums: vec4<f32>) {
    if (n >= batch_rows()) { return; }
    let at = n * ARG0 + i;
    if (i < ARG0) { out[at] = sums.x * slope(ARG2, below[at]); }
    if (i + 1u < ARG0) { out[at + 1u] = sums.y * slope(ARG2, below[at + 1u]); }
    if (i + 2u < ARG0) { out[at + 2u] = sums.z * slope(ARG2, below[at + 2u]); }
    if (i + 3u < ARG0) { out[at + 3u] = sums.w * slope(ARG2, below[at + 3u]); }
}

// Nothing else is added up.
fn also(lane: u32, tile: vec2<u32>) {}

@compute @workgroup_size(TILE_LANES)
fn run_input_gradient_tile(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    multiply(group, lane, rows(), ARG0, 0u, ARG1);
}
