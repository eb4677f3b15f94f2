// Weight and bias gradients: dW = deltaᵀ x, db = sum of delta, rows added in order.
// delta (N, O)   x (N, I)   ->   dw (O, I)   db (O)
// Twin: src/kernels/weight_gradient.rs. One unit is one weight i of neuron o; i = I is the bias.
// Rows first..first + limit: a long batch comes in several calls, which add to what the earlier ones stored.
fn weight_gradient(i: u32, o: u32, I: u32, O: u32, first: u32, limit: u32, delta: u32, x: u32, dw: u32, db: u32) {
    let end = min(rows(), first + limit);
    if (i == I) {
        store(db, o, bias_sum(partial(db, o, first), o, O, first, end, delta));
        return;
    }
    store(dw, o * I + i, weight_sum(partial(dw, o * I + i, first), i, o, I, O, first, end, delta, x));
}

// A bias's and a weight's gradient over rows first..end, added to `start`.
fn bias_sum(start: f32, o: u32, O: u32, first: u32, end: u32, delta: u32) -> f32 {
    var sum = start;
    for (var n = first; n < end; n++) {
        sum += load(delta, at(n, o, O));
    }
    return sum;
}
fn weight_sum(start: f32, i: u32, o: u32, I: u32, O: u32, first: u32, end: u32, delta: u32, x: u32) -> f32 {
    var sum = start;
    for (var n = first; n < end; n++) {
        sum += load(delta, at(n, o, O)) * load(x, at(n, i, I));
    }
    return sum;
}
