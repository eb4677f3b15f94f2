// Squared error and output deltas: E = w s/2 sum (out - t)^2, delta = w s (out - t) f'(net) / rows,
// with s = 1 (half-sse, the article's) or 2 / O (mse, PyTorch's), and w the weight of the row.
// out (N, O)   targets (N, T)   ->   delta (N, O)   error (N), added to
// Twin: src/kernels/squared_error.rs. One unit is one row n.
fn squared_error(unit: u32, n: u32, O: u32, activation: u32, mean: u32, form: u32,
                 out: u32, targets: u32, delta: u32, error: u32) {
    let scale = select(1.0, 2.0 / f32(O), mean == 1u);
    let share = row_share(targets, n, O, form);
    var sum = 0.0;
    for (var o = 0u; o < O; o++) {
        let y = load(out, at(n, o, O));
        let difference = y - wanted(targets, n, o, O, form);
        sum += difference * difference;
        store(delta, at(n, o, O), scale * difference * slope(activation, y) * share);
    }
    close_row(n, error, row_weight(targets, n, O, form) * (0.5 * scale * sum));
}
