// The tile for the largest products: 128 rows by 128 columns, 16 terms at a time; 8 by 8 sums a lane, 256 lanes.
// A lane does what it does in the large tile, but an element is loaded from a buffer half as often. Half of the lanes load
// the left operand and half the right one, one block each. The lanes of a subgroup are 8 across and 4 down, so that they load
// 12 texels a term from workgroup memory.

const TILE_ROWS = 128u;
const TILE_COLUMNS = 128u;
const TILE_TERMS = 16u;
const TILE_LANES = 256u;
const HALF = 16u; // texels from a lane's upper rows to its lower ones, and from its left columns to its right ones

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
    var sums = Blocks(
        starts(row, column), starts(row, column + 4u * HALF),
        starts(row + 4u * HALF, column), starts(row + 4u * HALF, column + 4u * HALF));
    var next = fetch(lane, tile, first);
    for (var term = first; term < end; term += TILE_TERMS) {
        workgroupBarrier(); // the terms before are added
        if (lane < 128u) { keep_left(lane, next); } else { keep_right(lane - 128u, next); }
        workgroupBarrier(); // these are there
        next = fetch(lane, tile, term + TILE_TERMS);
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
