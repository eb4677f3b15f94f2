// One call a dispatch: its arguments are constants of its pipeline. Layers whose calls share a dispatch have variables of
// these names, and a begin() of their own (layers.wgsl).

override ARG0: u32 = 0u; override ARG1: u32 = 0u; override ARG2: u32 = 0u; override ARG3: u32 = 0u;
override ARG4: u32 = 0u;
override SLICE_ROWS: u32 = 0u; // of a call whose rows are cut

fn begin(group: vec3<u32>) -> Own { return Own(group, ARG0, ARG1, ARG2, ARG3, SLICE_ROWS); }
// The same in the dispatch that adds the slices.
fn begin_sums(group: vec3<u32>) -> Own { return begin(group); }
