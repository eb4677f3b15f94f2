// weight_gradient for GPUs that its tiles alone would not fill: few weights, many rows (tile.wgsl, weight_gradient_terms.wgsl,
// weight_slots.wgsl).
// delta (N, O)   x (N, I)   ->   dw (O, I)   db (O), within rounding of the plain variant: the rows are cut into slices, a
// workgroup adds those of one slice for one tile, in order, and a second dispatch adds the slices, in order. Where slices
// begin depends on nothing but the number of the row, so that the bits are always the same.

// The slices' sums, one slice after the other: dw (O, I), then db (O).
@group(0) @binding(9) var<storage, read_write> slice_sums: array<f32>;

const SLICE_ROWS = 256u; // a multiple of any tile's terms, so that none is beyond the slice

var<private> slice: u32;

fn last_row() -> u32 { return min(rows(), ARG2 + ARG3); }
fn weights() -> u32 { return ARG1 * ARG0; }
fn place_of(sum: u32, slice: u32) -> u32 { return slice * (weights() + ARG1) + sum; }

fn start(o: u32, i: u32) -> vec4<f32> { return vec4<f32>(); }

fn put(o: u32, i: u32, sums: vec4<f32>) {
    if (o >= ARG1) { return; }
    let at = place_of(o * ARG0 + i, slice);
    if (i < ARG0) { slice_sums[at] = sums.x; }
    if (i + 1u < ARG0) { slice_sums[at + 1u] = sums.y; }
    if (i + 2u < ARG0) { slice_sums[at + 2u] = sums.z; }
    if (i + 3u < ARG0) { slice_sums[at + 3u] = sums.w; }
}

fn put_bias(o: u32, sum: f32) {
    if (o < ARG1) { slice_sums[place_of(weights() + o, slice)] = sum; }
}

@compute @workgroup_size(TILE_LANES)
fn run_weight_gradient_split(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let down = (ARG1 + TILE_ROWS - 1u) / TILE_ROWS;
    let across = (ARG0 + TILE_COLUMNS - 1u) / TILE_COLUMNS;
    let linear = group.y * ROW_OF_GROUPS + group.x;
    let own = linear / (down * across);
    slice = own;
    let t = linear % (down * across);
    let within = vec3<u32>(t % ROW_OF_GROUPS, t / ROW_OF_GROUPS, 0u);
    let first = ARG2 + own * SLICE_ROWS;
    if (first >= last_row()) { return; } // a short batch has fewer slices
    multiply(within, lane, ARG1, ARG0, first, min(last_row(), first + SLICE_ROWS));
    let tile = corner(within, ARG0);
    if (!keeps_biases(lane, tile)) { return; }
    let o = tile.x + 4u * lane;
    put_bias(o, biases.x);
    put_bias(o + 1u, biases.y);
    put_bias(o + 2u, biases.z);
    put_bias(o + 3u, biases.w);
}

// What earlier calls of the same batch left.
fn earlier(sum: u32) -> f32 {
    if (ARG2 == 0u) { return 0.0; }
    if (sum < weights()) { return weight(sum); }
    return bias(sum - weights());
}

// One lane a sum.
@compute @workgroup_size(TILE_LANES)
fn reduce_weight_gradient_split(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let sum = (group.y * ROW_OF_GROUPS + group.x) * TILE_LANES + lane;
    if (sum >= weights() + ARG1) { return; }
    let rows_here = max(last_row(), ARG2) - ARG2;
    let slices = (rows_here + SLICE_ROWS - 1u) / SLICE_ROWS;
    var total = earlier(sum);
    for (var s = 0u; s < slices; s++) { total += slice_sums[place_of(sum, s)]; }
    if (sum < weights()) { set_weight(sum, total); } else { set_bias(sum - weights(), total); }
}
