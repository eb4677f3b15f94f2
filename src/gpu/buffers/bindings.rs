//! What a dispatch binds (numbers as in `device.wgsl` and `slots_*.wgsl`).

use crate::gpu::buffers::images::TEXEL;
use crate::gpu::buffers::loader::Loader;
use crate::gpu::buffers::memory::Placed;
use crate::gpu::buffers::seats::{Seat, Seats, brings};
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

    /// Elements of its image's layers, and how many there are: one a seat.
    pub(super) fn layers(&self, seats: Seats) -> [usize; 2] {
        match self.brought {
            0 => [self.placement.len, 1],
            width => [seats.rows * width, seats.count],
        }
    }
}

impl Loader<'_> {
    /// A view of the image of a buffer, of brought rows those of a seat.
    pub(super) fn view(&mut self, buffer: Buffer, seat: Seat) -> wgpu::TextureView {
        let [len, layers] = self.buffers[&buffer].layers(seat.of);
        let device = &self.gpu.device;
        let layer = seat.number % layers;
        self.images.view(device, buffer, [len, layers], layer)
    }

    /// What one dispatch of a call binds, at each seat.
    pub(super) fn bind(
        &mut self,
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
        &mut self,
        seat: Seat,
        call: &Call,
        variant: &Variant,
        stage: &Stage,
        pipeline: &wgpu::ComputePipeline,
    ) -> wgpu::BindGroup {
        let mut views = Vec::new();
        for slot in variant.image_slots() {
            let view = self.view(call.slot(variant, slot).buffer, seat);
            views.push((variant.image_binding(slot), view));
        }
        let mut entries: Vec<wgpu::BindGroupEntry> = views
            .iter()
            .map(|(binding, view)| wgpu::BindGroupEntry {
                binding: *binding,
                resource: wgpu::BindingResource::TextureView(view),
            })
            .collect();
        let (reads, writes) = (variant.slots.reads(), call.writes.len());
        for slot in stage.slots.clone() {
            let binding = 1 + slot as u32;
            if entries.iter().any(|entry| entry.binding == binding) {
                continue;
            }
            entries.push(match slot < reads + writes {
                true => {
                    let slice = call.slot(variant, slot);
                    let placed = &self.buffers[&slice.buffer];
                    match brings(call) && slot >= reads {
                        true => whole(binding, &placed.buffer), // those of all seats
                        false => placed.bound(binding, slice, seat),
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
