//! The calls of a phase become its dispatches: one call a dispatch, or a block of rows, or several layers.

use super::Error;
use super::blocks::Block;
use super::layers::{Layers, Rows};
use super::loader::Loader;
use super::seats::{Seat, Seats, brings};
use crate::kernel::Variant;
use crate::plan::images::{Access, Timing};
use crate::plan::{Buffer, Call, Slice};
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

/// A piece of a phase.
enum Piece<'a> {
    Call(&'a Call, &'static Variant),
    Block(&'a Block<'a>),
    Layers(Layers<'a>),
}

impl Loader<'_> {
    /// The program of `calls`, for batches of so many rows, at `seats`; those along the rows in one dispatch, if they come in
    /// blocks.
    pub(super) fn program(
        &mut self,
        calls: &[Call],
        batch: usize,
        seats: Seats,
        block: Option<Block>,
    ) -> Result<Program, Error> {
        (self.batch, self.seats) = (batch, seats);
        let pieces = self.pieces(calls, block.as_ref())?;
        let scratch = |piece: &Piece| match piece {
            Piece::Call(call, variant) => variant.scratch(&self.sizes(call)),
            Piece::Layers(layers) => self.layers_scratch(layers),
            Piece::Block(_) => 0,
        };
        let scratch = pieces.iter().map(scratch).max();
        self.reserve(scratch.unwrap_or(0));
        self.prepare(pieces.iter().filter_map(|piece| match piece {
            Piece::Call(call, variant) => Some((*call, *variant)),
            Piece::Block(_) | Piece::Layers(_) => None,
        }));
        let (mut dispatches, mut accesses) = (Vec::new(), Vec::new());
        let (mut bring, mut brought) = (Vec::new(), Vec::new());
        for piece in &pieces {
            let own = match piece {
                Piece::Call(call, variant) => self.dispatches(call, variant)?,
                Piece::Block(block) => vec![self.block(block)?],
                Piece::Layers(layers) => self.layers(layers)?,
            };
            let access = self.access(piece, calls);
            if matches!(piece, Piece::Call(call, _) if brings(call)) {
                bring.extend(own);
                brought.push(access);
            } else {
                dispatches.push(own);
                accesses.push(access);
            }
        }
        let mut images = Timing::new(&accesses);
        let rows: Vec<Slice> = brought.iter().flat_map(|a| a.writes.clone()).collect();
        let is_rows = |image: &Slice| rows.iter().any(|slice| slice.overlaps(image));
        let (copied, read) = images.read.into_iter().partition::<Vec<_>, _>(is_rows);
        images.read = read;
        let images_read = brought.into_iter().flat_map(|access| access.images);
        images.read.extend(images_read);
        let mut copied: Vec<Buffer> = copied.into_iter().map(|slice| slice.buffer).collect();
        copied.sort_unstable();
        copied.dedup();
        Ok(Program {
            seats,
            bring,
            brought: copied,
            pieces: dispatches,
            images,
        })
    }

    /// The pieces of a phase, in order: a block in the place of the first of its calls, layers in that of the last.
    fn pieces<'a>(
        &mut self,
        calls: &'a [Call],
        block: Option<&'a Block<'a>>,
    ) -> Result<Vec<Piece<'a>>, Error> {
        let in_block = |call: &Call| block.is_some_and(|block| block.shape.takes(call));
        let own: Vec<&Call> = calls.iter().filter(|call| !in_block(call)).collect();
        let groups = self.adapter.switches.has("grouped-layers");
        let tiled = block.filter(|block| groups && block.shape.is_of_workgroups());
        let mut layers: Vec<Layers> = Vec::new();
        if let Some(block) = tiled {
            let groups = [Rows::Whole, Rows::Cut].map(|rows| self.share(&own, rows, block.edit));
            layers.extend(groups.into_iter().flatten());
        }
        let (mut block, mut pieces) = (block, Vec::new());
        for call in calls {
            if in_block(call) {
                pieces.extend(block.take().map(Piece::Block));
            } else if let Some(at) = layers.iter().position(|l| l.ends_with(call)) {
                pieces.push(Piece::Layers(layers.swap_remove(at)));
            } else if !layers.iter().any(|l| l.takes(call)) {
                pieces.push(Piece::Call(call, self.choose(call)?));
            }
        }
        Ok(pieces)
    }

    /// What a piece reads and writes.
    fn access(&self, piece: &Piece, calls: &[Call]) -> Access {
        let writes = |calls: &mut dyn Iterator<Item = &Call>| Access {
            writes: calls.flat_map(|call| call.writes.clone()).collect(),
            ..Access::default()
        };
        match piece {
            Piece::Block(block) => {
                let mut taken = calls.iter().filter(|call| block.shape.takes(call));
                let images = block.shape.images(block.plan, block.phase);
                let slices = |bound: Vec<(u32, Slice)>| bound.into_iter().map(|(_, s)| s).collect();
                let [images, stores] = images.map(slices);
                Access {
                    images,
                    stores,
                    ..writes(&mut taken)
                }
            }
            Piece::Layers(layers) => writes(&mut layers.calls.iter().copied()),
            Piece::Call(call, variant) => {
                let of = |slots: &[usize]| {
                    let slices = slots.iter().map(|slot| variant.slot(call, *slot));
                    slices.cloned().collect()
                };
                Access {
                    writes: call.writes.clone(),
                    images: of(variant.images.read),
                    stores: of(variant.images.written),
                }
            }
        }
    }
}
