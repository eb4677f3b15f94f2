// The device family's plain variants: each tensor in a storage buffer, one invocation a unit.
// A call has four slots, and a base names one: slots_3_1.wgsl, slots_2_2.wgsl and slots_1_3.wgsl bind them to so many
// read and so many written buffers, define load and store, and hold the entry points of the kernels that fit.

const WORKGROUP = 64u;

fn data(base: u32, i: u32) -> f32 { return load(base, i); }
fn at(n: u32, i: u32, width: u32) -> u32 { return n * width + i; }
// What earlier calls of the same batch left: nothing, for the call that begins with row 0.
fn partial(base: u32, i: u32, first: u32) -> f32 {
    if (first == 0u) { return 0.0; }
    return load(base, i);
}

// Updates of a diverged step: entry points do not begin them.
fn halted() -> bool { return false; }

// The row of the data set that is row n of the batch: a workgroup of gather has one.
var<private> current_row: u32;
fn data_row(n: u32) -> u32 { return current_row; }

fn unit(group: vec3<u32>, lane: u32) -> vec2<u32> {
    let linear = (group.y * ROW_OF_GROUPS + group.x) * WORKGROUP + lane;
    return vec2<u32>(linear % UNITS0, linear / UNITS0);
}
