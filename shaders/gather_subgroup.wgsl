// gather for adapters whose lanes are the SIMD lanes of a CPU.   I a multiple of 4.
// data_inputs (rows, I)   data_targets (rows, T)   ->   x (N, I)   targets (N, T)
//
// A workgroup is one subgroup and brings as many rows: each lane computes the place of one row, then all bring its
// elements together, 4 inputs at a time a lane.

@group(0) @binding(1) var data_inputs: texture_storage_2d<rgba32float, read>;
@group(0) @binding(2) var<storage, read> data_targets: array<f32>;
@group(0) @binding(3) var<storage, read_write> x: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> targets: array<f32>;

@compute @workgroup_size(SUBGROUP)
fn run_gather_subgroup(@builtin(workgroup_id) group: vec3<u32>, @builtin(subgroup_invocation_id) lane: u32) {
    let now = schedule[counter + group.z];
    let first = (group.y * ROW_OF_GROUPS + group.x) * SUBGROUP;
    if (first == 0u && lane == 0u) { seats[group.z].step = now; }
    if (first >= now.rows) { return; }
    let row = row_of(now, min(first + lane, now.rows - 1u));
    let columns = ARG0 / 4u;
    for (var r = 0u; r < min(SUBGROUP, now.rows - first); r++) {
        let source = subgroupShuffle(row, r);
        let n = SEAT_ROWS * group.z + first + r;
        for (var i = lane; i < columns; i += SUBGROUP) {
            x[n * columns + i] = textureLoad(data_inputs, place(TEXEL0 + source * columns + i));
        }
        for (var i = lane; i < ARG1; i += SUBGROUP) { targets[n * ARG1 + i] = data_targets[source * ARG1 + i]; }
    }
}
