//! Buffers of the executor's own: the schedule, the counter, the steps that rows are brought for, the status.

use super::prefetch::{PrefetchSlot, STEP_BYTES};
use crate::kernels::{Step, System};

/// They all.
pub(super) struct SystemBuffers {
    /// The steps that rows are brought for.
    pub(super) steps: wgpu::Buffer,
    pub(super) status: wgpu::Buffer,
    pub(super) counter: wgpu::Buffer,
    pub(super) schedule: wgpu::Buffer,
    /// Bound to the written slots that a call leaves free.
    pub(super) nothing: wgpu::Buffer,
}

impl SystemBuffers {
    /// The step that has a prefetch slot.
    pub(super) fn step(&self, prefetch_slot: PrefetchSlot) -> wgpu::BindGroupEntry<'_> {
        let (first, size) = (
            prefetch_slot.number as u64 * STEP_BYTES,
            size_of::<Step>() as u64,
        );
        piece(0, &self.steps, first, size)
    }

    /// Those that a kernel touches.
    pub(super) fn bound(
        &self,
        system: System,
        prefetch_slot: PrefetchSlot,
    ) -> Vec<wgpu::BindGroupEntry<'_>> {
        match system {
            System::Step => vec![self.step(prefetch_slot)],
            System::Status => vec![whole(5, &self.status)],
            System::Counter => vec![whole(6, &self.counter)],
            System::Schedule => vec![whole(7, &self.schedule), whole(8, &self.steps)],
        }
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
