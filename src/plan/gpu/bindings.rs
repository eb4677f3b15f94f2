//! What a dispatch binds (numbers as in `device.wgsl` and `slots_*.wgsl`).

use super::SystemBuffers;
use super::loader::Loader;
use super::memory::Placed;
use crate::kernel::{SCRATCH_BINDING, Stage, System, Variant};
use crate::plan::images::TEXEL;
use crate::plan::{Call, Slice};

impl Placed {
    /// A slice of it: whole texels, which it has because tensors are aligned.
    pub(super) fn bound(&self, binding: u32, slice: &Slice) -> wgpu::BindGroupEntry<'_> {
        let range = self.placement.range(&slice.tensors);
        let size = (range.len().max(1).next_multiple_of(TEXEL) * 4) as u64;
        let first = (self.first + range.start) * 4;
        piece(binding, &self.buffer, first as u64, size)
    }

    /// The byte that it begins with.
    pub(super) fn offset(&self) -> u64 {
        4 * self.first as u64
    }
}

impl SystemBuffers {
    /// Those that a kernel touches.
    pub(super) fn bound(&self, system: System) -> Vec<wgpu::BindGroupEntry<'_>> {
        match system {
            System::Step => vec![whole(0, &self.step)],
            System::Status => vec![whole(5, &self.status)],
            System::Counter => vec![whole(6, &self.counter)],
            System::Schedule => vec![whole(7, &self.schedule), whole(8, &self.step)],
        }
    }
}

impl Loader<'_> {
    /// What one dispatch of a call binds.
    pub(super) fn bind(
        &mut self,
        call: &Call,
        variant: &Variant,
        stage: &Stage,
        pipeline: &wgpu::ComputePipeline,
    ) -> wgpu::BindGroup {
        let mut views = Vec::new();
        for slot in variant.image_slots() {
            let (buffer, device) = (variant.slot(call, slot).buffer, &self.gpu.device);
            let len = self.buffers[&buffer].placement.len;
            let view = self.images.view(device, buffer, len);
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
                    self.buffers[&slice.buffer].bound(binding, slice)
                }
                false => whole(binding, &self.system.nothing),
            });
        }
        if let (Some(_), Some(scratch)) = (variant.reduction, &self.scratch) {
            let bytes = 4 * variant.scratch(&self.sizes(call)) as u64;
            entries.push(piece(SCRATCH_BINDING, scratch, 0, bytes));
        }
        let system = call.kernel.system.iter();
        entries.extend(system.flat_map(|s| self.system.bound(*s)));
        self.gpu
            .device
            .create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some(call.kernel.name),
                layout: &pipeline.get_bind_group_layout(0),
                entries: &entries,
            })
    }
}

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
