// Slots of the device family: 3 read, 1 written. forward, input_gradient, correct (which reads two).

@group(0) @binding(1) var<storage, read> in0: array<f32>;
@group(0) @binding(2) var<storage, read> in1: array<f32>;
@group(0) @binding(3) var<storage, read> in2: array<f32>;
@group(0) @binding(4) var<storage, read_write> out0: array<f32>;

const IN0 = 0u; const IN1 = 1u; const IN2 = 2u; const OUT0 = 3u;

fn load(base: u32, i: u32) -> f32 {
    switch base {
        case IN0: { return in0[i]; }
        case IN1: { return in1[i]; }
        case IN2: { return in2[i]; }
        default: { return out0[i]; }
    }
}
fn store(base: u32, i: u32, value: f32) { out0[i] = value; }

@compute @workgroup_size(WORKGROUP)
fn run_forward(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let u = unit(group, lane);
    if (u.y < rows()) { forward(u.x, u.y, ARG0, ARG1, ARG2, IN0, IN1, IN2, OUT0); }
}
@compute @workgroup_size(WORKGROUP)
fn run_input_gradient(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let u = unit(group, lane);
    if (u.y < rows()) { input_gradient(u.x, u.y, ARG0, ARG1, ARG2, IN0, IN1, IN2, OUT0); }
}
@compute @workgroup_size(WORKGROUP)
fn run_correct(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
    let u = unit(group, lane);
    if (u.y < rows()) { correct(u.x, u.y, ARG0, IN0, IN1, OUT0); }
}
