// sgd for adapters whose lanes are the SIMD lanes of a CPU.
// gradient (P)   ->   parameters (P)   velocity (P), used only with momentum; bit for bit as the plain variant.
//
// A workgroup is one subgroup and updates 256 parameters, 4 at a time a lane: what is the same for all is loaded once.
// `before` is what the parameters were. Elements beyond the last parameter, up to a whole texel, keep their values.

@group(0) @binding(1) var gradient: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var<storage, read_write> parameters: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> velocity: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> free: array<f32>;
@group(0) @binding(10) var before: texture_storage_2d<rgba32float, read>;

const TEXELS = 8u; // a lane

@compute @workgroup_size(SUBGROUP)
fn run_sgd_subgroup(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
    if (stopped() || arrayLength(&free) == 0u) { return; }
    let rate = learning_rate();
    let first = (group.y * ROW_OF_GROUPS + group.x) * TEXELS * SUBGROUP + lane;
    for (var i = 0u; i < TEXELS; i++) {
        let at = first + i * SUBGROUP;
        if (at * 4u >= UNITS1) { continue; }
        let p = textureLoad(before, place(TEXEL1 + at));
        var g = textureLoad(gradient, place(TEXEL0 + at));
        if (ARG1 != 0u) { g += bitcast<f32>(ARG1) * p; }
        let k = at * 4u;
        let is_parameter = vec4<u32>(k, k + 1u, k + 2u, k + 3u) < vec4<u32>(UNITS1);
        if (ARG0 != 0u) {
            let v = velocity[at];
            g += bitcast<f32>(ARG0) * v;
            velocity[at] = select(v, g, is_parameter);
        }
        let updated = select(p, p - rate * g, is_parameter);
        parameters[at] = updated;
        let finite = vec4<bool>(is_finite(updated.x), is_finite(updated.y), is_finite(updated.z), is_finite(updated.w));
        if (any(is_parameter & !finite)) { diverged(UPDATE_DIVERGED); }
    }
}
