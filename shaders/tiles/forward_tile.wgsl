// forward for GPUs, by tiles (tile.wgsl): a row of the product is a row n of the batch, a column a neuron o, a term an
// input i.   x (N, I)   w (O, I)   b (O)   ->   out (N, O), bit for bit as the plain variant: terms are added in order.

@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

const LEFT_ALONG_TERMS = true;
const RIGHT_ALONG_TERMS = true;
fn left_scale() -> f32 { return 1.0; }

fn texel(operand: u32, t: u32) -> vec4<f32> {
    if (operand == LEFT) { return x[t]; }
    return w[t];
}
fn left(n: u32, i: u32) -> vec4<f32> { return four_of(LEFT, n, i, batch_rows(), ARG0); }
fn right(o: u32, i: u32) -> vec4<f32> { return four_of(RIGHT, o, i, ARG1, ARG0); }

fn start(n: u32, o: u32) -> vec4<f32> {
    let last = ARG1 - 1u;
    return vec4<f32>(b[min(o, last)], b[min(o + 1u, last)], b[min(o + 2u, last)], b[min(o + 3u, last)]);
}

fn put(n: u32, o: u32, sums: vec4<f32>) {
    if (n >= batch_rows()) { return; }
    let at = n * ARG1 + o;
    if (o < ARG1) { out[at] = activate(ARG2, sums.x); }
    if (o + 1u < ARG1) { out[at + 1u] = activate(ARG2, sums.y); }
    if (o + 2u < ARG1) { out[at + 2u] = activate(ARG2, sums.z); }
    if (o + 3u < ARG1) { out[at + 3u] = activate(ARG2, sums.w); }
}

// Nothing else is added up.
fn also(lane: u32, tile: vec2<u32>) {}

@compute @workgroup_size(TILE_LANES)
fn run_forward_tile(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    multiply(group, lane, rows(), ARG1, 0u, ARG0);
}
