// Rows of the batch, from the data set: input i, or target i - I, of the row that the schedule names.
// data_inputs (rows, I)   data_targets (rows, T)   ->   x (N, I)   targets (N, T)
// Twin: src/kernels/gather.rs. One unit is one element i of row n.
fn gather(i: u32, n: u32, I: u32, T: u32, data_inputs: u32, data_targets: u32, x: u32, targets: u32) {
    if (i < I) {
        store(x, at(n, i, I), data(data_inputs, data_row(n) * I + i));
    } else {
        store(targets, at(n, i - I, T), data(data_targets, data_row(n) * T + (i - I)));
    }
}
