// weight_gradient for GPUs, by tiles (tile.wgsl, weight_gradient_terms.wgsl, weight_slots.wgsl).
// delta (N, O)   x (N, I)   ->   dw (O, I)   db (O), bit for bit as the plain variant: rows are added in order.

var<private> end: u32;

fn last_row() -> u32 { return end; }

// What earlier calls of the same batch left.
fn earlier(o: u32, i: u32) -> f32 {
    if (ARG2 == 0u || o >= ARG1 || i >= ARG0) { return 0.0; }
    return weight(o * ARG0 + i);
}
fn start(o: u32, i: u32) -> vec4<f32> {
    return vec4<f32>(earlier(o, i), earlier(o, i + 1u), earlier(o, i + 2u), earlier(o, i + 3u));
}
fn earlier_bias(o: u32) -> f32 {
    if (ARG2 == 0u || o >= ARG1) { return 0.0; }
    return bias(o);
}

fn put(o: u32, i: u32, sums: vec4<f32>) {
    if (o >= ARG1) { return; }
    let at = o * ARG0 + i;
    if (i < ARG0) { set_weight(at, sums.x); }
    if (i + 1u < ARG0) { set_weight(at + 1u, sums.y); }
    if (i + 2u < ARG0) { set_weight(at + 2u, sums.z); }
    if (i + 3u < ARG0) { set_weight(at + 3u, sums.w); }
}

@compute @workgroup_size(TILE_LANES)
fn run_weight_gradient_tile(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let own = begin(group);
    end = min(rows(), own.arg2 + own.arg3);
    let tile = corner(own.group, own.arg0);
    let o = tile.x + 4u * lane;
    biases = vec4<f32>(earlier_bias(o), earlier_bias(o + 1u), earlier_bias(o + 2u), earlier_bias(o + 3u));
    multiply(own.group, lane, own.arg1, own.arg0, own.arg2, min(rows(), own.arg2 + own.arg3));
    if (!keeps_biases(lane, tile)) { return; }
    if (o < ARG1) { set_bias(o, biases.x); }
    if (o + 1u < ARG1) { set_bias(o + 1u, biases.y); }
    if (o + 2u < ARG1) { set_bias(o + 2u, biases.z); }
    if (o + 3u < ARG1) { set_bias(o + 3u, biases.w); }
}
