// Cross-entropy of logits through log-sum-exp, and output deltas: E = sum t (lse - out), delta = (softmax - t) / rows.
// out (N, O) logits   targets (N, O) or (N) class numbers   ->   delta (N, O)   error (N), added to
// Twin: src/kernels/cross_entropy.rs. One unit is one row n.
fn cross_entropy(unit: u32, n: u32, O: u32, classes: u32, out: u32, targets: u32, delta: u32, error: u32) {
    var largest = load(out, at(n, 0u, O));
    for (var o = 1u; o < O; o++) {
        largest = max(largest, load(out, at(n, o, O)));
    }
    var sum = 0.0;
    for (var o = 0u; o < O; o++) {
        sum += exponential(load(out, at(n, o, O)) - largest);
    }
    let log_sum = largest + logarithm(sum);
    var e = 0.0;
    for (var o = 0u; o < O; o++) {
        let logit = load(out, at(n, o, O));
        let t = wanted(targets, n, o, O, classes);
        e += t * (log_sum - logit);
        store(delta, at(n, o, O), (exponential(logit - largest) / sum - t) * inverse_rows());
    }
    close_row(n, error, e);
}
