// input_gradient of a block's rows (memory_block.wgsl): added over the neurons above in order.
// delta (ROWS, O) in the workgroup   w (O, I)   below (N, I) in the results or given   ->   out (ROWS, I) in the workgroup

// What is below in a lane's rows and neurons: loaded before the sums are added, and needed behind them.
fn input_gradient_start(I: u32, below: u32) -> Sums {
    var y = Sums();
    if (4u * own_texel() >= I) { return y; }
    y.r0 = four_below(below, 0u, I);
    if (LANE_ROWS > 1u) { y.r1 = four_below(below, 1u, I); }
    if (LANE_ROWS > 2u) {
        y.r2 = four_below(below, 2u, I);
        y.r3 = four_below(below, 3u, I);
    }
    if (LANE_ROWS > 4u) {
        y.r4 = four_below(below, 4u, I);
        y.r5 = four_below(below, 5u, I);
        y.r6 = four_below(below, 6u, I);
        y.r7 = four_below(below, 7u, I);
    }
    return y;
}
fn four_below(below: u32, r: u32, I: u32) -> vec4<f32> {
    let first = row_of_batch(first_row() + r * APART) * I;
    let i = 4u * own_texel();
    if (below == INPUTS) { return four_inputs(first, i, I); }
    let k = below + first + min(vec4<u32>(i, i + 1u, i + 2u, i + 3u), vec4<u32>(I - 1u));
    return vec4<f32>(results[k.x], results[k.y], results[k.z], results[k.w]);
}

// Neurons above first..first + terms - 1, whose weights are in a half of the panels: a line each.
fn input_gradient_add(sums: Sums, half: u32, I: u32, O: u32, delta: u32, first: u32, terms: u32) -> Sums {
    if (4u * own_texel() >= I) { return sums; }
    var s = sums;
    let far = plane(texels(I), terms);
    let apart = APART * line(O);
    var w = panel(half) + own_texel();
    var source = delta + first_row() * line(O) + first / 4u;
    for (var o = 0u; o + 4u <= terms; o += 4u) {
        s = add_texel(s, four_lines(w, far), source, apart, 4u);
        w += line(I);
        source += 1u;
    }
    if (terms % 4u > 0u) { s = add_texel(s, four_lines(w, far), source, apart, terms % 4u); }
    return s;
}

fn input_gradient_end(sums: Sums, y: Sums, I: u32, activation: u32, out: u32) {
    if (4u * own_texel() >= I) { return; }
    let to = out + first_row() * line(I) + own_texel();
    let apart = APART * line(I);
    state[to] = sums.r0 * slopes(activation, y.r0);
    if (LANE_ROWS > 1u) { state[to + apart] = sums.r1 * slopes(activation, y.r1); }
    if (LANE_ROWS > 2u) {
        state[to + 2u * apart] = sums.r2 * slopes(activation, y.r2);
        state[to + 3u * apart] = sums.r3 * slopes(activation, y.r3);
    }
    if (LANE_ROWS > 4u) {
        state[to + 4u * apart] = sums.r4 * slopes(activation, y.r4);
        state[to + 5u * apart] = sums.r5 * slopes(activation, y.r5);
        state[to + 6u * apart] = sums.r6 * slopes(activation, y.r6);
        state[to + 7u * apart] = sums.r7 * slopes(activation, y.r7);
    }
}
fn slopes(activation: u32, y: vec4<f32>) -> vec4<f32> {
    return vec4<f32>(slope(activation, y.x), slope(activation, y.y), slope(activation, y.z), slope(activation, y.w));
}
