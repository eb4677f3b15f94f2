// The tile for large products: 64 rows by 64 columns, 16 terms at a time; 8 by 8 sums a lane.
// A term costs a lane 4 loads of texels and 64 multiply-adds, and an element is loaded from a buffer half as often as with
// the small tile. A lane's blocks of sums are 32 rows and columns apart, so that neighbours load neighbouring texels; it
// loads one block of each operand.

const TILE_ROWS = 64u;
const TILE_COLUMNS = 64u;
const TILE_TERMS = 16u;
const TILE_LANES = 64u;
const HALF = 8u; // texels from a lane's upper rows to its lower ones, and from its left columns to its right ones

// The sums of a lane, four blocks of 4 by 4, named for where they are.
struct Blocks { upper_left: mat4x4<f32>, upper_right: mat4x4<f32>, lower_left: mat4x4<f32>, lower_right: mat4x4<f32> }

// Term t of all of them.
fn add_terms(sums: Blocks, t: u32, down: u32, across: u32) -> Blocks {
    let upper = left_tile[t * LEFT_STRIDE + down];
    let lower = left_tile[t * LEFT_STRIDE + down + HALF];
    let left = right_tile[t * RIGHT_STRIDE + across];
    let right = right_tile[t * RIGHT_STRIDE + across + HALF];
    return Blocks(
        add_term(sums.upper_left, upper, left), add_term(sums.upper_right, upper, right),
        add_term(sums.lower_left, lower, left), add_term(sums.lower_right, lower, right));
}

// Adds terms first..end to the sums of the workgroup's tile.
fn multiply(group: vec3<u32>, lane: u32, rows: u32, columns: u32, first: u32, end: u32) {
    let tile = corner(group, columns);
    if (tile.x >= rows) { return; }
    let across = lane % 8u;
    let down = lane / 8u;
    let row = tile.x + 4u * down;
    let column = tile.y + 4u * across;
    var sums = Blocks(
        starts(row, column), starts(row, column + 4u * HALF),
        starts(row + 4u * HALF, column), starts(row + 4u * HALF, column + 4u * HALF));
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
        // One line a term: as a loop, which drivers do not unroll, it takes 15 to 25 % longer on an H200.
        sums = add_terms(sums, 0u, down, across);
        sums = add_terms(sums, 1u, down, across);
        sums = add_terms(sums, 2u, down, across);
        sums = add_terms(sums, 3u, down, across);
        sums = add_terms(sums, 4u, down, across);
        sums = add_terms(sums, 5u, down, across);
        sums = add_terms(sums, 6u, down, across);
        sums = add_terms(sums, 7u, down, across);
        sums = add_terms(sums, 8u, down, across);
        sums = add_terms(sums, 9u, down, across);
        sums = add_terms(sums, 10u, down, across);
        sums = add_terms(sums, 11u, down, across);
        sums = add_terms(sums, 12u, down, across);
        sums = add_terms(sums, 13u, down, across);
        sums = add_terms(sums, 14u, down, across);
        sums = add_terms(sums, 15u, down, across);
    }
    put_all(row, column, sums.upper_left);
    put_all(row, column + 4u * HALF, sums.upper_right);
    put_all(row + 4u * HALF, column, sums.lower_left);
    put_all(row + 4u * HALF, column + 4u * HALF, sums.lower_right);
}
