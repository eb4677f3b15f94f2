// Forward pass of one layer: out = f(x Wᵀ + b).   x (N, I)   w (O, I)   b (O)   ->   out (N, O)
// Twin: src/kernels/forward.rs. One unit is one neuron o of one row n.
fn forward(o: u32, n: u32, I: u32, O: u32, activation: u32, x: u32, w: u32, b: u32, out: u32) {
    var net = load(b, o);
    for (var i = 0u; i < I; i++) {
        net += load(w, o * I + i) * load(x, at(n, i, I));
    }
    store(out, at(n, o, O), activate(activation, net));
}
