//! Turns a fused block of a phase's calls into a dispatch (`gpu/print/block.rs`).

use crate::Error;
use crate::gpu::buffers::{dispatch::Dispatch, loader::Loader, system::whole};
use crate::gpu::print::{block::BlockShape, network::Edit};
use crate::kernels::Buffer;
use crate::plan::{KernelChoice, Phase, Plan};

/// The names of the two choices: one dispatch for the block, or one per call.
pub(super) const BLOCK: &str = "block";
pub(super) const CALLS: &str = "calls";

/// The calls along the rows of a phase, as one dispatch.
pub(super) struct Block<'a> {
    pub(super) shape: &'a BlockShape,
    pub(super) edit: &'a Edit,
    pub(super) plan: &'a Plan,
    pub(super) phase: Phase,
}

impl Loader<'_> {
    /// Creates the dispatch of a block.
    pub(super) fn block(&mut self, block: &Block) -> Result<Dispatch, Error> {
        let Block {
            shape, plan, phase, ..
        } = block;
        let source = (block.edit)(shape.source(plan, *phase));
        let buffer = |binding: u32, buffer: Buffer, prefetch_slot| {
            self.buffers[&buffer].whole(binding, buffer, prefetch_slot)
        };
        let system = self.system;
        let bound = self.prefetch.all().map(|prefetch_slot| {
            // Binding numbers as in memory_block.wgsl. A prediction has no targets and no error.
            let mut bound = vec![
                system.step(prefetch_slot),
                buffer(1, shape.given(), prefetch_slot),
                buffer(3, Buffer::Parameters, prefetch_slot),
                buffer(4, shape.ends(), prefetch_slot),
            ];
            if *phase != Phase::Predict {
                bound.push(buffer(2, Buffer::Targets, prefetch_slot));
                bound.extend([whole(5, &system.status), whole(6, &system.counter)]);
            }
            bound
        });
        let entries: Vec<_> = bound.collect();
        let groups = shape.groups(self.batch);
        let dispatch = self.printed("block", &source, "run_block", &entries, groups)?;
        self.note(chosen(plan, shape, self.batch));
        Ok(dispatch)
    }
}

/// Returns the entry for a block among the kernel choices.
pub(super) fn chosen(plan: &Plan, shape: &BlockShape, batch: usize) -> KernelChoice {
    KernelChoice {
        kernel: "block",
        units: [shape.rows, batch],
        trips: shape.operations(plan),
        variant: BLOCK,
        exact: true,
        timed: false,
    }
}
