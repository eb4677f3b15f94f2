// The lane family: a network in the registers of one invocation, many steps a dispatch, a row at a time.
// A base is an offset into the state. In front of this file src/gpu/print/network.rs prints its constants, and restore, clear,
// bring_row, gradient, update, inspect and save: one call a unit, with literal arguments, so that no index is dynamic.
//
// What all networks share, steps and rows, is a script that the host writes, read through a uniform buffer: GPUs hand
// such a word to all lanes at once, and Mesa's lavapipe loads it without the stack, unlike from a storage buffer.
//
// Unless CAREFUL, a network is looked at once a dispatch: what is not finite does not become finite again. If it is not,
// nothing of it is kept, and the host runs it again with CAREFUL, which looks at every step and says where it diverged.

// For each segment, steps of the same size and settings, three quads: number of its first step, rows of a step, steps, quads
// from a row to the next; learning rate, 1 / rows, Adam's corrections; and the factor of weight decay. Then ROW quads for each
// row of each step, inputs, then targets; or for one row, if it is 0 quads to the next: all steps take that one.
@group(0) @binding(0) var<uniform> script: array<vec4<u32>, SCRIPT>;
@group(0) @binding(1) var<storage, read_write> kept: array<vec4<f32>>; // quad q of invocation j at q * invocations + j
@group(0) @binding(2) var<storage, read_write> status: array<u32>;
@group(0) @binding(3) var<storage, read> rates: array<f32>; // what a network multiplies the learning rate by
// Not in the uniform buffer: lavapipe compiles a shader again for each value there that bounds a loop.
@group(0) @binding(4) var<storage, read> run: Run;

struct Run {
    first: u32,       // invocation of the grid
    networks: u32,
    segments: u32,
    invocations: u32, // of the grid
    number: u32,      // of the script, among those between two looks of the host
}

// Status words above any step's: nothing found; to be run again with CAREFUL, from this script on.
const FINE = 0xFFFFFFFFu;
const PENDING = 0xFFFFFF00u;

var<private> state: array<f32, STATE>;
var<private> network: u32;
var<private> lane: u32;        // of the workgroup
var<private> invocations: u32;
var<private> rate: f32;
var<private> step: vec4<u32>;
var<private> settings: vec4<f32>;
var<private> decay: f32;
var<private> cursor: u32;
var<private> bad: u32;
var<private> largest: u32; // magnitude of what is kept, as bits

fn load(base: u32, i: u32) -> f32 { return state[base + i]; }
fn store(base: u32, i: u32, value: f32) { state[base + i] = value; }
fn at(n: u32, i: u32, width: u32) -> u32 { return i; }
// What earlier rows of the same batch left: clear() comes first.
fn partial(base: u32, i: u32, first: u32) -> f32 { return state[base + i]; }
fn rows() -> u32 { return 1u; }
fn learning_rate() -> f32 { return settings.x * rate; }
fn inverse_rows() -> f32 { return select(settings.y, 1.0, ONE_ROW); }
fn correction1() -> f32 { return settings.z; }
fn correction2() -> f32 { return settings.w; }
fn decay_factor() -> f32 { return decay; }
fn diverged(what: u32) { if (CAREFUL) { bad = min(bad, 2u * step.x + what); } }
fn stopped() -> bool { return CAREFUL && bad < 2u * step.x + UPDATE_DIVERGED; }
// Updates of a diverged step: run_steps does not begin them, but with EARLY_UPDATES some come within gradient.
fn halted() -> bool { return EARLY_UPDATES && stopped(); }
fn count_step() {}

fn reset(k: u32) { state[k] = 0.0; }
fn recall(quad: u32) {
    let k = 4u * quad;
    let values = kept[quad * invocations + network];
    state[k] = values.x;
    state[k + 1u] = values.y;
    state[k + 2u] = values.z;
    state[k + 3u] = values.w;
}
fn keep(quad: u32) {
    let k = 4u * quad;
    kept[quad * invocations + network] = vec4<f32>(state[k], state[k + 1u], state[k + 2u], state[k + 3u]);
}
fn bring(word: u32, base: u32) { state[base] = bitcast<f32>(read_word(word)); }
fn look(k: u32) { largest = max(largest, bitcast<u32>(state[k]) & 0x7FFFFFFFu); }

fn take_segment() {
    fetch(0u);
    step = vec4<u32>(read_word(0u), read_word(1u), read_word(2u), read_word(3u));
    if (FETCHED == 1u) { fetch(1u); }
    settings = bitcast<vec4<f32>>(vec4<u32>(read_word(4u), read_word(5u), read_word(6u), read_word(7u)));
    if (FETCHED <= 2u) { fetch(2u / FETCHED); }
    decay = bitcast<f32>(read_word(8u));
    cursor += 3u;
    let end = step.x + step.z;
    begin_rows();
    for (; step.x < end; step.x++) {
        clear();
        if (ONE_ROW) {
            take_row();
        } else {
            for (var n = 0u; n < step.y; n++) { take_row(); }
        }
        if (!stopped()) { update(); }
    }
    cursor += ROW - stride();
}

// Quads from a row to the next.
fn stride() -> u32 { return step.w; }

fn take_row() {
    bring_row();
    gradient();
    cursor += stride();
}

// Of a workgroup: one subgroup on software adapters, which would print its code again for every other.
override WORKGROUP: u32 = 64u;

@compute @workgroup_size(WORKGROUP)
fn run_steps(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) index: u32) {
    lane = index;
    invocations = run.invocations;
    network = run.first + min(id.x, run.networks - 1u);
    let before = status[network];
    let due = select(before == FINE, before >= PENDING && before <= PENDING + run.number, CAREFUL);
    let goes = due && id.x < run.networks;
    if (!any_goes(goes)) { return; }
    rate = rates[network];
    bad = FINE;
    restore();
    let segments = run.segments;
    for (var s = 0u; s < segments; s++) { take_segment(); }
    inspect();
    if (!goes) { return; }
    if (!CAREFUL && largest >= 0x7F800000u) {
        status[network] = PENDING + run.number;
        return;
    }
    save();
    status[network] = min(before, bad);
}
