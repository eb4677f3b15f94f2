// The tile for products of middle size: 32 rows by 32 columns, 16 terms at a time; 4 by 4 sums a lane.
// The best all-round tile of ggml's search over GPUs of four makers. A term costs a lane 2 loads of texels and 16
// multiply-adds; half of the lanes load the left operand and half the right one, one block each.

const TILE_ROWS = 32u;
const TILE_COLUMNS = 32u;
const TILE_TERMS = 16u;
const TILE_LANES = 64u;

fn fetch(lane: u32, tile: vec2<u32>, term: u32) -> mat4x4<f32> {
    if (lane < 32u) { return left_block(lane, tile.x, term); }
    return right_block(lane - 32u, tile.y, term);
}

// Adds terms first..end to the sums of the workgroup's tile.
fn multiply(group: vec3<u32>, lane: u32, rows: u32, columns: u32, first: u32, end: u32) {
    let tile = corner(group, columns);
    if (tile.x >= rows) { return; }
    let across = lane % 8u;
    let down = lane / 8u;
    var sums = starts(tile.x + 4u * down, tile.y + 4u * across);
    var next = fetch(lane, tile, first);
    for (var term = first; term < end; term += TILE_TERMS) {
        workgroupBarrier(); // the terms before are added
        if (lane < 32u) { keep_left(lane, next); } else { keep_right(lane - 32u, next); }
        workgroupBarrier(); // these are there
        next = fetch(lane, tile, term + TILE_TERMS);
        also(lane, tile);
        for (var t = 0u; t < TILE_TERMS; t++) {
            sums = add_term(sums, left_tile[t * LEFT_STRIDE + down], right_tile[t * RIGHT_STRIDE + across]);
        }
    }
    put_all(tile.x + 4u * down, tile.y + 4u * across, sums);
}
