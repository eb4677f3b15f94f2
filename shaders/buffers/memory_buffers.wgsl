// The device family's plain variants: each tensor in a storage buffer, one invocation a unit.
// A base is the number of one of the kernel's slots. Behind this file and the unit function src/gpu/print/buffers.rs prints
// what follows from the kernel's row: the slots' buffers, load and store, and the entry point.

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

// The row of the data set that is row n of the batch.
fn data_row(n: u32) -> u32 { return current_row; }

fn unit(group: vec3<u32>, lane: u32) -> vec2<u32> {
    let linear = (group.y * ROW_OF_GROUPS + group.x) * WORKGROUP + lane;
    return vec2<u32>(linear % UNITS0, linear / UNITS0);
}
// Whether it is one of the call's: of one along the rows, of another one, and of one that a diverged step does not begin.
fn is_row(u: vec2<u32>) -> bool { return u.y < rows(); }
fn is_unit(u: vec2<u32>) -> bool { return u.y < UNITS1; }
fn is_unit_of_update(u: vec2<u32>) -> bool { return u.y < UNITS1 && !stopped(); }
