// The tile for large products: 64 rows by 64 columns, 16 terms at a time; 8 by 8 sums a lane.
// A term costs a lane 4 loads of texels and 64 multiply-adds, and an element is loaded from a buffer half as often as with
// the small tile. A lane's sums are four blocks of 4 by 4, 32 rows and columns apart, so that neighbours load neighbouring
// texels; it loads one block of each operand.

const TILE_ROWS = 64u;
const TILE_COLUMNS = 64u;
const TILE_TERMS = 16u;
const TILE_LANES = 64u;

// Adds terms first..end to the sums of the workgroup's tile.
fn multiply(group: vec3<u32>, lane: u32, rows: u32, columns: u32, first: u32, end: u32) {
    let tile = corner(group, columns);
    if (tile.x >= rows) { return; }
    let across = lane % 8u;
    let down = lane / 8u;
    let row = tile.x + 4u * down;
    let column = tile.y + 4u * across;
    // Named for where the blocks are: the upper and the lower ones, left and right.
    var upper_left = starts(row, column);
    var upper_right = starts(row, column + 32u);
    var lower_left = starts(row + 32u, column);
    var lower_right = starts(row + 32u, column + 32u);
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
        for (var t = 0u; t < TILE_TERMS; t++) {
            let upper = left_tile[t * LEFT_STRIDE + down];
            let lower = left_tile[t * LEFT_STRIDE + down + 8u];
            let b_left = right_tile[t * RIGHT_STRIDE + across];
            let b_right = right_tile[t * RIGHT_STRIDE + across + 8u];
            upper_left = add_term(upper_left, upper, b_left);
            upper_right = add_term(upper_right, upper, b_right);
            lower_left = add_term(lower_left, lower, b_left);
            lower_right = add_term(lower_right, lower, b_right);
        }
    }
    put_all(row, column, upper_left);
    put_all(row, column + 32u, upper_right);
    put_all(row + 32u, column, lower_left);
    put_all(row + 32u, column + 32u, lower_right);
}
