// The tiles of forward for adapters whose lanes are the SIMD lanes of a CPU: no workgroup memory, few loads.
// I a multiple of 4.   x (N, I)   w (O, I)   b (O)   ->   out (N, O): sums start with the bias and add over inputs in order.
//
// A subgroup of 8 computes 16 rows by 32 neurons, 4 neurons a lane. For 4 inputs at a time, lane l loads those of rows l
// and l + 8 and the weights of its neurons: 6 loads feed 256 multiply-adds a lane. A shuffle hands a row's inputs to all
// lanes; the index of a sum must be a constant, or the sums leave the registers: hence one line a row. Lanes beyond an edge
// work on the last row or neuron and store nothing.
//
// The module says where things are, row_texel, parameter_texel, four_biases and put_outputs, and how many rows are `present`.

const FORWARD_ROWS = 16u;

// Outputs of one row, of neurons o..o + 3.
fn put_row(n: u32, o: u32, O: u32, activation: u32, out: u32, sums: vec4<f32>) {
    if (n >= present || o >= O) { return; }
    let y = vec4<f32>(
        activate(activation, sums.x), activate(activation, sums.y),
        activate(activation, sums.z), activate(activation, sums.w));
    put_outputs(out, n, o, O, y);
}

// Rows first..first + 15 of the batch and neurons o..o + 3.
fn forward_rows(lane: u32, first: u32, o: u32, I: u32, O: u32, activation: u32, x: u32, w: u32, b: u32, out: u32) {
    let inputs = I / 4u;
    let last = O - 1u;
    let neuron = min(vec4<u32>(o, o + 1u, o + 2u, o + 3u), vec4<u32>(last)) * inputs;
    let bias = four_biases(b, o, O);
    var s0 = bias; var s1 = bias; var s2 = bias; var s3 = bias;
    var s4 = bias; var s5 = bias; var s6 = bias; var s7 = bias;
    var s8 = bias; var s9 = bias; var s10 = bias; var s11 = bias;
    var s12 = bias; var s13 = bias; var s14 = bias; var s15 = bias;
    let r0 = min(first + 0u + lane, present - 1u) * inputs;
    let r1 = min(first + 8u + lane, present - 1u) * inputs;
    for (var k = 0u; k < inputs; k++) {
        // Column j holds input j of the four neurons.
        let m = transpose(mat4x4<f32>(
            parameter_texel(w, neuron.x + k), parameter_texel(w, neuron.y + k),
            parameter_texel(w, neuron.z + k), parameter_texel(w, neuron.w + k)));
        let x0 = row_texel(x, r0 + k);
        s0 = add_terms(s0, subgroupShuffle(x0, 0u), m[0], m[1], m[2], m[3]);
        s1 = add_terms(s1, subgroupShuffle(x0, 1u), m[0], m[1], m[2], m[3]);
        s2 = add_terms(s2, subgroupShuffle(x0, 2u), m[0], m[1], m[2], m[3]);
        s3 = add_terms(s3, subgroupShuffle(x0, 3u), m[0], m[1], m[2], m[3]);
        s4 = add_terms(s4, subgroupShuffle(x0, 4u), m[0], m[1], m[2], m[3]);
        s5 = add_terms(s5, subgroupShuffle(x0, 5u), m[0], m[1], m[2], m[3]);
        s6 = add_terms(s6, subgroupShuffle(x0, 6u), m[0], m[1], m[2], m[3]);
        s7 = add_terms(s7, subgroupShuffle(x0, 7u), m[0], m[1], m[2], m[3]);
        let x1 = row_texel(x, r1 + k);
        s8 = add_terms(s8, subgroupShuffle(x1, 0u), m[0], m[1], m[2], m[3]);
        s9 = add_terms(s9, subgroupShuffle(x1, 1u), m[0], m[1], m[2], m[3]);
        s10 = add_terms(s10, subgroupShuffle(x1, 2u), m[0], m[1], m[2], m[3]);
        s11 = add_terms(s11, subgroupShuffle(x1, 3u), m[0], m[1], m[2], m[3]);
        s12 = add_terms(s12, subgroupShuffle(x1, 4u), m[0], m[1], m[2], m[3]);
        s13 = add_terms(s13, subgroupShuffle(x1, 5u), m[0], m[1], m[2], m[3]);
        s14 = add_terms(s14, subgroupShuffle(x1, 6u), m[0], m[1], m[2], m[3]);
        s15 = add_terms(s15, subgroupShuffle(x1, 7u), m[0], m[1], m[2], m[3]);
    }
    // The sums move up, so that there is little code and none has a dynamic index.
    let end = min(first + FORWARD_ROWS, present);
    for (var n = first; n < end; n += 4u) {
        put_row(n, o, O, activation, out, s0); put_row(n + 1u, o, O, activation, out, s1);
        put_row(n + 2u, o, O, activation, out, s2); put_row(n + 3u, o, O, activation, out, s3);
        s0 = s4; s1 = s5; s2 = s6; s3 = s7;
        s4 = s8; s5 = s9; s6 = s10; s7 = s11;
        s8 = s12; s9 = s13; s10 = s14; s11 = s15;
    }
}
