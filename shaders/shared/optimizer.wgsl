// What every optimizer does around its own formula. Twin: src/kernels/optimizer.rs.

// A parameter that stops being finite is noted, with the step.
fn store_parameter(parameters: u32, k: u32, p: f32) {
    store(parameters, k, p);
    if (!is_finite(p)) { diverged(UPDATE_DIVERGED); }
}
