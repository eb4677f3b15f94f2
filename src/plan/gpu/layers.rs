//! Products over all rows of the batch, of several layers, in one dispatch: none needs what another makes.
//!
//! A tile variant's own module, with variables for a call's constants and slots (`shaders/layers.wgsl`): a workgroup's
//! number says which layer's tile is its own.

use super::bindings::whole;
use super::loader::{Loader, fold};
use super::{Dispatch, Error};
use crate::kernel::{System, Variant};
use crate::kernels::tiles::{self, Product, Tile};
use crate::kernels::{descent, weight_gradient};
use crate::plan::images::TEXEL;
use crate::plan::{Call, Chosen, Edit, Slice};
use std::fmt::Write;

/// What other modules of the variants have, and these have their own for.
const REPLACED: [&str; 2] = [
    include_str!("../../../shaders/call.wgsl"),
    include_str!("../../../shaders/weight_slots.wgsl"),
];
/// Buffers that a dispatch may read: with the step, the status and what is written they are the eight of any WebGPU.
const MOST_READ: usize = 5;
/// Where the first of them is bound, and what is written (`layers.wgsl`).
const READ_BINDING: u32 = 10;
const WRITE_BINDING: u32 = 3;

/// Calls that share a dispatch.
pub(super) struct Layers<'c> {
    pub(super) calls: Vec<&'c Call>,
    products: Vec<Product>,
    tile: &'static Tile,
    variant: &'static Variant,
    reads: Vec<wgpu::Buffer>,
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
fn tile_for(products: &[Product]) -> &'static Tile {
    let groups = |tile: &Tile| products.iter().map(|p| tile.groups(p)).sum::<u64>();
    let sums = |tile: &Tile| products.iter().map(|p| tile.sums(p)).sum::<u64>();
    let is_edge = |tile: &Tile| {
        let smaller = tile.smaller.map(sums);
        smaller.is_some_and(|smaller| 2 * sums(tile) > 3 * smaller)
    };
    let pays = |tile: &&&Tile| groups(tile) >= tile.from_groups && !is_edge(tile);
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
    pub(super) fn share<'c>(&mut self, calls: &[&'c Call], edit: &'c Edit) -> Option<Layers<'c>> {
        let (mut taken, mut products, mut reads) = (Vec::new(), Vec::new(), Vec::new());
        for &call in calls {
            let Some(product) = product(call, self.batch) else {
                continue;
            };
            let buffers = call.reads.iter().map(|s| &self.buffers[&s.buffer].buffer);
            let new: Vec<_> = buffers.filter(|b| !reads.contains(*b)).cloned().collect();
            // A layer whose rows are worth slices has more workgroups without the others.
            let whole = self.takes_one_dispatch(call, self.batch);
            if whole && reads.len() + new.len() <= MOST_READ {
                reads.extend(new);
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
        let tile = tile_for(&products);
        let mut variants = taken[0].kernel.variants.iter();
        let variant = variants.find(|variant| variant.name == tile.name)?;
        let can = taken.len() > 1 && can_wait && variant.needs.met(&self.adapter);
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
        let module = self.gpu.module(&[&source], "layers")?;
        let device = &self.gpu.device;
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("layers"),
            layout: None,
            module: &module,
            entry_point: Some(layers.variant.entry),
            compilation_options: wgpu::PipelineCompilationOptions {
                zero_initialize_workgroup_memory: false,
                ..Default::default()
            },
            cache: None,
        });
        self.gpu.check()?;
        let call = layers.calls[0];
        let written = &self.buffers[&call.writes[0].buffer].buffer;
        let mut entries = vec![whole(WRITE_BINDING, written)];
        let reads = (READ_BINDING..).zip(&layers.reads);
        entries.extend(reads.map(|(binding, buffer)| whole(binding, buffer)));
        let system = call.kernel.system.iter();
        entries.extend(system.flat_map(|s: &System| self.system.bound(*s)));
        let layout = pipeline.get_bind_group_layout(0);
        let bindings = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("layers"),
            layout: &layout,
            entries: &entries,
        });
        let groups = layers.products.iter().map(|p| layers.tile.groups(p)).sum();
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
        Ok(Dispatch {
            pipeline,
            bindings,
            groups: fold(groups),
        })
    }

    fn source(&self, layers: &Layers) -> String {
        let at = |slice: &Slice| {
            let placed = &self.buffers[&slice.buffer];
            placed.first + self.range(slice).start
        };
        let read = |slice: &Slice| {
            let buffer = &self.buffers[&slice.buffer].buffer;
            let number = layers.reads.iter().position(|b| b == buffer).unwrap_or(0);
            format!("vec2<u32>({number}u, {}u)", at(slice) / TEXEL)
        };
        let (mut bound, mut cases, mut begin) = (String::new(), String::new(), String::new());
        for number in 0..layers.reads.len() {
            let binding = READ_BINDING as usize + number;
            let _ = writeln!(
                bound,
                "@group(0) @binding({binding}) var<storage, read> read{number}: array<vec4<f32>>;"
            );
            let case = match number + 1 == layers.reads.len() {
                true => "default".to_owned(),
                false => format!("case {number}u"),
            };
            let _ = writeln!(cases, "        {case}: {{ return read{number}[t]; }}");
        }
        for (call, product) in layers.calls.iter().zip(&layers.products) {
            let groups = layers.tile.groups(product);
            let mut args = call.args.iter().copied().chain([0; 4]);
            let args = [(); 4].map(|()| format!("{}u", args.next().unwrap_or(0)));
            let _ = writeln!(
                begin,
                "    if (t < {groups}u) {{ take(vec4<u32>({}), {}, {}, vec2<u32>({}u, {}u)); return vec3<u32>(t % ROW_OF_GROUPS, t / ROW_OF_GROUPS, 0u); }}\n    t -= {groups}u;",
                args.join(", "),
                read(&call.reads[0]),
                read(&call.reads[1]),
                at(&call.writes[0]),
                at(&call.writes[1]),
            );
        }
        // A workgroup beyond the last one has no rows.
        let printed = format!(
            "{bound}fn read_texel(buffer: u32, t: u32) -> vec4<f32> {{\n    switch buffer {{\n{cases}    }}\n}}\nfn begin(group: vec3<u32>) -> vec3<u32> {{\n    var t = group.y * ROW_OF_GROUPS + group.x;\n{begin}    return vec3<u32>();\n}}\n"
        );
        let shared = layers.variant.sources.iter().copied();
        let shared = shared.filter(|source| !REPLACED.contains(source));
        let own = [include_str!("../../../shaders/layers.wgsl"), &printed];
        shared.chain(own).collect()
    }
}
