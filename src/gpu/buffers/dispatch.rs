//! The dispatches of a phase, and how steps of them are recorded.

use super::prefetch::Prefetch;
use std::ops::Range;

/// The dispatches of each piece of a phase.
pub(super) struct Program {
    /// Of the steps whose rows are brought at once.
    pub(super) prefetch: Prefetch,
    /// What brings them.
    pub(super) bring: Vec<Dispatch>,
    pub(super) dispatches: Vec<Dispatch>,
}

/// A pipeline, what it binds, and how many workgroups.
pub(super) struct Dispatch {
    pub(super) pipeline: wgpu::ComputePipeline,
    /// At each prefetch slot, or wherever.
    pub(super) bindings: Vec<wgpu::BindGroup>,
    pub(super) groups: [u32; 2],
}

impl Dispatch {
    /// The dispatch for the step at a prefetch slot.
    pub(super) fn record(&self, pass: &mut wgpu::ComputePass, prefetch_slot: usize) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings[prefetch_slot % self.bindings.len()], &[]);
        pass.dispatch_workgroups(self.groups[0], self.groups[1], 1);
    }

    /// One dispatch for so many steps, which brings their rows.
    fn record_ahead(&self, pass: &mut wgpu::ComputePass, steps: usize) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings[0], &[]);
        pass.dispatch_workgroups(self.groups[0], self.groups[1], steps as u32);
    }
}

impl Program {
    /// Records `steps` of a run of so many, from a step on that has the first prefetch slot.
    pub(super) fn record(
        &self,
        steps: Range<usize>,
        all: usize,
        encoder: &mut wgpu::CommandEncoder,
    ) {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor {
            label: Some("steps"),
            timestamp_writes: None,
        });
        for n in steps {
            let number = n % self.prefetch.count;
            if number == 0 {
                let brought = self.prefetch.count.min(all - n);
                let dispatches = self.bring.iter();
                dispatches.for_each(|dispatch| dispatch.record_ahead(&mut pass, brought));
            }
            let dispatches = self.dispatches.iter();
            dispatches.for_each(|dispatch| dispatch.record(&mut pass, number));
        }
    }
}
