// The device family: what the executor binds besides a call's slots, and constants of its pipelines.

@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(5) var<storage, read_write> status: atomic<u32>;
@group(0) @binding(6) var<storage, read_write> counter: u32;
@group(0) @binding(7) var<storage, read> schedule: array<Step>;
@group(0) @binding(8) var<storage, read_write> prefetch_slots: array<PrefetchSlot>;

// The steps that rows are brought for, as far apart as every adapter lets them be bound one by one.
struct PrefetchSlot { step: Step, gap: array<vec4<u32>, 12> }

fn rows() -> u32 { return step.rows; }
fn inverse_rows() -> f32 { return step.inverse_rows; }
fn learning_rate() -> f32 { return step.learning_rate; }
fn correction1() -> f32 { return step.correction1; }
fn correction2() -> f32 { return step.correction2; }
fn decay_factor() -> f32 { return step.decay_factor; }
fn dropout_rate() -> f32 { return step.dropout_rate; }
fn dropout_scale() -> f32 { return step.dropout_scale; }
fn mask_key() -> vec2<u32> { return step.key; }
fn step_number() -> u32 { return step.index; }
fn row_in_batch(n: u32) -> u32 { return n; }
fn diverged(what: u32) { atomicMin(&status, 2u * step.index + what); }
fn stopped() -> bool { return atomicLoad(&status) < 2u * step.index + UPDATE_DIVERGED; }
fn count_step() { counter += 1u; }

// A call's number of units, fastest first.
override UNITS0: u32 = 1u; override UNITS1: u32 = 1u;
// A workgroup's number among those of its call, the call's arguments, and rows of a slice, if they are cut.
struct Own { group: vec3<u32>, arg0: u32, arg1: u32, arg2: u32, arg3: u32, slice_rows: u32 }
override SUBGROUP: u32 = 8u;  // invocations of a subgroup
override SLOT_ROWS: u32 = 0u; // rows from a step's prefetch slot to the next one's, in what gather brings
const ROW_OF_GROUPS = 65535u; // what one dimension of a dispatch may hold

// A workgroup of gather brings one row, whose place in the data set is computed once. Whether there is such a row:
var<private> current_row: u32;
fn bring_row(group: vec3<u32>, lane: u32) -> bool {
    let n = group.y * ROW_OF_GROUPS + group.x;
    let now = schedule[counter + group.z];
    if (n == 0u && lane == 0u) { prefetch_slots[group.z].step = now; }
    if (n >= now.rows) { return false; }
    current_row = row_of(now, n);
    return true;
}
// Where it comes among the rows of all prefetch slots.
fn slot_row(group: vec3<u32>) -> u32 { return group.y * ROW_OF_GROUPS + group.x + SLOT_ROWS * group.z; }

// Elements k..k + 3 of texels a and b, k = 0 to 3.
fn four(k: u32, a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
    let even = select(a, vec4<f32>(a.zw, b.xy), vec4<bool>(k >= 2u));
    let odd = select(vec4<f32>(a.yzw, b.x), vec4<f32>(a.w, b.xyz), vec4<bool>(k >= 2u));
    return select(even, odd, vec4<bool>((k & 1u) == 1u));
}
