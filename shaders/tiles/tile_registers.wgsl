// The tile for adapters that compute on the CPU, instead of tile.wgsl and all that belongs to it: 16 by 16 sums a lane in its
// registers, as far as there are any, and nothing in workgroup memory, which is slow there.
//
// Mesa's lavapipe loads a storage buffer's elements lane by lane, each through the stack, whether lanes load the same one or
// not: what counts is how many multiply-adds a load feeds. For 4 terms a lane loads 32 texels for 1,024 multiply-adds.
// The index of a sum must be a constant, or the sums leave the registers: hence one line a row.

const LEFT = 0u; const RIGHT = 1u;
const TILE_ROWS = 32u;
const TILE_COLUMNS = 64u;
const TILE_TERMS = 8u;
const TILE_LANES = 8u;

// What all lanes have in common, loaded once; and whether a parameter is not finite any more, which is noted once.
var<private> present: u32;
var<private> step_rate: f32;
var<private> step_decay: f32;
var<private> is_broken: bool;
fn batch_rows() -> u32 { return present; }
fn rate() -> f32 { return step_rate; }
fn decay_share() -> f32 { return step_decay; }
fn look(updated: f32) { is_broken = is_broken || !is_finite(updated); }
fn end_looking() {
    if (is_broken) { diverged(UPDATE_DIVERGED); }
}
fn delta_scale() -> f32 { return 1.0; } // no term is rounded

// The first row and the first column of a workgroup's tile.
fn corner(group: vec3<u32>, columns: u32) -> vec2<u32> {
    let across = (columns + TILE_COLUMNS - 1u) / TILE_COLUMNS;
    let tile = group.y * ROW_OF_GROUPS + group.x;
    return vec2<u32>(tile / across * TILE_ROWS, tile % across * TILE_COLUMNS);
}

// Elements i..i + 3 of a line of an operand as it lies in memory; zeros beyond its lines and its width. A branch costs more
// than to load what is not used.
fn four_of(operand: u32, line: u32, i: u32, lines: u32, width: u32) -> vec4<f32> {
    let begins = min(line, lines - 1u) * width;
    let is_within = vec4<u32>(i, i + 1u, i + 2u, i + 3u) < vec4<u32>(select(0u, width, line < lines));
    let at = begins + min(i, (width - 1u) / 4u * 4u);
    let first = texel(operand, at / 4u);
    if (width % 4u == 0u) { return select(vec4<f32>(), first, is_within); }
    let last = begins + min(i + 3u, width - 1u); // no texel beyond its own
    return select(vec4<f32>(), four(at % 4u, first, texel(operand, last / 4u)), is_within);
}

// The biases' terms are loaded by themselves: term t behind `term` of the tile's rows 4 r..4 r + 3.
var<private> terms_at: vec2<u32>;
fn left_term(t: u32, r: u32) -> vec4<f32> { return left(terms_at.y + t, terms_at.x + 4u * r); }

// Four terms: column j is term j's.
fn left_four(row: u32, term: u32) -> mat4x4<f32> {
    if (LEFT_ALONG_TERMS) {
        return transpose(mat4x4<f32>(left(row, term), left(row + 1u, term), left(row + 2u, term), left(row + 3u, term)));
    }
    return mat4x4<f32>(left(term, row), left(term + 1u, row), left(term + 2u, row), left(term + 3u, row));
}
fn right_four(column: u32, term: u32) -> mat4x4<f32> {
    if (RIGHT_ALONG_TERMS) {
        return transpose(mat4x4<f32>(
            right(column, term), right(column + 1u, term), right(column + 2u, term), right(column + 3u, term)));
    }
    return mat4x4<f32>(right(term, column), right(term + 1u, column), right(term + 2u, column), right(term + 3u, column));
}

// A row's sums of 16 columns, column j those of 4 j..4 j + 3.
fn begin_row(row: u32, column: u32) -> mat4x4<f32> {
    return mat4x4<f32>(start(row, column), start(row, column + 4u), start(row, column + 8u), start(row, column + 12u));
}
fn add_four(sum: vec4<f32>, a: vec4<f32>, b: mat4x4<f32>) -> vec4<f32> {
    return (((sum + a.x * b[0]) + a.y * b[1]) + a.z * b[2]) + a.w * b[3];
}
fn add_row(
    s: mat4x4<f32>, a: vec4<f32>, b0: mat4x4<f32>, b1: mat4x4<f32>, b2: mat4x4<f32>, b3: mat4x4<f32>,
) -> mat4x4<f32> {
    return mat4x4<f32>(add_four(s[0], a, b0), add_four(s[1], a, b1), add_four(s[2], a, b2), add_four(s[3], a, b3));
}

// Adds terms first..end to the sums of the workgroup's tile.
fn multiply(group: vec3<u32>, lane: u32, rows: u32, columns: u32, first: u32, end: u32) {
    present = step.rows;
    step_rate = learning_rate();
    step_decay = decay_factor();
    let tile = corner(group, columns);
    for (var term = first; term < end; term += TILE_TERMS) {
        terms_at = vec2<u32>(tile.x, term);
        also(lane, tile);
    }
    let row = tile.x + 16u * (lane / 4u);
    let column = tile.y + 16u * (lane % 4u);
    if (row >= rows || column >= columns) { return; }
    var s0 = begin_row(row + 0u, column); var s1 = begin_row(row + 1u, column);
    var s2 = begin_row(row + 2u, column); var s3 = begin_row(row + 3u, column);
    var s4 = begin_row(row + 4u, column); var s5 = begin_row(row + 5u, column);
    var s6 = begin_row(row + 6u, column); var s7 = begin_row(row + 7u, column);
    var s8 = begin_row(row + 8u, column); var s9 = begin_row(row + 9u, column);
    var s10 = begin_row(row + 10u, column); var s11 = begin_row(row + 11u, column);
    var s12 = begin_row(row + 12u, column); var s13 = begin_row(row + 13u, column);
    var s14 = begin_row(row + 14u, column); var s15 = begin_row(row + 15u, column);
    for (var term = first; term < end; term += 4u) {
        let b0 = right_four(column + 0u, term);
        let b1 = right_four(column + 4u, term);
        let b2 = right_four(column + 8u, term);
        let b3 = right_four(column + 12u, term);
        let a0 = transpose(left_four(row + 0u, term));
        s0 = add_row(s0, a0[0], b0, b1, b2, b3);
        s1 = add_row(s1, a0[1], b0, b1, b2, b3);
        s2 = add_row(s2, a0[2], b0, b1, b2, b3);
        s3 = add_row(s3, a0[3], b0, b1, b2, b3);
        let a1 = transpose(left_four(row + 4u, term));
        s4 = add_row(s4, a1[0], b0, b1, b2, b3);
        s5 = add_row(s5, a1[1], b0, b1, b2, b3);
        s6 = add_row(s6, a1[2], b0, b1, b2, b3);
        s7 = add_row(s7, a1[3], b0, b1, b2, b3);
        let a2 = transpose(left_four(row + 8u, term));
        s8 = add_row(s8, a2[0], b0, b1, b2, b3);
        s9 = add_row(s9, a2[1], b0, b1, b2, b3);
        s10 = add_row(s10, a2[2], b0, b1, b2, b3);
        s11 = add_row(s11, a2[3], b0, b1, b2, b3);
        let a3 = transpose(left_four(row + 12u, term));
        s12 = add_row(s12, a3[0], b0, b1, b2, b3);
        s13 = add_row(s13, a3[1], b0, b1, b2, b3);
        s14 = add_row(s14, a3[2], b0, b1, b2, b3);
        s15 = add_row(s15, a3[3], b0, b1, b2, b3);
    }
    // The sums move up, so that there is little code and none has a dynamic index.
    for (var r = row; r < min(row + 16u, rows); r++) {
        put(r, column, s0[0]);
        put(r, column + 4u, s0[1]);
        put(r, column + 8u, s0[2]);
        put(r, column + 12u, s0[3]);
        s0 = s1; s1 = s2; s2 = s3; s3 = s4; s4 = s5;
        s5 = s6; s6 = s7; s7 = s8; s8 = s9; s9 = s10;
        s10 = s11; s11 = s12; s12 = s13; s13 = s14; s14 = s15;
    }
}
