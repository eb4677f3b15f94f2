// forward of a block's rows (memory_block.wgsl): the sums start with the bias and add over inputs in order.
// x (ROWS, I) in the workgroup   w (O, I)   b (O)   ->   out (ROWS, O) in the workgroup
fn forward_block(I: u32, O: u32, activation: u32, x: u32, w: u32, b: u32, out: u32) {
    for (var u = lane; u < ACROSS * ((O + 7u) / 8u); u += TEAM) {
        let n = u % ACROSS;
        let o = 8u * (u / ACROSS);
        var low = biases(b, o, O);
        var high = biases(b, o + 4u, O);
        if (I % 4u == 0u) {
            for (var i = 0u; i < I; i += 4u) {
                let a = four_terms(w, o, i, I, O);
                let c = four_terms(w, o + 4u, i, I, O);
                let at = x + i * STRIDE + n;
                let r = mat4x4<f32>(state[at], state[at + STRIDE], state[at + 2u * STRIDE], state[at + 3u * STRIDE]);
                low = add_term(add_term(add_term(add_term(low, a[0], r[0]), a[1], r[1]), a[2], r[2]), a[3], r[3]);
                high = add_term(add_term(add_term(add_term(high, c[0], r[0]), c[1], r[1]), c[2], r[2]), c[3], r[3]);
            }
        } else {
            for (var i = 0u; i < I; i++) {
                let rows = state[x + i * STRIDE + n];
                low = add_term(low, one_term(w, o, i, I, O), rows);
                high = add_term(high, one_term(w, o + 4u, i, I, O), rows);
            }
        }
        put_four(activation, out, n, o, O, low);
        put_four(activation, out, n, o + 4u, O, high);
    }
}

// What the sums of neurons o..o + 3 start from: a column a neuron. Beyond the last neuron it is the last one's.
fn biases(b: u32, o: u32, O: u32) -> mat4x4<f32> {
    return mat4x4<f32>(
        vec4<f32>(parameter(b + min(o, O - 1u))), vec4<f32>(parameter(b + min(o + 1u, O - 1u))),
        vec4<f32>(parameter(b + min(o + 2u, O - 1u))), vec4<f32>(parameter(b + min(o + 3u, O - 1u))));
}

// Weights of inputs i..i + 3, whole texels: column t is input i + t's to the four neurons.
fn four_terms(w: u32, o: u32, i: u32, I: u32, O: u32) -> mat4x4<f32> {
    let last = O - 1u;
    return transpose(mat4x4<f32>(
        parameters[(w + min(o, last) * I + i) / 4u], parameters[(w + min(o + 1u, last) * I + i) / 4u],
        parameters[(w + min(o + 2u, last) * I + i) / 4u], parameters[(w + min(o + 3u, last) * I + i) / 4u]));
}
fn one_term(w: u32, o: u32, i: u32, I: u32, O: u32) -> vec4<f32> {
    let last = O - 1u;
    return vec4<f32>(
        parameter(w + min(o, last) * I + i), parameter(w + min(o + 1u, last) * I + i),
        parameter(w + min(o + 2u, last) * I + i), parameter(w + min(o + 3u, last) * I + i));
}

fn put_four(activation: u32, out: u32, n: u32, o: u32, O: u32, nets: mat4x4<f32>) {
    put_out(activation, out, n, o, O, nets[0]);
    put_out(activation, out, n, o + 1u, O, nets[1]);
    put_out(activation, out, n, o + 2u, O, nets[2]);
    put_out(activation, out, n, o + 3u, O, nets[3]);
}
fn put_out(activation: u32, out: u32, n: u32, o: u32, O: u32, net: vec4<f32>) {
    if (o >= O) { return; }
    state[out + o * STRIDE + n] = vec4<f32>(
        activate(activation, net.x), activate(activation, net.y), activate(activation, net.z), activate(activation, net.w));
}
