// What the products of a block share (memory_block.wgsl): weights on their way into the workgroup's memory, and the sums
// of a lane.
//
// A panel is the weights of some terms to all neurons: `lines` lines of `across` texels. All lanes load it at once, up to 4
// texels each, while they add the terms of the panel before (`fetch`); then they put it into one half of the memory for
// panels (`stage`), while slower lanes may still read the other half: a barrier a panel is enough.

var<workgroup> panels: array<vec4<f32>, PANELS>;
var<private> coming: mat4x4<f32>;

// From the element `first` on; a whole line of weights has I.
fn fetch(first: u32, I: u32, across: u32, lines: u32) {
    let count = across * lines;
    coming[0] = weights(lane, first, I, across, count);
    if (count > TEAM) { coming[1] = weights(lane + TEAM, first, I, across, count); }
    if (count > 2u * TEAM) { coming[2] = weights(lane + 2u * TEAM, first, I, across, count); }
    if (count > 3u * TEAM) { coming[3] = weights(lane + 3u * TEAM, first, I, across, count); }
}
// Elements beyond a line's end are of no neuron and no term; behind a layer's weights there are its biases. Lanes with
// nothing to load have the last texel, so that no load waits for a branch.
fn weights(u: u32, first: u32, I: u32, across: u32, count: u32) -> vec4<f32> {
    let e = min(u, count - 1u);
    let k = first + e / across * I + 4u * (e % across);
    if (I % 4u == 0u) { return parameters[k / 4u]; }
    return vec4<f32>(parameter(k), parameter(k + 1u), parameter(k + 2u), parameter(k + 3u));
}

fn stage(half: u32, across: u32, lines: u32) {
    let count = across * lines;
    put_weights(half, lane, across, lines, coming[0]);
    if (count > TEAM) { put_weights(half, lane + TEAM, across, lines, coming[1]); }
    if (count > 2u * TEAM) { put_weights(half, lane + 2u * TEAM, across, lines, coming[2]); }
    if (count > 3u * TEAM) { put_weights(half, lane + 3u * TEAM, across, lines, coming[3]); }
}
// Lines 0, 4, 8, ... come first, then 1, 5, 9, ...: lanes read the same of four lines, and their neighbours are an odd
// number of texels away, in other banks.
fn put_weights(half: u32, e: u32, across: u32, lines: u32, four: vec4<f32>) {
    if (e >= across * lines) { return; }
    let l = e / across;
    panels[panel(half) + l % 4u * plane(across, lines) + l / 4u * (across | 1u) + e % across] = four;
}
fn panel(half: u32) -> u32 { return half * PANEL; }
fn plane(across: u32, lines: u32) -> u32 { return texels(lines) * (across | 1u); }
fn four_lines(at: u32, far: u32) -> mat4x4<f32> {
    return mat4x4<f32>(panels[at], panels[at + far], panels[at + 2u * far], panels[at + 3u * far]);
}

// A lane's first row, and its texel of neurons. Neighbours two by two share a row, and two by two a texel: then hardware
// reads 16 lanes' texels at once.
const APART = ROWS / LANE_ROWS; // rows from a lane's row to its next one
fn first_row() -> u32 { return lane % 2u + 2u * (lane / 4u % (APART / 2u)); }
fn own_texel() -> u32 { return lane / 2u % 2u + 2u * (lane / 4u / (APART / 2u)); }

// Four neurons in each of a lane's rows. Those from LANE_ROWS on are never touched, and in no register.
struct Sums {
    r0: vec4<f32>, r1: vec4<f32>, r2: vec4<f32>, r3: vec4<f32>,
    r4: vec4<f32>, r5: vec4<f32>, r6: vec4<f32>, r7: vec4<f32>,
}
fn in_each_row(four: vec4<f32>) -> Sums { return Sums(four, four, four, four, four, four, four, four); }

// Terms of one more texel, the first `many` of it: column t of `w` is term t's weights to the four neurons. The texel
// of the lane's first row is `source`, `apart` before its next one's.
fn add_texel(sums: Sums, w: mat4x4<f32>, source: u32, apart: u32, many: u32) -> Sums {
    var s = sums;
    s.r0 = add_terms(s.r0, w, state[source], many);
    if (LANE_ROWS > 1u) { s.r1 = add_terms(s.r1, w, state[source + apart], many); }
    if (LANE_ROWS > 2u) {
        s.r2 = add_terms(s.r2, w, state[source + 2u * apart], many);
        s.r3 = add_terms(s.r3, w, state[source + 3u * apart], many);
    }
    if (LANE_ROWS > 4u) {
        s.r4 = add_terms(s.r4, w, state[source + 4u * apart], many);
        s.r5 = add_terms(s.r5, w, state[source + 5u * apart], many);
        s.r6 = add_terms(s.r6, w, state[source + 6u * apart], many);
        s.r7 = add_terms(s.r7, w, state[source + 7u * apart], many);
    }
    return s;
}
fn add_terms(sum: vec4<f32>, w: mat4x4<f32>, x: vec4<f32>, many: u32) -> vec4<f32> {
    var s = sum + w[0] * x.x;
    if (many > 1u) { s = s + w[1] * x.y; }
    if (many > 2u) { s = s + w[2] * x.z; }
    if (many > 3u) { s = s + w[3] * x.w; }
    return s;
}
