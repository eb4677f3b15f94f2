// weight_gradient for adapters whose lanes are the SIMD lanes of a CPU: no workgroup memory, few loads.   I a multiple of 4.
// delta (N, O)   x (N, I)   ->   dw (O, I)   db (O), bit for bit as the plain variant: rows are added in order.
//
// A workgroup is one subgroup of 8 and computes 32 neurons by 32 inputs, 4 inputs a lane. For each row, lane l loads its
// inputs and the deltas of neurons l, l + 8, l + 16, l + 24; a broadcast hands each delta to all lanes. One line a
// neuron, so that no sum's index is dynamic. The tiles of the first inputs keep the biases' sums too.

@group(0) @binding(1) var<storage, read> delta: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> dw: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> db: array<f32>;

const TILE_NEURONS = 32u;

// What earlier calls of the same batch left.
fn earlier(o: u32, column: u32, columns: u32) -> vec4<f32> {
    if (ARG2 == 0u || o >= ARG1) { return vec4<f32>(); }
    return dw[o * columns + min(column, columns - 1u)];
}

fn put(o: u32, column: u32, columns: u32, sums: vec4<f32>) {
    if (o < ARG1 && column < columns) { dw[o * columns + column] = sums; }
}

@compute @workgroup_size(SUBGROUP)
fn run_weight_gradient_subgroup(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
    let columns = ARG0 / 4u;
    let across = (columns + SUBGROUP - 1u) / SUBGROUP;
    let tile = group.y * ROW_OF_GROUPS + group.x;
    let first = (tile / across) * TILE_NEURONS;
    let column = (tile % across) * SUBGROUP + lane;
    let end = min(rows(), ARG2 + ARG3);
    let mine = min(column, columns - 1u);
    var s0 = earlier(first + 0u, column, columns); var s1 = earlier(first + 1u, column, columns);
    var s2 = earlier(first + 2u, column, columns); var s3 = earlier(first + 3u, column, columns);
    var s4 = earlier(first + 4u, column, columns); var s5 = earlier(first + 5u, column, columns);
    var s6 = earlier(first + 6u, column, columns); var s7 = earlier(first + 7u, column, columns);
    var s8 = earlier(first + 8u, column, columns); var s9 = earlier(first + 9u, column, columns);
    var s10 = earlier(first + 10u, column, columns); var s11 = earlier(first + 11u, column, columns);
    var s12 = earlier(first + 12u, column, columns); var s13 = earlier(first + 13u, column, columns);
    var s14 = earlier(first + 14u, column, columns); var s15 = earlier(first + 15u, column, columns);
    var s16 = earlier(first + 16u, column, columns); var s17 = earlier(first + 17u, column, columns);
    var s18 = earlier(first + 18u, column, columns); var s19 = earlier(first + 19u, column, columns);
    var s20 = earlier(first + 20u, column, columns); var s21 = earlier(first + 21u, column, columns);
    var s22 = earlier(first + 22u, column, columns); var s23 = earlier(first + 23u, column, columns);
    var s24 = earlier(first + 24u, column, columns); var s25 = earlier(first + 25u, column, columns);
    var s26 = earlier(first + 26u, column, columns); var s27 = earlier(first + 27u, column, columns);
    var s28 = earlier(first + 28u, column, columns); var s29 = earlier(first + 29u, column, columns);
    var s30 = earlier(first + 30u, column, columns); var s31 = earlier(first + 31u, column, columns);
    let o0 = min(first + 0u + lane, ARG1 - 1u);
    var b0 = 0.0;
    if (ARG2 != 0u) { b0 = db[o0]; }
    let o1 = min(first + 8u + lane, ARG1 - 1u);
    var b1 = 0.0;
    if (ARG2 != 0u) { b1 = db[o1]; }
    let o2 = min(first + 16u + lane, ARG1 - 1u);
    var b2 = 0.0;
    if (ARG2 != 0u) { b2 = db[o2]; }
    let o3 = min(first + 24u + lane, ARG1 - 1u);
    var b3 = 0.0;
    if (ARG2 != 0u) { b3 = db[o3]; }
    for (var n = ARG2; n < end; n++) {
        let v = x[n * columns + mine];
        let d0 = delta[n * ARG1 + o0];
        b0 += d0;
        s0 += subgroupBroadcast(d0, 0u) * v;
        s1 += subgroupBroadcast(d0, 1u) * v;
        s2 += subgroupBroadcast(d0, 2u) * v;
        s3 += subgroupBroadcast(d0, 3u) * v;
        s4 += subgroupBroadcast(d0, 4u) * v;
        s5 += subgroupBroadcast(d0, 5u) * v;
        s6 += subgroupBroadcast(d0, 6u) * v;
        s7 += subgroupBroadcast(d0, 7u) * v;
        let d1 = delta[n * ARG1 + o1];
        b1 += d1;
        s8 += subgroupBroadcast(d1, 0u) * v;
        s9 += subgroupBroadcast(d1, 1u) * v;
        s10 += subgroupBroadcast(d1, 2u) * v;
        s11 += subgroupBroadcast(d1, 3u) * v;
        s12 += subgroupBroadcast(d1, 4u) * v;
        s13 += subgroupBroadcast(d1, 5u) * v;
        s14 += subgroupBroadcast(d1, 6u) * v;
        s15 += subgroupBroadcast(d1, 7u) * v;
        let d2 = delta[n * ARG1 + o2];
        b2 += d2;
        s16 += subgroupBroadcast(d2, 0u) * v;
        s17 += subgroupBroadcast(d2, 1u) * v;
        s18 += subgroupBroadcast(d2, 2u) * v;
        s19 += subgroupBroadcast(d2, 3u) * v;
        s20 += subgroupBroadcast(d2, 4u) * v;
        s21 += subgroupBroadcast(d2, 5u) * v;
        s22 += subgroupBroadcast(d2, 6u) * v;
        s23 += subgroupBroadcast(d2, 7u) * v;
        let d3 = delta[n * ARG1 + o3];
        b3 += d3;
        s24 += subgroupBroadcast(d3, 0u) * v;
        s25 += subgroupBroadcast(d3, 1u) * v;
        s26 += subgroupBroadcast(d3, 2u) * v;
        s27 += subgroupBroadcast(d3, 3u) * v;
        s28 += subgroupBroadcast(d3, 4u) * v;
        s29 += subgroupBroadcast(d3, 5u) * v;
        s30 += subgroupBroadcast(d3, 6u) * v;
        s31 += subgroupBroadcast(d3, 7u) * v;
    }
    put(first + 0u, column, columns, s0);
    put(first + 1u, column, columns, s1);
    put(first + 2u, column, columns, s2);
    put(first + 3u, column, columns, s3);
    put(first + 4u, column, columns, s4);
    put(first + 5u, column, columns, s5);
    put(first + 6u, column, columns, s6);
    put(first + 7u, column, columns, s7);
    put(first + 8u, column, columns, s8);
    put(first + 9u, column, columns, s9);
    put(first + 10u, column, columns, s10);
    put(first + 11u, column, columns, s11);
    put(first + 12u, column, columns, s12);
    put(first + 13u, column, columns, s13);
    put(first + 14u, column, columns, s14);
    put(first + 15u, column, columns, s15);
    put(first + 16u, column, columns, s16);
    put(first + 17u, column, columns, s17);
    put(first + 18u, column, columns, s18);
    put(first + 19u, column, columns, s19);
    put(first + 20u, column, columns, s20);
    put(first + 21u, column, columns, s21);
    put(first + 22u, column, columns, s22);
    put(first + 23u, column, columns, s23);
    put(first + 24u, column, columns, s24);
    put(first + 25u, column, columns, s25);
    put(first + 26u, column, columns, s26);
    put(first + 27u, column, columns, s27);
    put(first + 28u, column, columns, s28);
    put(first + 29u, column, columns, s29);
    put(first + 30u, column, columns, s30);
    put(first + 31u, column, columns, s31);
    if (tile % across == 0u && first + 0u + lane < ARG1) { db[o0] = b0; }
    if (tile % across == 0u && first + 8u + lane < ARG1) { db[o1] = b1; }
    if (tile % across == 0u && first + 16u + lane < ARG1) { db[o2] = b2; }
    if (tile % across == 0u && first + 24u + lane < ARG1) { db[o3] = b3; }
}
