// Several layers' calls of weight_gradient or descent in one dispatch, for GPUs: instead of call.wgsl and weight_slots.wgsl.
// In front of this file src/plan/inline/layers.rs prints how many buffers are read, READS, and what each of the
// LAYERS has: TILES, ARGS, and where its DELTA, X, W and B begin.

@group(0) @binding(3) var<storage, read_write> written: array<f32>; // all layers' weights and biases, or their gradients
@group(0) @binding(10) var<storage, read> read0: array<vec4<f32>>;
@group(0) @binding(11) var<storage, read> read1: array<vec4<f32>>;
@group(0) @binding(12) var<storage, read> read2: array<vec4<f32>>;
@group(0) @binding(13) var<storage, read> read3: array<vec4<f32>>;
@group(0) @binding(14) var<storage, read> read4: array<vec4<f32>>;

// Those of the workgroup's own layer.
var<private> ARG0: u32; var<private> ARG1: u32; var<private> ARG2: u32;
var<private> delta: vec2<u32>;
var<private> x: vec2<u32>;
var<private> w: u32;
var<private> b: u32;

fn begin(group: vec3<u32>) -> Own {
    var t = group.y * ROW_OF_GROUPS + group.x;
    for (var l = 0u; l < LAYERS; l++) {
        let tiles = TILES[l];
        if (t < tiles) {
            let args = ARGS[l];
            ARG0 = args.x; ARG1 = args.y; ARG2 = args.z;
            delta = DELTA[l]; x = X[l]; w = W[l]; b = B[l];
            return Own(vec3<u32>(t % ROW_OF_GROUPS, t / ROW_OF_GROUPS, 0u), args.x, args.y, args.z, args.w, 0u);
        }
        t -= tiles;
    }
    return Own(vec3<u32>(), 0u, 0u, 0u, 0u, 0u); // beyond the last one: no neurons
}

// Texel t of a slice: its buffer, and the texel that it begins with.
fn read_texel(slice: vec2<u32>, t: u32) -> vec4<f32> {
    let at = slice.y + t;
    // Constants say how many buffers there are, so that no more than these are in the program.
    if (READS > 4u && slice.x == 4u) { return read4[at]; }
    if (READS > 3u && slice.x == 3u) { return read3[at]; }
    if (READS > 2u && slice.x == 2u) { return read2[at]; }
    if (READS > 1u && slice.x == 1u) { return read1[at]; }
    return read0[at];
}

fn delta_texel(t: u32) -> vec4<f32> { return read_texel(delta, t); }
fn x_texel(t: u32) -> vec4<f32> { return read_texel(x, t); }
fn weight(i: u32) -> f32 { return written[w + i]; }
fn set_weight(i: u32, value: f32) { written[w + i] = value; }
fn bias(o: u32) -> f32 { return written[b + o]; }
fn set_bias(o: u32, value: f32) { written[b + o] = value; }
