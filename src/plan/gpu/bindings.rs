//! What a dispatch binds (numbers as in `device.wgsl` and `slots_*.wgsl`).

use super::SystemBuffers;
use super::memory::Placed;
use crate::kernel::System;
use crate::plan::Slice;
use crate::plan::images::TEXEL;

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
