// Where forward_subgroup.wgsl puts outputs if a row is no whole texels: each by itself, since lanes share texels then.

@group(0) @binding(4) var<storage, read_write> out: array<f32>;

fn put_outputs(base: u32, n: u32, o: u32, O: u32, y: vec4<f32>) {
    let k = n * O + o;
    out[k] = y.x;
    if (o + 1u < O) { out[k + 1u] = y.y; }
    if (o + 2u < O) { out[k + 2u] = y.z; }
    if (o + 3u < O) { out[k + 3u] = y.w; }
}
