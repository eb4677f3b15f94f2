//! The device family's blocks: a workgroup takes some rows of the batch through the calls along the rows, forward pass, total
//! error and hidden deltas, in one dispatch, with activations in its memory (tiny-cuda-nn's design). Where a network begins
//! with wide layers, these have calls of their own, and blocks begin where it has become narrow.
//!
//! The calls are printed one a line with literal arguments, as in the other families; but a workgroup computes them by
//! tiles, with `shaders/NAME_block.wgsl` for the products, and the unit function for the rest. What it makes for each row
//! it leaves in a buffer of results, where the products over all rows, weight gradients, and the host find it.

use super::super::gpu::ALIGN;
use super::{arguments, updates_early};
use crate::Error;
use crate::kernel::{Axis, Sizes};
use crate::kernels::{correct, cross_entropy, forward, gather, input_gradient, squared_error};
use crate::plan::{Buffer, Call, Extent, Phase, Placement, Plan, Slice};
use std::fmt::Write;

/// The widest layer: beyond, a product over the whole batch has enough to reuse by itself.
const WIDEST: usize = 128;
/// Rows of a block, if a batch has so many blocks of them that they fill a GPU; the last ones in any case.
const ROWS: [usize; 3] = [64, 32, 16];
const FULL: usize = 64;
/// Invocations of a workgroup.
const TEAMS: std::ops::RangeInclusive<usize> = 64..=256;
/// Neurons and rows of a lane's tile (`forward_block.wgsl`).
const TILE: [usize; 2] = [8, 4];
/// What is added to the base of an account (`memory_block.wgsl`, `ACCOUNT`).
const ACCOUNT: usize = 1 << 31;
/// The base of what a block is given (`memory_block.wgsl`, `INPUTS`).
const INPUTS: usize = u32::MAX as usize;

/// How the rows of a plan go through a workgroup.
#[derive(Debug)]
pub struct Shape {
    /// Rows of a block.
    pub rows: usize,
    /// Invocations of a workgroup.
    pub team: usize,
    /// The rows' buffers, each made of the one before: activations, then deltas. The first is what it is given.
    chain: Vec<Buffer>,
    /// Texels of workgroup memory.
    texels: usize,
    /// Where rows of a buffer are in it: the column's first texel.
    areas: Vec<(Buffer, usize)>,
    /// Where buffers begin in the results, and how long these are, in elements.
    results: Vec<(Buffer, usize)>,
    len: usize,
}

/// Whether a call is along the rows, once they were brought.
fn is_along_rows(call: &Call) -> bool {
    call.kernel.axis == Axis::Rows && !is(call, &gather::KERNEL)
}

/// Whether a call makes a buffer of `chain` of the one before, or accounts of one.
fn is_of(chain: &[Buffer], call: &Call) -> bool {
    let has = |slice: &Slice| chain.contains(&slice.buffer);
    let mut made = made(call);
    is_along_rows(call) && has(&call.reads[0]) && made.all(has)
}

/// What a call makes for each row, accounts apart.
fn made(call: &Call) -> impl Iterator<Item = &Slice> {
    let writes = call.writes.iter();
    writes.filter(|slice| !is_account(slice.buffer))
}

fn is(call: &Call, kernel: &'static crate::kernel::Kernel) -> bool {
    std::ptr::eq(call.kernel, kernel)
}

/// Elements that a row of a buffer has.
fn width(plan: &Plan, buffer: Buffer) -> usize {
    match plan.extent(buffer) {
        Extent::Batch { width } | Extent::Data { width } => *width,
        Extent::Tensors(_) => 0,
    }
}

impl Shape {
    /// The shape for workgroups with so many bytes of memory.
    ///
    /// # Errors
    /// If the plan is none for blocks, or too wide for the memory.
    pub fn new(plan: &Plan, memory: u32) -> Result<Shape, Error> {
        let refuse = |why: String| Err(Error::Adapter(format!("{why}: not for blocks of rows")));
        let calls = || Phase::ALL.into_iter().flat_map(|phase| plan.calls(phase));
        let known = [
            &forward::KERNEL,
            &squared_error::KERNEL,
            &cross_entropy::KERNEL,
            &correct::KERNEL,
            &input_gradient::KERNEL,
        ];
        let strange =
            |call: &&Call| is_along_rows(call) && !known.iter().any(|kernel| is(call, kernel));
        if let Some(call) = calls().find(strange) {
            return refuse(call.kernel.name.to_owned());
        }
        if updates_early(plan) || plan.predict.is_empty() {
            return refuse("updates within the backward pass".to_owned());
        }
        let whole = whole_chain(plan);
        let at = |buffer: Buffer| whole.iter().position(|name| *name == buffer);
        let follows = |call: &Call| {
            let source = at(call.reads[0].buffer);
            source.is_some() && made(call).all(|slice| at(slice.buffer) == source.map(|k| k + 1))
        };
        if let Some(call) = calls().find(|call| is_along_rows(call) && !follows(call)) {
            return refuse(format!("{} out of order", call.kernel.name));
        }
        let chain = narrow(plan, &whole);
        let widest = chain.iter().map(|buffer| width(plan, *buffer)).max();
        if !calls().any(|call| is(call, &forward::KERNEL) && is_of(&chain, call)) {
            return refuse(format!("its last layers wider than {WIDEST}"));
        }
        let most = memory as usize / 16;
        let fits = |rows: &&usize| place(plan, &chain, stride(**rows)).1 <= most;
        let full = |rows: &&usize| plan.batch >= FULL * **rows;
        let least = ROWS.last().filter(fits);
        let rows = ROWS.iter().filter(fits).find(full).or(least);
        let Some(&rows) = rows else {
            return refuse(format!("a workgroup's memory of {memory} bytes"));
        };
        let (areas, texels) = place(plan, &chain, stride(rows));
        let (results, len) = results(plan, &chain);
        let tiles = |w: usize| w.div_ceil(TILE[0]) * (rows / TILE[1]);
        let team = tiles(widest.unwrap_or(1)).next_power_of_two();
        Ok(Shape {
            rows,
            team: team.clamp(*TEAMS.start(), *TEAMS.end()),
            chain,
            texels,
            areas,
            results,
            len,
        })
    }

    /// Whether a call is a block's.
    pub(crate) fn takes(&self, call: &Call) -> bool {
        is_of(&self.chain, call)
    }

    /// What a block is given.
    pub(crate) fn given(&self) -> Buffer {
        self.chain[0]
    }

    /// What it makes last, in the results as all that it makes.
    pub(crate) fn ends(&self) -> Buffer {
        self.chain[self.chain.len() - 1]
    }

    /// Multiply-adds of a row of the batch, about.
    pub(crate) fn operations(&self, plan: &Plan) -> usize {
        let calls = plan.calls(Phase::Gradient).filter(|call| self.takes(call));
        let operations = |call: &Call| {
            let sizes = Sizes {
                args: &call.args,
                batch: 1,
                len: 1,
            };
            let [fast, slow] = (call.kernel.units)(&sizes);
            fast * slow * (call.kernel.trips)(&sizes).max(1)
        };
        calls.map(operations).sum()
    }

    /// Where what blocks make begins in the results.
    fn made(&self, buffer: Buffer) -> usize {
        let found = self.result(buffer);
        found.unwrap_or_else(|| panic!("no block makes {buffer:?}"))
    }

    /// Where `buffer` begins in the results, in elements, if it is there.
    pub(crate) fn result(&self, buffer: Buffer) -> Option<usize> {
        let mut results = self.results.iter();
        results.find(|(name, _)| *name == buffer).map(|(_, at)| *at)
    }

    /// Elements of the results.
    pub(crate) fn results_len(&self) -> usize {
        self.len
    }

    /// Workgroups for a batch of so many rows.
    pub(crate) fn groups(&self, batch: usize) -> u64 {
        batch.div_ceil(self.rows) as u64
    }

    /// The whole module of a phase.
    pub fn source(&self, plan: &Plan, phase: Phase) -> String {
        let mut body = String::new();
        let calls: Vec<&Call> = plan.calls(phase).filter(|call| self.takes(call)).collect();
        for (buffer, bring) in [
            (self.given(), "bring_inputs"),
            (Buffer::Targets, "bring_targets"),
        ] {
            if reads(&calls, buffer) {
                let (width, to) = (width(plan, buffer), self.area(buffer));
                let _ = writeln!(body, "    {bring}({width}u, {to}u);");
            }
        }
        body.push_str("    sync();\n");
        for call in &calls {
            body.push_str(&self.team_call(plan, call));
            for buffer in made(call).map(|slice| slice.buffer) {
                let (width, from) = (width(plan, buffer), self.area(buffer));
                let to = self.made(buffer);
                let _ = write!(body, "    sync();\n    keep({width}u, {from}u, {to}u);\n");
            }
        }
        let printed = format!(
            "const ROWS = {}u;\nconst STRIDE = {}u;\nconst TEAM = {}u;\nconst STATE = {}u;\nfn run_calls() {{\n{body}}}\n",
            self.rows,
            stride(self.rows),
            self.team,
            self.texels,
        );
        // All of the products' files, and the unit functions that are used.
        let products = [
            include_str!("../../../shaders/memory_block.wgsl"),
            include_str!("../../../shaders/forward_block.wgsl"),
            include_str!("../../../shaders/input_gradient_block.wgsl"),
            include_str!("../../../shaders/rules.wgsl"),
            include_str!("../../../shaders/step.wgsl"),
            include_str!("../../../shaders/loss.wgsl"),
        ];
        let units = calls.iter().filter(|call| !is_product(call));
        let units = units.map(|call| call.kernel.source);
        let parts = products.into_iter().chain(units);
        [printed]
            .into_iter()
            .chain(parts.map(str::to_owned))
            .collect()
    }

    /// A call, for the rows of a block.
    fn team_call(&self, plan: &Plan, call: &Call) -> String {
        let below = is(call, &input_gradient::KERNEL).then(|| &call.reads[2]);
        let base = |slice: &Slice| match slice.buffer {
            Buffer::Parameters => parameters(plan).range(&slice.tensors).start,
            buffer if is_account(buffer) => ACCOUNT + self.made(buffer),
            buffer if below.is_some_and(|b| b == slice) => self.result(buffer).unwrap_or(INPUTS),
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

fn is_product(call: &Call) -> bool {
    is(call, &forward::KERNEL) || is(call, &input_gradient::KERNEL)
}

/// What is added to from step to step, and read by the host only.
fn is_account(buffer: Buffer) -> bool {
    matches!(buffer, Buffer::Error | Buffer::Hits)
}

fn reads(calls: &[&Call], buffer: Buffer) -> bool {
    let mut reads = calls.iter().flat_map(|call| &call.reads);
    reads.any(|slice| slice.buffer == buffer)
}

fn parameters(plan: &Plan) -> Placement {
    Placement::of(plan.extent(Buffer::Parameters), 1, 1, ALIGN)
}

/// The rows' buffers in the order in which they are made, each of the one before: activations, then deltas.
fn whole_chain(plan: &Plan) -> Vec<Buffer> {
    let calls = plan
        .calls(Phase::Gradient)
        .filter(|call| is_along_rows(call));
    let made = calls.flat_map(made).map(|slice| slice.buffer);
    [Buffer::Out(0)].into_iter().chain(made).collect()
}

/// What of a chain is narrow without a break before the total error, and behind it.
fn narrow(plan: &Plan, chain: &[Buffer]) -> Vec<Buffer> {
    let is_wide = |buffer: &Buffer| width(plan, *buffer) > WIDEST;
    let is_delta = |buffer: &Buffer| matches!(buffer, Buffer::Delta(_));
    let turn = chain.iter().position(is_delta).unwrap_or(chain.len());
    let (out, deltas) = chain.split_at(turn);
    let first = out.iter().rposition(is_wide).map_or(0, |k| k + 1);
    let deltas = deltas.iter().take_while(|delta| !is_wide(delta));
    out[first..].iter().chain(deltas).copied().collect()
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

/// Where what a block makes is in the results, and the elements of these: all rows of one buffer, and then of the next.
fn results(plan: &Plan, chain: &[Buffer]) -> (Vec<(Buffer, usize)>, usize) {
    let calls = Phase::ALL.into_iter().flat_map(|phase| plan.calls(phase));
    let made = calls
        .filter(|call| is_of(chain, call))
        .flat_map(|call| &call.writes);
    let (mut results, mut len): (Vec<(Buffer, usize)>, usize) = (Vec::new(), 0);
    for buffer in made.map(|slice| slice.buffer) {
        if results.iter().all(|(name, _)| *name != buffer) {
            results.push((buffer, len));
            len += (plan.widest() * width(plan, buffer)).next_multiple_of(ALIGN);
        }
    }
    (results, len)
}
