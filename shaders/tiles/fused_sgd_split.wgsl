// fused_sgd for GPUs, in slices of the rows (weight_gradient_slices.wgsl, fused_sgd_update.wgsl).
// delta (N, O)   x (N, I)   ->   w (O, I)   b (O), bit for bit as weight_gradient in slices, and sgd.

fn last_row() -> u32 { return rows(); }

@compute @workgroup_size(TILE_LANES)
fn run_fused_sgd_split(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    goes_on = !stopped();
    add_slice(begin(group), lane, 0u, rows());
}

// One lane a texel.
@compute @workgroup_size(TILE_LANES)
fn reduce_fused_sgd_split(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let own = begin_sums(group);
    let t = (own.group.y * ROW_OF_GROUPS + own.group.x) * TILE_LANES + lane;
    if (t >= slice_texels() || stopped()) { return; }
    let sums = sums_of(t);
    let total = add_slices(t, vec4<f32>(), rows(), own.slice_rows);
    for (var k = 0u; k < sums.count; k++) { set_value(sums, k, descended(value(sums, k), total[k])); }
}
