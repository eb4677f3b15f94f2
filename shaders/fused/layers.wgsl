// Several layers' calls of weight_gradient or fused_sgd in one dispatch, for GPUs: instead of call.wgsl and weight_slots.wgsl.
// In front of this file src/gpu/print/layers.rs prints how many buffers are read, READS, and what each of the
// LAYERS has: GROUPS, of workgroups that add rows and of those that add slices; ARGS; where its DELTA, X, W and B begin; and
// its SLICES, how many rows they have and where they begin.

@group(0) @binding(3) var<storage, read_write> written: array<f32>; // all layers' weights and biases, or their gradients
@group(0) @binding(10) var<storage, read> read0: array<vec4<f32>>;
@group(0) @binding(11) var<storage, read> read1: array<vec4<f32>>;
@group(0) @binding(12) var<storage, read> read2: array<vec4<f32>>;
@group(0) @binding(13) var<storage, read> read3: array<vec4<f32>>;
@group(0) @binding(14) var<storage, read> read4: array<vec4<f32>>;

// Those of the workgroup's own layer.
var<private> ARG0: u32; var<private> ARG1: u32; var<private> ARG2: u32; var<private> ARG3: u32;
var<private> delta: vec2<u32>;
var<private> x: vec2<u32>;
var<private> w: u32;
var<private> b: u32;
var<private> slices: u32;

fn own_of(group: vec3<u32>, stage: u32) -> Own {
    var t = group.y * ROW_OF_GROUPS + group.x;
    for (var l = 0u; l < LAYERS; l++) {
        let groups = GROUPS[l][stage];
        if (t < groups) {
            let args = ARGS[l];
            ARG0 = args.x; ARG1 = args.y; ARG2 = args.z; ARG3 = args.w;
            delta = DELTA[l]; x = X[l]; w = W[l]; b = B[l]; slices = SLICES[l].y;
            let own = vec3<u32>(t % ROW_OF_GROUPS, t / ROW_OF_GROUPS, 0u);
            return Own(own, args.x, args.y, args.z, args.w, SLICES[l].x);
        }
        t -= groups;
    }
    return Own(vec3<u32>(), 0u, 0u, 0u, 0u, 0u); // beyond the last one: no neurons
}
fn begin(group: vec3<u32>) -> Own { return own_of(group, 0u); }
fn begin_sums(group: vec3<u32>) -> Own { return own_of(group, 1u); }

// Texel t of a slice of a buffer: which buffer, and the texel that it begins with.
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
fn first_slice() -> u32 { return slices; }
