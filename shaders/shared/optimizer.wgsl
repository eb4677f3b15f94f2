// What every optimizer does around its own formula. Twin: src/kernels/optimizer.rs.

// The learning rate of a call's tensors, which is a factor of the step's.
fn own_rate(factor: u32) -> f32 { return learning_rate() * bitcast<f32>(factor); }

// A parameter that stops being finite is noted, with the step.
fn store_parameter(parameters: u32, k: u32, p: f32) {
    store(parameters, k, p);
    if (!is_finite(p)) { diverged(UPDATE_DIVERGED); }
}
