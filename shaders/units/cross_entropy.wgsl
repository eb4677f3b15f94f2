// Cross-entropy of logits through log-sum-exp, and output deltas: E = w sum t (lse - out), delta = w (softmax - t) / rows,
// with t = keep * target + rest, which smooths labels, and w the weight of the row.
// out (N, O) logits   targets (N, T)   ->   delta (N, O)   error (N), added to
// Twin: src/kernels/cross_entropy.rs. One unit is one row n.
fn cross_entropy(unit: u32, n: u32, O: u32, keep: u32, rest: u32, form: u32,
                 out: u32, targets: u32, delta: u32, error: u32) {
    var largest = load(out, at(n, 0u, O));
    for (var o = 1u; o < O; o++) {
        largest = max(largest, load(out, at(n, o, O)));
    }
    var sum = 0.0;
    for (var o = 0u; o < O; o++) {
        sum += exponential(load(out, at(n, o, O)) - largest);
    }
    let log_sum = largest + logarithm(sum);
    let share = row_share(targets, n, O, form);
    var e = 0.0;
    for (var o = 0u; o < O; o++) {
        let logit = load(out, at(n, o, O));
        let t = bitcast<f32>(keep) * wanted(targets, n, o, O, form) + bitcast<f32>(rest);
        e += t * (log_sum - logit);
        store(delta, at(n, o, O), (exponential(logit - largest) / sum - t) * share);
    }
    close_row(n, error, row_weight(targets, n, O, form) * e);
}
