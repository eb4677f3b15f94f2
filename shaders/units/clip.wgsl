// Clips a gradient: times the factor of its norm, and then to -limit..limit (a limit of 0 is none).
// factor (1)   ->   gradient (P)
// Twin: src/kernels/clip.rs. One unit is one element k.
fn clip(unit: u32, k: u32, limit: u32, scales: u32, factor: u32, gradient: u32) {
    var g = load(gradient, k);
    if (scales == 1u) { g *= load(factor, 0u); }
    let most = bitcast<f32>(limit);
    if (limit != 0u) { g = select(select(g, most, g > most), -most, g < -most); }
    store(gradient, k, g);
}
