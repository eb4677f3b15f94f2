// Stochastic gradient descent: g = gradient + decay p; v = momentum v + g; p = p - learning_rate v (PyTorch's form); with
// Nesterov's momentum p = p - learning_rate (g + momentum v).
// gradient (P)   ->   parameters (P)   velocity (P), used only with momentum
// Twin: src/kernels/sgd.rs. One unit is one parameter k.
fn sgd(unit: u32, k: u32, momentum: u32, decay: u32, nesterov: u32, rate: u32, gradient: u32, parameters: u32, velocity: u32) {
    if (halted()) { return; }
    let p = load(parameters, k);
    var g = load(gradient, k);
    if (decay != 0u) { g += bitcast<f32>(decay) * decay_factor() * p; }
    if (momentum != 0u) {
        let v = g + bitcast<f32>(momentum) * load(velocity, k);
        store(velocity, k, v);
        g = select(v, g + bitcast<f32>(momentum) * v, nesterov == 1u);
    }
    store_parameter(parameters, k, p - own_rate(rate) * g);
}
