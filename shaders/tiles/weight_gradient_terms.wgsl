// The terms of weight_gradient's and fused_sgd's tiles (tile.wgsl): a row of the product is a neuron o, a column an input i, a
// term a row n of the batch, before last_row().   delta (N, O)   x (N, I)
// The tiles of the first inputs keep the biases' sums too, 4 neurons a lane.

const LEFT_ALONG_TERMS = false;
const RIGHT_ALONG_TERMS = false;
fn left_scale() -> f32 { return delta_scale(); }

fn texel(operand: u32, t: u32) -> vec4<f32> {
    if (operand == LEFT) { return delta_texel(t); }
    return x_texel(t);
}
fn left(n: u32, o: u32) -> vec4<f32> { return four_of(LEFT, n, o, last_row(), ARG1); }
fn right(n: u32, i: u32) -> vec4<f32> { return four_of(RIGHT, n, i, last_row(), ARG0); }

var<private> biases: vec4<f32>;

fn keeps_biases(lane: u32, tile: vec2<u32>) -> bool { return tile.y == 0u && lane < TILE_ROWS / 4u; }

// The biases' terms are the left operand's.
fn also(lane: u32, tile: vec2<u32>) {
    if (!keeps_biases(lane, tile)) { return; }
    for (var t = 0u; t < TILE_TERMS; t++) { biases += left_term(t, lane); }
}
