// input_gradient for adapters whose lanes are the SIMD lanes of a CPU: no workgroup memory, few loads.   I a multiple of 4.
// delta (N, O)   w (O, I)   below (N, I)   ->   out (N, I), bit for bit as the plain variant: terms are added in order.
//
// A workgroup is one subgroup of 8 and computes 16 rows by 32 neurons below, 4 neurons a lane. For 4 neurons above at a
// time, lane l loads their weights to its neurons and the deltas of rows l and l + 8; a shuffle hands a row's deltas to
// all lanes. One line a row, so that no sum's index is dynamic. Terms beyond the last neuron above are 0 * 0, which
// changes no sum; lanes beyond an edge work on the last row or neurons and store nothing.

@group(0) @binding(1) var delta: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var w: texture_storage_2d<rgba32float, read>;
@group(0) @binding(3) var below: texture_storage_2d<rgba32float, read>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4<f32>>;
@group(0) @binding(12) var out_image: texture_storage_2d<rgba32float, write>;

const TILE_ROWS = 16u;

fn texel_of_deltas(texel: u32) -> vec4<f32> { return textureLoad(delta, place(TEXEL0 + texel)); }

// Deltas of four neurons, in row n.
fn deltas(n: u32, o: u32) -> vec4<f32> {
    let at = n * ARG1 + o;
    let a = texel_of_deltas(at / 4u);
    if (ARG1 % 4u == 0u) { return a; }
    let d = four(at % 4u, a, texel_of_deltas(at / 4u + 1u));
    return select(vec4<f32>(), d, vec4<u32>(o, o + 1u, o + 2u, o + 3u) < vec4<u32>(ARG1));
}

fn weights(o: u32, column: u32, columns: u32) -> vec4<f32> {
    let m = textureLoad(w, place(TEXEL1 + o * columns + column));
    return select(vec4<f32>(), m, vec4<bool>(o < ARG1));
}

// Rows of the batch, loaded once: loads from a storage buffer are slow here (image.wgsl).
var<private> present: u32;

fn put(n: u32, column: u32, columns: u32, sums: vec4<f32>) {
    if (n >= present || column >= columns) { return; }
    let at = n * columns + column;
    let y = textureLoad(below, place(TEXEL2 + at));
    let deltas = sums * vec4<f32>(slope(ARG2, y.x), slope(ARG2, y.y), slope(ARG2, y.z), slope(ARG2, y.w));
    out[at] = deltas;
    textureStore(out_image, place(TEXEL3 + at), deltas);
}

@compute @workgroup_size(SUBGROUP)
fn run_input_gradient_subgroup(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
    present = rows();
    let columns = ARG0 / 4u;
    let across = (columns + SUBGROUP - 1u) / SUBGROUP;
    let tile = group.y * ROW_OF_GROUPS + group.x;
    let first = (tile / across) * TILE_ROWS;
    let column = (tile % across) * SUBGROUP + lane;
    let mine = min(column, columns - 1u);
    var s0 = vec4<f32>(); var s1 = vec4<f32>(); var s2 = vec4<f32>(); var s3 = vec4<f32>();
    var s4 = vec4<f32>(); var s5 = vec4<f32>(); var s6 = vec4<f32>(); var s7 = vec4<f32>();
    var s8 = vec4<f32>(); var s9 = vec4<f32>(); var s10 = vec4<f32>(); var s11 = vec4<f32>();
    var s12 = vec4<f32>(); var s13 = vec4<f32>(); var s14 = vec4<f32>(); var s15 = vec4<f32>();
    let r0 = min(first + 0u + lane, present - 1u);
    let r1 = min(first + 8u + lane, present - 1u);
    for (var o = 0u; o < ARG1; o += 4u) {
        let w0 = weights(o + 0u, mine, columns);
        let w1 = weights(o + 1u, mine, columns);
        let w2 = weights(o + 2u, mine, columns);
        let w3 = weights(o + 3u, mine, columns);
        let d0 = deltas(r0, o);
        s0 = add_terms(s0, subgroupShuffle(d0, 0u), w0, w1, w2, w3);
        s1 = add_terms(s1, subgroupShuffle(d0, 1u), w0, w1, w2, w3);
        s2 = add_terms(s2, subgroupShuffle(d0, 2u), w0, w1, w2, w3);
        s3 = add_terms(s3, subgroupShuffle(d0, 3u), w0, w1, w2, w3);
        s4 = add_terms(s4, subgroupShuffle(d0, 4u), w0, w1, w2, w3);
        s5 = add_terms(s5, subgroupShuffle(d0, 5u), w0, w1, w2, w3);
        s6 = add_terms(s6, subgroupShuffle(d0, 6u), w0, w1, w2, w3);
        s7 = add_terms(s7, subgroupShuffle(d0, 7u), w0, w1, w2, w3);
        let d1 = deltas(r1, o);
        s8 = add_terms(s8, subgroupShuffle(d1, 0u), w0, w1, w2, w3);
        s9 = add_terms(s9, subgroupShuffle(d1, 1u), w0, w1, w2, w3);
        s10 = add_terms(s10, subgroupShuffle(d1, 2u), w0, w1, w2, w3);
        s11 = add_terms(s11, subgroupShuffle(d1, 3u), w0, w1, w2, w3);
        s12 = add_terms(s12, subgroupShuffle(d1, 4u), w0, w1, w2, w3);
        s13 = add_terms(s13, subgroupShuffle(d1, 5u), w0, w1, w2, w3);
        s14 = add_terms(s14, subgroupShuffle(d1, 6u), w0, w1, w2, w3);
        s15 = add_terms(s15, subgroupShuffle(d1, 7u), w0, w1, w2, w3);
    }
    // The sums move up, so that there is little code and none has a dynamic index.
    let end = min(first + TILE_ROWS, present);
    for (var n = first; n < end; n += 4u) {
        put(n, column, columns, s0); put(n + 1u, column, columns, s1);
        put(n + 2u, column, columns, s2); put(n + 3u, column, columns, s3);
        s0 = s4; s1 = s5; s2 = s6; s3 = s7;
        s4 = s8; s5 = s9; s6 = s10; s7 = s11;
        s8 = s12; s9 = s13; s10 = s14; s11 = s15;
    }
}
