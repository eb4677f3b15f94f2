//! A block of a phase's calls becomes a dispatch (`plan/inline/block.rs`).

use super::bindings::whole;
use super::loader::{Loader, fold};
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
        let module = self.gpu.module(&[&source], "block")?;
        let pipeline = self
            .gpu
            .device
            .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some("block"),
                layout: None,
                module: &module,
                entry_point: Some("run_block"),
                compilation_options: wgpu::PipelineCompilationOptions {
                    zero_initialize_workgroup_memory: false,
                    ..Default::default()
                },
                cache: None,
            });
        self.gpu.check()?;
        let images = shape.images_read(plan, *phase).into_iter();
        let mut images: Vec<_> = images.chain(shape.images_stored(plan, *phase)).collect();
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
        if views.is_empty() {
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
        let layout = pipeline.get_bind_group_layout(0);
        let bindings = self
            .gpu
            .device
            .create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("block"),
                layout: &layout,
                entries: &entries.collect::<Vec<_>>(),
            });
        self.note(chosen(plan, shape, self.batch));
        Ok(Dispatch {
            pipeline,
            bindings,
            groups: fold(shape.groups(self.batch)),
        })
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
