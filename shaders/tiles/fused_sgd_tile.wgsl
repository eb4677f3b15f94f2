// fused_sgd for GPUs, by tiles (tile.wgsl, weight_gradient_terms.wgsl, weight_slots.wgsl, fused_sgd_update.wgsl).
// delta (N, O)   x (N, I)   ->   w (O, I)   b (O), bit for bit as the plain variant: rows are added in order.

fn last_row() -> u32 { return batch_rows(); }
fn start(o: u32, i: u32) -> vec4<f32> { return vec4<f32>(); }

// All lanes of a workgroup meet at its barriers, so that it looks at this where it would store.
var<private> goes_on: bool;

fn put(o: u32, i: u32, sums: vec4<f32>) {
    if (o >= ARG1 || !goes_on) { return; }
    let at = o * ARG0 + i;
    if (i < ARG0) { set_weight(at, descended(weight(at), sums.x)); }
    if (i + 1u < ARG0) { set_weight(at + 1u, descended(weight(at + 1u), sums.y)); }
    if (i + 2u < ARG0) { set_weight(at + 2u, descended(weight(at + 2u), sums.z)); }
    if (i + 3u < ARG0) { set_weight(at + 3u, descended(weight(at + 3u), sums.w)); }
}

fn put_bias(o: u32, sum: f32) {
    if (o < ARG1 && goes_on) { set_bias(o, descended(bias(o), sum)); }
}

@compute @workgroup_size(TILE_LANES)
fn run_fused_sgd_tile(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    goes_on = !stopped();
    let own = begin(group);
    let tile = corner(own.group, own.arg0);
    multiply(own.group, lane, own.arg1, own.arg0, 0u, rows());
    if (keeps_biases(lane, tile)) {
        let o = tile.x + 4u * lane;
        put_bias(o, biases.x);
        put_bias(o + 1u, biases.y);
        put_bias(o + 2u, biases.z);
        put_bias(o + 3u, biases.w);
    }
    end_looking();
}
