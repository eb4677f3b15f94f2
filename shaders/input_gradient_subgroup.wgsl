// input_gradient for adapters whose lanes are the SIMD lanes of a CPU: no workgroup memory, few loads.   I a multiple of 4.
// delta (N, O)   w (O, I)   below (N, I)   ->   out (N, I), bit for bit as the plain variant: terms are added in order.
//
// A workgroup is one subgroup of 8 and computes 32 rows by 32 neurons below, 4 neurons a lane. For each neuron above,
// lane l loads its weights and the deltas of rows l, l + 8, l + 16, l + 24; a broadcast hands each delta to all lanes. One
// line a row, so that no sum's index is dynamic. Lanes beyond an edge work on the last row or neurons and store nothing.

@group(0) @binding(1) var<storage, read> delta: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> below: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4<f32>>;

const TILE_ROWS = 32u;

fn put(n: u32, column: u32, columns: u32, sums: vec4<f32>) {
    if (n >= rows() || column >= columns) { return; }
    let y = below[n * columns + column];
    out[n * columns + column] =
        sums * vec4<f32>(slope(ARG2, y.x), slope(ARG2, y.y), slope(ARG2, y.z), slope(ARG2, y.w));
}

@compute @workgroup_size(SUBGROUP)
fn run_input_gradient_subgroup(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
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
    var s16 = vec4<f32>(); var s17 = vec4<f32>(); var s18 = vec4<f32>(); var s19 = vec4<f32>();
    var s20 = vec4<f32>(); var s21 = vec4<f32>(); var s22 = vec4<f32>(); var s23 = vec4<f32>();
    var s24 = vec4<f32>(); var s25 = vec4<f32>(); var s26 = vec4<f32>(); var s27 = vec4<f32>();
    var s28 = vec4<f32>(); var s29 = vec4<f32>(); var s30 = vec4<f32>(); var s31 = vec4<f32>();
    let r0 = min(first + 0u + lane, rows() - 1u) * ARG1;
    let r1 = min(first + 8u + lane, rows() - 1u) * ARG1;
    let r2 = min(first + 16u + lane, rows() - 1u) * ARG1;
    let r3 = min(first + 24u + lane, rows() - 1u) * ARG1;
    for (var o = 0u; o < ARG1; o++) {
        let v = w[o * columns + mine];
        let d0 = delta[r0 + o];
        s0 += subgroupBroadcast(d0, 0u) * v;
        s1 += subgroupBroadcast(d0, 1u) * v;
        s2 += subgroupBroadcast(d0, 2u) * v;
        s3 += subgroupBroadcast(d0, 3u) * v;
        s4 += subgroupBroadcast(d0, 4u) * v;
        s5 += subgroupBroadcast(d0, 5u) * v;
        s6 += subgroupBroadcast(d0, 6u) * v;
        s7 += subgroupBroadcast(d0, 7u) * v;
        let d1 = delta[r1 + o];
        s8 += subgroupBroadcast(d1, 0u) * v;
        s9 += subgroupBroadcast(d1, 1u) * v;
        s10 += subgroupBroadcast(d1, 2u) * v;
        s11 += subgroupBroadcast(d1, 3u) * v;
        s12 += subgroupBroadcast(d1, 4u) * v;
        s13 += subgroupBroadcast(d1, 5u) * v;
        s14 += subgroupBroadcast(d1, 6u) * v;
        s15 += subgroupBroadcast(d1, 7u) * v;
        let d2 = delta[r2 + o];
        s16 += subgroupBroadcast(d2, 0u) * v;
        s17 += subgroupBroadcast(d2, 1u) * v;
        s18 += subgroupBroadcast(d2, 2u) * v;
        s19 += subgroupBroadcast(d2, 3u) * v;
        s20 += subgroupBroadcast(d2, 4u) * v;
        s21 += subgroupBroadcast(d2, 5u) * v;
        s22 += subgroupBroadcast(d2, 6u) * v;
        s23 += subgroupBroadcast(d2, 7u) * v;
        let d3 = delta[r3 + o];
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
}
