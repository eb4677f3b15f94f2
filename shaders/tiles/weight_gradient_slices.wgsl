// What weight_gradient and fused_sgd share where the rows are cut into slices, for GPUs that tiles alone would not fill: few
// weights, many rows (tile.wgsl, weight_gradient_terms.wgsl, weight_slots.wgsl).
// A workgroup adds the rows of one slice for one tile, in order, and a second dispatch adds the slices, in order. Where slices
// begin depends on nothing but the sizes of the call, so that the bits are always the same.

// The slices' sums, one slice after the other: weights (O, I), a neuron's in whole texels, then biases (O).
@group(0) @binding(9) var<storage, read_write> slice_sums: array<vec4<f32>>;

var<private> own_slice: u32; // where the workgroup's slice begins
var<private> goes_on: bool = true;

fn texels_across() -> u32 { return (ARG0 + 3u) / 4u; }
fn weight_texels() -> u32 { return ARG1 * texels_across(); }
fn slice_texels() -> u32 { return weight_texels() + (ARG1 + 3u) / 4u; }
fn slice_at(slice: u32) -> u32 { return first_slice() + slice * slice_texels(); }

fn start(o: u32, i: u32) -> vec4<f32> { return vec4<f32>(); }

fn put(o: u32, i: u32, sums: vec4<f32>) {
    if (o < ARG1 && i < ARG0 && goes_on) { slice_sums[own_slice + o * texels_across() + i / 4u] = sums; }
}

fn put_biases(o: u32, sums: vec4<f32>) {
    if (o < ARG1 && goes_on) { slice_sums[own_slice + weight_texels() + o / 4u] = sums; }
}

// A workgroup's slice of rows first..end, for its tile.
fn add_slice(own: Own, lane: u32, first: u32, end: u32) {
    let down = (own.arg1 + TILE_ROWS - 1u) / TILE_ROWS;
    let across = (own.arg0 + TILE_COLUMNS - 1u) / TILE_COLUMNS;
    let linear = own.group.y * ROW_OF_GROUPS + own.group.x;
    let slice = linear / (down * across);
    let t = linear % (down * across);
    let group = vec3<u32>(t % ROW_OF_GROUPS, t / ROW_OF_GROUPS, 0u);
    let row = first + slice * own.slice_rows;
    if (row >= end) { return; } // a short batch has fewer slices
    own_slice = slice_at(slice);
    multiply(group, lane, own.arg1, own.arg0, row, min(end, row + own.slice_rows));
    let tile = corner(group, own.arg0);
    if (keeps_biases(lane, tile)) { put_biases(tile.x + 4u * lane, biases); }
}

// What a texel of the sums is for: so many weights, or biases.
struct Sums { is_weight: bool, at: u32, count: u32 }

fn sums_of(t: u32) -> Sums {
    if (t >= weight_texels()) {
        let o = 4u * (t - weight_texels());
        return Sums(false, o, min(4u, ARG1 - o));
    }
    let i = 4u * (t % texels_across());
    return Sums(true, t / texels_across() * ARG0 + i, min(4u, ARG0 - i));
}
fn value(sums: Sums, k: u32) -> f32 {
    if (sums.is_weight) { return weight(sums.at + k); }
    return bias(sums.at + k);
}
fn set_value(sums: Sums, k: u32, value: f32) {
    if (sums.is_weight) { set_weight(sums.at + k, value); } else { set_bias(sums.at + k, value); }
}

// Texel t of a slice; zeros behind the last one, which change no sum.
fn slice_sum(t: u32, slice: u32, slices: u32) -> vec4<f32> {
    let sums = slice_sums[slice_at(min(slice, slices - 1u)) + t];
    return select(vec4<f32>(), sums, slice < slices);
}

// Texel t of all slices of so many rows, added in order. Eight are loaded at a time, since one alone would be waited for.
fn add_slices(t: u32, before: vec4<f32>, rows: u32, slice_rows: u32) -> vec4<f32> {
    let slices = (rows + slice_rows - 1u) / slice_rows;
    var total = before;
    for (var s = 0u; s < slices; s += 8u) {
        let a = slice_sum(t, s, slices);
        let b = slice_sum(t, s + 1u, slices);
        let c = slice_sum(t, s + 2u, slices);
        let d = slice_sum(t, s + 3u, slices);
        let e = slice_sum(t, s + 4u, slices);
        let f = slice_sum(t, s + 5u, slices);
        let g = slice_sum(t, s + 6u, slices);
        let h = slice_sum(t, s + 7u, slices);
        total = total + a + b + c + d + e + f + g + h;
    }
    return total;
}
