// Several layers' calls of weight_gradient or descent in one dispatch, for GPUs: instead of call.wgsl and weight_slots.wgsl.
// src/plan/gpu/layers.rs prints the buffers that are read, read_texel(buffer, texel), and begin(), which says whose tile a
// workgroup's is.

@group(0) @binding(3) var<storage, read_write> written: array<f32>; // the weights and biases of all layers, or their gradients

var<private> ARG0: u32; var<private> ARG1: u32; var<private> ARG2: u32; var<private> ARG3: u32;
var<private> delta: vec2<u32>; // the buffer, and the texel that it begins with
var<private> x: vec2<u32>;
var<private> first: vec2<u32>; // the first weight and the first bias

fn take(args: vec4<u32>, delta_at: vec2<u32>, x_at: vec2<u32>, w_and_b: vec2<u32>) {
    ARG0 = args.x; ARG1 = args.y; ARG2 = args.z; ARG3 = args.w;
    delta = delta_at;
    x = x_at;
    first = w_and_b;
}

fn delta_texel(t: u32) -> vec4<f32> { return read_texel(delta.x, delta.y + t); }
fn x_texel(t: u32) -> vec4<f32> { return read_texel(x.x, x.y + t); }
fn weight(i: u32) -> f32 { return written[first.x + i]; }
fn set_weight(i: u32, value: f32) { written[first.x + i] = value; }
fn bias(o: u32) -> f32 { return written[first.y + o]; }
fn set_bias(o: u32, value: f32) { written[first.y + o] = value; }
