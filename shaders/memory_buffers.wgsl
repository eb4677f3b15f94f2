// The device family: each tensor in a storage buffer, one dispatch a call, one invocation a unit.
// A call has four slots, and a base names one: slots_3_1.wgsl, slots_2_2.wgsl and slots_1_3.wgsl bind them to so many
// read and so many written buffers, define load and store, and hold the entry points of the kernels that fit.

@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(5) var<storage, read_write> status: atomic<u32>;
@group(0) @binding(6) var<storage, read_write> counter: u32;
@group(0) @binding(7) var<storage, read> schedule: array<Step>;
@group(0) @binding(8) var<storage, read_write> next_step: Step;

fn data(base: u32, i: u32) -> f32 { return load(base, i); }
fn at(n: u32, i: u32, width: u32) -> u32 { return n * width + i; }
// What earlier calls of the same batch left: nothing, for the call that begins with row 0.
fn partial(base: u32, i: u32, first: u32) -> f32 {
    if (first == 0u) { return 0.0; }
    return load(base, i);
}
fn rows() -> u32 { return step.rows; }
fn inverse_rows() -> f32 { return step.inverse_rows; }
fn learning_rate() -> f32 { return step.learning_rate; }
fn correction1() -> f32 { return step.correction1; }
fn correction2() -> f32 { return step.correction2; }
fn diverged(what: u32) { atomicMin(&status, 2u * step.index + what); }
fn stopped() -> bool { return atomicLoad(&status) < 2u * step.index + UPDATE_DIVERGED; }
fn count_step() { counter += 1u; }

var<private> current_row: u32;
fn data_row() -> u32 { return current_row; }

// A call's arguments, and its number of units (fastest first), are constants of its pipeline.
override ARG0: u32 = 0u; override ARG1: u32 = 0u; override ARG2: u32 = 0u; override ARG3: u32 = 0u;
override UNITS0: u32 = 1u; override UNITS1: u32 = 1u;
const WORKGROUP = 64u;
const ROW_OF_GROUPS = 65535u; // what one dimension of a dispatch may hold

fn unit(group: vec3<u32>, lane: u32) -> vec2<u32> {
    let linear = (group.y * ROW_OF_GROUPS + group.x) * WORKGROUP + lane;
    return vec2<u32>(linear % UNITS0, linear / UNITS0);
}
