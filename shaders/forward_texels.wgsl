// Where forward_subgroup.wgsl puts outputs, four of a row at a time: whole texels, in the image too.   O a multiple of 4.

@group(0) @binding(4) var<storage, read_write> out: array<vec4<f32>>;
@group(0) @binding(12) var out_image: texture_storage_2d<rgba32float, write>;

fn put_outputs(base: u32, n: u32, o: u32, O: u32, y: vec4<f32>) {
    let texel = (n * O + o) / 4u;
    out[texel] = y;
    textureStore(out_image, place(TEXEL3 + texel), y);
}
