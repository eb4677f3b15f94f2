// input_gradient for adapters whose lanes are the SIMD lanes of a CPU, a subgroup a tile (input_gradient_rows.wgsl).
// I a multiple of 4.   delta (N, O)   w (O, I)   below (N, I)   ->   out (N, I), bit for bit as the plain variant.

@group(0) @binding(1) var delta: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var w: texture_storage_2d<rgba32float, read>;
@group(0) @binding(3) var below: texture_storage_2d<rgba32float, read>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4<f32>>;
@group(0) @binding(12) var out_image: texture_storage_2d<rgba32float, write>;

fn row_texel(base: u32, texel: u32) -> vec4<f32> { return textureLoad(below, place(TEXEL2 + texel)); }
fn parameter_texel(base: u32, texel: u32) -> vec4<f32> { return textureLoad(w, place(TEXEL1 + texel)); }
fn texel_of_deltas(texel: u32) -> vec4<f32> { return textureLoad(delta, place(TEXEL0 + texel)); }

// Deltas of four neurons, in row n.
fn four_deltas(base: u32, n: u32, o: u32, O: u32) -> vec4<f32> {
    let at = n * O + o;
    let a = texel_of_deltas(at / 4u);
    if (O % 4u == 0u) { return a; }
    let d = four(at % 4u, a, texel_of_deltas(at / 4u + 1u));
    return select(vec4<f32>(), d, vec4<u32>(o, o + 1u, o + 2u, o + 3u) < vec4<u32>(O));
}

// Rows of the batch, loaded once: loads from a storage buffer are slow here (image.wgsl).
var<private> present: u32;

fn put_deltas(base: u32, texel: u32, deltas: vec4<f32>) {
    out[texel] = deltas;
    textureStore(out_image, place(TEXEL3 + texel), deltas);
}

@compute @workgroup_size(SUBGROUP)
fn run_input_gradient_subgroup(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
    present = rows();
    let across = (ARG0 / 4u + SUBGROUP - 1u) / SUBGROUP;
    let tile = group.y * ROW_OF_GROUPS + group.x;
    let column = (tile % across) * SUBGROUP + lane;
    input_gradient_rows(lane, (tile / across) * INPUT_GRADIENT_ROWS, column, ARG0, ARG1, ARG2, 0u, 1u, 2u, 3u);
}
