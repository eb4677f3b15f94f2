// weight_gradient for GPUs, in slices of the rows (weight_gradient_slices.wgsl).
// delta (N, O)   x (N, I)   ->   dw (O, I)   db (O), within rounding of the plain variant.

fn last_row() -> u32 { return min(rows(), ARG2 + ARG3); }

@compute @workgroup_size(TILE_LANES)
fn run_weight_gradient_split(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let own = begin(group);
    add_slice(own, lane, own.arg2, min(rows(), own.arg2 + own.arg3));
}

// What earlier calls of the same batch left.
fn earlier(sums: Sums) -> vec4<f32> {
    var values = vec4<f32>();
    if (ARG2 == 0u) { return values; }
    for (var k = 0u; k < sums.count; k++) { values[k] = value(sums, k); }
    return values;
}

// One lane a texel.
@compute @workgroup_size(TILE_LANES)
fn reduce_weight_gradient_split(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let own = begin_sums(group);
    let t = (own.group.y * ROW_OF_GROUPS + own.group.x) * TILE_LANES + lane;
    if (t >= slice_texels()) { return; }
    let sums = sums_of(t);
    let total = add_slices(t, earlier(sums), max(last_row(), ARG2) - ARG2, own.slice_rows);
    for (var k = 0u; k < sums.count; k++) { set_value(sums, k, total[k]); }
}
