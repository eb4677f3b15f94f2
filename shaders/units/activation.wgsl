// Activation: out = f(net), of the activations that no product applies (curves.wgsl).
// net (N, O)   ->   out (N, O)
// Twin: src/kernels/activation.rs. One unit is one neuron o of one row n.
fn activation(o: u32, n: u32, O: u32, function: u32, net: u32, out: u32) {
    store(out, at(n, o, O), curve(function, load(net, at(n, o, O))));
}
