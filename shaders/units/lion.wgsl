// Lion (Chen et al., 2023): u = sign(beta1 m + (1 - beta1) g); p = p - learning_rate decay p - learning_rate u;
// m = beta2 m + (1 - beta2) g.
// gradient (P)   ->   parameters (P)   m (P)
// Twin: src/kernels/lion.rs. One unit is one parameter k.
fn lion(unit: u32, k: u32, beta1: u32, beta2: u32, decay: u32, rate: u32, gradient: u32, parameters: u32, m: u32) {
    if (halted()) { return; }
    let b1 = bitcast<f32>(beta1);
    let b2 = bitcast<f32>(beta2);
    let g = load(gradient, k);
    let before = load(m, k);
    let mixed = b1 * before + (1.0 - b1) * g;
    store(m, k, b2 * before + (1.0 - b2) * g);
    var p = load(parameters, k);
    if (decay != 0u) { p -= own_rate(rate) * (bitcast<f32>(decay) * decay_factor()) * p; }
    let direction = select(sign(mixed), mixed, is_nan(mixed));
    store_parameter(parameters, k, p - own_rate(rate) * direction);
}
