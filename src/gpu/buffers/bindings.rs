//! What a dispatch binds (numbers as in `device.wgsl`, and slots behind the step).

use crate::Error;
use crate::gpu::buffers::{
    loader::Loader,
    memory::{Placed, TEXEL},
    prefetch::{PrefetchSlot, gathers},
    system::{piece, whole},
};
use crate::kernels::{Buffer, Call, SCRATCH_BINDING, Slice, Stage, Variant};

impl Placed {
    /// Binds a slice; of a prefetched buffer, the rows of a prefetch slot. It binds whole texels, which exist because
    /// tensors are aligned.
    pub(super) fn bound(
        &self,
        binding: u32,
        slice: &Slice,
        prefetch_slot: PrefetchSlot,
    ) -> wgpu::BindGroupEntry<'_> {
        let mut range = self.placement.range(&slice.tensors);
        if self.row_width > 0 {
            range.end = prefetch_slot.of.rows * self.row_width;
        }
        let size = (range.len().max(1).next_multiple_of(TEXEL) * 4) as u64;
        let first = self.offset(prefetch_slot) + 4 * range.start as u64;
        piece(binding, &self.buffer, first, size)
    }

    /// Binds the rows of a prefetch slot if the buffer is prefetched, and otherwise the whole buffer, including
    /// whatever else is in it.
    pub(super) fn whole(
        &self,
        binding: u32,
        buffer: Buffer,
        prefetch_slot: PrefetchSlot,
    ) -> wgpu::BindGroupEntry<'_> {
        match self.row_width {
            0 => whole(binding, &self.buffer),
            _ => self.bound(binding, &buffer.into(), prefetch_slot),
        }
    }

    /// Returns the offset of the buffer, or of a prefetch slot in it, in bytes.
    pub(super) fn offset(&self, prefetch_slot: PrefetchSlot) -> u64 {
        4 * (self.first + prefetch_slot.number * prefetch_slot.of.rows * self.row_width) as u64
    }
}

impl Loader<'_> {
    /// Creates the bind group of one dispatch of a call for each prefetch slot.
    pub(super) fn bind(
        &self,
        call: &Call,
        variant: &Variant,
        stage: &Stage,
        pipeline: &wgpu::ComputePipeline,
    ) -> Result<Vec<wgpu::BindGroup>, Error> {
        let is_one = gathers(call) || self.is_trial;
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
    ) -> Result<wgpu::BindGroup, Error> {
        let mut entries = Vec::new();
        let kernel = call.kernel;
        if stage.reads {
            let reads = call.reads.iter().enumerate();
            entries.extend(reads.map(|(k, slice)| {
                self.buffers[&slice.buffer].bound(kernel.binding(k), slice, prefetch_slot)
            }));
        }
        if stage.writes {
            entries.extend((0..kernel.writes.len()).map(|k| {
                let binding = kernel.binding(kernel.reads.len() + k);
                let Some(slice) = call.writes.get(k) else {
                    return whole(binding, &self.system.nothing);
                };
                let placed = &self.buffers[&slice.buffer];
                match gathers(call) {
                    true => whole(binding, &placed.buffer), // the rows of all prefetch slots
                    false => placed.bound(binding, slice, prefetch_slot),
                }
            }));
        }
        if let (Some(_), Some(scratch)) = (variant.reduction, &self.scratch) {
            let bytes = 4 * variant.scratch(&self.sizes(call)) as u64;
            entries.push(piece(SCRATCH_BINDING, scratch, 0, bytes));
        }
        let system = call.kernel.system.iter();
        entries.extend(system.flat_map(|s| self.system.bound(*s, prefetch_slot)));
        self.gpu.bind(call.kernel.name, pipeline, &entries)
    }
}
