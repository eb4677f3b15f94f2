//! The dispatches of a phase, and how steps of them are recorded.

use super::images::Timing;
use super::seats::{Seat, Seats};
use crate::kernels::buffer::Buffer;
use std::ops::Range;

/// The dispatches of each piece of a phase, and when its images are made.
pub(super) struct Program {
    /// Of the steps whose rows are brought at once.
    pub(super) seats: Seats,
    /// What brings them, and whose images are copied behind it.
    pub(super) bring: Vec<Dispatch>,
    pub(super) brought: Vec<Buffer>,
    pub(super) pieces: Vec<Vec<Dispatch>>,
    pub(super) images: Timing,
}

/// A pipeline, what it binds, and how many workgroups.
pub(super) struct Dispatch {
    pub(super) pipeline: wgpu::ComputePipeline,
    /// At each seat, or wherever.
    pub(super) bindings: Vec<wgpu::BindGroup>,
    pub(super) groups: [u32; 2],
}

impl Dispatch {
    /// The dispatch for the step at a seat.
    pub(super) fn record(&self, pass: &mut wgpu::ComputePass, seat: usize) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings[seat % self.bindings.len()], &[]);
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
    /// Records `steps` of a run of so many, from a step on that has the first seat; `copy` copies a buffer to its image, of
    /// brought rows those of a seat.
    pub(super) fn record(
        &self,
        steps: Range<usize>,
        all: usize,
        encoder: &mut wgpu::CommandEncoder,
        copy: impl Fn(&mut wgpu::CommandEncoder, Buffer, Seat),
    ) {
        let mut pass = None;
        for n in steps {
            let number = n % self.seats.count;
            let mut brought = 0;
            if number == 0 {
                brought = self.seats.count.min(all - n);
                let pass = pass.get_or_insert_with(|| begin(encoder));
                let dispatches = self.bring.iter();
                dispatches.for_each(|dispatch| dispatch.record_ahead(pass, brought));
            }
            for (dispatches, images) in self.pieces.iter().zip(&self.images.before_call) {
                let seats = self.seats.all().take(std::mem::take(&mut brought));
                let rows = seats.flat_map(|seat| self.brought.iter().map(move |b| (*b, seat)));
                let images = images.iter().map(|buffer| (*buffer, self.seats.seat(0)));
                for (buffer, seat) in rows.chain(images) {
                    pass = None; // it must end where a copy is made
                    copy(encoder, buffer, seat);
                }
                let pass = pass.get_or_insert_with(|| begin(encoder));
                let dispatches = dispatches.iter();
                dispatches.for_each(|dispatch| dispatch.record(pass, number));
            }
        }
    }
}

fn begin(encoder: &mut wgpu::CommandEncoder) -> wgpu::ComputePass<'static> {
    let steps = wgpu::ComputePassDescriptor {
        label: Some("steps"),
        timestamp_writes: None,
    };
    encoder.begin_compute_pass(&steps).forget_lifetime()
}
