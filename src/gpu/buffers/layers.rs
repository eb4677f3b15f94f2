//! Groups the products of several layers, which sum over all rows of the batch, into one dispatch
//! (`gpu/print/layers.rs`): they do not depend on each other. Products whose rows are split into slices take two
//! dispatches. The slices are as long as in separate dispatches, so no bit changes.

use crate::Error;
use crate::gpu::buffers::{
    dispatch::Dispatch, loader::Loader, memory::TEXEL, prefetch::PrefetchSlot, system::piece,
};
use crate::gpu::print::{
    layers as print,
    layers::{MOST_READ, PrintedLayer, READ_BINDING, WRITE_BINDING},
    network::Edit,
};
use crate::kernels::{
    Buffer, Call, Capabilities, DispatchLoad, Role, SCRATCH_BINDING, Slice, System, Variant,
    slices::{self, Cut},
    tiles::{self, Product, Tile},
    weight_gradient,
};
use crate::plan::KernelChoice;

/// Whether the products of a group split their rows into slices.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum RowsOfSums {
    Whole,
    Cut,
}

/// Calls that share one dispatch, or two.
pub(super) struct GroupedLayers<'c> {
    pub(super) calls: Vec<&'c Call>,
    variant: &'static Variant,
    /// The buffers that the calls read, one for each of the adapter's buffers.
    reads: Vec<Buffer>,
    edit: &'c Edit,
}

impl GroupedLayers<'_> {
    /// Returns whether a call belongs to the group.
    pub(super) fn takes(&self, call: &Call) -> bool {
        self.calls.iter().any(|own| std::ptr::eq(*own, call))
    }

    /// Returns whether a call is the last of the group.
    pub(super) fn ends_with(&self, call: &Call) -> bool {
        let last = self.calls.last();
        last.is_some_and(|own| std::ptr::eq(*own, call))
    }
}

/// Returns the product of a `weight_gradient` or `fused_sgd` call, if it is the only such call of its layer.
fn product(call: &Call, batch: usize) -> Option<Product> {
    let is_only = match call.kernel.role {
        Role::WeightGradient => batch <= weight_gradient::ROWS_A_CALL,
        role => role == Role::FusedSgd,
    };
    is_only.then(|| Product {
        rows: call.args[1] as usize,
        columns: call.args[0] as usize,
        terms: batch,
    })
}

/// Returns the tile for several products: the largest one for which they have enough workgroups together to fill a GPU,
/// and that is not mostly edge.
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

impl Loader<'_> {
    /// Groups the calls that may share a dispatch at the position of the last of them. Returns none if there are fewer
    /// than two.
    pub(super) fn share<'c>(
        &self,
        calls: &[&'c Call],
        rows: RowsOfSums,
        edit: &'c Edit,
    ) -> Option<GroupedLayers<'c>> {
        let (taken, products, reads) = self.alike(calls, rows);
        let is_taken = |call: &Call| taken.iter().any(|own| std::ptr::eq(*own, call));
        let last = calls.iter().rposition(|call| is_taken(call))?;
        let mut own = (0..last).filter(|at| is_taken(calls[*at]));
        let can_wait = own.all(|at| {
            let mut others = calls[at..last].iter().filter(|call| !is_taken(call));
            others.all(|other| !calls[at].conflicts_with(other))
        });
        let variant = self.variant_for(&taken, &products, rows)?;
        let layers = GroupedLayers {
            calls: taken,
            variant,
            reads,
            edit,
        };
        let bytes = 4 * self.layers_scratch(&layers) as u64;
        let can = layers.calls.len() > 1 && can_wait && bytes <= self.gpu.largest_buffer();
        can.then_some(layers)
    }

    /// Returns the calls of one kernel that write to the same buffers and read few buffers; their products; and the
    /// buffers that they read.
    fn alike<'c>(
        &self,
        calls: &[&'c Call],
        rows: RowsOfSums,
    ) -> (Vec<&'c Call>, Vec<Product>, Vec<Buffer>) {
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
                first.kernel.role == call.kernel.role && written(first) == written(call)
            };
            let own = match self.in_table(call).reduction {
                None => RowsOfSums::Whole,
                Some(_) => RowsOfSums::Cut,
            };
            if own == rows && all.len() <= MOST_READ && taken.first().is_none_or(is_like) {
                reads = all;
                products.push(product);
                taken.push(call);
            }
        }
        (taken, products, reads)
    }

    /// Returns the variant for the calls of a group.
    fn variant_for(
        &self,
        calls: &[&Call],
        products: &[Product],
        rows: RowsOfSums,
    ) -> Option<&'static Variant> {
        let kernel = calls.first()?.kernel;
        let can = |name: &&str| {
            let mut variants = kernel.variants.iter();
            variants.find(|v| v.name == *name && v.can_run(&self.adapter))
        };
        match rows {
            RowsOfSums::Whole => can(&tile_for(products, &self.adapter).name),
            RowsOfSums::Cut => {
                let cuts = products.iter().map(|p| (*p, slices::rows(p)));
                let cuts: Vec<Cut> = cuts.collect();
                slices::fastest(&cuts).find_map(|name| can(&name))
            }
        }
    }

    /// Returns the number of scratch elements that a group needs.
    pub(super) fn layers_scratch(&self, layers: &GroupedLayers) -> usize {
        let calls = layers.calls.iter();
        let each = calls.map(|call| layers.variant.scratch(&self.sizes(call)));
        each.sum()
    }

    /// Creates the dispatches of a group.
    pub(super) fn layers(&mut self, layers: &GroupedLayers) -> Result<Vec<Dispatch>, Error> {
        let source = (layers.edit)(self.source(layers));
        let stages = layers.variant.stages().into_iter().enumerate();
        let dispatches = stages.map(|(stage, of)| {
            let prefetch = self.prefetch.all();
            let entries: Vec<_> = prefetch
                .map(|prefetch_slot| self.bound(layers, stage, prefetch_slot))
                .collect();
            let calls = layers.calls.iter();
            let groups = calls.map(|call| self.groups(layers, call)[stage]).sum();
            self.printed("layers", &source, of.entry, &entries, groups)
        });
        let dispatches = dispatches.collect::<Result<Vec<_>, _>>()?;
        for call in &layers.calls {
            let sizes = self.sizes(call);
            let chosen = KernelChoice {
                kernel: call.kernel.name,
                units: (call.kernel.units)(&sizes),
                trips: (call.kernel.trips)(&sizes),
                variant: layers.variant.name,
                exact: layers.variant.exact,
                timed: false,
            };
            self.note(chosen);
        }
        Ok(dispatches)
    }

    /// Returns the bind group entries of one stage. The first stage reads the inputs, the last writes the outputs, and
    /// scratch connects two stages.
    fn bound(
        &self,
        layers: &GroupedLayers,
        stage: usize,
        prefetch_slot: PrefetchSlot,
    ) -> Vec<wgpu::BindGroupEntry<'_>> {
        let call = layers.calls[0];
        let buffer = |(binding, buffer): (u32, &Buffer)| {
            self.buffers[buffer].whole(binding, *buffer, prefetch_slot)
        };
        let mut entries = Vec::new();
        if stage + 1 == layers.variant.stages().len() {
            entries.push(buffer((WRITE_BINDING, &call.writes[0].buffer)));
        }
        if stage == 0 {
            // All five bindings need a buffer. The unused ones get the first buffer.
            let spare = std::iter::repeat(&layers.reads[0]);
            let reads = layers.reads.iter().chain(spare).take(MOST_READ);
            entries.extend((READ_BINDING..).zip(reads).map(buffer));
        }
        if let (Some(_), Some(scratch)) = (layers.variant.reduction, &self.scratch) {
            let bytes = 4 * self.layers_scratch(layers) as u64;
            entries.push(piece(SCRATCH_BINDING, scratch, 0, bytes));
        }
        let system = call.kernel.system.iter();
        entries.extend(system.flat_map(|s: &System| self.system.bound(*s, prefetch_slot)));
        entries
    }

    /// Returns the number of workgroups of a call in each stage.
    fn groups(&self, layers: &GroupedLayers, call: &Call) -> [u64; 2] {
        let sizes = self.sizes(call);
        let load = DispatchLoad {
            units: (call.kernel.units)(&sizes),
            sizes: &sizes,
        };
        let stages = layers.variant.stages();
        let groups = |stage: usize| stages.get(stage).map_or(0, |s| (s.groups)(&load));
        [0, 1].map(groups)
    }

    /// Returns whether two buffers of the plan share one of the adapter's buffers.
    fn are_one(&self, one: Buffer, other: Buffer) -> bool {
        self.buffers[&one].buffer == self.buffers[&other].buffer
    }

    fn source(&self, layers: &GroupedLayers) -> String {
        let at = |slice: &Slice| {
            let placed = &self.buffers[&slice.buffer];
            placed.first + self.range(slice).start
        };
        let read = |slice: &Slice| {
            let mut reads = layers.reads.iter();
            let number = reads.position(|other| self.are_one(*other, slice.buffer));
            [number.unwrap_or(0), at(slice) / TEXEL]
        };
        let mut first = 0;
        let layer = |call: &&Call| {
            let (sizes, variant) = (self.sizes(call), layers.variant);
            let rows = variant.reduction.map_or(0, |r| (r.rows)(&sizes));
            let begins = first;
            first += variant.scratch(&sizes) / TEXEL;
            PrintedLayer {
                groups: self.groups(layers, call),
                args: [0, 1, 2, 3].map(|k| call.args.get(k).copied().unwrap_or(0)),
                delta: read(&call.reads[0]),
                x: read(&call.reads[1]),
                writes: [0, 1].map(|k| at(&call.writes[k])),
                slices: [rows, begins],
            }
        };
        let all: Vec<PrintedLayer> = layers.calls.iter().map(layer).collect();
        print::source(layers.variant, &all)
    }
}
