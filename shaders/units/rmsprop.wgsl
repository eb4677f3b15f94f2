// RMSprop (PyTorch's form): g = gradient + decay p; v = alpha v + (1 - alpha) g^2; d = g / (sqrt(v) + epsilon); with momentum
// b = momentum b + d, and p = p - learning_rate b; without, p = p - learning_rate d.
// gradient (P)   ->   parameters (P)   v (P)   b (P), used only with momentum
// Twin: src/kernels/rmsprop.rs. One unit is one parameter k.
fn rmsprop(unit: u32, k: u32, momentum: u32, decay: u32, alpha: u32, epsilon: u32, rate: u32,
           gradient: u32, parameters: u32, v: u32, b: u32) {
    if (halted()) { return; }
    let p = load(parameters, k);
    var g = load(gradient, k);
    if (decay != 0u) { g += bitcast<f32>(decay) * decay_factor() * p; }
    let kept = bitcast<f32>(alpha);
    let second = kept * load(v, k) + (1.0 - kept) * (g * g);
    store(v, k, second);
    var direction = g / (sqrt(second) + bitcast<f32>(epsilon));
    if (momentum != 0u) {
        direction += bitcast<f32>(momentum) * load(b, k);
        store(b, k, direction);
    }
    store_parameter(parameters, k, p - own_rate(rate) * direction);
}
