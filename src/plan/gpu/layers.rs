//! Products over all rows of the batch, of several layers, become one dispatch (`plan/inline/layers.rs`): none needs what
//! another makes.

use super::loader::Loader;
use super::{Dispatch, Error};
use crate::kernel::{Capabilities, System, Variant};
use crate::kernels::tiles::{self, Product, Tile};
use crate::kernels::{descent, weight_gradient};
use crate::plan::images::TEXEL;
use crate::plan::inline::layers::{Layer, MOST_READ, READ_BINDING, WRITE_BINDING};
use crate::plan::{Buffer, Call, Chosen, Edit, Slice, inline};

/// Calls that share a dispatch.
pub(super) struct Layers<'c> {
    pub(super) calls: Vec<&'c Call>,
    products: Vec<Product>,
    tile: &'static Tile,
    variant: &'static Variant,
    /// Buffers that they read, by one of each adapter's.
    reads: Vec<Buffer>,
    edit: &'c Edit,
}

impl Layers<'_> {
    /// Whether a call is one of them.
    pub(super) fn takes(&self, call: &Call) -> bool {
        self.calls.iter().any(|own| std::ptr::eq(*own, call))
    }

    /// Whether a call is the last of them.
    pub(super) fn ends_with(&self, call: &Call) -> bool {
        let last = self.calls.last();
        last.is_some_and(|own| std::ptr::eq(*own, call))
    }
}

/// The product of a call of `weight_gradient` or `descent` that is the layer's only one.
fn product(call: &Call, batch: usize) -> Option<Product> {
    let is = |kernel| std::ptr::eq(call.kernel, kernel);
    let is_only = is(&weight_gradient::KERNEL) && batch <= weight_gradient::ROWS_A_CALL;
    (is_only || is(&descent::KERNEL)).then(|| Product {
        rows: call.args[1] as usize,
        columns: call.args[0] as usize,
        terms: batch,
    })
}

/// The tile for several products: the largest of which they have so many that they fill a GPU together, and that is not
/// mostly edge.
fn tile_for(products: &[Product], adapter: &Capabilities) -> &'static Tile {
    let groups = |tile: &Tile| products.iter().map(|p| tile.groups(p)).sum::<u64>();
    let sums = |tile: &Tile| products.iter().map(|p| tile.sums(p)).sum::<u64>();
    let is_edge = |tile: &Tile| {
        let smaller = tile.smaller.map(sums);
        smaller.is_some_and(|smaller| 2 * sums(tile) > 3 * smaller)
    };
    let can = |tile: &Tile| {
        tile.workgroup_memory() <= adapter.workgroup_memory && adapter.switches.has(tile.name)
    };
    let pays = |tile: &&&Tile| can(tile) && groups(tile) >= tile.from_groups && !is_edge(tile);
    tiles::ALL.iter().find(pays).unwrap_or(&&tiles::SKINNY)
}

/// Whether `call` may as well come behind `other`.
fn may_follow(call: &Call, other: &Call) -> bool {
    let meet = |some: &[Slice], others: &[Slice]| {
        let mut some = some.iter();
        some.any(|slice| others.iter().any(|other| slice.overlaps(other)))
    };
    let (mine, others) = (&call.writes[..], &other.writes[..]);
    !meet(mine, others) && !meet(mine, &other.reads) && !meet(&call.reads, others)
}

impl Loader<'_> {
    /// Those of `calls` that may share a dispatch in the place of the last of them, if there are two.
    pub(super) fn share<'c>(&self, calls: &[&'c Call], edit: &'c Edit) -> Option<Layers<'c>> {
        let (mut taken, mut products, mut reads) = (Vec::new(), Vec::new(), Vec::new());
        for &call in calls {
            let Some(product) = product(call, self.batch) else {
                continue;
            };
            let mut all = reads.clone();
            for slice in &call.reads {
                if !all.iter().any(|other| self.are_one(*other, slice.buffer)) {
                    all.push(slice.buffer);
                }
            }
            let is_like = |first: &&Call| {
                let written = |call: &Call| [0, 1].map(|k| call.writes[k].buffer);
                std::ptr::eq(first.kernel, call.kernel) && written(first) == written(call)
            };
            // A layer whose rows are worth slices has more workgroups without the others.
            let whole = self.in_table(call).reduction.is_none();
            if whole && all.len() <= MOST_READ && taken.first().is_none_or(is_like) {
                reads = all;
                products.push(product);
                taken.push(call);
            }
        }
        let is_taken = |call: &Call| taken.iter().any(|own| std::ptr::eq(*own, call));
        let last = calls.iter().rposition(|call| is_taken(call))?;
        let mut own = (0..last).filter(|at| is_taken(calls[*at]));
        let can_wait = own.all(|at| {
            let mut others = calls[at..last].iter().filter(|call| !is_taken(call));
            others.all(|other| may_follow(calls[at], other))
        });
        let tile = tile_for(&products, &self.adapter);
        let mut variants = taken[0].kernel.variants.iter();
        let variant = variants.find(|variant| variant.name == tile.name)?;
        let can = taken.len() > 1 && can_wait && variant.can_run(&self.adapter);
        can.then_some(Layers {
            calls: taken,
            products,
            tile,
            variant,
            reads,
            edit,
        })
    }

    /// Their dispatch.
    pub(super) fn layers(&mut self, layers: &Layers) -> Result<Dispatch, Error> {
        let source = (layers.edit)(self.source(layers));
        let call = layers.calls[0];
        let bound = self.seats.all().map(|seat| {
            let buffer = |(binding, buffer): (u32, &Buffer)| {
                self.buffers[buffer].whole(binding, *buffer, seat)
            };
            let mut entries = vec![buffer((WRITE_BINDING, &call.writes[0].buffer))];
            // All five are bound, the spare ones to the first.
            let spare = std::iter::repeat(&layers.reads[0]);
            let reads = layers.reads.iter().chain(spare).take(MOST_READ);
            entries.extend((READ_BINDING..).zip(reads).map(buffer));
            let system = call.kernel.system.iter();
            entries.extend(system.flat_map(|s: &System| self.system.bound(*s, seat)));
            entries
        });
        let entries: Vec<_> = bound.collect();
        let groups = layers.products.iter().map(|p| layers.tile.groups(p)).sum();
        let entry = layers.variant.entry;
        let dispatch = self.printed("layers", &source, entry, &entries, groups)?;
        for call in &layers.calls {
            let sizes = self.sizes(call);
            let chosen = Chosen {
                kernel: call.kernel.name,
                units: (call.kernel.units)(&sizes),
                trips: (call.kernel.trips)(&sizes),
                variant: layers.variant.name,
                exact: true,
                timed: false,
            };
            self.note(chosen);
        }
        Ok(dispatch)
    }

    /// Whether two buffers of the plan are in the same one of the adapter.
    fn are_one(&self, one: Buffer, other: Buffer) -> bool {
        self.buffers[&one].buffer == self.buffers[&other].buffer
    }

    fn source(&self, layers: &Layers) -> String {
        let at = |slice: &Slice| {
            let placed = &self.buffers[&slice.buffer];
            placed.first + self.range(slice).start
        };
        let read = |slice: &Slice| {
            let mut reads = layers.reads.iter();
            let number = reads.position(|other| self.are_one(*other, slice.buffer));
            [number.unwrap_or(0), at(slice) / TEXEL]
        };
        let layer = |(call, product): (&&Call, &Product)| Layer {
            tiles: layers.tile.groups(product),
            args: [0, 1, 2, 3].map(|k| call.args.get(k).copied().unwrap_or(0)),
            delta: read(&call.reads[0]),
            x: read(&call.reads[1]),
            writes: [0, 1].map(|k| at(&call.writes[k])),
        };
        let all: Vec<Layer> = layers
            .calls
            .iter()
            .zip(&layers.products)
            .map(layer)
            .collect();
        inline::layers::source(layers.variant, &all)
    }
}
