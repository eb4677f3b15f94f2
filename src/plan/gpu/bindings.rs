//! What a dispatch binds (numbers as in `device.wgsl` and `slots_*.wgsl`).

use super::loader::Loader;
use super::memory::{Placed, brings};
use super::{STEP_BYTES, SystemBuffers};
use crate::kernel::{SCRATCH_BINDING, Stage, System, Variant};
use crate::plan::images::TEXEL;
use crate::plan::{Buffer, Call, Slice};
use crate::schedule::Step;

impl Placed {
    /// A slice of it, of one of its places: whole texels, which it has because tensors are aligned.
    pub(super) fn bound(
        &self,
        binding: u32,
        slice: &Slice,
        place: usize,
    ) -> wgpu::BindGroupEntry<'_> {
        let range = self.placement.range(&slice.tensors);
        let size = (range.len().max(1).next_multiple_of(TEXEL) * 4) as u64;
        let first = self.offset(place) + 4 * range.start as u64;
        piece(binding, &self.buffer, first, size)
    }

    /// One of its places; of the only one, the whole buffer, with whatever else is in it.
    pub(super) fn whole(&self, binding: u32, place: usize) -> wgpu::BindGroupEntry<'_> {
        match self.places {
            1 => whole(binding, &self.buffer),
            _ => {
                let (first, size) = (self.offset(place), 4 * self.apart as u64);
                piece(binding, &self.buffer, first, size)
            }
        }
    }

    /// All of its places, of what gather writes.
    fn all(&self, binding: u32) -> wgpu::BindGroupEntry<'_> {
        whole(binding, &self.buffer)
    }

    /// The byte that a place begins with; those of a buffer that has one place are all the same.
    pub(super) fn offset(&self, place: usize) -> u64 {
        4 * (self.first + place % self.places * self.apart) as u64
    }
}

impl SystemBuffers {
    /// What the step at one of its places is.
    pub(super) fn step_at(&self, place: usize) -> wgpu::BindGroupEntry<'_> {
        let (first, size) = (place as u64 * STEP_BYTES, size_of::<Step>() as u64);
        piece(0, &self.steps, first, size)
    }

    /// Those that a kernel touches.
    pub(super) fn bound(&self, system: System, place: usize) -> Vec<wgpu::BindGroupEntry<'_>> {
        match system {
            System::Step => vec![self.step_at(place)],
            System::Status => vec![whole(5, &self.status)],
            System::Counter => vec![whole(6, &self.counter)],
            System::Schedule => vec![whole(7, &self.schedule), whole(8, &self.steps)],
        }
    }
}

impl Loader<'_> {
    /// A view of the image of a buffer, at one of its places.
    pub(super) fn view(&mut self, buffer: Buffer, place: usize) -> wgpu::TextureView {
        let placed = &self.buffers[&buffer];
        let size = [placed.placement.len, placed.places];
        let device = &self.gpu.device;
        self.images
            .view(device, buffer, size, place % placed.places)
    }

    /// What one dispatch of a call binds, at each place.
    pub(super) fn bind(
        &mut self,
        call: &Call,
        variant: &Variant,
        stage: &Stage,
        pipeline: &wgpu::ComputePipeline,
    ) -> Vec<wgpu::BindGroup> {
        let places = if brings(call) { 1 } else { self.places };
        let bind = |place| self.bind_at(place, call, variant, stage, pipeline);
        (0..places).map(bind).collect()
    }

    fn bind_at(
        &mut self,
        place: usize,
        call: &Call,
        variant: &Variant,
        stage: &Stage,
        pipeline: &wgpu::ComputePipeline,
    ) -> wgpu::BindGroup {
        let mut views = Vec::new();
        for slot in variant.image_slots() {
            let view = self.view(variant.slot(call, slot).buffer, place);
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
                    let slice = variant.slot(call, slot);
                    let placed = &self.buffers[&slice.buffer];
                    match brings(call) && slot >= reads {
                        true => placed.all(binding),
                        false => placed.bound(binding, slice, place),
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
        entries.extend(system.flat_map(|s| self.system.bound(*s, place)));
        self.gpu
            .device
            .create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some(call.kernel.name),
                layout: &pipeline.get_bind_group_layout(0),
                entries: &entries,
            })
    }
}

/// A buffer from a byte on.
pub(super) fn piece(
    binding: u32,
    buffer: &wgpu::Buffer,
    offset: u64,
    bytes: u64,
) -> wgpu::BindGroupEntry<'_> {
    wgpu::BindGroupEntry {
        binding,
        resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer,
            offset,
            size: std::num::NonZeroU64::new(bytes),
        }),
    }
}

pub(super) fn whole(binding: u32, buffer: &wgpu::Buffer) -> wgpu::BindGroupEntry<'_> {
    wgpu::BindGroupEntry {
        binding,
        resource: buffer.as_entire_binding(),
    }
}
