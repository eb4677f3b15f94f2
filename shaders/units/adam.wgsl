// AdamW (Loshchilov and Hutter, 2019; without decay Kingma and Ba's Adam, 2015):
// m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
// p = p - learning_rate decay p - learning_rate c1 m / (sqrt(c2 v) + epsilon), with c = 1 / (1 - beta^t) from the schedule.
// gradient (P)   ->   parameters (P)   m (P)   v (P)
// Twin: src/kernels/adam.rs. One unit is one parameter k.
fn adam(unit: u32, k: u32, beta1: u32, beta2: u32, epsilon: u32, decay: u32, rate: u32,
        gradient: u32, parameters: u32, m: u32, v: u32) {
    if (halted()) { return; }
    let b1 = bitcast<f32>(beta1);
    let b2 = bitcast<f32>(beta2);
    let g = load(gradient, k);
    let first = b1 * load(m, k) + (1.0 - b1) * g;
    let second = b2 * load(v, k) + (1.0 - b2) * (g * g);
    store(m, k, first);
    store(v, k, second);
    var p = load(parameters, k);
    if (decay != 0u) { p -= own_rate(rate) * (bitcast<f32>(decay) * decay_factor()) * p; }
    let direction = (correction1() * first) / (sqrt(correction2() * second) + bitcast<f32>(epsilon));
    store_parameter(parameters, k, p - own_rate(rate) * direction);
}
