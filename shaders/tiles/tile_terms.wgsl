// The terms of a tile (tile.wgsl) in workgroup memory, as they are: a workgroup's lanes load those that follow while these
// are being added.

// Texels of a line: one more than are used. Odd strides keep the 8 lanes that store or load at once in different banks.
const LEFT_STRIDE = TILE_ROWS / 4u + 1u;
const RIGHT_STRIDE = TILE_COLUMNS / 4u + 1u;
const LEFT_TEXELS = TILE_TERMS * LEFT_STRIDE;
const RIGHT_TEXELS = TILE_TERMS * RIGHT_STRIDE;
var<workgroup> left_tile: array<vec4<f32>, LEFT_TEXELS>;
var<workgroup> right_tile: array<vec4<f32>, RIGHT_TEXELS>;

// Term t of rows 4 r..4 r + 3.
fn left_term(t: u32, r: u32) -> vec4<f32> { return left_tile[t * LEFT_STRIDE + r]; }

fn keep_left(b: u32, terms: mat4x4<f32>) {
    let at = block(b, LEFT_ALONG_TERMS, TILE_ROWS / 4u);
    let first = 4u * at.y * LEFT_STRIDE + at.x;
    left_tile[first] = terms[0];
    left_tile[first + LEFT_STRIDE] = terms[1];
    left_tile[first + 2u * LEFT_STRIDE] = terms[2];
    left_tile[first + 3u * LEFT_STRIDE] = terms[3];
}
fn keep_right(b: u32, terms: mat4x4<f32>) {
    let at = block(b, RIGHT_ALONG_TERMS, TILE_COLUMNS / 4u);
    let first = 4u * at.y * RIGHT_STRIDE + at.x;
    right_tile[first] = terms[0];
    right_tile[first + RIGHT_STRIDE] = terms[1];
    right_tile[first + 2u * RIGHT_STRIDE] = terms[2];
    right_tile[first + 3u * RIGHT_STRIDE] = terms[3];
}

// A term of 4 rows by 4 columns: column j of the sums is row j's.
fn add_term(sums: mat4x4<f32>, a: vec4<f32>, b: vec4<f32>) -> mat4x4<f32> {
    return sums + mat4x4<f32>(a.x * b, a.y * b, a.z * b, a.w * b);
}
