// The tiles of input_gradient for adapters whose lanes are the SIMD lanes of a CPU: no workgroup memory, few loads.
// I a multiple of 4.   delta (N, O)   w (O, I)   below (N, I)   ->   out (N, I), added over the neurons above in order.
//
// A subgroup of 8 computes 16 rows by 32 neurons below, 4 neurons a lane. For 4 neurons above at a time, lane l loads their
// weights to its neurons and the deltas of rows l and l + 8; a shuffle hands a row's deltas to all lanes. One line a row, so
// that no sum's index is dynamic. Weights beyond the last neuron above are 0, which changes no sum; lanes beyond an edge
// work on the last row or neurons and store nothing.
//
// The module says where things are, row_texel, parameter_texel, four_deltas and put_deltas, and how many rows are `present`.

const INPUT_GRADIENT_ROWS = 16u;

fn weights(w: u32, o: u32, O: u32, column: u32, columns: u32) -> vec4<f32> {
    let m = parameter_texel(w, o * columns + column);
    return select(vec4<f32>(), m, vec4<bool>(o < O));
}

// Deltas of one row, of neurons 4 column..4 column + 3 below.
fn put_row_below(n: u32, column: u32, columns: u32, activation: u32, below: u32, out: u32, sums: vec4<f32>) {
    if (n >= present || column >= columns) { return; }
    let at = n * columns + column;
    let y = row_texel(below, at);
    let slopes = vec4<f32>(slope(activation, y.x), slope(activation, y.y), slope(activation, y.z), slope(activation, y.w));
    put_deltas(out, at, sums * slopes);
}

// Rows first..first + 15 of the batch and a texel of neurons below.
fn input_gradient_rows(lane: u32, first: u32, column: u32, I: u32, O: u32, activation: u32,
                       delta: u32, w: u32, below: u32, out: u32) {
    let columns = I / 4u;
    let mine = min(column, columns - 1u);
    var s0 = vec4<f32>(); var s1 = vec4<f32>(); var s2 = vec4<f32>(); var s3 = vec4<f32>();
    var s4 = vec4<f32>(); var s5 = vec4<f32>(); var s6 = vec4<f32>(); var s7 = vec4<f32>();
    var s8 = vec4<f32>(); var s9 = vec4<f32>(); var s10 = vec4<f32>(); var s11 = vec4<f32>();
    var s12 = vec4<f32>(); var s13 = vec4<f32>(); var s14 = vec4<f32>(); var s15 = vec4<f32>();
    let r0 = min(first + 0u + lane, present - 1u);
    let r1 = min(first + 8u + lane, present - 1u);
    for (var o = 0u; o < O; o += 4u) {
        let w0 = weights(w, o + 0u, O, mine, columns);
        let w1 = weights(w, o + 1u, O, mine, columns);
        let w2 = weights(w, o + 2u, O, mine, columns);
        let w3 = weights(w, o + 3u, O, mine, columns);
        let d0 = four_deltas(delta, r0, o, O);
        s0 = add_terms(s0, subgroupShuffle(d0, 0u), w0, w1, w2, w3);
        s1 = add_terms(s1, subgroupShuffle(d0, 1u), w0, w1, w2, w3);
        s2 = add_terms(s2, subgroupShuffle(d0, 2u), w0, w1, w2, w3);
        s3 = add_terms(s3, subgroupShuffle(d0, 3u), w0, w1, w2, w3);
        s4 = add_terms(s4, subgroupShuffle(d0, 4u), w0, w1, w2, w3);
        s5 = add_terms(s5, subgroupShuffle(d0, 5u), w0, w1, w2, w3);
        s6 = add_terms(s6, subgroupShuffle(d0, 6u), w0, w1, w2, w3);
        s7 = add_terms(s7, subgroupShuffle(d0, 7u), w0, w1, w2, w3);
        let d1 = four_deltas(delta, r1, o, O);
        s8 = add_terms(s8, subgroupShuffle(d1, 0u), w0, w1, w2, w3);
        s9 = add_terms(s9, subgroupShuffle(d1, 1u), w0, w1, w2, w3);
        s10 = add_terms(s10, subgroupShuffle(d1, 2u), w0, w1, w2, w3);
        s11 = add_terms(s11, subgroupShuffle(d1, 3u), w0, w1, w2, w3);
        s12 = add_terms(s12, subgroupShuffle(d1, 4u), w0, w1, w2, w3);
        s13 = add_terms(s13, subgroupShuffle(d1, 5u), w0, w1, w2, w3);
        s14 = add_terms(s14, subgroupShuffle(d1, 6u), w0, w1, w2, w3);
        s15 = add_terms(s15, subgroupShuffle(d1, 7u), w0, w1, w2, w3);
    }
    // The sums move up, so that there is little code and none has a dynamic index.
    let end = min(first + INPUT_GRADIENT_ROWS, present);
    for (var n = first; n < end; n += 4u) {
        put_row_below(n, column, columns, activation, below, out, s0);
        put_row_below(n + 1u, column, columns, activation, below, out, s1);
        put_row_below(n + 2u, column, columns, activation, below, out, s2);
        put_row_below(n + 3u, column, columns, activation, below, out, s3);
        s0 = s4; s1 = s5; s2 = s6; s3 = s7;
        s4 = s8; s5 = s9; s6 = s10; s7 = s11;
        s8 = s12; s9 = s13; s10 = s14; s11 = s15;
    }
}
