// Hidden deltas: delta_below = (delta W) * f'(net_below).   delta (N, O)   w (O, I)   below (N, I)   ->   out (N, I)
// Twin: src/kernels/input_gradient.rs. One unit is one neuron i of the layer below, in one row n.
fn input_gradient(i: u32, n: u32, I: u32, O: u32, activation: u32, delta: u32, w: u32, below: u32, out: u32) {
    var sum = 0.0;
    for (var o = 0u; o < O; o++) {
        sum += load(delta, at(n, o, O)) * load(w, o * I + i);
    }
    store(out, at(n, i, I), sum * slope(activation, load(below, at(n, i, I))));
}
