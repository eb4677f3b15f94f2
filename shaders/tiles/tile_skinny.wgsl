// The tile for thin layers and small batches: 16 rows by 16 columns, 32 terms at a time; 1 by 4 sums a lane.
// Where rows or columns are few, a larger tile would be mostly edge, and too few workgroups would wait for memory one after
// the other: this one makes four times as many as the small tile, and waits half as often. Half of the lanes load the
// left operand and half the right one, one block each.

const TILE_ROWS = 16u;
const TILE_COLUMNS = 16u;
const TILE_TERMS = 32u;
const TILE_LANES = 64u;

fn fetch(lane: u32, tile: vec2<u32>, term: u32) -> mat4x4<f32> {
    if (lane < 32u) { return left_block(lane, tile.x, term); }
    return right_block(lane - 32u, tile.y, term);
}

// Adds terms first..end to the sums of the workgroup's tile.
fn multiply(group: vec3<u32>, lane: u32, rows: u32, columns: u32, first: u32, end: u32) {
    let tile = corner(group, columns);
    if (tile.x >= rows) { return; }
    let across = lane % 4u;
    let down = lane / 4u;
    var sums = start(tile.x + down, tile.y + 4u * across);
    var next = fetch(lane, tile, first);
    for (var term = first; term < end; term += TILE_TERMS) {
        workgroupBarrier(); // the terms before are added
        if (lane < 32u) { keep_left(lane, next); } else { keep_right(lane - 32u, next); }
        workgroupBarrier(); // these are there
        next = fetch(lane, tile, term + TILE_TERMS);
        also(lane, tile);
        for (var t = 0u; t < TILE_TERMS; t++) {
            let a = left_tile[t * LEFT_STRIDE + down / 4u][down % 4u];
            sums += a * right_tile[t * RIGHT_STRIDE + across];
        }
    }
    put(tile.x + down, tile.y + 4u * across, sums);
}
