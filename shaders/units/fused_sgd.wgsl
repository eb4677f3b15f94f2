// Gradient descent of a layer, for an optimizer that remembers nothing: weight_gradient and sgd in one, no gradient stored.
// W -= learning_rate (deltaᵀ x + decay W), b likewise.   delta (N, O)   x (N, I)   ->   w (O, I)   b (O)
// Twin: src/kernels/fused_sgd.rs. One unit is one weight i of neuron o; i = I is the bias.
fn fused_sgd(i: u32, o: u32, I: u32, O: u32, decay: u32, delta: u32, x: u32, w: u32, b: u32) {
    if (halted()) { return; }
    if (i == I) {
        descend(b, o, decay, bias_sum(0.0, o, O, 0u, rows(), delta));
        return;
    }
    descend(w, o * I + i, decay, weight_sum(0.0, i, o, I, O, 0u, rows(), delta, x));
}

fn descend(parameters: u32, k: u32, decay: u32, gradient: f32) {
    let p = load(parameters, k);
    var g = gradient;
    if (decay != 0u) { g += bitcast<f32>(decay) * decay_factor() * p; }
    store_parameter(parameters, k, p - learning_rate() * g);
}
