//! The device family's products of several layers in one dispatch: a tile variant's own module, in which a workgroup's
//! number says which layer's tile is its own (`shaders/fused/layers.wgsl`). Constants are printed, and nothing else.

use crate::kernels::Variant;
use std::fmt::Write;

/// What other modules of the variants have, and these have their own for.
const REPLACED: [&str; 2] = [
    include_str!("../../../shaders/buffers/call.wgsl"),
    include_str!("../../../shaders/tiles/weight_slots.wgsl"),
];
/// Buffers that a dispatch may read: with the step, the status and what is written they are the eight of any WebGPU.
pub const MOST_READ: usize = 5;
/// Where the first of them is bound (`layers.wgsl`).
pub const READ_BINDING: u32 = 10;
/// Where what is written is bound, if the rows are not cut: then the dispatch that adds the slices has it alone.
pub const WRITE_BINDING: u32 = 3;

/// A layer's call.
#[derive(Clone, Copy, Debug)]
pub struct PrintedLayer {
    /// Workgroups that add its rows, and those that add its slices, if the rows are cut.
    pub groups: [u64; 2],
    /// Its arguments.
    pub args: [u32; 4],
    /// Which buffer it reads its deltas in, and from which texel on.
    pub delta: [usize; 2],
    /// The same of its inputs.
    pub x: [usize; 2],
    /// The elements that its weights and its biases begin with in what is written.
    pub writes: [usize; 2],
    /// Rows of a slice, and the texel of the scratch that its slices begin with.
    pub slices: [usize; 2],
}

/// The module of `variant`, a tile variant of `weight_gradient` or `fused_sgd`, for some layers.
pub fn source(variant: &Variant, layers: &[PrintedLayer]) -> String {
    let count = layers.len();
    let buffers = layers.iter().flat_map(|layer| [layer.delta[0], layer.x[0]]);
    let reads = buffers.max().map_or(0, |last| last + 1);
    let mut printed = format!("const READS = {reads}u;\nconst LAYERS = {count}u;\n");
    let mut table = |name: &str, of: &str, values: Vec<String>| {
        let values = values.join(", ");
        let _ = writeln!(printed, "const {name} = array<{of}, {count}>({values});");
    };
    let each = |value: &dyn Fn(&PrintedLayer) -> String| layers.iter().map(value).collect();
    let pair = |[a, b]: [usize; 2]| format!("vec2<u32>({a}u, {b}u)");
    table(
        "GROUPS",
        "vec2<u32>",
        each(&|layer| pair(layer.groups.map(|groups| groups as usize))),
    );
    table("SLICES", "vec2<u32>", each(&|layer| pair(layer.slices)));
    table(
        "ARGS",
        "vec4<u32>",
        each(&|layer| {
            let [a, b, c, d] = layer.args;
            format!("vec4<u32>({a}u, {b}u, {c}u, {d}u)")
        }),
    );
    table("DELTA", "vec2<u32>", each(&|layer| pair(layer.delta)));
    table("X", "vec2<u32>", each(&|layer| pair(layer.x)));
    table("W", "u32", each(&|layer| format!("{}u", layer.writes[0])));
    table("B", "u32", each(&|layer| format!("{}u", layer.writes[1])));
    let shared = variant.sources.iter().copied();
    let shared = shared.filter(|source| !REPLACED.contains(source));
    let own = [
        printed.as_str(),
        include_str!("../../../shaders/fused/layers.wgsl"),
    ];
    own.into_iter().chain(shared).collect()
}
