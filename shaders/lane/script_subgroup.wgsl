// How a subgroup reads its script where a workgroup is one subgroup: each lane one word, which it hands to the others.
// Mesa's lavapipe has a scalar load a lane for every word, whether lanes load the same one or not.

// One word of the block that is being read.
var<private> word: u32;
// Of the next row, if a row is one block: loaded a row ahead, so that nothing waits for it.
var<private> next: u32;
const AHEAD = ROW <= FETCHED;

fn load_word(quad: u32) -> u32 { return script[cursor + quad + lane / 4u][lane % 4u]; }
// Block by block, FETCHED quads each.
fn fetch(block: u32) { word = load_word(block * FETCHED); }
fn begin_rows() {
    if (AHEAD) { next = load_word(0u); }
}
fn fetch_row(block: u32) {
    if (AHEAD) {
        word = next;
        next = load_word(stride());
    } else {
        fetch(block);
    }
}
fn read_word(i: u32) -> u32 { return subgroupShuffle(word, i % (4u * FETCHED)); }

// Lanes without a network go along, or they would have no word to hand on.
fn any_goes(goes: bool) -> bool { return subgroupAny(goes); }
