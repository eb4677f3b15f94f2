//! The executor's own buffers: the schedule, the step counter, the prefetched steps, the status.

use super::prefetch::{PrefetchSlot, STEP_BYTES};
use crate::kernels::{Step, System};

/// The executor's own buffers.
pub(super) struct SystemBuffers {
    /// The steps whose rows are prefetched.
    pub(super) steps: wgpu::Buffer,
    pub(super) status: wgpu::Buffer,
    pub(super) counter: wgpu::Buffer,
    pub(super) schedule: wgpu::Buffer,
    /// Bound to the write slots that a call does not use.
    pub(super) nothing: wgpu::Buffer,
}

impl SystemBuffers {
    /// Binds the step in a prefetch slot.
    pub(super) fn step(&self, prefetch_slot: PrefetchSlot) -> wgpu::BindGroupEntry<'_> {
        let (first, size) = (
            prefetch_slot.number as u64 * STEP_BYTES,
            size_of::<Step>() as u64,
        );
        piece(0, &self.steps, first, size)
    }

    /// Returns the bind group entries for a system buffer that a kernel uses.
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

/// Binds `bytes` bytes of a buffer, starting at `offset`.
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
