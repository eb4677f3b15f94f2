//! What a dispatch binds (numbers as in `device.wgsl`, and slots behind the step).

use crate::gpu::buffers::loader::Loader;
use crate::gpu::buffers::memory::Placed;
use crate::gpu::buffers::memory::TEXEL;
use crate::gpu::buffers::seats::{Seat, brings};
use crate::gpu::buffers::system::{piece, whole};
use crate::kernels::buffer::{Buffer, Slice};
use crate::kernels::call::Call;
use crate::kernels::variant::{SCRATCH_BINDING, Stage, Variant};

impl Placed {
    /// A slice of it, of brought rows those of a seat: whole texels, which it has because tensors are aligned.
    pub(super) fn bound(
        &self,
        binding: u32,
        slice: &Slice,
        seat: Seat,
    ) -> wgpu::BindGroupEntry<'_> {
        let mut range = self.placement.range(&slice.tensors);
        if self.brought > 0 {
            range.end = seat.of.rows * self.brought;
        }
        let size = (range.len().max(1).next_multiple_of(TEXEL) * 4) as u64;
        let first = self.offset(seat) + 4 * range.start as u64;
        piece(binding, &self.buffer, first, size)
    }

    /// Of brought rows those of a seat; else the whole buffer, with whatever else is in it.
    pub(super) fn whole(
        &self,
        binding: u32,
        buffer: Buffer,
        seat: Seat,
    ) -> wgpu::BindGroupEntry<'_> {
        match self.brought {
            0 => whole(binding, &self.buffer),
            _ => self.bound(binding, &buffer.into(), seat),
        }
    }

    /// The byte that it begins with, or what a seat has of it.
    pub(super) fn offset(&self, seat: Seat) -> u64 {
        4 * (self.first + seat.number * seat.of.rows * self.brought) as u64
    }
}

impl Loader<'_> {
    /// What one dispatch of a call binds, at each seat.
    pub(super) fn bind(
        &self,
        call: &Call,
        variant: &Variant,
        stage: &Stage,
        pipeline: &wgpu::ComputePipeline,
    ) -> Vec<wgpu::BindGroup> {
        let is_one = brings(call) || self.is_trial;
        let seats = self.seats.all().take(if is_one { 1 } else { usize::MAX });
        let bind = |seat| self.bind_at(seat, call, variant, stage, pipeline);
        seats.map(bind).collect()
    }

    fn bind_at(
        &self,
        seat: Seat,
        call: &Call,
        variant: &Variant,
        stage: &Stage,
        pipeline: &wgpu::ComputePipeline,
    ) -> wgpu::BindGroup {
        let mut entries = Vec::new();
        let kernel = call.kernel;
        if stage.reads {
            let reads = call.reads.iter().enumerate();
            entries.extend(reads.map(|(k, slice)| {
                self.buffers[&slice.buffer].bound(kernel.binding(k), slice, seat)
            }));
        }
        if stage.writes {
            entries.extend((0..kernel.writes.len()).map(|k| {
                let binding = kernel.binding(kernel.reads.len() + k);
                let Some(slice) = call.writes.get(k) else {
                    return whole(binding, &self.system.nothing);
                };
                let placed = &self.buffers[&slice.buffer];
                match brings(call) {
                    true => whole(binding, &placed.buffer), // those of all seats
                    false => placed.bound(binding, slice, seat),
                }
            }));
        }
        if let (Some(_), Some(scratch)) = (variant.reduction, &self.scratch) {
            let bytes = 4 * variant.scratch(&self.sizes(call)) as u64;
            entries.push(piece(SCRATCH_BINDING, scratch, 0, bytes));
        }
        let system = call.kernel.system.iter();
        entries.extend(system.flat_map(|s| self.system.bound(*s, seat)));
        self.gpu
            .device
            .create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some(call.kernel.name),
                layout: &pipeline.get_bind_group_layout(0),
                entries: &entries,
            })
    }
}
