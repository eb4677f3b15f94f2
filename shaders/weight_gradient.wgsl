// Weight and bias gradients: dW = deltaᵀ x, db = sum of delta, rows added in order.
// delta (N, O)   x (N, I)   ->   dw (O, I)   db (O)
// Twin: src/kernels/weight_gradient.rs. One unit is one weight i of neuron o; i = I is the bias.
// Rows first..first + limit: a long batch comes in several calls, which add to what the earlier ones stored.
fn weight_gradient(i: u32, o: u32, I: u32, O: u32, first: u32, limit: u32, delta: u32, x: u32, dw: u32, db: u32) {
    let end = min(rows(), first + limit);
    if (i == I) {
        var bias = partial(db, o, first);
        for (var n = first; n < end; n++) {
            bias += load(delta, at(n, o, O));
        }
        store(db, o, bias);
        return;
    }
    var sum = partial(dw, o * I + i, first);
    for (var n = first; n < end; n++) {
        sum += load(delta, at(n, o, O)) * load(x, at(n, i, I));
    }
    store(dw, o * I + i, sum);
}
