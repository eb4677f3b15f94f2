//! What a dispatch binds (numbers as in `device.wgsl` and `slots_*.wgsl`).

use crate::gpu::buffers::{
    loader::Loader,
    memory::{Placed, TEXEL},
    prefetch::{PrefetchSlot, brings},
    system::{piece, whole},
};
use crate::kernels::{Buffer, Call, SCRATCH_BINDING, Slice, Stage, Variant};

impl Placed {
    /// A slice of it, of brought rows those of a prefetch slot: whole texels, which it has because tensors are aligned.
    pub(super) fn bound(
        &self,
        binding: u32,
        slice: &Slice,
        prefetch_slot: PrefetchSlot,
    ) -> wgpu::BindGroupEntry<'_> {
        let mut range = self.placement.range(&slice.tensors);
        if self.brought > 0 {
            range.end = prefetch_slot.of.rows * self.brought;
        }
        let size = (range.len().max(1).next_multiple_of(TEXEL) * 4) as u64;
        let first = self.offset(prefetch_slot) + 4 * range.start as u64;
        piece(binding, &self.buffer, first, size)
    }

    /// Of brought rows those of a prefetch slot; else the whole buffer, with whatever else is in it.
    pub(super) fn whole(
        &self,
        binding: u32,
        buffer: Buffer,
        prefetch_slot: PrefetchSlot,
    ) -> wgpu::BindGroupEntry<'_> {
        match self.brought {
            0 => whole(binding, &self.buffer),
            _ => self.bound(binding, &buffer.into(), prefetch_slot),
        }
    }

    /// The byte that it begins with, or what a prefetch slot has of it.
    pub(super) fn offset(&self, prefetch_slot: PrefetchSlot) -> u64 {
        4 * (self.first + prefetch_slot.number * prefetch_slot.of.rows * self.brought) as u64
    }
}

impl Loader<'_> {
    /// What one dispatch of a call binds, at each prefetch slot.
    pub(super) fn bind(
        &self,
        call: &Call,
        variant: &Variant,
        stage: &Stage,
        pipeline: &wgpu::ComputePipeline,
    ) -> Vec<wgpu::BindGroup> {
        let is_one = brings(call) || self.is_trial;
        let prefetch = self
            .prefetch
            .all()
            .take(if is_one { 1 } else { usize::MAX });
        let bind = |prefetch_slot| self.bind_at(prefetch_slot, call, variant, stage, pipeline);
        prefetch.map(bind).collect()
    }

    fn bind_at(
        &self,
        prefetch_slot: PrefetchSlot,
        call: &Call,
        variant: &Variant,
        stage: &Stage,
        pipeline: &wgpu::ComputePipeline,
    ) -> wgpu::BindGroup {
        let mut entries = Vec::new();
        let (reads, writes) = (variant.slots.reads(), call.writes.len());
        for slot in stage.slots.clone() {
            let binding = 1 + slot as u32;
            entries.push(match slot < reads + writes {
                true => {
                    let slice = call.slot(variant, slot);
                    let placed = &self.buffers[&slice.buffer];
                    match brings(call) && slot >= reads {
                        true => whole(binding, &placed.buffer), // those of all prefetch
                        false => placed.bound(binding, slice, prefetch_slot),
                    }
                }
                false => whole(binding, &self.system.nothing),
            });
        }
        if let (Some(_), Some(scratch)) = (variant.reduction, &self.scratch) {
            let bytes = 4 * variant.scratch(&self.sizes(call)) as u64;
            entries.push(piece(SCRATCH_BINDING, scratch, 0, bytes));
        }
        let system = call.kernel.system.iter();
        entries.extend(system.flat_map(|s| self.system.bound(*s, prefetch_slot)));
        self.gpu
            .device
            .create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some(call.kernel.name),
                layout: &pipeline.get_bind_group_layout(0),
                entries: &entries,
            })
    }
}
