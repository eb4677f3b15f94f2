// The tile for large products: 64 rows by 64 columns, 16 terms at a time; 8 by 8 sums a lane.
// A term costs a lane 4 loads of texels and 64 multiply-adds, and an element is loaded from a buffer half as often as with
// the small tile. A lane's blocks of sums are 32 rows and columns apart, so that neighbours load neighbouring texels; it
// loads one block of each operand.

const TILE_ROWS = 64u;
const TILE_COLUMNS = 64u;
const TILE_TERMS = 16u;
const TILE_LANES = 64u;
const HALF = 8u; // tile_quarters.wgsl

// Adds terms first..end to the sums of the workgroup's tile.
fn multiply(group: vec3<u32>, lane: u32, rows: u32, columns: u32, first: u32, end: u32) {
    let tile = corner(group, columns);
    if (tile.x >= rows) { return; }
    let across = lane % 8u;
    let down = lane / 8u;
    let row = tile.x + 4u * down;
    let column = tile.y + 4u * across;
    var sums = start_blocks(row, column);
    var next_left = left_block(lane, tile.x, first);
    var next_right = right_block(lane, tile.y, first);
    for (var term = first; term < end; term += TILE_TERMS) {
        workgroupBarrier(); // the terms before are added
        keep_left(lane, next_left);
        keep_right(lane, next_right);
        workgroupBarrier(); // these are there
        next_left = left_block(lane, tile.x, term + TILE_TERMS);
        next_right = right_block(lane, tile.y, term + TILE_TERMS);
        also(lane, tile);
        sums = add_all_terms(sums, down, across);
    }
    put_blocks(row, column, sums);
}
