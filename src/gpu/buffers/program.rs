//! Turns the calls of a phase into its dispatches: one call, a fused block of calls, or the products of several layers.

use crate::Error;
use crate::gpu::buffers::{
    blocks::Block,
    dispatch::Program,
    layers::{GroupedLayers, RowsOfSums},
    loader::Loader,
    prefetch::{Prefetch, gathers},
};
use crate::kernels::{Call, Variant};

/// A part of a phase.
enum Piece<'a> {
    Call(&'a Call, &'static Variant),
    Block(&'a Block<'a>),
    Layers(GroupedLayers<'a>),
}

impl Loader<'_> {
    /// Creates the program of `calls` for batches of up to `batch` rows, with the slots of `prefetch`. With a `block`,
    /// its calls along the rows become one dispatch.
    pub(super) fn program(
        &mut self,
        calls: &[Call],
        batch: usize,
        prefetch: Prefetch,
        block: Option<Block>,
    ) -> Result<Program, Error> {
        (self.batch, self.prefetch) = (batch, prefetch);
        let pieces = self.pieces(calls, block.as_ref())?;
        let scratch = |piece: &Piece| match piece {
            Piece::Call(call, variant) => variant.scratch(&self.sizes(call)),
            Piece::Layers(layers) => self.layers_scratch(layers),
            Piece::Block(_) => 0,
        };
        let scratch = pieces.iter().map(scratch).max();
        self.reserve(scratch.unwrap_or(0))?;
        self.prepare(pieces.iter().filter_map(|piece| match piece {
            Piece::Call(call, variant) => Some((*call, *variant)),
            Piece::Block(_) | Piece::Layers(_) => None,
        }));
        let (mut dispatches, mut gather) = (Vec::new(), Vec::new());
        for piece in &pieces {
            let own = match piece {
                Piece::Call(call, variant) => self.dispatches(call, variant)?,
                Piece::Block(block) => vec![self.block(block)?],
                Piece::Layers(layers) => self.layers(layers)?,
            };
            match piece {
                Piece::Call(call, _) if gathers(call) => gather.extend(own),
                _ => dispatches.extend(own),
            }
        }
        Ok(Program {
            prefetch,
            gather,
            dispatches,
        })
    }

    /// Returns the parts of a phase, in order. A block takes the position of its first call, and grouped layers that of
    /// their last call.
    fn pieces<'a>(
        &mut self,
        calls: &'a [Call],
        block: Option<&'a Block<'a>>,
    ) -> Result<Vec<Piece<'a>>, Error> {
        let in_block = |call: &Call| block.is_some_and(|block| block.shape.takes(call));
        let own: Vec<&Call> = calls.iter().filter(|call| !in_block(call)).collect();
        let groups = self.adapter.switches.has("grouped-layers");
        let tiled = block.filter(|_| groups);
        let mut layers: Vec<GroupedLayers> = Vec::new();
        if let Some(block) = tiled {
            let groups =
                [RowsOfSums::Whole, RowsOfSums::Cut].map(|rows| self.share(&own, rows, block.edit));
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
