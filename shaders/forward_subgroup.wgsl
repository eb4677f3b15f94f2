// forward for adapters whose lanes are the SIMD lanes of a CPU: no workgroup memory, few loads.   I a multiple of 4.
// x (N, I)   w (O, I)   b (O)   ->   out (N, O), bit for bit as the plain variant: terms are added in order.
//
// A workgroup is one subgroup of 8 and computes 16 rows by 32 neurons, 4 neurons a lane. For 4 inputs at a time, lane l
// loads those of rows l and l + 8 and the weights of its neurons: 6 loads feed 256 multiply-adds a lane. A shuffle
// hands a row's inputs to all lanes; the index of a sum must be a constant, or the sums leave the registers: hence one
// line a row. Lanes beyond an edge work on the last row or neuron and store nothing.

@group(0) @binding(1) var x: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var w: texture_storage_2d<rgba32float, read>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(12) var out_image: texture_storage_2d<rgba32float, write>;

const TILE_ROWS = 16u;

fn inputs_at(texel: u32) -> vec4<f32> { return textureLoad(x, place(TEXEL0 + texel)); }
fn weights_at(texel: u32) -> vec4<f32> { return textureLoad(w, place(TEXEL1 + texel)); }

// Rows of the batch, loaded once: loads from a storage buffer are slow here (image.wgsl).
var<private> present: u32;

fn put(n: u32, o: u32, sums: vec4<f32>) {
    if (n >= present || o >= ARG1) { return; }
    let at = n * ARG1 + o;
    let y = vec4<f32>(activate(ARG2, sums.x), activate(ARG2, sums.y), activate(ARG2, sums.z), activate(ARG2, sums.w));
    out[at] = y.x;
    if (o + 1u < ARG1) { out[at + 1u] = y.y; }
    if (o + 2u < ARG1) { out[at + 2u] = y.z; }
    if (o + 3u < ARG1) { out[at + 3u] = y.w; }
    if (ARG1 % 4u == 0u) { textureStore(out_image, place(TEXEL3 + at / 4u), y); }
}

@compute @workgroup_size(SUBGROUP)
fn run_forward_subgroup(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
    present = rows();
    let inputs = ARG0 / 4u;
    let across = (ARG1 + 4u * SUBGROUP - 1u) / (4u * SUBGROUP);
    let tile = group.y * ROW_OF_GROUPS + group.x;
    let first = (tile / across) * TILE_ROWS;
    let o = ((tile % across) * SUBGROUP + lane) * 4u;

    let last = ARG1 - 1u;
    let neuron = min(vec4<u32>(o, o + 1u, o + 2u, o + 3u), vec4<u32>(last)) * inputs;
    let bias = vec4<f32>(b[min(o, last)], b[min(o + 1u, last)], b[min(o + 2u, last)], b[min(o + 3u, last)]);
    var s0 = bias; var s1 = bias; var s2 = bias; var s3 = bias;
    var s4 = bias; var s5 = bias; var s6 = bias; var s7 = bias;
    var s8 = bias; var s9 = bias; var s10 = bias; var s11 = bias;
    var s12 = bias; var s13 = bias; var s14 = bias; var s15 = bias;
    let r0 = min(first + 0u + lane, present - 1u) * inputs;
    let r1 = min(first + 8u + lane, present - 1u) * inputs;
    for (var k = 0u; k < inputs; k++) {
        // Column j holds input j of the four neurons.
        let m = transpose(mat4x4<f32>(
            weights_at(neuron.x + k), weights_at(neuron.y + k), weights_at(neuron.z + k), weights_at(neuron.w + k)));
        let x0 = inputs_at(r0 + k);
        s0 = add_terms(s0, subgroupShuffle(x0, 0u), m[0], m[1], m[2], m[3]);
        s1 = add_terms(s1, subgroupShuffle(x0, 1u), m[0], m[1], m[2], m[3]);
        s2 = add_terms(s2, subgroupShuffle(x0, 2u), m[0], m[1], m[2], m[3]);
        s3 = add_terms(s3, subgroupShuffle(x0, 3u), m[0], m[1], m[2], m[3]);
        s4 = add_terms(s4, subgroupShuffle(x0, 4u), m[0], m[1], m[2], m[3]);
        s5 = add_terms(s5, subgroupShuffle(x0, 5u), m[0], m[1], m[2], m[3]);
        s6 = add_terms(s6, subgroupShuffle(x0, 6u), m[0], m[1], m[2], m[3]);
        s7 = add_terms(s7, subgroupShuffle(x0, 7u), m[0], m[1], m[2], m[3]);
        let x1 = inputs_at(r1 + k);
        s8 = add_terms(s8, subgroupShuffle(x1, 0u), m[0], m[1], m[2], m[3]);
        s9 = add_terms(s9, subgroupShuffle(x1, 1u), m[0], m[1], m[2], m[3]);
        s10 = add_terms(s10, subgroupShuffle(x1, 2u), m[0], m[1], m[2], m[3]);
        s11 = add_terms(s11, subgroupShuffle(x1, 3u), m[0], m[1], m[2], m[3]);
        s12 = add_terms(s12, subgroupShuffle(x1, 4u), m[0], m[1], m[2], m[3]);
        s13 = add_terms(s13, subgroupShuffle(x1, 5u), m[0], m[1], m[2], m[3]);
        s14 = add_terms(s14, subgroupShuffle(x1, 6u), m[0], m[1], m[2], m[3]);
        s15 = add_terms(s15, subgroupShuffle(x1, 7u), m[0], m[1], m[2], m[3]);
    }
    // The sums move up, so that there is little code and none has a dynamic index.
    let end = min(first + TILE_ROWS, present);
    for (var n = first; n < end; n += 4u) {
        put(n, o, s0); put(n + 1u, o, s1); put(n + 2u, o, s2); put(n + 3u, o, s3);
        s0 = s4; s1 = s5; s2 = s6; s3 = s7;
        s4 = s8; s5 = s9; s6 = s10; s7 = s11;
        s8 = s12; s9 = s13; s10 = s14; s11 = s15;
    }
}
