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
        let buffer = |buffer: Buffer| &self.buffers[&buffer].buffer;
        let system = self.system;
        // Numbers as in memory_block.wgsl. A prediction has no targets and no error.
        let mut bound = vec![
            (0, &system.step),
            (1, buffer(shape.given())),
            (3, buffer(Buffer::Parameters)),
            (4, buffer(shape.ends())),
        ];
        if *phase != Phase::Predict {
            let scored = [buffer(Buffer::Targets), &system.status, &system.counter];
            bound.extend([2, 5, 6].into_iter().zip(scored));
        }
        let entries = bound.into_iter().map(|(n, buffer)| whole(n, buffer));
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
