//! What a kernel is: a unit function in WGSL, its variants for different adapters, and its twins in Rust.

use super::sizes::Sizes;
use super::variant::{Capabilities, Variant};
use crate::kernels::Part;
use crate::math::{F32x16, F32x64, Product};

/// A stage of the algorithm. `units`, `args`, `reads` and `writes` are, in this order, the parameters of its unit
/// function in `shaders/units/NAME.wgsl`.
#[derive(Debug)]
pub struct Kernel {
    /// Name of the unit function, the shader file, the label, the test and the bench.
    pub name: &'static str,
    /// Which stage it is.
    pub role: Role,
    /// Source of the unit function.
    pub source: &'static str,
    /// Names of the arguments.
    pub args: &'static [&'static str],
    /// Names of the slices it reads.
    pub reads: &'static [&'static str],
    /// Which of these hold a row for each unit: a member of a team is given its own rows only.
    pub row_reads: &'static [usize],
    /// The one that its twin can take as rows of the data set where the batch's rows are ([`Part::batch`]): what `gather`
    /// would bring.
    pub data_read: Option<usize>,
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
    /// Twin in the f32 of 16 networks.
    pub twin_lanes: Twin<F32x16>,
    /// Twin in the f32 of 64 networks.
    pub twin_many_lanes: Twin<F32x64>,
}

/// A kernel's twin: runs the units of `part`. Of `writes` and of the reads in [`Kernel::row_reads`] it is given the part's
/// own share (`len / slow units` elements a unit), of other reads the whole slice. `args` as in the shader.
pub type Twin<T> = fn(&Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]);

/// The stages of a training step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Gather,
    Forward,
    /// Any loss: its value, and the output's deltas.
    Loss,
    Correct,
    /// An activation by itself, or its gradient.
    Activation,
    Dropout,
    WeightGradient,
    InputGradient,
    /// What clips the gradient.
    Clip,
    Sgd,
    Adam,
    Rmsprop,
    Lion,
    /// Weight gradient and update in one.
    FusedSgd,
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
    /// Reads the schedule and writes the steps that rows are brought for.
    Schedule,
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

    /// Its slots: what it reads, and then what it writes.
    pub fn slots(&self) -> usize {
        self.reads.len() + self.writes.len()
    }

    /// Where a slot is bound: behind the step (`device.wgsl`).
    pub fn binding(&self, slot: usize) -> u32 {
        1 + slot as u32
    }

    /// The twin in `T`.
    pub fn twin<T: HasTwin>(&self) -> Twin<T> {
        T::twin(self)
    }
}

/// A number type that kernels have a twin in.
pub trait HasTwin: Product {
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

impl HasTwin for F32x16 {
    fn twin(kernel: &Kernel) -> Twin<F32x16> {
        kernel.twin_lanes
    }
}

impl HasTwin for F32x64 {
    fn twin(kernel: &Kernel) -> Twin<F32x64> {
        kernel.twin_many_lanes
    }
}
