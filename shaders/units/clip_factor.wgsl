// What the gradient is multiplied by so that its norm is at most the limit (PyTorch's clip_grad_norm_):
// min(limit / (sqrt(sum of squares) + 1e-6), 1). Tensor by tensor: up to the last one, factor holds the sum so far.
// sums (S) of squares   ->   factor (1)
// Twin: src/kernels/clip_factor.rs. One unit.
fn clip_factor(unit: u32, one: u32, S: u32, limit: u32, first: u32, last: u32, sums: u32, factor: u32) {
    var sum = 0.0;
    if (first == 0u) { sum = load(factor, one); }
    for (var j = 0u; j < S; j++) { sum += load(sums, j); }
    if (last == 1u) {
        let ratio = bitcast<f32>(limit) / (sqrt(sum) + 1e-6);
        sum = select(ratio, 1.0, ratio > 1.0);
    }
    store(factor, one, sum);
}
