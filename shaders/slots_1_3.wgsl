// Slots of the device family: 1 read, 3 written. The optimizers (sgd writes two).

@group(0) @binding(1) var<storage, read> in0: array<f32>;
@group(0) @binding(2) var<storage, read_write> out0: array<f32>;
@group(0) @binding(3) var<storage, read_write> out1: array<f32>;
@group(0) @binding(4) var<storage, read_write> out2: array<f32>;

const IN0 = 0u; const OUT0 = 1u; const OUT1 = 2u; const OUT2 = 3u;

fn load(base: u32, i: u32) -> f32 {
    switch base {
        case IN0: { return in0[i]; }
        case OUT0: { return out0[i]; }
        case OUT1: { return out1[i]; }
        default: { return out2[i]; }
    }
}
fn store(base: u32, i: u32, value: f32) {
    switch base {
        case OUT0: { out0[i] = value; }
        case OUT1: { out1[i] = value; }
        default: { out2[i] = value; }
    }
}

@compute @workgroup_size(WORKGROUP)
fn run_sgd(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let u = unit(group, lane);
    if (u.y < UNITS1 && !stopped()) { sgd(u.x, u.y, ARG0, ARG1, IN0, OUT0, OUT1); }
}
@compute @workgroup_size(WORKGROUP)
fn run_adam(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let u = unit(group, lane);
    if (u.y < UNITS1 && !stopped()) { adam(u.x, u.y, ARG0, ARG1, ARG2, ARG3, IN0, OUT0, OUT1, OUT2); }
}
