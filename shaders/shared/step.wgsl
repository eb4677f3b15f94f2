// A row of the schedule: all that changes from step to step. Twin: src/kernels/step.rs (struct Step).
struct Step {
    index: u32,          // number of the step in the run
    first: u32,          // where the split begins in the data set
    count: u32,          // rows of the split
    start: u32,          // the batch is rows start..start + rows of the split's order
    rows: u32,
    shuffle: u32,        // 0: rows in their own order
    key: vec2<u32>,      // of the epoch's order
    learning_rate: f32,
    inverse_rows: f32,
    correction1: f32,    // Adam's 1 / (1 - beta1^t)
    correction2: f32,    // Adam's 1 / (1 - beta2^t)
    decay_factor: f32,   // of weight decay
    dropout_rate: f32,
    dropout_scale: f32,  // 1 / (1 - rate)
    spare: u32,
}

// The row of the data set that is row n of the batch.
fn row_of(step: Step, n: u32) -> u32 {
    let i = step.start + n;
    if (step.shuffle == 0u) { return step.first + i; }
    return step.first + shuffled(step.key, i, step.count);
}

// Divergence is kept as 2 step + what, the smallest wins: a run stops before the update of a step whose error is not
// finite, and after the update of a step that made a parameter not finite.
const FORWARD_DIVERGED = 0u;
const UPDATE_DIVERGED = 1u;
