// The lane family: a network in the registers of one invocation, many steps a dispatch, a row at a time.
// A base is an offset into the state. In front of this file src/plan/inline.rs prints STATE, EARLY_UPDATES, ONE_ROW,
// SCRIPT and ROW, and restore, clear, bring_row, gradient, update and save: one call a unit, with literal arguments, so
// that no index is dynamic.
//
// What all networks share, steps and rows, is a script that the host writes, read through a uniform buffer: GPUs hand
// such a word to all lanes at once, and Mesa's lavapipe loads it without the stack, unlike from a storage buffer.

// First invocation, networks, steps, invocations of the grid. Then for each step two quads, its number and rows, and
// learning rate, 1 / rows and Adam's corrections; and ROW quads for each of its rows, inputs, then targets.
@group(0) @binding(0) var<uniform> script: array<vec4<u32>, SCRIPT>;
@group(0) @binding(1) var<storage, read_write> kept: array<vec4<f32>>; // quad q of invocation j at q * invocations + j
@group(0) @binding(2) var<storage, read_write> status: array<u32>;
@group(0) @binding(3) var<storage, read> rates: array<f32>; // what a network multiplies the learning rate by

var<private> state: array<f32, STATE>;
var<private> network: u32;
var<private> invocations: u32;
var<private> rate: f32;
var<private> step: vec4<u32>;
var<private> settings: vec4<f32>;
var<private> cursor: u32;
var<private> bad: u32;

fn load(base: u32, i: u32) -> f32 { return state[base + i]; }
fn store(base: u32, i: u32, value: f32) { state[base + i] = value; }
fn at(n: u32, i: u32, width: u32) -> u32 { return i; }
// What earlier rows of the same batch left: clear() comes first.
fn partial(base: u32, i: u32, first: u32) -> f32 { return state[base + i]; }
fn rows() -> u32 { return 1u; }
fn learning_rate() -> f32 { return settings.x * rate; }
fn inverse_rows() -> f32 { return settings.y; }
fn correction1() -> f32 { return settings.z; }
fn correction2() -> f32 { return settings.w; }
fn diverged(what: u32) { bad = min(bad, 2u * step.x + what); }
fn stopped() -> bool { return bad < 2u * step.x + UPDATE_DIVERGED; }
// Updates of a diverged step: run_steps does not begin them, but with EARLY_UPDATES some come within gradient.
fn halted() -> bool { return EARLY_UPDATES && stopped(); }
fn count_step() {}

fn reset(k: u32) { state[k] = 0.0; }
// The first `count` of four values, into the state.
fn put(values: vec4<f32>, base: u32, count: u32) {
    state[base] = values.x;
    if (count > 1u) { state[base + 1u] = values.y; }
    if (count > 2u) { state[base + 2u] = values.z; }
    if (count > 3u) { state[base + 3u] = values.w; }
}
fn recall(quad: u32) { put(kept[quad * invocations + network], 4u * quad, 4u); }
fn keep(quad: u32) {
    let k = 4u * quad;
    kept[quad * invocations + network] = vec4<f32>(state[k], state[k + 1u], state[k + 2u], state[k + 3u]);
}
fn bring(quad: u32, base: u32, count: u32) { put(bitcast<vec4<f32>>(script[cursor + quad]), base, count); }

fn take_row() {
    bring_row();
    gradient();
    cursor += ROW;
}

// Of a workgroup: one subgroup on software adapters, which would print its code again for every other.
override WORKGROUP: u32 = 64u;

@compute @workgroup_size(WORKGROUP)
fn run_steps(@builtin(global_invocation_id) id: vec3<u32>) {
    let run = script[0];
    if (id.x >= run.y) { return; }
    network = run.x + id.x;
    invocations = run.w;
    rate = rates[network];
    bad = status[network];
    restore();
    cursor = 1u;
    for (var s = 0u; s < run.z; s++) {
        step = script[cursor];
        settings = bitcast<vec4<f32>>(script[cursor + 1u]);
        cursor += 2u;
        clear();
        if (ONE_ROW) {
            take_row();
        } else {
            for (var n = 0u; n < step.y; n++) { take_row(); }
        }
        if (!stopped()) { update(); }
    }
    save();
    status[network] = bad;
}
