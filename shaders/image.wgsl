// Slots that have images (`Variant::images`), for adapters whose lanes are the SIMD lanes of a CPU. Mesa's lavapipe loads a
// storage buffer's elements one by one, each through the stack; texels of an image it loads as vectors and transposes, 30
// times faster. The executor copies a buffer to its image where a call reads what an earlier one wrote; activations and
// deltas their kernels store in the image too. An element costs the same to store there as in the buffer, so that weights and
// rows of the data set, of which there are many, are rather copied.
// Four elements are a texel; texels of a slot are counted from where its slice begins. Beyond an image there are zeros.

override TEXEL0: u32 = 0u; override TEXEL1: u32 = 0u; override TEXEL2: u32 = 0u; override TEXEL3: u32 = 0u;
const IMAGE_WIDTH = 1024u;

fn place(texel: u32) -> vec2<u32> { return vec2<u32>(texel % IMAGE_WIDTH, texel / IMAGE_WIDTH); }

// Four terms of four sums, in order.
fn add_terms(sum: vec4<f32>, a: vec4<f32>, v0: vec4<f32>, v1: vec4<f32>, v2: vec4<f32>, v3: vec4<f32>) -> vec4<f32> {
    var s = sum + a.x * v0;
    s += a.y * v1;
    s += a.z * v2;
    s += a.w * v3;
    return s;
}
