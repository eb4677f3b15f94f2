// What the tile variants of the matrix products share, for GPUs (workgroup memory is slow where a CPU computes).
// left (rows, terms) * right (terms, columns)   ->   sums (rows, columns): each adds its terms in order, from its start.
//
// A workgroup computes a tile of TILE_ROWS by TILE_COLUMNS sums (tile_huge, tile_large, tile_small,
// tile_skinny or tile_cooperative.wgsl). It takes TILE_TERMS terms at a time: each lane loads blocks of 4 by 4 elements, by texels, and
// they are put into workgroup memory, a line a term (tile_terms.wgsl). The kernel's file (NAME_tile.wgsl) says what left
// and right are: lines along the terms, whose blocks are transposed on the way, or lines of a term each. Beyond the last
// term there are zeros, which change no sum.
//
// What the kernel's file has to fill in, beside LEFT_ALONG_TERMS and RIGHT_ALONG_TERMS (a test reads this table):
//   fn texel(operand: u32, t: u32) -> vec4<f32>    texel t of the operand's buffer
//   fn left(a: u32, b: u32) -> vec4<f32>           four elements of the left operand, by line and place in it (`four_of`)
//   fn right(a: u32, b: u32) -> vec4<f32>          the same of the right one
//   fn left_scale() -> f32                         the factor of the left operand's terms in f16
//   fn start(row: u32, column: u32) -> vec4<f32>   what the sums of four columns start from
//   fn put(row: u32, column: u32, sums: vec4<f32>)  where they go
//   fn also(lane: u32, tile: vec2<u32>)            what else is made of terms that are in workgroup memory

const LEFT = 0u; const RIGHT = 1u;

// What a tile in registers has its own of (tile_registers.wgsl).
fn batch_rows() -> u32 { return rows(); }
fn rate() -> f32 { return learning_rate(); }
fn decay_share() -> f32 { return decay_factor(); }
fn look(updated: f32) {
    if (!is_finite(updated)) { diverged(UPDATE_DIVERGED); }
}
fn end_looking() {}

// The smallest power of two above 16 rows: a delta has a factor 1 / rows.
fn delta_scale() -> f32 { return f32(32u << firstLeadingBit(max(rows(), 1u))); }

// The first row and the first column of a workgroup's tile.
fn corner(group: vec3<u32>, columns: u32) -> vec2<u32> {
    let across = (columns + TILE_COLUMNS - 1u) / TILE_COLUMNS;
    let tile = group.y * ROW_OF_GROUPS + group.x;
    return vec2<u32>(tile / across * TILE_ROWS, tile % across * TILE_COLUMNS);
}

// Elements i..i + 3 of a line of an operand as it lies in memory; zeros beyond its lines and its width.
fn four_of(operand: u32, line: u32, i: u32, lines: u32, width: u32) -> vec4<f32> {
    if (line >= lines || i >= width) { return vec4<f32>(); }
    let at = line * width + i;
    let first = texel(operand, at / 4u);
    if (width % 4u == 0u) { return first; }
    let last = line * width + min(i + 3u, width - 1u); // no texel beyond its own
    let elements = four(at % 4u, first, texel(operand, last / 4u));
    return select(vec4<f32>(), elements, vec4<u32>(i, i + 1u, i + 2u, i + 3u) < vec4<u32>(width));
}

// Where block b of an operand is, in blocks: along the tile, along the terms. 8 lanes load 128 bytes of one line, or 32
// bytes of each of 4 lines, and store to different banks.
fn block(b: u32, along_terms: bool, blocks: u32) -> vec2<u32> {
    if (!along_terms) { return vec2<u32>(b % blocks, b / blocks); }
    let pairs = TILE_TERMS / 8u;
    return vec2<u32>(b / 2u % 4u + b / 8u / pairs * 4u, b % 2u + b / 8u % pairs * 2u);
}

// Block b of the left operand, for the tile's first row and the first of the terms: column j is term j's.
fn left_block(b: u32, row: u32, term: u32) -> mat4x4<f32> {
    let at = 4u * block(b, LEFT_ALONG_TERMS, TILE_ROWS / 4u) + vec2<u32>(row, term);
    if (LEFT_ALONG_TERMS) {
        return transpose(mat4x4<f32>(
            left(at.x, at.y), left(at.x + 1u, at.y), left(at.x + 2u, at.y), left(at.x + 3u, at.y)));
    }
    return mat4x4<f32>(left(at.y, at.x), left(at.y + 1u, at.x), left(at.y + 2u, at.x), left(at.y + 3u, at.x));
}
fn right_block(b: u32, column: u32, term: u32) -> mat4x4<f32> {
    let at = 4u * block(b, RIGHT_ALONG_TERMS, TILE_COLUMNS / 4u) + vec2<u32>(column, term);
    if (RIGHT_ALONG_TERMS) {
        return transpose(mat4x4<f32>(
            right(at.x, at.y), right(at.x + 1u, at.y), right(at.x + 2u, at.y), right(at.x + 3u, at.y)));
    }
    return mat4x4<f32>(right(at.y, at.x), right(at.y + 1u, at.x), right(at.y + 2u, at.x), right(at.y + 3u, at.x));
}

fn starts(row: u32, column: u32) -> mat4x4<f32> {
    return mat4x4<f32>(
        start(row, column), start(row + 1u, column), start(row + 2u, column), start(row + 3u, column));
}

fn put_all(row: u32, column: u32, sums: mat4x4<f32>) {
    put(row, column, sums[0]);
    put(row + 1u, column, sums[1]);
    put(row + 2u, column, sums[2]);
    put(row + 3u, column, sums[3]);
}
