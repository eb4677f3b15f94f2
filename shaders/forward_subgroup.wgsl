// forward for adapters whose lanes are the SIMD lanes of a CPU: no workgroup memory, few loads.   I a multiple of 4.
// x (N, I)   w (O, I)   b (O)   ->   out (N, O), bit for bit as the plain variant: terms are added in order.
//
// A workgroup is one subgroup of 8 and computes 32 rows by 32 neurons, 4 neurons a lane. For 4 inputs at a time, lane l
// loads those of rows l, l + 8, l + 16, l + 24 and the weights of its neurons: 8 loads feed 512 multiply-adds a lane. A
// broadcast hands a row's inputs to all lanes; its lane must be a constant, and so must the index of a sum, or the sums
// leave the registers: hence one line a row. Lanes beyond an edge work on the last row or neuron and store nothing.

@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

const TILE_ROWS = 32u;

// Four terms of four sums, in order.
fn add_terms(sum: vec4<f32>, a: vec4<f32>, w0: vec4<f32>, w1: vec4<f32>, w2: vec4<f32>, w3: vec4<f32>) -> vec4<f32> {
    var s = sum + a.x * w0;
    s += a.y * w1;
    s += a.z * w2;
    s += a.w * w3;
    return s;
}

fn put(n: u32, o: u32, sums: vec4<f32>) {
    if (n >= rows()) { return; }
    let at = n * ARG1 + o;
    if (o < ARG1) { out[at] = sums.x; }
    if (o + 1u < ARG1) { out[at + 1u] = sums.y; }
    if (o + 2u < ARG1) { out[at + 2u] = sums.z; }
    if (o + 3u < ARG1) { out[at + 3u] = sums.w; }
}

@compute @workgroup_size(SUBGROUP)
fn run_forward_subgroup(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
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
    var s16 = bias; var s17 = bias; var s18 = bias; var s19 = bias;
    var s20 = bias; var s21 = bias; var s22 = bias; var s23 = bias;
    var s24 = bias; var s25 = bias; var s26 = bias; var s27 = bias;
    var s28 = bias; var s29 = bias; var s30 = bias; var s31 = bias;
    let r0 = min(first + 0u + lane, rows() - 1u) * inputs;
    let r1 = min(first + 8u + lane, rows() - 1u) * inputs;
    let r2 = min(first + 16u + lane, rows() - 1u) * inputs;
    let r3 = min(first + 24u + lane, rows() - 1u) * inputs;
    for (var k = 0u; k < inputs; k++) {
        // Column j holds input j of the four neurons.
        let m = transpose(mat4x4<f32>(w[neuron.x + k], w[neuron.y + k], w[neuron.z + k], w[neuron.w + k]));
        let x0 = x[r0 + k];
        s0 = add_terms(s0, subgroupBroadcast(x0, 0u), m[0], m[1], m[2], m[3]);
        s1 = add_terms(s1, subgroupBroadcast(x0, 1u), m[0], m[1], m[2], m[3]);
        s2 = add_terms(s2, subgroupBroadcast(x0, 2u), m[0], m[1], m[2], m[3]);
        s3 = add_terms(s3, subgroupBroadcast(x0, 3u), m[0], m[1], m[2], m[3]);
        s4 = add_terms(s4, subgroupBroadcast(x0, 4u), m[0], m[1], m[2], m[3]);
        s5 = add_terms(s5, subgroupBroadcast(x0, 5u), m[0], m[1], m[2], m[3]);
        s6 = add_terms(s6, subgroupBroadcast(x0, 6u), m[0], m[1], m[2], m[3]);
        s7 = add_terms(s7, subgroupBroadcast(x0, 7u), m[0], m[1], m[2], m[3]);
        let x1 = x[r1 + k];
        s8 = add_terms(s8, subgroupBroadcast(x1, 0u), m[0], m[1], m[2], m[3]);
        s9 = add_terms(s9, subgroupBroadcast(x1, 1u), m[0], m[1], m[2], m[3]);
        s10 = add_terms(s10, subgroupBroadcast(x1, 2u), m[0], m[1], m[2], m[3]);
        s11 = add_terms(s11, subgroupBroadcast(x1, 3u), m[0], m[1], m[2], m[3]);
        s12 = add_terms(s12, subgroupBroadcast(x1, 4u), m[0], m[1], m[2], m[3]);
        s13 = add_terms(s13, subgroupBroadcast(x1, 5u), m[0], m[1], m[2], m[3]);
        s14 = add_terms(s14, subgroupBroadcast(x1, 6u), m[0], m[1], m[2], m[3]);
        s15 = add_terms(s15, subgroupBroadcast(x1, 7u), m[0], m[1], m[2], m[3]);
        let x2 = x[r2 + k];
        s16 = add_terms(s16, subgroupBroadcast(x2, 0u), m[0], m[1], m[2], m[3]);
        s17 = add_terms(s17, subgroupBroadcast(x2, 1u), m[0], m[1], m[2], m[3]);
        s18 = add_terms(s18, subgroupBroadcast(x2, 2u), m[0], m[1], m[2], m[3]);
        s19 = add_terms(s19, subgroupBroadcast(x2, 3u), m[0], m[1], m[2], m[3]);
        s20 = add_terms(s20, subgroupBroadcast(x2, 4u), m[0], m[1], m[2], m[3]);
        s21 = add_terms(s21, subgroupBroadcast(x2, 5u), m[0], m[1], m[2], m[3]);
        s22 = add_terms(s22, subgroupBroadcast(x2, 6u), m[0], m[1], m[2], m[3]);
        s23 = add_terms(s23, subgroupBroadcast(x2, 7u), m[0], m[1], m[2], m[3]);
        let x3 = x[r3 + k];
        s24 = add_terms(s24, subgroupBroadcast(x3, 0u), m[0], m[1], m[2], m[3]);
        s25 = add_terms(s25, subgroupBroadcast(x3, 1u), m[0], m[1], m[2], m[3]);
        s26 = add_terms(s26, subgroupBroadcast(x3, 2u), m[0], m[1], m[2], m[3]);
        s27 = add_terms(s27, subgroupBroadcast(x3, 3u), m[0], m[1], m[2], m[3]);
        s28 = add_terms(s28, subgroupBroadcast(x3, 4u), m[0], m[1], m[2], m[3]);
        s29 = add_terms(s29, subgroupBroadcast(x3, 5u), m[0], m[1], m[2], m[3]);
        s30 = add_terms(s30, subgroupBroadcast(x3, 6u), m[0], m[1], m[2], m[3]);
        s31 = add_terms(s31, subgroupBroadcast(x3, 7u), m[0], m[1], m[2], m[3]);
    }
    put(first + 0u, o, s0);
    put(first + 1u, o, s1);
    put(first + 2u, o, s2);
    put(first + 3u, o, s3);
    put(first + 4u, o, s4);
    put(first + 5u, o, s5);
    put(first + 6u, o, s6);
    put(first + 7u, o, s7);
    put(first + 8u, o, s8);
    put(first + 9u, o, s9);
    put(first + 10u, o, s10);
    put(first + 11u, o, s11);
    put(first + 12u, o, s12);
    put(first + 13u, o, s13);
    put(first + 14u, o, s14);
    put(first + 15u, o, s15);
    put(first + 16u, o, s16);
    put(first + 17u, o, s17);
    put(first + 18u, o, s18);
    put(first + 19u, o, s19);
    put(first + 20u, o, s20);
    put(first + 21u, o, s21);
    put(first + 22u, o, s22);
    put(first + 23u, o, s23);
    put(first + 24u, o, s24);
    put(first + 25u, o, s25);
    put(first + 26u, o, s26);
    put(first + 27u, o, s27);
    put(first + 28u, o, s28);
    put(first + 29u, o, s29);
    put(first + 30u, o, s30);
    put(first + 31u, o, s31);
    // Over the stored sums, which may be indexed by a loop.
    if (ARG2 == IDENTITY) { return; }
    for (var r = 0u; r < TILE_ROWS; r++) {
        if (first + r >= rows()) { break; }
        for (var c = 0u; c < 4u; c++) {
            let at = (first + r) * ARG1 + o + c;
            if (o + c < ARG1) { out[at] = activate(ARG2, out[at]); }
        }
    }
}
