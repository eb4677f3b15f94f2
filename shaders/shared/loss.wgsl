// What every loss does around its own formula. Twin: src/kernels/loss.rs.

// What the targets of a row are, as bits: a class number rather than a value for each output; with the row's weight behind.
const CLASSES = 1u;
const WEIGHTED = 2u;

// Columns of the targets, apart from the weight.
fn target_columns(O: u32, form: u32) -> u32 { return select(O, 1u, (form & CLASSES) != 0u); }
fn target_width(O: u32, form: u32) -> u32 { return target_columns(O, form) + (form / WEIGHTED); }

// Target of output o in row n: the target's own column, or 1 for the row's class and 0 for the others.
fn wanted(targets: u32, n: u32, o: u32, O: u32, form: u32) -> f32 {
    if ((form & CLASSES) == 0u) { return load(targets, at(n, o, target_width(O, form))); }
    return select(0.0, 1.0, u32(load(targets, at(n, 0u, target_width(O, form)))) == o);
}

// What row n counts in the batch: its weight / rows.
fn row_share(targets: u32, n: u32, O: u32, form: u32) -> f32 {
    return row_weight(targets, n, O, form) * inverse_rows();
}
fn row_weight(targets: u32, n: u32, O: u32, form: u32) -> f32 {
    if ((form & WEIGHTED) == 0u) { return 1.0; }
    return load(targets, at(n, target_columns(O, form), target_width(O, form)));
}

// Adds the row's error to its account, notes an error that is not finite, and counts the step.
fn close_row(n: u32, error: u32, e: f32) {
    let account = at(n, 0u, 1u);
    store(error, account, load(error, account) + e);
    if (!is_finite(e)) { diverged(FORWARD_DIVERGED); }
    if (n == 0u) { count_step(); }
}
