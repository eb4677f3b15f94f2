//! The device family's blocks: some rows of the batch go through the calls along the rows, forward pass, total error and
//! hidden deltas, in one dispatch. What is made for each row is left in a buffer of results, where the products over all
//! rows, weight gradients, and the host find it.
//!
//! On GPUs a workgroup has activations in its memory (tiny-cuda-nn's design). Where a network begins with wide layers, these
//! have calls of their own, and blocks begin where it has become narrow.
//!
//! The calls are printed one a line with literal arguments, as in the other families; but products are computed by tiles
//! (`shaders/NAME_block.wgsl`), and the rest by the unit functions.

mod calls;
mod lines;
mod panels;
mod workgroup;

use crate::Error;
use crate::gpu::adapter::transfers::ALIGN;
use crate::gpu::print::network::updates_early;
use crate::kernels::{Buffer, Call, Capabilities, Role, Sizes};
use crate::plan::{Phase, Plan};
use calls::{
    all_calls, is, is_along_rows, is_delta, is_of, is_of_own_row, is_product, made, width,
};
use workgroup::Workgroup;

/// The widest layer: beyond, a product over the whole batch has enough to reuse by itself.
const WIDEST: usize = 128;
/// Rows of a workgroup's block, and the rows of a batch from which on there are so many blocks of them that they fill a
/// GPU. Blocks of fewer rows are done sooner, but each reads all weights.
const ROWS: [(usize, usize); 5] = [(64, 8192), (32, 4096), (16, 2048), (8, 256), (4, 0)];
/// The base of what a block is given (`memory_block.wgsl`, `INPUTS`).
const INPUTS: usize = u32::MAX as usize;

/// How the rows of a plan go through a block.
#[derive(Debug)]
pub struct BlockShape {
    /// Rows of a block.
    pub rows: usize,
    /// The rows' buffers, each made of the one before: activations, then deltas. The first is what it is given.
    chain: Vec<Buffer>,
    /// Where buffers begin in the results, and how long these are, in elements.
    results: Vec<(Buffer, usize)>,
    len: usize,
    /// Who takes a block.
    team: Workgroup,
}

impl BlockShape {
    /// The shape that an adapter takes `plan` in, if it takes any: all narrow layers, on GPUs without a wish for cooperative
    /// matrices, which blocks have none of.
    pub fn of(plan: &Plan, adapter: &Capabilities) -> Option<BlockShape> {
        let takes = !adapter.software && adapter.cooperative.is_none();
        match takes && adapter.switches.has("blocks") {
            true => BlockShape::of_narrow_layers(plan, adapter).ok(),
            false => None,
        }
    }

    /// All layers that are narrow without a break up to the last, in a workgroup's memory.
    ///
    /// # Errors
    /// If the plan is none for blocks, or too wide for the memory.
    pub fn of_narrow_layers(plan: &Plan, adapter: &Capabilities) -> Result<BlockShape, Error> {
        let chain = narrow(plan, &whole_chain(plan)?);
        let mut calls = all_calls(plan);
        if !calls.any(|call| is(call, Role::Forward) && is_of(&chain, call)) {
            return Err(refused(format!("its last layers wider than {WIDEST}")));
        }
        let memory = adapter.workgroup_memory as usize;
        let set = adapter.switches.size("block-rows");
        let mut wanted = ROWS.into_iter().filter(|(rows, batch)| match set {
            Some(set) => *rows <= set,
            None => plan.batch_size >= *batch,
        });
        let found = wanted.find_map(|(rows, _)| {
            let workgroup = Workgroup::new(plan, &chain, rows, memory)?;
            Some((rows, workgroup))
        });
        let (rows, team) =
            found.ok_or_else(|| refused(format!("a workgroup's memory of {memory} bytes")))?;
        Ok(BlockShape::new(plan, chain, rows, team))
    }

    /// The same, of at most so many rows.
    ///
    /// # Errors
    /// As [`BlockShape::of_narrow_layers`].
    pub fn of_rows(plan: &Plan, adapter: &Capabilities, rows: usize) -> Result<BlockShape, Error> {
        let switches = adapter.switches.with_size("block-rows", rows as u32);
        BlockShape::of_narrow_layers(
            plan,
            &Capabilities {
                switches,
                ..*adapter
            },
        )
    }

    fn new(plan: &Plan, chain: Vec<Buffer>, rows: usize, team: Workgroup) -> BlockShape {
        let (results, len) = results(plan, &chain);
        BlockShape {
            rows,
            chain,
            results,
            len,
            team,
        }
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
    fn place(&self, buffer: Buffer) -> usize {
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

    /// The calls of a phase that are a block's.
    fn calls<'p>(&self, plan: &'p Plan, phase: Phase) -> Vec<&'p Call> {
        plan.calls(phase).filter(|call| self.takes(call)).collect()
    }
}

fn refused(why: String) -> Error {
    Error::Adapter(format!("{why}: not for blocks of rows"))
}

/// The rows' buffers in the order in which they are made, each of the one before: activations, then deltas.
///
/// # Errors
/// If the plan has calls along the rows that no block can do, or do not follow each other.
fn whole_chain(plan: &Plan) -> Result<Vec<Buffer>, Error> {
    // Products have tiles here; of the others a lane runs the unit function of its row.
    let can = |call: &Call| is_product(call) || is_of_own_row(call);
    if let Some(call) = all_calls(plan).find(|call| is_along_rows(call) && !can(call)) {
        return Err(refused(call.kernel.name.to_owned()));
    }
    if updates_early(plan) || plan.predict.is_empty() {
        return Err(refused("updates within the backward pass".to_owned()));
    }
    let calls = plan
        .calls(Phase::Gradient)
        .filter(|call| is_along_rows(call));
    let made_of = calls.flat_map(made).map(|slice| slice.buffer);
    let chain: Vec<Buffer> = [Buffer::Out(0)].into_iter().chain(made_of).collect();
    let at = |buffer: Buffer| chain.iter().position(|name| *name == buffer);
    let follows = |call: &Call| {
        let source = at(call.reads[0].buffer);
        source.is_some() && made(call).all(|slice| at(slice.buffer) == source.map(|k| k + 1))
    };
    match all_calls(plan).find(|call| is_along_rows(call) && !follows(call)) {
        Some(call) => Err(refused(format!("{} out of order", call.kernel.name))),
        None => Ok(chain),
    }
}

/// What of a chain is narrow without a break before the total error, and behind it.
fn narrow(plan: &Plan, chain: &[Buffer]) -> Vec<Buffer> {
    let is_wide = |buffer: &Buffer| width(plan, *buffer) > WIDEST;
    let turn = chain.iter().position(is_delta).unwrap_or(chain.len());
    let (out, deltas) = chain.split_at(turn);
    let first = out.iter().rposition(is_wide).map_or(0, |k| k + 1);
    let deltas = deltas.iter().take_while(|delta| !is_wide(delta));
    out[first..].iter().chain(deltas).copied().collect()
}

/// Where what a block makes is in the results, and the elements of these: all rows of one buffer, and then of the next.
fn results(plan: &Plan, chain: &[Buffer]) -> (Vec<(Buffer, usize)>, usize) {
    let made = all_calls(plan)
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
