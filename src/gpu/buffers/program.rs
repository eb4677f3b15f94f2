//! The calls of a phase become its dispatches: one call a dispatch, or a block of rows, or several layers.

use crate::Error;
use crate::gpu::buffers::blocks::Block;
use crate::gpu::buffers::dispatch::Program;
use crate::gpu::buffers::images::{Access, Timing};
use crate::gpu::buffers::layers::{Layers, Rows};
use crate::gpu::buffers::loader::Loader;
use crate::gpu::buffers::seats::{Seats, brings};
use crate::kernels::buffer::{Buffer, Slice};
use crate::kernels::call::Call;
use crate::kernels::variant::Variant;

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
                    let slices = slots.iter().map(|slot| call.slot(variant, *slot));
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
