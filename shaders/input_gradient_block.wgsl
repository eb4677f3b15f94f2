// input_gradient of a block's rows (memory_block.wgsl): added over the neurons above in order.
// delta (ROWS, O) in the workgroup   w (O, I)   below (N, I) in the results or given   ->   out (ROWS, I) in the workgroup
fn input_gradient_block(I: u32, O: u32, activation: u32, delta: u32, w: u32, below: u32, out: u32) {
    for (var u = lane; u < ACROSS * ((I + 7u) / 8u); u += TEAM) {
        let n = u % ACROSS;
        let i = 8u * (u / ACROSS);
        var low = mat4x4<f32>();
        var high = mat4x4<f32>();
        for (var o = 0u; o < O; o++) {
            let rows = state[delta + o * STRIDE + n];
            let first = w + o * I;
            low = add_term(low, four_parameters(first + i, first + I - 1u), rows);
            high = add_term(high, four_parameters(first + min(i + 4u, I - 1u), first + I - 1u), rows);
        }
        put_deltas(activation, below, out, n, i, I, low);
        put_deltas(activation, below, out, n, i + 4u, I, high);
    }
}

// Element k of what is below.
fn element(below: u32, k: u32) -> f32 {
    if (below == INPUTS) { return inputs[k]; }
    return results[below + k];
}

fn put_deltas(activation: u32, below: u32, out: u32, n: u32, i: u32, I: u32, sums: mat4x4<f32>) {
    put_delta(activation, below, out, n, i, I, sums[0]);
    put_delta(activation, below, out, n, i + 1u, I, sums[1]);
    put_delta(activation, below, out, n, i + 2u, I, sums[2]);
    put_delta(activation, below, out, n, i + 3u, I, sums[3]);
}
fn put_delta(activation: u32, below: u32, out: u32, n: u32, i: u32, I: u32, sums: vec4<f32>) {
    if (i >= I) { return; }
    let k = four_rows(n) * I + i;
    let y = vec4<f32>(element(below, k.x), element(below, k.y), element(below, k.z), element(below, k.w));
    state[out + i * STRIDE + n] =
        sums * vec4<f32>(slope(activation, y.x), slope(activation, y.y), slope(activation, y.z), slope(activation, y.w));
}
