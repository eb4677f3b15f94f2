// Losses of outputs that stand for another number, and output deltas. Poisson's, of the logarithm of a mean:
// E = w / O sum (e^out - t out), delta = w (e^out - t) / (O rows). Or, if binary, cross-entropy of the logit of a probability:
// E = w / O sum (ln (1 + e^out) - t out), delta = w (1 / (1 + e^-out) - t) / (O rows). w is the weight of the row.
// out (N, O)   targets (N, T)   ->   delta (N, O)   error (N), added to
// Twin: src/kernels/linked_error.rs. One unit is one row n.
fn linked_error(unit: u32, n: u32, O: u32, binary: u32, form: u32, out: u32, targets: u32, delta: u32, error: u32) {
    let scale = 1.0 / f32(O);
    let share = row_share(targets, n, O, form);
    var sum = 0.0;
    for (var o = 0u; o < O; o++) {
        let y = load(out, at(n, o, O));
        let t = wanted(targets, n, o, O, form);
        var mean: f32;
        if (binary == 1u) {
            // Without the difference of two large numbers where y is far from 0.
            let certain = select(0.0, y, y > 0.0) - t * y;
            sum += certain + logarithm_of_one_more(exponential(-abs(y)));
            mean = logistic(y);
        } else {
            mean = exponential(y);
            sum += mean - t * y;
        }
        store(delta, at(n, o, O), scale * (mean - t) * share);
    }
    close_row(n, error, row_weight(targets, n, O, form) * (scale * sum));
}
