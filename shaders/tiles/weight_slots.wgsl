// The slots of weight_gradient's and fused_sgd's tiles. Layers whose calls share a dispatch have functions of these names
// instead (layers.wgsl).   delta (N, O)   x (N, I)   ->   w (O, I)   b (O), or their gradients

@group(0) @binding(1) var<storage, read> delta: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> w: array<f32>;
@group(0) @binding(4) var<storage, read_write> b: array<f32>;

fn delta_texel(t: u32) -> vec4<f32> { return delta[t]; }
fn x_texel(t: u32) -> vec4<f32> { return x[t]; }
fn weight(i: u32) -> f32 { return w[i]; }
fn set_weight(i: u32, value: f32) { w[i] = value; }
fn bias(o: u32) -> f32 { return b[o]; }
fn set_bias(o: u32, value: f32) { b[o] = value; }
// Where the slices begin in the scratch, if the rows are cut.
fn first_slice() -> u32 { return 0u; }
