// The sums of weight_gradient and descent for adapters whose lanes are the SIMD lanes of a CPU: no workgroup memory, few
// loads.   I a multiple of 4.   delta (N, O)   x (N, I)
//
// A workgroup is one subgroup of 8 and computes 32 neurons by 32 inputs, 4 inputs a lane. For 4 rows at a time, lane l
// loads its inputs and the deltas of neurons 4 l to 4 l + 3: 8 loads feed 512 multiply-adds a lane. A shuffle hands a
// neuron's deltas to all lanes. One line a neuron, so that no sum's index is dynamic. Terms beyond the last row are 0 * 0,
// which changes no sum. The tiles of the first inputs keep the biases' sums too. What sums start from, and where they go,
// is the kernel's (NAME_subgroup.wgsl).

@group(0) @binding(1) var delta: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var x: texture_storage_2d<rgba32float, read>;

const TILE_NEURONS = 32u;

fn texel_of_deltas(texel: u32) -> vec4<f32> { return textureLoad(delta, place(TEXEL0 + texel)); }

// Deltas of four neurons in row n; zero beyond the last row.
fn deltas(n: u32, o: u32, end: u32) -> vec4<f32> {
    let at = n * ARG1 + o;
    var d = texel_of_deltas(at / 4u);
    if (ARG1 % 4u != 0u) { d = four(at % 4u, d, texel_of_deltas(at / 4u + 1u)); }
    return select(vec4<f32>(), d, vec4<bool>(n < end));
}

fn inputs(n: u32, column: u32, columns: u32, end: u32) -> vec4<f32> {
    let v = textureLoad(x, place(TEXEL1 + n * columns + column));
    return select(vec4<f32>(), v, vec4<bool>(n < end));
}

// Adds rows rows_from..end to the sums of the workgroup's tile.
fn add_rows(group: vec3<u32>, lane: u32, rows_from: u32, end: u32) {
    let columns = ARG0 / 4u;
    let across = (columns + SUBGROUP - 1u) / SUBGROUP;
    let tile = group.y * ROW_OF_GROUPS + group.x;
    let first = (tile / across) * TILE_NEURONS;
    let column = (tile % across) * SUBGROUP + lane;
    let mine = min(column, columns - 1u);
    let o = first + 4u * lane;
    var s0 = start(first + 0u, column, columns); var s1 = start(first + 1u, column, columns);
    var s2 = start(first + 2u, column, columns); var s3 = start(first + 3u, column, columns);
    var s4 = start(first + 4u, column, columns); var s5 = start(first + 5u, column, columns);
    var s6 = start(first + 6u, column, columns); var s7 = start(first + 7u, column, columns);
    var s8 = start(first + 8u, column, columns); var s9 = start(first + 9u, column, columns);
    var s10 = start(first + 10u, column, columns); var s11 = start(first + 11u, column, columns);
    var s12 = start(first + 12u, column, columns); var s13 = start(first + 13u, column, columns);
    var s14 = start(first + 14u, column, columns); var s15 = start(first + 15u, column, columns);
    var s16 = start(first + 16u, column, columns); var s17 = start(first + 17u, column, columns);
    var s18 = start(first + 18u, column, columns); var s19 = start(first + 19u, column, columns);
    var s20 = start(first + 20u, column, columns); var s21 = start(first + 21u, column, columns);
    var s22 = start(first + 22u, column, columns); var s23 = start(first + 23u, column, columns);
    var s24 = start(first + 24u, column, columns); var s25 = start(first + 25u, column, columns);
    var s26 = start(first + 26u, column, columns); var s27 = start(first + 27u, column, columns);
    var s28 = start(first + 28u, column, columns); var s29 = start(first + 29u, column, columns);
    var s30 = start(first + 30u, column, columns); var s31 = start(first + 31u, column, columns);
    var bias = vec4<f32>(start_bias(o), start_bias(o + 1u), start_bias(o + 2u), start_bias(o + 3u));
    for (var n = rows_from; n < end; n += 4u) {
        let v0 = inputs(n + 0u, mine, columns, end);
        let v1 = inputs(n + 1u, mine, columns, end);
        let v2 = inputs(n + 2u, mine, columns, end);
        let v3 = inputs(n + 3u, mine, columns, end);
        // Column j holds four rows' deltas of neuron 4 l + j.
        let d = mat4x4<f32>(deltas(n, o, end), deltas(n + 1u, o, end), deltas(n + 2u, o, end), deltas(n + 3u, o, end));
        bias = bias + d[0] + d[1] + d[2] + d[3];
        let m = transpose(d);
        s0 = add_terms(s0, subgroupShuffle(m[0], 0u), v0, v1, v2, v3);
        s1 = add_terms(s1, subgroupShuffle(m[1], 0u), v0, v1, v2, v3);
        s2 = add_terms(s2, subgroupShuffle(m[2], 0u), v0, v1, v2, v3);
        s3 = add_terms(s3, subgroupShuffle(m[3], 0u), v0, v1, v2, v3);
        s4 = add_terms(s4, subgroupShuffle(m[0], 1u), v0, v1, v2, v3);
        s5 = add_terms(s5, subgroupShuffle(m[1], 1u), v0, v1, v2, v3);
        s6 = add_terms(s6, subgroupShuffle(m[2], 1u), v0, v1, v2, v3);
        s7 = add_terms(s7, subgroupShuffle(m[3], 1u), v0, v1, v2, v3);
        s8 = add_terms(s8, subgroupShuffle(m[0], 2u), v0, v1, v2, v3);
        s9 = add_terms(s9, subgroupShuffle(m[1], 2u), v0, v1, v2, v3);
        s10 = add_terms(s10, subgroupShuffle(m[2], 2u), v0, v1, v2, v3);
        s11 = add_terms(s11, subgroupShuffle(m[3], 2u), v0, v1, v2, v3);
        s12 = add_terms(s12, subgroupShuffle(m[0], 3u), v0, v1, v2, v3);
        s13 = add_terms(s13, subgroupShuffle(m[1], 3u), v0, v1, v2, v3);
        s14 = add_terms(s14, subgroupShuffle(m[2], 3u), v0, v1, v2, v3);
        s15 = add_terms(s15, subgroupShuffle(m[3], 3u), v0, v1, v2, v3);
        s16 = add_terms(s16, subgroupShuffle(m[0], 4u), v0, v1, v2, v3);
        s17 = add_terms(s17, subgroupShuffle(m[1], 4u), v0, v1, v2, v3);
        s18 = add_terms(s18, subgroupShuffle(m[2], 4u), v0, v1, v2, v3);
        s19 = add_terms(s19, subgroupShuffle(m[3], 4u), v0, v1, v2, v3);
        s20 = add_terms(s20, subgroupShuffle(m[0], 5u), v0, v1, v2, v3);
        s21 = add_terms(s21, subgroupShuffle(m[1], 5u), v0, v1, v2, v3);
        s22 = add_terms(s22, subgroupShuffle(m[2], 5u), v0, v1, v2, v3);
        s23 = add_terms(s23, subgroupShuffle(m[3], 5u), v0, v1, v2, v3);
        s24 = add_terms(s24, subgroupShuffle(m[0], 6u), v0, v1, v2, v3);
        s25 = add_terms(s25, subgroupShuffle(m[1], 6u), v0, v1, v2, v3);
        s26 = add_terms(s26, subgroupShuffle(m[2], 6u), v0, v1, v2, v3);
        s27 = add_terms(s27, subgroupShuffle(m[3], 6u), v0, v1, v2, v3);
        s28 = add_terms(s28, subgroupShuffle(m[0], 7u), v0, v1, v2, v3);
        s29 = add_terms(s29, subgroupShuffle(m[1], 7u), v0, v1, v2, v3);
        s30 = add_terms(s30, subgroupShuffle(m[2], 7u), v0, v1, v2, v3);
        s31 = add_terms(s31, subgroupShuffle(m[3], 7u), v0, v1, v2, v3);
    }
    // The sums move up, so that there is little code and none has a dynamic index.
    let neurons = min(first + TILE_NEURONS, ARG1);
    for (var n = first; n < neurons; n += 4u) {
        put(n, column, columns, s0); put(n + 1u, column, columns, s1);
        put(n + 2u, column, columns, s2); put(n + 3u, column, columns, s3);
        s0 = s4; s1 = s5; s2 = s6; s3 = s7;
        s4 = s8; s5 = s9; s6 = s10; s7 = s11;
        s8 = s12; s9 = s13; s10 = s14; s11 = s15;
        s12 = s16; s13 = s17; s14 = s18; s15 = s19;
        s16 = s20; s17 = s21; s18 = s22; s19 = s23;
        s20 = s24; s21 = s25; s22 = s26; s23 = s27;
        s24 = s28; s25 = s29; s26 = s30; s27 = s31;
    }
    if (tile % across != 0u) { return; }
    put_bias(o + 0u, bias[0]);
    put_bias(o + 1u, bias[1]);
    put_bias(o + 2u, bias[2]);
    put_bias(o + 3u, bias[3]);
}
