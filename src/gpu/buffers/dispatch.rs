//! The dispatches of a phase, and how they are recorded for each step.

use super::prefetch::Prefetch;
use std::ops::Range;

/// The dispatches of a phase.
pub(super) struct Program {
    /// The prefetch slots, one for each step whose rows are gathered at once.
    pub(super) prefetch: Prefetch,
    /// The dispatches that gather the rows.
    pub(super) gather: Vec<Dispatch>,
    pub(super) dispatches: Vec<Dispatch>,
}

/// A pipeline, its bind groups, and its number of workgroups.
pub(super) struct Dispatch {
    pub(super) pipeline: wgpu::ComputePipeline,
    /// One bind group for each prefetch slot, or a single one for all slots.
    pub(super) bindings: Vec<wgpu::BindGroup>,
    pub(super) groups: [u32; 2],
}

impl Dispatch {
    /// Records the dispatch for the step in a prefetch slot.
    pub(super) fn record(&self, pass: &mut wgpu::ComputePass, prefetch_slot: usize) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings[prefetch_slot % self.bindings.len()], &[]);
        pass.dispatch_workgroups(self.groups[0], self.groups[1], 1);
    }

    /// Records one dispatch that gathers the rows of `steps` steps.
    fn record_ahead(&self, pass: &mut wgpu::ComputePass, steps: usize) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings[0], &[]);
        pass.dispatch_workgroups(self.groups[0], self.groups[1], steps as u32);
    }
}

impl Program {
    /// Records `steps` of a run of `all` steps. The first of them uses the first prefetch slot.
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
                let gathered = self.prefetch.count.min(all - n);
                let dispatches = self.gather.iter();
                dispatches.for_each(|dispatch| dispatch.record_ahead(&mut pass, gathered));
            }
            let dispatches = self.dispatches.iter();
            dispatches.for_each(|dispatch| dispatch.record(&mut pass, number));
        }
    }
}
