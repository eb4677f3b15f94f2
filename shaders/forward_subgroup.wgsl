// forward for adapters whose lanes are the SIMD lanes of a CPU, a subgroup a tile (forward_rows.wgsl).   I a multiple of 4.
// x (N, I)   w (O, I)   b (O)   ->   out (N, O), bit for bit as the plain variant.

@group(0) @binding(1) var x: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var w: texture_storage_2d<rgba32float, read>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4<f32>>;
@group(0) @binding(12) var out_image: texture_storage_2d<rgba32float, write>;

fn row_texel(base: u32, texel: u32) -> vec4<f32> { return textureLoad(x, place(TEXEL0 + texel)); }
fn parameter_texel(base: u32, texel: u32) -> vec4<f32> { return textureLoad(w, place(TEXEL1 + texel)); }
fn four_biases(base: u32, o: u32, O: u32) -> vec4<f32> {
    let last = O - 1u;
    return vec4<f32>(b[min(o, last)], b[min(o + 1u, last)], b[min(o + 2u, last)], b[min(o + 3u, last)]);
}

// Rows of the batch, loaded once: loads from a storage buffer are slow here (image.wgsl).
var<private> present: u32;

fn put_outputs(base: u32, n: u32, o: u32, O: u32, y: vec4<f32>) {
    let k = n * O + o;
    if (O % 4u == 0u) {
        out[k / 4u] = y;
        textureStore(out_image, place(TEXEL3 + k / 4u), y);
        return;
    }
    put_output(k, y.x);
    if (o + 1u < O) { put_output(k + 1u, y.y); }
    if (o + 2u < O) { put_output(k + 2u, y.z); }
    if (o + 3u < O) { put_output(k + 3u, y.w); }
}
fn put_output(k: u32, y: f32) { out[k / 4u][k % 4u] = y; }

@compute @workgroup_size(SUBGROUP)
fn run_forward_subgroup(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
    present = rows();
    let across = (ARG1 + 4u * SUBGROUP - 1u) / (4u * SUBGROUP);
    let tile = group.y * ROW_OF_GROUPS + group.x;
    let o = ((tile % across) * SUBGROUP + lane) * 4u;
    forward_tile(lane, (tile / across) * FORWARD_ROWS, o, ARG0, ARG1, ARG2, 0u, 1u, 2u, 3u);
}
