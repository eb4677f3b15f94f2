//! Blocks of a workgroup's memory, for GPUs: the products by tiles (`shaders/NAME_block.wgsl`), the rest by unit functions.

use super::{INPUTS, Shape, is_account, is_product, made, reads, width};
use crate::kernels::input_gradient;
use crate::plan::inline::arguments;
use crate::plan::{Buffer, Call, Plan, Slice};
use std::fmt::Write;

/// Invocations of a workgroup.
const TEAMS: std::ops::RangeInclusive<usize> = 64..=256;
/// Neurons and rows of a lane's tile (`forward_block.wgsl`).
const TILE: [usize; 2] = [8, 4];
/// What is added to the base of an account (`memory_block.wgsl`, `ACCOUNT`).
const ACCOUNT: usize = 1 << 31;

/// A workgroup: its invocations, and its memory.
#[derive(Debug)]
pub(super) struct Workgroup {
    team: usize,
    /// Texels of memory.
    texels: usize,
    /// Where rows of a buffer are in it: the column's first texel.
    areas: Vec<(Buffer, usize)>,
}

impl Workgroup {
    /// For so many rows of `chain`.
    pub(super) fn new(plan: &Plan, chain: &[Buffer], rows: usize) -> Workgroup {
        let widest = chain.iter().map(|buffer| width(plan, *buffer)).max();
        let tiles = |w: usize| w.div_ceil(TILE[0]) * (rows / TILE[1]);
        let team = tiles(widest.unwrap_or(1)).next_power_of_two();
        let (areas, texels) = place(plan, chain, stride(rows));
        Workgroup {
            team: team.clamp(*TEAMS.start(), *TEAMS.end()),
            texels,
            areas,
        }
    }

    /// Bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        16 * self.texels
    }

    /// The module for `calls`.
    pub(super) fn source(&self, shape: &Shape, plan: &Plan, calls: &[&Call]) -> String {
        let mut body = String::new();
        for (buffer, bring) in [
            (shape.given(), "bring_inputs"),
            (Buffer::Targets, "bring_targets"),
        ] {
            if reads(calls, buffer) {
                let (width, to) = (width(plan, buffer), self.area(buffer));
                let _ = writeln!(body, "    {bring}({width}u, {to}u);");
            }
        }
        body.push_str("    sync();\n");
        for call in calls {
            body.push_str(&self.team_call(shape, plan, call));
            for buffer in made(call).map(|slice| slice.buffer) {
                let (width, from) = (width(plan, buffer), self.area(buffer));
                let to = shape.place(buffer);
                let _ = write!(body, "    sync();\n    keep({width}u, {from}u, {to}u);\n");
            }
        }
        let printed = format!(
            "const ROWS = {}u;\nconst STRIDE = {}u;\nconst TEAM = {}u;\nconst STATE = {}u;\nfn run_calls() {{\n{body}}}\n",
            shape.rows,
            stride(shape.rows),
            self.team,
            self.texels,
        );
        // All of the products' files, and the unit functions that are used.
        let products = [
            include_str!("../../../../shaders/memory_block.wgsl"),
            include_str!("../../../../shaders/forward_block.wgsl"),
            include_str!("../../../../shaders/input_gradient_block.wgsl"),
        ];
        [printed]
            .into_iter()
            .chain(products.map(str::to_owned))
            .collect()
    }

    /// A call, for the rows of a block.
    fn team_call(&self, shape: &Shape, plan: &Plan, call: &Call) -> String {
        let below = super::is(call, &input_gradient::KERNEL).then(|| &call.reads[2]);
        let base = |slice: &Slice| match slice.buffer {
            Buffer::Parameters => super::parameters(plan).range(&slice.tensors).start,
            buffer if is_account(buffer) => ACCOUNT + shape.place(buffer),
            buffer if below.is_some_and(|b| b == slice) => shape.result(buffer).unwrap_or(INPUTS),
            buffer => self.area(buffer),
        };
        let (name, rest) = (call.kernel.name, arguments(call, base));
        match is_product(call) {
            true => format!("    {name}_block({});\n", rest.trim_start_matches(", ")),
            false => format!(
                // A lane a texel: elements of one are not to be written by several.
                "    for (var q = lane; q < ACROSS; q += TEAM) {{ for (var n = 4u * q; n < min(4u * q + 4u, rows()); n++) {{ {name}(0u, n{rest}); }} }}\n"
            ),
        }
    }

    fn area(&self, buffer: Buffer) -> usize {
        let found = self.areas.iter().find(|(name, _)| *name == buffer);
        found.map_or_else(|| panic!("a block has no {buffer:?}"), |(_, at)| *at)
    }
}

/// Texels of a column: one more than are used, so that neighbours are in different banks.
fn stride(rows: usize) -> usize {
    rows / 4 + 1
}

/// Where the rows' buffers are in a workgroup's memory, and its texels: one area for the one that is read, one for the one
/// that is made of it, in turns; and the targets.
fn place(plan: &Plan, chain: &[Buffer], stride: usize) -> (Vec<(Buffer, usize)>, usize) {
    let widest = |parity: usize| {
        let turns = chain.iter().skip(parity).step_by(2);
        turns.map(|buffer| width(plan, *buffer)).max().unwrap_or(0)
    };
    let [even, odd] = [widest(0), widest(1)];
    let at = |k: usize| [0, even * stride][k % 2];
    let mut areas: Vec<_> = chain.iter().enumerate().map(|(k, b)| (*b, at(k))).collect();
    areas.push((Buffer::Targets, (even + odd) * stride));
    let columns = even + odd + width(plan, Buffer::Targets);
    (areas, columns * stride)
}
