// Deltas of a layer whose activation has a kernel of its own: delta = dE/dout * f'(net).
// out_gradient (N, O) = dE/dout   net (N, O)   ->   delta (N, O)
// Twin: src/kernels/activation_gradient.rs. One unit is one neuron o of one row n.
fn activation_gradient(o: u32, n: u32, O: u32, function: u32, out_gradient: u32, net: u32, delta: u32) {
    let k = at(n, o, O);
    store(delta, k, load(out_gradient, k) * curve_slope(function, load(net, k)));
}
