// Dropout: out = scale x where the mask keeps a neuron, 0 where it drops it; the deltas of x follow from those of out likewise.
// The mask depends on the seed, the step, the row of the batch, the layer and the neuron, and on nothing else.
// x (N, I)   ->   out (N, I)
// Twin: src/kernels/dropout.rs. One unit is one neuron i of one row n; the scale is 1 / (1 - rate), both from the schedule.
fn dropout(i: u32, n: u32, I: u32, layer: u32, x: u32, out: u32) {
    let mask = mask_of_row(mask_key(), step_number(), row_in_batch(n), layer);
    let drops = is_dropped(mask, mask_key(), i, layer, dropout_rate());
    let y = load(x, at(n, i, I));
    store(out, at(n, i, I), select(dropout_scale() * y, 0.0, drops));
}
