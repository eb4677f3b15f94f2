// The lane family: a network in the registers of one invocation, many steps a dispatch, a row at a time.
// A base is an offset into the state. In front of this file src/plan/inline.rs prints STATE, EARLY_UPDATES, and restore, clear,
// bring_row, gradient, update and save: one call a unit, with literal arguments, so that no index is dynamic.

@group(0) @binding(0) var<storage, read> schedule: array<Step>;
@group(0) @binding(1) var<storage, read> data_inputs: array<f32>;
@group(0) @binding(2) var<storage, read> data_targets: array<f32>;
@group(0) @binding(3) var<storage, read_write> kept: array<f32>; // element k of network j at k * networks + j
@group(0) @binding(4) var<storage, read_write> status: array<u32>;
@group(0) @binding(5) var<uniform> chunk: vec4<u32>; // steps, networks

const DATA_INPUTS = 0u;

var<private> state: array<f32, STATE>;
var<private> network: u32;
var<private> step: Step;
var<private> current_row: u32;
var<private> bad: u32;

fn load(base: u32, i: u32) -> f32 { return state[base + i]; }
fn store(base: u32, i: u32, value: f32) { state[base + i] = value; }
fn at(n: u32, i: u32, width: u32) -> u32 { return i; }
// What earlier rows of the same batch left: clear() comes first.
fn partial(base: u32, i: u32, first: u32) -> f32 { return state[base + i]; }
fn data(base: u32, i: u32) -> f32 {
    if (base == DATA_INPUTS) { return data_inputs[i]; }
    return data_targets[i];
}
fn data_row() -> u32 { return current_row; }
fn rows() -> u32 { return 1u; }
fn inverse_rows() -> f32 { return step.inverse_rows; }
fn learning_rate() -> f32 { return step.learning_rate; }
fn correction1() -> f32 { return step.correction1; }
fn correction2() -> f32 { return step.correction2; }
fn diverged(what: u32) { bad = min(bad, 2u * step.index + what); }
fn stopped() -> bool { return bad < 2u * step.index + UPDATE_DIVERGED; }
// Updates of a diverged step: run_steps does not begin them, but with EARLY_UPDATES some come within gradient.
fn halted() -> bool { return EARLY_UPDATES && stopped(); }
fn count_step() {}

fn recall(k: u32) { state[k] = kept[k * chunk.y + network]; }
fn keep(k: u32) { kept[k * chunk.y + network] = state[k]; }
fn reset(k: u32) { state[k] = 0.0; }

@compute @workgroup_size(64)
fn run_steps(@builtin(global_invocation_id) id: vec3<u32>) {
    network = id.x;
    if (network >= chunk.y) { return; }
    bad = status[network];
    restore();
    for (var s = 0u; s < chunk.x; s++) {
        step = schedule[s];
        clear();
        for (var n = 0u; n < step.rows; n++) {
            current_row = row_of(step, n);
            bring_row();
            gradient();
        }
        if (!stopped()) { update(); }
    }
    save();
    status[network] = bad;
}
