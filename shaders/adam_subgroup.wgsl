// adam for adapters whose lanes are the SIMD lanes of a CPU.
// gradient (P)   ->   parameters (P)   m (P)   v (P); bit for bit as the plain variant.
//
// A workgroup is one subgroup and updates 128 parameters, 4 at a time a lane: what is the same for all is loaded once.
// `before`, `m_before` and `v_before` are what the written slots were. Elements beyond the last parameter, up to a whole
// texel, keep their values.

@group(0) @binding(1) var gradient: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var<storage, read_write> parameters: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> m: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> v: array<vec4<f32>>;
@group(0) @binding(10) var before: texture_storage_2d<rgba32float, read>;
@group(0) @binding(11) var m_before: texture_storage_2d<rgba32float, read>;
@group(0) @binding(12) var v_before: texture_storage_2d<rgba32float, read>;

const TEXELS = 4u; // a lane

@compute @workgroup_size(SUBGROUP)
fn run_adam_subgroup(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
    if (stopped()) { return; }
    let b1 = bitcast<f32>(ARG0);
    let b2 = bitcast<f32>(ARG1);
    let rate = learning_rate();
    let c1 = correction1();
    let c2 = correction2();
    let first = (group.y * ROW_OF_GROUPS + group.x) * TEXELS * SUBGROUP + lane;
    for (var i = 0u; i < TEXELS; i++) {
        let at = first + i * SUBGROUP;
        let k = at * 4u;
        if (k >= UNITS1) { continue; }
        let g = textureLoad(gradient, place(TEXEL0 + at));
        let old = textureLoad(before, place(TEXEL1 + at));
        let old_m = textureLoad(m_before, place(TEXEL2 + at));
        let old_v = textureLoad(v_before, place(TEXEL3 + at));
        let first_moment = b1 * old_m + (1.0 - b1) * g;
        let second_moment = b2 * old_v + (1.0 - b2) * (g * g);
        var p = old;
        if (ARG3 != 0u) { p -= rate * bitcast<f32>(ARG3) * p; }
        let direction = (c1 * first_moment) / (sqrt(c2 * second_moment) + bitcast<f32>(ARG2));
        let is_parameter = vec4<u32>(k, k + 1u, k + 2u, k + 3u) < vec4<u32>(UNITS1);
        let updated = select(old, p - rate * direction, is_parameter);
        m[at] = select(old_m, first_moment, is_parameter);
        v[at] = select(old_v, second_moment, is_parameter);
        parameters[at] = updated;
        let finite = vec4<bool>(is_finite(updated.x), is_finite(updated.y), is_finite(updated.z), is_finite(updated.w));
        if (any(is_parameter & !finite)) { diverged(UPDATE_DIVERGED); }
    }
}
