// The workgroup family: a network in the memory of one workgroup, many steps a dispatch, ROWS rows of a batch at a time.
// A base is an offset into the state. In front of this file src/gpu/print/workgroup.rs prints STATE, KEPT, ROWS, STRIDE
// and TEAM, and bring, gradient and update: for each call the team's loop over its units, and sync() where one reads what
// others wrote.
//
// Data set and schedule stay on the device. Whatever decides whether a sync() is reached comes from read-only storage:
// it is the same for the whole workgroup, and Mesa's lavapipe would compile the shader anew at each dispatch if it came
// from a uniform buffer.

struct Network {
    fold: u32,
    rate: f32, // what it multiplies the learning rate by
}

@group(0) @binding(0) var<storage, read> schedule: array<Step>;
@group(0) @binding(1) var<storage, read> spans: array<vec2<u32>>; // of each fold: this dispatch's first step, and the end
@group(0) @binding(2) var<storage, read> networks: array<Network>;
@group(0) @binding(3) var<storage, read> all_inputs: array<f32>;
@group(0) @binding(4) var<storage, read> all_targets: array<f32>;
@group(0) @binding(5) var<storage, read_write> kept: array<f32>; // KEPT of each network, one after the other
@group(0) @binding(6) var<storage, read_write> status: array<u32>;

var<workgroup> state: array<f32, STATE>;
var<workgroup> numbers: array<u32, ROWS>; // of the rows, in the data set
var<workgroup> bad: atomic<u32>;
var<private> lane: u32;
var<private> rate: f32;
var<private> step: Step;
var<private> before: u32; // rows of the batch before these
var<private> present: u32; // rows

fn load(base: u32, i: u32) -> f32 { return state[base + i]; }
fn store(base: u32, i: u32, value: f32) { state[base + i] = value; }
fn data(base: u32, i: u32) -> f32 {
    if (base == 0u) { return all_inputs[i]; }
    return all_targets[i];
}
fn data_row(n: u32) -> u32 { return numbers[n]; }
// Lanes along the batch read neighbours, and lanes along the columns, since STRIDE is odd, different banks.
fn at(n: u32, i: u32, width: u32) -> u32 { return i * STRIDE + n; }
// What earlier rows of the same batch left.
fn partial(base: u32, i: u32, first: u32) -> f32 {
    if (before + first == 0u) { return 0.0; }
    return state[base + i];
}
fn rows() -> u32 { return present; }
fn learning_rate() -> f32 { return step.learning_rate * rate; }
fn inverse_rows() -> f32 { return step.inverse_rows; }
fn correction1() -> f32 { return step.correction1; }
fn correction2() -> f32 { return step.correction2; }
fn decay_factor() -> f32 { return step.decay_factor; }
fn dropout_rate() -> f32 { return step.dropout_rate; }
fn dropout_scale() -> f32 { return step.dropout_scale; }
fn mask_key() -> vec2<u32> { return step.key; }
fn step_number() -> u32 { return step.index; }
fn row_in_batch(n: u32) -> u32 { return before + n; }
fn diverged(what: u32) { atomicMin(&bad, 2u * step.index + what); }
// Updates of a diverged step: asked by each unit, since lanes must reach the same sync().
fn halted() -> bool { return atomicLoad(&bad) < 2u * step.index + UPDATE_DIVERGED; }
fn count_step() {}
fn sync() { workgroupBarrier(); }

// Where the batch's rows before..before + present are in the data set. Its barrier is also that of what came before: the
// kept state, or an update.
fn number_rows() {
    for (var n = lane; n < present; n += TEAM) { numbers[n] = row_of(step, before + n); }
    sync();
}

@compute @workgroup_size(TEAM)
fn run_steps(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    let network = group.x;
    let span = spans[networks[network].fold];
    lane = index;
    rate = networks[network].rate;
    for (var k = lane; k < KEPT; k += TEAM) { state[k] = kept[network * KEPT + k]; }
    if (lane == 0u) { atomicStore(&bad, status[network]); }
    for (var s = span.x; s < span.y; s++) {
        step = schedule[s];
        for (var first = 0u; first < schedule[s].rows; first += ROWS) {
            before = first;
            present = min(schedule[s].rows - first, ROWS);
            number_rows();
            bring();
            gradient();
        }
        update();
    }
    sync();
    for (var k = lane; k < KEPT; k += TEAM) { kept[network * KEPT + k] = state[k]; }
    if (lane == 0u) { status[network] = atomicLoad(&bad); }
}
