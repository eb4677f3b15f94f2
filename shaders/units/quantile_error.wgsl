// Quantile loss, also called pinball loss, and output deltas, with d = t - out: E = w / O sum max(q d, (q - 1) d),
// delta = w (-q where d > 0, 1 - q where d < 0) f'(net) / (O rows). w is the weight of the row.
// out (N, O)   targets (N, T)   ->   delta (N, O)   error (N), added to
// Twin: src/kernels/quantile_error.rs. One unit is one row n.
fn quantile_error(unit: u32, n: u32, O: u32, activation: u32, quantile: u32, form: u32,
                  out: u32, targets: u32, delta: u32, error: u32) {
    let scale = 1.0 / f32(O);
    let share = row_share(targets, n, O, form);
    let q = bitcast<f32>(quantile);
    var sum = 0.0;
    for (var o = 0u; o < O; o++) {
        let y = load(out, at(n, o, O));
        let d = wanted(targets, n, o, O, form) - y;
        sum += select(q, -(1.0 - q), d < 0.0) * d;
        let direction = select(select(0.0, -q, d > 0.0), 1.0 - q, d < 0.0);
        store(delta, at(n, o, O), scale * direction * slope(activation, y) * share);
    }
    close_row(n, error, row_weight(targets, n, O, form) * (scale * sum));
}
