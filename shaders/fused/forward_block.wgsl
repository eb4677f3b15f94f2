// forward of a block's rows (memory_block.wgsl): the sums start with the bias and add over inputs in order.
// x (ROWS, I) in the workgroup   w (O, I)   b (O)   ->   out (ROWS, O) in the workgroup

// Biases of a lane's neurons: a layer's begin with a whole texel, and end with one.
fn forward_start(O: u32, b: u32) -> vec4<f32> { return parameters[b / 4u + min(own_texel(), (O - 1u) / 4u)]; }

// Inputs first..first + terms - 1, whose weights are in a half of the panels: one line per neuron.
fn forward_add(sums: Sums, half: u32, I: u32, O: u32, x: u32, first: u32, terms: u32) -> Sums {
    if (4u * own_texel() >= O) { return sums; }
    var s = sums;
    let far = plane(texels(terms), O);
    let apart = APART * line(I);
    var w = panel(half) + own_texel() * line(terms);
    var source = x + first_row() * line(I) + first / 4u;
    for (var i = 0u; i + 4u <= terms; i += 4u) {
        s = add_texel(s, transpose(four_lines(w, far)), source, apart, 4u);
        w += 1u;
        source += 1u;
    }
    if (terms % 4u > 0u) { s = add_texel(s, transpose(four_lines(w, far)), source, apart, terms % 4u); }
    return s;
}

fn forward_end(sums: Sums, O: u32, activation: u32, out: u32) {
    if (4u * own_texel() >= O) { return; }
    let to = out + first_row() * line(O) + own_texel();
    let apart = APART * line(O);
    state[to] = activated(activation, sums.r0);
    if (LANE_ROWS > 1u) { state[to + apart] = activated(activation, sums.r1); }
    if (LANE_ROWS > 2u) {
        state[to + 2u * apart] = activated(activation, sums.r2);
        state[to + 3u * apart] = activated(activation, sums.r3);
    }
    if (LANE_ROWS > 4u) {
        state[to + 4u * apart] = activated(activation, sums.r4);
        state[to + 5u * apart] = activated(activation, sums.r5);
        state[to + 6u * apart] = activated(activation, sums.r6);
        state[to + 7u * apart] = activated(activation, sums.r7);
    }
}
fn activated(activation: u32, net: vec4<f32>) -> vec4<f32> {
    return vec4<f32>(
        activate(activation, net.x), activate(activation, net.y), activate(activation, net.z), activate(activation, net.w));
}
