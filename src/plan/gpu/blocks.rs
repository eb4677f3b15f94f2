//! A block of a phase's calls becomes a dispatch (`plan/inline/block.rs`).

use super::bindings::whole;
use super::loader::Loader;
use super::{Dispatch, Error};
use crate::plan::inline::block::Shape;
use crate::plan::{Buffer, Chosen, Edit, Phase, Plan};

/// What is chosen: one dispatch, or one a call.
pub(super) const BLOCK: &str = "block";
pub(super) const CALLS: &str = "calls";

/// The calls along the rows of a phase, as one dispatch.
pub(super) struct Block<'a> {
    pub(super) shape: &'a Shape,
    pub(super) edit: &'a Edit,
    pub(super) plan: &'a Plan,
    pub(super) phase: Phase,
}

impl Loader<'_> {
    /// The dispatch of a block.
    pub(super) fn block(&mut self, block: &Block) -> Result<Dispatch, Error> {
        let Block {
            shape, plan, phase, ..
        } = block;
        let source = (block.edit)(shape.source(plan, *phase));
        let mut images = shape.images(plan, *phase).concat();
        images.dedup_by_key(|(binding, _)| *binding);
        let views = images.into_iter().map(|(binding, slice)| {
            let len = self.buffers[&slice.buffer].placement.len;
            let view = self.images.view(&self.gpu.device, slice.buffer, len);
            (binding, view)
        });
        let views: Vec<_> = views.collect();
        let buffer = |buffer: Buffer| &self.buffers[&buffer].buffer;
        let system = self.system;
        // Numbers as in memory_block.wgsl and memory_last_layer.wgsl. A prediction has no targets and no error.
        let mut bound = vec![(0, &system.step), (4, buffer(shape.ends()))];
        if shape.is_of_workgroups() {
            bound.push((1, buffer(shape.given())));
            bound.push((3, buffer(Buffer::Parameters)));
        }
        if *phase != Phase::Predict {
            let scored = [buffer(Buffer::Targets), &system.status, &system.counter];
            bound.extend([2, 5, 6].into_iter().zip(scored));
        }
        let entries = bound.into_iter().map(|(n, buffer)| whole(n, buffer));
        let entries = entries.chain(views.iter().map(|(n, view)| wgpu::BindGroupEntry {
            binding: *n,
            resource: wgpu::BindingResource::TextureView(view),
        }));
        let entries: Vec<_> = entries.collect();
        let groups = shape.groups(self.batch);
        let dispatch = self.printed("block", &source, "run_block", &entries, groups)?;
        self.note(chosen(plan, shape, self.batch));
        Ok(dispatch)
    }
}

/// How a block is named among the choices.
pub(super) fn chosen(plan: &Plan, shape: &Shape, batch: usize) -> Chosen {
    Chosen {
        kernel: "block",
        units: [shape.rows, batch],
        trips: shape.operations(plan),
        variant: BLOCK,
        exact: true,
        timed: false,
    }
}
