//! What a kernel is: a unit function in WGSL, its variants for different adapters, and its twins in Rust.

use crate::plan::Part;
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
    /// Names of the slices it writes (and may read).
    pub writes: &'static [&'static str],
    /// What else the kernel touches.
    pub system: &'static [System],
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
}

/// A kernel's twin: runs the units of `part` on `reads` (whole slices) and `writes` (the part's own share of each:
/// `len / slow units` elements a unit). `args` as in the shader.
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
    /// What the adapter must have.
    pub needs: Needs,
    /// Workgroups for so many units.
    pub groups: fn([usize; 2]) -> u64,
}

/// What a variant asks of an adapter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Subgroup operations, with a subgroup size that is known.
    pub subgroups: bool,
    /// Bytes of workgroup memory.
    pub workgroup_memory: u32,
}

impl Needs {
    /// Whether an adapter with these features and limits can run the variant.
    pub fn met(&self, features: wgpu::Features, limits: &wgpu::Limits) -> bool {
        (!self.subgroups || features.contains(wgpu::Features::SUBGROUP))
            && self.workgroup_memory <= limits.max_compute_workgroup_storage_size
    }
}

impl Kernel {
    /// The variant that an adapter with these features and limits runs.
    pub fn variant(&self, features: wgpu::Features, limits: &wgpu::Limits) -> &'static Variant {
        let fits = self.variants.iter().find(|v| v.needs.met(features, limits));
        fits.unwrap_or(&self.variants[self.variants.len() - 1])
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

/// Invocations of a plain variant's workgroup (`memory_buffers.wgsl`, `WORKGROUP`).
pub const WORKGROUP: usize = 64;

/// One invocation a unit.
pub fn a_lane_a_unit([fast, slow]: [usize; 2]) -> u64 {
    (fast as u64 * slow as u64).div_ceil(WORKGROUP as u64)
}

/// One workgroup a slow unit (a row).
pub fn a_group_a_row([_, slow]: [usize; 2]) -> u64 {
    slow as u64
}

/// What the modules of every plain variant share.
macro_rules! plain_module {
    ($($source:literal),*) => {
        &[
            include_str!("../shaders/rules.wgsl"),
            include_str!("../shaders/step.wgsl"),
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
        needs: Needs {
            subgroups: false,
            workgroup_memory: 0,
        },
        groups: a_lane_a_unit,
    }
}
