//! Blocks of a subgroup, for adapters that compute on the CPU with subgroups of 8: the last layer, the total error and the
//! hidden deltas below, by the tiles and the unit functions of the calls' own variants.

use super::calls::{is, is_account, is_delta, is_product, parameters, width};
use super::{INPUTS, Shape};
use crate::gpu::print::network::arguments;
use crate::kernels::buffer::{Buffer, Slice};
use crate::kernels::call::Call;
use crate::kernels::forward;
use crate::kernels::variant::Needs;
use crate::plan::Plan;
use std::fmt::Write;

/// Rows of a block: a tile's (`forward_rows.wgsl`, `FORWARD_ROWS`).
pub(super) const ROWS: usize = 16;
/// The base of the targets (`memory_last_layer.wgsl`, `TARGETS`).
const TARGETS: usize = u32::MAX as usize - 1;
/// What an adapter must have.
pub(super) const NEEDS: Needs = Needs {
    simd_subgroups: true,
    cooperative: None,
    workgroup_memory: 0,
};
/// Where images are bound: what a block is given and the parameters, the output deltas and those below.
const GIVEN: u32 = 1;
const PARAMETERS: u32 = 3;
const DELTAS: [u32; 2] = [11, 12];

/// The images that a block of `calls` reads, and their bindings.
pub(super) fn read(calls: &[&Call]) -> Vec<(u32, Slice)> {
    let forward = calls.iter().filter(|call| is(call, &forward::KERNEL));
    let read = forward.flat_map(|call| &call.reads);
    [GIVEN, PARAMETERS, PARAMETERS]
        .into_iter()
        .zip(read.cloned())
        .collect()
}

/// The images that it stores.
pub(super) fn stored(calls: &[&Call]) -> Vec<(u32, Slice)> {
    let written = calls.iter().flat_map(|call| &call.writes);
    let deltas = written.filter(|slice| is_delta(&slice.buffer));
    DELTAS.into_iter().zip(deltas.cloned()).collect()
}

/// The module for `calls`.
pub(super) fn source(shape: &Shape, plan: &Plan, calls: &[&Call]) -> String {
    let base = |slice: &Slice| match slice.buffer {
        Buffer::Parameters => parameters(plan).range(&slice.tensors).start,
        Buffer::Targets => TARGETS,
        buffer if is_account(buffer) => shape.place(buffer),
        buffer => shape.result(buffer).unwrap_or(INPUTS),
    };
    let mut body = String::new();
    for call in calls {
        let (name, rest) = (call.kernel.name, arguments(call, base));
        let _ = match is_product(call) {
            true => writeln!(body, "    {name}_layer({});", rest.trim_start_matches(", ")),
            false => writeln!(
                body,
                "    for (var n = first + lane; n < end; n += SUBGROUP) {{ {name}(0u, n{rest}); }}"
            ),
        };
        body.push_str("    sync();\n");
        let loss_delta = call.writes.iter().find(|slice| is_delta(&slice.buffer));
        if let Some(slice) = loss_delta.filter(|_| !is_product(call)) {
            let (width, at) = (width(plan, slice.buffer), base(slice));
            let _ = writeln!(body, "    store_deltas({width}u, {at}u);");
        }
    }
    let parts = [
        include_str!("../../../../shaders/memory_last_layer.wgsl"),
        include_str!("../../../../shaders/image.wgsl"),
        include_str!("../../../../shaders/forward_rows.wgsl"),
        include_str!("../../../../shaders/input_gradient_rows.wgsl"),
    ];
    let printed = format!("fn run_calls() {{\n{body}}}\n");
    [printed]
        .into_iter()
        .chain(parts.map(str::to_owned))
        .collect()
}
