// Slots of the device family: 2 read, 2 written. gather, the losses, weight_gradient, descent.

@group(0) @binding(1) var<storage, read> in0: array<f32>;
@group(0) @binding(2) var<storage, read> in1: array<f32>;
@group(0) @binding(3) var<storage, read_write> out0: array<f32>;
@group(0) @binding(4) var<storage, read_write> out1: array<f32>;

const IN0 = 0u; const IN1 = 1u; const OUT0 = 2u; const OUT1 = 3u;

fn load(base: u32, i: u32) -> f32 {
    switch base {
        case IN0: { return in0[i]; }
        case IN1: { return in1[i]; }
        case OUT0: { return out0[i]; }
        default: { return out1[i]; }
    }
}
fn store(base: u32, i: u32, value: f32) {
    switch base {
        case OUT0: { out0[i] = value; }
        default: { out1[i] = value; }
    }
}

@compute @workgroup_size(WORKGROUP)
fn run_gather(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let n = group.y * ROW_OF_GROUPS + group.x; // one workgroup a row: its place in the order is computed once
    let now = schedule[counter + group.z];
    if (n == 0u && lane == 0u) { seats[group.z].step = now; }
    if (n >= now.rows) { return; }
    current_row = row_of(now, n);
    for (var i = lane; i < UNITS0; i += WORKGROUP) { gather(i, n + SEAT_ROWS * group.z, ARG0, ARG1, IN0, IN1, OUT0, OUT1); }
}
@compute @workgroup_size(WORKGROUP)
fn run_squared_error(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let u = unit(group, lane);
    if (u.y < rows()) { squared_error(u.x, u.y, ARG0, ARG1, ARG2, ARG3, IN0, IN1, OUT0, OUT1); }
}
@compute @workgroup_size(WORKGROUP)
fn run_cross_entropy(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let u = unit(group, lane);
    if (u.y < rows()) { cross_entropy(u.x, u.y, ARG0, ARG1, IN0, IN1, OUT0, OUT1); }
}
@compute @workgroup_size(WORKGROUP)
fn run_weight_gradient(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let u = unit(group, lane);
    if (u.y < UNITS1) { weight_gradient(u.x, u.y, ARG0, ARG1, ARG2, ARG3, IN0, IN1, OUT0, OUT1); }
}
@compute @workgroup_size(WORKGROUP)
fn run_descent(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let u = unit(group, lane);
    if (u.y < UNITS1 && !stopped()) { descent(u.x, u.y, ARG0, ARG1, ARG2, IN0, IN1, OUT0, OUT1); }
}
