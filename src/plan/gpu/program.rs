//! The calls of a phase become its dispatches: one call a dispatch, or a block of rows, or several layers.

use super::blocks::Block;
use super::layers::Layers;
use super::loader::Loader;
use super::{Dispatch, Error};
use crate::kernel::Variant;
use crate::plan::images::{Access, Timing};
use crate::plan::{Call, Slice};

/// The dispatches of each piece of a phase, and when its images are made.
pub(super) struct Program {
    pub(super) pieces: Vec<Vec<Dispatch>>,
    pub(super) images: Timing,
}

/// A piece of a phase.
enum Piece<'a> {
    Call(&'a Call, &'static Variant),
    Block(&'a Block<'a>),
    Layers(Layers<'a>),
}

impl Loader<'_> {
    /// The program of `calls`, for a batch of so many rows; those along the rows in one dispatch, if they come in blocks.
    pub(super) fn program(
        &mut self,
        calls: &[Call],
        batch: usize,
        block: Option<Block>,
    ) -> Result<Program, Error> {
        self.batch = batch;
        let pieces = self.pieces(calls, block.as_ref())?;
        let scratch = |piece: &Piece| match piece {
            Piece::Call(call, variant) => variant.scratch(&self.sizes(call)),
            Piece::Block(_) | Piece::Layers(_) => 0,
        };
        let scratch = pieces.iter().map(scratch).max();
        self.reserve(scratch.unwrap_or(0));
        let (mut dispatches, mut accesses) = (Vec::new(), Vec::new());
        for piece in &pieces {
            dispatches.push(match piece {
                Piece::Call(call, variant) => self.dispatches(call, variant)?,
                Piece::Block(block) => vec![self.block(block)?],
                Piece::Layers(layers) => vec![self.layers(layers)?],
            });
            accesses.push(self.access(piece, calls));
        }
        Ok(Program {
            pieces: dispatches,
            images: Timing::new(&accesses),
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
        let tiled = block.filter(|block| block.shape.is_of_workgroups());
        let mut layers = tiled.and_then(|block| self.share(&own, block.edit));
        let (mut block, mut pieces) = (block, Vec::new());
        for call in calls {
            if in_block(call) {
                pieces.extend(block.take().map(Piece::Block));
            } else if layers.as_ref().is_some_and(|l| l.ends_with(call)) {
                pieces.extend(layers.take().map(Piece::Layers));
            } else if !layers.as_ref().is_some_and(|l| l.takes(call)) {
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
