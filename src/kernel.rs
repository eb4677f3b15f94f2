//! What a kernel is: a unit function in WGSL, its variants for different adapters, and its twins in Rust.

use crate::lanes::Lanes;
use crate::plan::{Call, Part, Slice};
use crate::real::Real;

/// A stage of the algorithm. `units`, `args`, `reads` and `writes` are, in this order, the parameters of its unit
/// function in `shaders/NAME.wgsl`.
#[derive(Debug)]
pub struct Kernel {
    /// Name of the unit function, the shader file, the label, the test and the bench.
    pub name: &'static str,
    /// Source of the unit function.
    pub source: &'static str,
    /// Names of the arguments.
    pub args: &'static [&'static str],
    /// Names of the slices it reads.
    pub reads: &'static [&'static str],
    /// Which of these hold a row for each unit: a member of a team is given its own rows only.
    pub row_reads: &'static [usize],
    /// Names of the slices it writes (and may read).
    pub writes: &'static [&'static str],
    /// What else the kernel touches.
    pub system: &'static [System],
    /// What its slow axis counts.
    pub axis: Axis,
    /// How many units a call has: fast axis, slow axis.
    pub units: fn(&Sizes) -> [usize; 2],
    /// How often the loops of one unit turn, for a batch of so many rows.
    pub trips: fn(&Sizes) -> usize,
    /// Ways to run it on an adapter, the preferred first; the last one needs nothing.
    pub variants: &'static [Variant],
    /// Twin in f32.
    pub twin_f32: Twin<f32>,
    /// Twin in f64, the reference.
    pub twin_f64: Twin<f64>,
    /// Twin in many networks' f32.
    pub twin_lanes: Twin<Lanes>,
}

/// A kernel's twin: runs the units of `part`. Of `writes` and of the reads in [`Kernel::row_reads`] it is given the part's
/// own share (`len / slow units` elements a unit), of other reads the whole slice. `args` as in the shader.
pub type Twin<T> = fn(&Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]);

/// What sizes depend on.
#[derive(Clone, Copy, Debug)]
pub struct Sizes<'a> {
    /// The call's arguments.
    pub args: &'a [u32],
    /// Rows of the batch.
    pub batch: usize,
    /// Elements of the first slice written, as the executor places it.
    pub len: usize,
}

/// What the slow axis of a kernel's units counts: a team shares a call along it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// Rows of the batch. A unit reads and writes its own row only, parameters apart.
    Rows,
    /// Neurons of the layer.
    Neurons,
    /// Parameters.
    Elements,
}

/// A buffer of the executor's own that a kernel touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// Reads the row of the schedule.
    Step,
    /// Reads or notes divergence.
    Status,
    /// Reads or counts the steps.
    Counter,
    /// Reads the schedule and writes the step's row.
    Schedule,
}

/// One way to run a kernel in the device family.
#[derive(Debug)]
pub struct Variant {
    /// `plain`, `tile`, `subgroup`, ...
    pub name: &'static str,
    /// Entry point.
    pub entry: &'static str,
    /// The modules' sources, in any order; memory and rules included.
    pub sources: &'static [&'static str],
    /// How its four slots are bound.
    pub slots: Slots,
    /// The slots it reads as images (`image.wgsl`), counted from 0: those that are read and then those that are written.
    /// A slot that is read is bound as an image only; one that is written as a buffer too, and the image is what it was.
    pub images: &'static [usize],
    /// What the adapter must have.
    pub needs: Needs,
    /// Whether it can run a call of these sizes.
    pub shape: fn(&Sizes) -> bool,
    /// That it is made for hardware: software adapters can run it, and are slower with it than with the plain one.
    pub hardware: bool,
    /// Whether it is worth while for a call of these sizes.
    pub pays: fn(&Sizes) -> bool,
    /// Workgroups of a call.
    pub groups: fn(&Load) -> u64,
}

impl Variant {
    /// Whether it is considered on an adapter: it can run there, and is made for such adapters.
    pub fn suits(&self, adapter: &Capabilities) -> bool {
        self.needs.met(adapter) && !(self.hardware && adapter.software)
    }

    /// What `call` has in slot `slot`; a read slot that the call leaves free has what the last one has.
    pub fn slot<'a>(&self, call: &'a Call, slot: usize) -> &'a Slice {
        match slot.checked_sub(self.slots.reads()) {
            None => &call.reads[slot.min(call.reads.len() - 1)],
            Some(slot) => &call.writes[slot],
        }
    }

    /// The binding of the image of slot `slot`.
    pub fn image_binding(&self, slot: usize) -> u32 {
        let slot = slot as u32;
        match (slot as usize) < self.slots.reads() {
            true => 1 + slot,
            false => 9 + slot,
        }
    }
}

/// What a dispatch has to cover.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// Units: fast axis, slow axis.
    pub units: [usize; 2],
    /// What the call's sizes depend on.
    pub sizes: &'a Sizes<'a>,
    /// Invocations of a subgroup.
    pub subgroup: usize,
}

/// What a variant asks of an adapter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// An adapter that computes on the CPU, with subgroups of 8, whose lanes are SIMD lanes.
    pub simd_subgroups: bool,
    /// Bytes of workgroup memory.
    pub workgroup_memory: u32,
}

/// What an adapter has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// It computes on the CPU.
    pub software: bool,
    /// Invocations of a subgroup, if that is always the same number and known.
    pub subgroup: Option<u32>,
    /// Bytes of workgroup memory.
    pub workgroup_memory: u32,
}

impl Needs {
    /// Whether an adapter has what is needed.
    pub fn met(&self, adapter: &Capabilities) -> bool {
        let simd = adapter.software && adapter.subgroup == Some(8);
        (!self.simd_subgroups || simd) && self.workgroup_memory <= adapter.workgroup_memory
    }
}

impl Kernel {
    /// The variant that an adapter runs for a call of these sizes, of those that `fits` allows: the first that suits the
    /// adapter and pays. Where there is none, the last.
    pub fn variant(
        &self,
        adapter: &Capabilities,
        sizes: &Sizes,
        fits: impl Fn(&Variant) -> bool,
    ) -> &'static Variant {
        let fits =
            |v: &&Variant| v.suits(adapter) && (v.shape)(sizes) && (v.pays)(sizes) && fits(v);
        let last = &self.variants[self.variants.len() - 1];
        self.variants.iter().find(fits).unwrap_or(last)
    }

    /// The twin in `T`.
    pub fn twin<T: HasTwin>(&self) -> Twin<T> {
        T::twin(self)
    }
}

/// A number type that kernels have a twin in.
pub trait HasTwin: Real {
    /// The twin of `kernel`.
    fn twin(kernel: &Kernel) -> Twin<Self>;
}

impl HasTwin for f32 {
    fn twin(kernel: &Kernel) -> Twin<f32> {
        kernel.twin_f32
    }
}

impl HasTwin for f64 {
    fn twin(kernel: &Kernel) -> Twin<f64> {
        kernel.twin_f64
    }
}

impl HasTwin for Lanes {
    fn twin(kernel: &Kernel) -> Twin<Lanes> {
        kernel.twin_lanes
    }
}

/// Invocations of a plain variant's workgroup (`memory_buffers.wgsl`, `WORKGROUP`).
pub const WORKGROUP: usize = 64;

/// One invocation a unit.
pub fn a_lane_a_unit(load: &Load) -> u64 {
    let [fast, slow] = load.units;
    (fast as u64 * slow as u64).div_ceil(WORKGROUP as u64)
}

/// One workgroup a slow unit (a row).
pub fn a_group_a_row(load: &Load) -> u64 {
    load.units[1] as u64
}

/// One workgroup a tile of so many units along each axis.
pub fn tiles(units: [usize; 2], tile: [usize; 2]) -> u64 {
    units[0].div_ceil(tile[0]) as u64 * units[1].div_ceil(tile[1]) as u64
}

/// Any call.
pub fn any_shape(_: &Sizes) -> bool {
    true
}

/// What the modules of every plain variant share.
macro_rules! plain_module {
    ($($source:literal),*) => {
        &[
            include_str!("../shaders/rules.wgsl"),
            include_str!("../shaders/step.wgsl"),
            include_str!("../shaders/device.wgsl"),
            include_str!("../shaders/memory_buffers.wgsl"),
            $(include_str!(concat!("../shaders/", $source, ".wgsl"))),*
        ]
    };
}

/// Which plain module a kernel is in: by how many slots it reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slots {
    /// Three read, one written.
    R3W1,
    /// Two read, two written.
    R2W2,
    /// One read, three written.
    R1W3,
}

impl Slots {
    /// How many slots are read; the others of the four are written.
    pub const fn reads(self) -> usize {
        match self {
            Slots::R3W1 => 3,
            Slots::R2W2 => 2,
            Slots::R1W3 => 1,
        }
    }

    const fn sources(self) -> &'static [&'static str] {
        match self {
            Slots::R3W1 => plain_module!("slots_3_1", "forward", "input_gradient", "correct"),
            Slots::R2W2 => plain_module!(
                "slots_2_2",
                "loss",
                "gather",
                "squared_error",
                "cross_entropy",
                "weight_gradient"
            ),
            Slots::R1W3 => plain_module!("slots_1_3", "optimizer", "sgd", "adam"),
        }
    }
}

/// A variant that runs one unit an invocation and needs nothing.
pub const fn plain(entry: &'static str, slots: Slots) -> Variant {
    Variant {
        name: "plain",
        entry,
        sources: slots.sources(),
        slots,
        images: &[],
        needs: Needs {
            simd_subgroups: false,
            workgroup_memory: 0,
        },
        shape: any_shape,
        hardware: false,
        pays: any_shape,
        groups: a_lane_a_unit,
    }
}

/// A variant for adapters that compute on the CPU, which reads `images`: `sources` are those beyond what all modules share.
pub const fn subgroup(
    entry: &'static str,
    slots: Slots,
    images: &'static [usize],
    sources: &'static [&'static str],
    shape: fn(&Sizes) -> bool,
    groups: fn(&Load) -> u64,
) -> Variant {
    Variant {
        name: "subgroup",
        entry,
        sources,
        slots,
        images,
        needs: Needs {
            simd_subgroups: true,
            workgroup_memory: 0,
        },
        shape,
        hardware: false,
        pays: any_shape,
        groups,
    }
}

/// The sources of a fast variant's module.
macro_rules! fast_module {
    ($source:literal) => {
        &[
            include_str!("../../shaders/rules.wgsl"),
            include_str!("../../shaders/step.wgsl"),
            include_str!("../../shaders/device.wgsl"),
            include_str!("../../shaders/image.wgsl"),
            include_str!(concat!("../../shaders/", $source, ".wgsl")),
        ]
    };
}
pub(crate) use fast_module;
