// weight_gradient for adapters whose lanes are the SIMD lanes of a CPU (weight_gradient_sums.wgsl).   I a multiple of 4.
// delta (N, O)   x (N, I)   ->   dw (O, I)   db (O), bit for bit as the plain variant: rows are added in order.

@group(0) @binding(3) var<storage, read_write> dw: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> db: array<f32>;

// What earlier calls of the same batch left.
fn start(o: u32, column: u32, columns: u32) -> vec4<f32> {
    if (ARG2 == 0u || o >= ARG1) { return vec4<f32>(); }
    return dw[o * columns + min(column, columns - 1u)];
}
fn start_bias(o: u32) -> f32 {
    if (ARG2 == 0u || o >= ARG1) { return 0.0; }
    return db[o];
}

fn put(o: u32, column: u32, columns: u32, sums: vec4<f32>) {
    if (o < ARG1 && column < columns) { dw[o * columns + column] = sums; }
}
fn put_bias(o: u32, sum: f32) {
    if (o < ARG1) { db[o] = sum; }
}

@compute @workgroup_size(SUBGROUP)
fn run_weight_gradient_subgroup(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
    add_rows(group, lane, ARG2, min(rows(), ARG2 + ARG3));
}
