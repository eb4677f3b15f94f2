//! The calls of a phase become its dispatches: one call a dispatch, or a block of rows, or several layers.

use super::Error;
use super::blocks::Block;
use super::layers::{Layers, Rows};
use super::loader::Loader;
use super::seats::{Seats, brings};
use crate::kernel::Variant;
use crate::plan::Call;
use std::ops::Range;

/// The dispatches of each piece of a phase.
pub(super) struct Program {
    /// Of the steps whose rows are brought at once.
    pub(super) seats: Seats,
    /// What brings them.
    pub(super) bring: Vec<Dispatch>,
    pub(super) dispatches: Vec<Dispatch>,
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
    /// Records `steps` of a run of so many, from a step on that has the first seat.
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
            let number = n % self.seats.count;
            if number == 0 {
                let brought = self.seats.count.min(all - n);
                let dispatches = self.bring.iter();
                dispatches.for_each(|dispatch| dispatch.record_ahead(&mut pass, brought));
            }
            let dispatches = self.dispatches.iter();
            dispatches.for_each(|dispatch| dispatch.record(&mut pass, number));
        }
    }
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
        let (mut dispatches, mut bring) = (Vec::new(), Vec::new());
        for piece in &pieces {
            let own = match piece {
                Piece::Call(call, variant) => self.dispatches(call, variant)?,
                Piece::Block(block) => vec![self.block(block)?],
                Piece::Layers(layers) => self.layers(layers)?,
            };
            match piece {
                Piece::Call(call, _) if brings(call) => bring.extend(own),
                _ => dispatches.extend(own),
            }
        }
        Ok(Program {
            seats,
            bring,
            dispatches,
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
        let tiled = block.filter(|_| groups);
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
}
