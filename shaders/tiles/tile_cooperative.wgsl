// The tiles by cooperative matrices, for GPUs with units for matrices of SIZE by SIZE (cooperative_16 or cooperative_8.wgsl)
// that multiply f16 and add f32. A workgroup is 4 subgroups, each with a line of 4 matrices of sums; it takes 32 terms at a
// time.
//
// Terms are rounded to f16 on the way into workgroup memory, the left operand's times left_scale(), a power of two that
// keeps deltas away from where f16 ends; what is beyond f16, 65504, becomes infinite, and the run diverges. The sums are
// f32, in whatever order the units add, so that one is off by at most
//   (2^-10 + 2^-22 + terms 2^-23) sum |left right|  +  2^-25 sum |right| / left_scale()  +  2^-25 sum |left|,
// the last two for terms that f16 has as subnormal numbers or not at all.

const TILE_TERMS = 32u;
override TILE_LANES: u32 = 4u * SUBGROUP;

// Elements of a line: 8 more than are used, so that the lines of a matrix are in different banks, at multiples of 16 bytes.
const STRIDE = TILE_ROWS + 8u;
const HALVES = TILE_TERMS * STRIDE;
var<workgroup> left_half: array<f16, HALVES>;
var<workgroup> right_half: array<f16, HALVES>;
// A matrix of sums of each subgroup, on its way from or to the buffers.
const PASSING = 4u * SIZE * SIZE;
var<workgroup> passing: array<f32, PASSING>;

const LARGEST_HALF = 0x477FE000u; // the bits of 65504

// Term t of rows 4 r..4 r + 3, as it is added.
fn left_term(t: u32, r: u32) -> vec4<f32> {
    let at = t * STRIDE + 4u * r;
    let four = vec4<f16>(left_half[at], left_half[at + 1u], left_half[at + 2u], left_half[at + 3u]);
    return vec4<f32>(four) / left_scale();
}

fn halves(terms: vec4<f32>) -> vec4<f16> {
    let magnitudes = bitcast<vec4<u32>>(terms) & vec4<u32>(0x7FFFFFFFu); // keeps a NaN, as a clamp might not
    let beyond = magnitudes > vec4<u32>(LARGEST_HALF);
    return vec4<f16>(terms * select(vec4<f32>(1.0), vec4<f32>(3.4e38), beyond));
}
fn keep_left(at: u32, terms: vec4<f32>) {
    let four = halves(terms * left_scale());
    left_half[at] = four.x; left_half[at + 1u] = four.y; left_half[at + 2u] = four.z; left_half[at + 3u] = four.w;
}
fn keep_right(at: u32, terms: vec4<f32>) {
    let four = halves(terms);
    right_half[at] = four.x; right_half[at + 1u] = four.y; right_half[at + 2u] = four.z; right_half[at + 3u] = four.w;
}

// Both operands' terms from `term` on.
const BLOCKS = TILE_ROWS / 4u * (TILE_TERMS / 4u);
fn fetch(lane: u32, tile: vec2<u32>, term: u32) {
    for (var b = lane; b < BLOCKS; b += TILE_LANES) {
        let four = left_block(b, tile.x, term);
        let place = block(b, LEFT_ALONG_TERMS, TILE_ROWS / 4u);
        let at = 4u * (place.y * STRIDE + place.x);
        keep_left(at, four[0]);
        keep_left(at + STRIDE, four[1]);
        keep_left(at + 2u * STRIDE, four[2]);
        keep_left(at + 3u * STRIDE, four[3]);
    }
    for (var b = lane; b < BLOCKS; b += TILE_LANES) {
        let four = right_block(b, tile.y, term);
        let place = block(b, RIGHT_ALONG_TERMS, TILE_COLUMNS / 4u);
        let at = 4u * (place.y * STRIDE + place.x);
        keep_right(at, four[0]);
        keep_right(at + STRIDE, four[1]);
        keep_right(at + 2u * STRIDE, four[2]);
        keep_right(at + 3u * STRIDE, four[3]);
    }
}

// Texels of a matrix's row.
const QUADS = SIZE / 4u;

// What the sums of a subgroup's matrix start from.
fn start_matrix(lane: u32, row: u32, column: u32, at: u32) -> Sums {
    workgroupBarrier(); // the last matrix is where it should be
    for (var q = lane % SUBGROUP; q < QUADS * SIZE; q += SUBGROUP) {
        let four = start(row + q / QUADS, column + 4u * (q % QUADS)) * left_scale();
        passing[at + 4u * q] = four.x;
        passing[at + 4u * q + 1u] = four.y;
        passing[at + 4u * q + 2u] = four.z;
        passing[at + 4u * q + 3u] = four.w;
    }
    workgroupBarrier();
    return coopLoadT<Sums>(&passing[at], SIZE);
}

fn put_matrix(lane: u32, row: u32, column: u32, at: u32, sums: Sums) {
    workgroupBarrier();
    coopStoreT(sums, &passing[at], SIZE);
    workgroupBarrier();
    for (var q = lane % SUBGROUP; q < QUADS * SIZE; q += SUBGROUP) {
        let k = at + 4u * q;
        let four = vec4<f32>(passing[k], passing[k + 1u], passing[k + 2u], passing[k + 3u]);
        put(row + q / QUADS, column + 4u * (q % QUADS), four / left_scale());
    }
}

// Adds terms first..end to the sums of the workgroup's tile.
fn multiply(group: vec3<u32>, lane: u32, rows: u32, columns: u32, first: u32, end: u32) {
    let tile = corner(group, columns);
    let subgroup = lane / SUBGROUP;
    let row = tile.x + SIZE * subgroup;
    let at = SIZE * SIZE * subgroup;
    var sums0 = start_matrix(lane, row, tile.y, at);
    var sums1 = start_matrix(lane, row, tile.y + SIZE, at);
    var sums2 = start_matrix(lane, row, tile.y + 2u * SIZE, at);
    var sums3 = start_matrix(lane, row, tile.y + 3u * SIZE, at);
    for (var term = first; term < end; term += TILE_TERMS) {
        workgroupBarrier(); // the terms before are added
        fetch(lane, tile, term);
        workgroupBarrier(); // these are there
        also(lane, tile);
        for (var t = 0u; t < TILE_TERMS; t += SIZE) {
            let left = coopLoad<Left>(&left_half[t * STRIDE + SIZE * subgroup], STRIDE);
            sums0 = coopMultiplyAdd(left, coopLoadT<Right>(&right_half[t * STRIDE], STRIDE), sums0);
            sums1 = coopMultiplyAdd(left, coopLoadT<Right>(&right_half[t * STRIDE + SIZE], STRIDE), sums1);
            sums2 = coopMultiplyAdd(left, coopLoadT<Right>(&right_half[t * STRIDE + 2u * SIZE], STRIDE), sums2);
            sums3 = coopMultiplyAdd(left, coopLoadT<Right>(&right_half[t * STRIDE + 3u * SIZE], STRIDE), sums3);
        }
    }
    put_matrix(lane, row, tile.y, at, sums0);
    put_matrix(lane, row, tile.y + SIZE, at, sums1);
    put_matrix(lane, row, tile.y + 2u * SIZE, at, sums2);
    put_matrix(lane, row, tile.y + 3u * SIZE, at, sums3);
}
