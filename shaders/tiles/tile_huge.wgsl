// The tile for the largest products: 128 rows by 128 columns, 16 terms at a time; 8 by 8 sums a lane, 256 lanes.
// A lane does what it does in the large tile, but an element is loaded from a buffer half as often. Half of the lanes load
// the left operand and half the right one, one block each. The lanes of a subgroup are 8 across and 4 down, so that they load
// 12 texels a term from workgroup memory.

const TILE_ROWS = 128u;
const TILE_COLUMNS = 128u;
const TILE_TERMS = 16u;
const TILE_LANES = 256u;
const HALF = 16u; // tile_quarters.wgsl

fn fetch(lane: u32, tile: vec2<u32>, term: u32) -> mat4x4<f32> {
    if (lane < 128u) { return left_block(lane, tile.x, term); }
    return right_block(lane - 128u, tile.y, term);
}

// Adds terms first..end to the sums of the workgroup's tile.
fn multiply(group: vec3<u32>, lane: u32, rows: u32, columns: u32, first: u32, end: u32) {
    let tile = corner(group, columns);
    if (tile.x >= rows) { return; }
    let across = lane % 8u + lane / 32u % 2u * 8u;
    let down = lane / 8u % 4u + lane / 64u * 4u;
    let row = tile.x + 4u * down;
    let column = tile.y + 4u * across;
    var sums = start_blocks(row, column);
    var next = fetch(lane, tile, first);
    for (var term = first; term < end; term += TILE_TERMS) {
        workgroupBarrier(); // the terms before are added
        if (lane < 128u) { keep_left(lane, next); } else { keep_right(lane - 128u, next); }
        workgroupBarrier(); // these are there
        next = fetch(lane, tile, term + TILE_TERMS);
        also(lane, tile);
        sums = add_all_terms(sums, down, across);
    }
    put_blocks(row, column, sums);
}
