// What every loss does around its own formula. Twin: src/kernels/loss.rs.

// Target of output o in row n: the target's own column, or 1 for the row's class and 0 for the others.
fn wanted(targets: u32, n: u32, o: u32, O: u32, classes: u32) -> f32 {
    if (classes == 0u) { return load(targets, at(n, o, O)); }
    return select(0.0, 1.0, u32(load(targets, at(n, 0u, 1u))) == o);
}

// Adds the row's error to its account, notes an error that is not finite, and counts the step.
fn close_row(n: u32, error: u32, e: f32) {
    let account = at(n, 0u, 1u);
    store(error, account, load(error, account) + e);
    if (!is_finite(e)) { diverged(FORWARD_DIVERGED); }
    if (n == 0u) { count_step(); }
}
