//! Products over all rows of the batch, of several layers, become one dispatch (`plan/inline/layers.rs`): none needs what
//! another makes. Those whose rows are cut into slices become two: a slice is as long as in a dispatch of its own, so that no
//! bit changes.

use crate::Error;
use crate::gpu::{
    buffers::{
        dispatch::Dispatch, loader::Loader, memory::TEXEL, prefetch::PrefetchSlot, system::piece,
    },
    print::{
        layers as print,
        layers::{MOST_READ, PrintedLayer, READ_BINDING, WRITE_BINDING},
        network::Edit,
    },
};
use crate::kernels::{
    Buffer, Call, Capabilities, DispatchLoad, SCRATCH_BINDING, Slice, System, Variant, descent,
    slices::{self, Cut},
    tiles::{self, Product, Tile},
    weight_gradient,
};
use crate::plan::KernelChoice;

/// Whether a group of calls is of those whose rows are cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum RowsOfSums {
    Whole,
    Cut,
}

/// Calls that share a dispatch, or two.
pub(super) struct GroupedLayers<'c> {
    pub(super) calls: Vec<&'c Call>,
    variant: &'static Variant,
    /// Buffers that they read, by one of each adapter's.
    reads: Vec<Buffer>,
    edit: &'c Edit,
}

impl GroupedLayers<'_> {
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

impl Loader<'_> {
    /// Those of `calls` that may share a dispatch in the place of the last of them, if there are two.
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

    /// Calls of one kernel that write to the same buffers, and read few; their products, and what they read.
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
                std::ptr::eq(first.kernel, call.kernel) && written(first) == written(call)
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

    /// The variant for calls that share a dispatch.
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

    /// Elements of scratch that they need.
    pub(super) fn layers_scratch(&self, layers: &GroupedLayers) -> usize {
        let calls = layers.calls.iter();
        let each = calls.map(|call| layers.variant.scratch(&self.sizes(call)));
        each.sum()
    }

    /// Their dispatches.
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

    /// What a dispatch of theirs binds: the first reads and the last writes, and there is scratch between two.
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
            // All five are bound, the spare ones to the first.
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

    /// Workgroups of a call in each dispatch of theirs.
    fn groups(&self, layers: &GroupedLayers, call: &Call) -> [u64; 2] {
        let sizes = self.sizes(call);
        let load = DispatchLoad {
            units: (call.kernel.units)(&sizes),
            sizes: &sizes,
            subgroup: self.adapter.subgroup.unwrap_or(1) as usize,
        };
        let stages = layers.variant.stages();
        let groups = |stage: usize| stages.get(stage).map_or(0, |s| (s.groups)(&load));
        [0, 1].map(groups)
    }

    /// Whether two buffers of the plan are in the same one of the adapter.
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
