// Absolute error and output deltas, with d = out - t: E = w / O sum |d|, delta = w sign(d) f'(net) / (O rows). If huber, a
// parabola near 0 (Huber's loss with the threshold 1): E = w / O sum d^2 / 2 and sign(d) = d where |d| < 1, |d| - 1/2 elsewhere.
// w is the weight of the row.
// out (N, O)   targets (N, T)   ->   delta (N, O)   error (N), added to
// Twin: src/kernels/absolute_error.rs. One unit is one row n.
fn absolute_error(unit: u32, n: u32, O: u32, activation: u32, huber: u32, form: u32,
                  out: u32, targets: u32, delta: u32, error: u32) {
    let scale = 1.0 / f32(O);
    let share = row_share(targets, n, O, form);
    var sum = 0.0;
    for (var o = 0u; o < O; o++) {
        let y = load(out, at(n, o, O));
        let d = y - wanted(targets, n, o, O, form);
        let is_near = huber == 1u && abs(d) < 1.0;
        sum += select(abs(d) - 0.5 * f32(huber), 0.5 * d * d, is_near);
        let direction = select(sign(d), d, is_near);
        store(delta, at(n, o, O), scale * direction * slope(activation, y) * share);
    }
    close_row(n, error, row_weight(targets, n, O, form) * (scale * sum));
}
