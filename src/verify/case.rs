//! A test case: a kernel in a plan of its own, with its f64 reference and its error bound.

use super::numbers::LayerShape;
use crate::cpu::CpuSession;
use crate::gpu::Gpu;
use crate::kernels::{
    Buffer, Call, Diverged, HasTwin, Kernel, Sizes, Slice, Step, Variant, gather,
};
use crate::model::Activation;
use crate::plan::{Extent, Layout, Phase, Plan, Session};
use crate::text::counted;

/// Half a unit in the last place of 1 in f32: the relative error of one rounded operation.
pub const U: f64 = 1.0 / (1 << 24) as f64;

/// Returns the smallest result of the exponential: 5e-6 above the smallest normal number, plus 4 units in the last
/// place.
pub fn smallest_exponential() -> f64 {
    f64::from(-87.33654f32).exp() * (1.0 + 8.0 * U)
}

/// The values of each buffer of a case.
pub type Tensors<T> = Vec<Vec<T>>;

/// Returns the error bound of each element, from the tensors before and after.
pub type Bound = fn(&Case, before: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64>;

/// A value that no kernel may change.
pub(super) const CANARY: f32 = 1234.5;

/// A buffer of a case.
#[derive(Clone)]
pub struct Tensor {
    /// The size.
    pub extent: Extent,
    /// The values before the calls.
    pub values: Vec<f32>,
}

/// Returns the rows of a batch.
pub fn batch(width: usize, values: Vec<f32>) -> Tensor {
    let extent = Extent::Batch { width };
    Tensor { extent, values }
}

/// Returns the rows of a batch that the kernel must overwrite.
pub fn unwritten(width: usize, shape: LayerShape) -> Tensor {
    batch(width, vec![f32::NAN; shape.batch * width])
}

/// Returns adjacent parts, with a canary before and after each. Part `k` is tensor `k + 1`.
pub fn guarded(parts: &[&[f32]]) -> Tensor {
    let guard = &[CANARY; 3][..];
    let parts: Vec<&[f32]> = [&[guard], parts, &[guard]].concat();
    Tensor {
        extent: Extent::Tensors(parts.iter().map(|part| part.len()).collect()),
        values: parts.concat(),
    }
}

/// Calls of one kernel, possibly followed by calls that read their results, with their tensors: `Buffer::Scratch(k)` is
/// `tensors[k]`.
#[derive(Clone)]
pub struct Case {
    /// Description: the kernel, its arguments and rows.
    pub name: String,
    /// Maximum number of rows.
    pub batch: usize,
    /// Number of rows in the data set.
    pub data: usize,
    /// The step to run, as often as `steps` says.
    pub step: Step,
    /// Number of steps, numbered from the step's index on.
    pub steps: u32,
    /// Calls of other kernels before the tested ones.
    pub prelude: Vec<Call>,
    /// The calls. The first one calls the tested kernel.
    pub calls: Vec<Call>,
    /// The tensors.
    pub tensors: Vec<Tensor>,
    /// The error bound.
    pub bound: Bound,
    /// The divergence that must be reported.
    pub diverges: Option<Diverged>,
    /// The variants that it is for; all that it fits, if empty.
    pub variants: &'static [&'static str],
    /// Whether it is at a limit of the shaders (`boundaries.rs`).
    pub boundary: bool,
}

/// Rows from which on a batch is long.
const LONG: usize = 1_000;

/// Inputs or outputs from which on a case is at a boundary.
const WIDE: usize = 256;

/// Elements from which on a case is too long for a quick check of each variant.
const SHORT: usize = 1 << 13;

/// Elements from which on a case is large: a software adapter runs it once only.
const LARGE: usize = 1 << 20;

/// Elements from which on a case is too long for a quick check.
const SLOW: usize = 10_000_000;

impl Case {
    /// Creates a case of `shape`. Rows beyond the step's are canaries: NaN in inputs, so that reading them shows, and a
    /// number in outputs, so that a written NaN shows too.
    pub fn new(
        shape: LayerShape,
        calls: Vec<Call>,
        mut tensors: Vec<Tensor>,
        bound: Bound,
    ) -> Case {
        for (k, tensor) in tensors.iter_mut().enumerate() {
            let is_written = |call: &Call| call.writes.iter().any(|slice| index(slice) == k);
            let canary = match calls.iter().any(is_written) {
                true => CANARY,
                false => f32::NAN,
            };
            if let Extent::Batch { width } = tensor.extent {
                tensor.values[shape.rows * width..].fill(canary);
            }
        }
        Case {
            name: name(&calls[0], shape),
            batch: shape.batch,
            data: shape.batch,
            step: Step::whole(shape.rows, 0.5),
            steps: 1,
            prelude: Vec::new(),
            calls,
            tensors,
            bound,
            diverges: None,
            variants: &[],
            boundary: shape.inputs.max(shape.outputs) > WIDE,
        }
    }

    /// Whether running the case takes longer than loading it.
    pub(super) fn is_large(&self) -> bool {
        self.batch >= LONG || self.elements() >= LARGE
    }

    /// Whether a software adapter takes seconds for it.
    pub(super) fn is_slow(&self) -> bool {
        self.elements() >= SLOW
    }

    fn elements(&self) -> usize {
        self.tensors.iter().map(|t| t.values.len()).sum()
    }

    /// Whether it is for any variant, also for those of devices without shaders.
    pub(super) fn for_all_variants(&self) -> bool {
        self.variants.is_empty()
    }

    /// Whether it alone says much about a variant: it has edges, and fractions.
    pub(super) fn is_telling(&self) -> bool {
        let is_short = self.elements() < SHORT;
        is_short && !self.boundary && self.name.ends_with(", reals")
    }

    /// Returns the case with another kernel (a variant, a mutant).
    pub fn with(&self, kernel: &'static Kernel) -> Case {
        let mut case = self.clone();
        let own = case.calls.iter_mut().filter(|call| self.is_own(call));
        own.for_each(|call| call.kernel = kernel);
        case
    }

    fn is_own(&self, call: &Call) -> bool {
        call.kernel.name == self.kernel().name
    }

    /// Returns the tested kernel.
    pub fn kernel(&self) -> &'static Kernel {
        self.calls[0].kernel
    }

    /// Whether `variant` can run the calls on `gpu`.
    pub fn fits(&self, gpu: &Gpu, variant: &Variant) -> bool {
        let fits = |call: &Call| {
            let sizes = Sizes {
                args: &call.args,
                batch: self.batch,
                len: self.range(&call.writes[0]).len(),
            };
            (variant.shape)(&sizes)
        };
        let mut own = self.calls.iter().filter(|call| self.is_own(call));
        let is_for = self.variants.is_empty() || self.variants.contains(&variant.name);
        is_for && variant.needs.met(&gpu.capabilities()) && own.all(fits)
    }

    /// Returns a key of everything that a session depends on, besides the kernel. Cases with equal keys can share a
    /// session.
    pub fn sizes(&self) -> String {
        let calls: Vec<_> = self
            .all_calls()
            .map(|call| (call.kernel.name, &call.args, &call.reads, &call.writes))
            .collect();
        let extents: Vec<&Extent> = self.tensors.iter().map(|tensor| &tensor.extent).collect();
        format!("{:?} {calls:?} {extents:?}", (self.batch, self.data))
    }

    /// Returns the calls in the order in which they run.
    pub(super) fn all_calls(&self) -> impl Iterator<Item = &Call> {
        self.prelude.iter().chain(&self.calls)
    }

    /// Returns the plan of the calls.
    pub fn plan(&self) -> Plan {
        let tensors = self.tensors.iter().enumerate();
        let mut buffers: Vec<(Buffer, Extent)> = tensors
            .map(|(k, tensor)| (Buffer::Scratch(k), tensor.extent.clone()))
            .collect();
        let mut phases = (self.all_calls().cloned().collect(), vec![]);
        if self.kernel().name != gather::KERNEL.name {
            // On the GPU, gather fetches the step's row of the schedule, so there must be a gather.
            let data = |buffer| (buffer, Extent::Data { width: 1 });
            let batch = |buffer| (buffer, Extent::Batch { width: 1 });
            buffers.extend([data(Buffer::DataInputs), data(Buffer::DataTargets)]);
            buffers.extend([batch(Buffer::Out(0)), batch(Buffer::Targets)]);
            let slices = [Buffer::DataInputs, Buffer::DataTargets, Buffer::Out(0)];
            let [inputs, targets, x] = slices.map(Slice::from);
            let bring = gather::call(1, 1, inputs, targets, x, Buffer::Targets.into());
            phases = (vec![bring], phases.0);
        }
        Plan {
            batch_size: self.batch,
            buffers,
            gather: phases.0,
            gradient: phases.1,
            ..Plan::default()
        }
    }

    pub(super) fn range(&self, slice: &Slice) -> std::ops::Range<usize> {
        let extent = &self.tensors[index(slice)].extent;
        Layout::of(extent, self.batch, self.data, 1).range(&slice.tensors)
    }

    /// Returns the inputs of the first call.
    pub fn reads<'a>(&self, tensors: &'a Tensors<f64>) -> Vec<&'a [f64]> {
        self.slices(&self.calls[0].reads, tensors)
    }

    /// Returns the outputs of the first call.
    pub fn writes<'a>(&self, tensors: &'a Tensors<f64>) -> Vec<&'a [f64]> {
        self.slices(&self.calls[0].writes, tensors)
    }

    fn slices<'a>(&self, slices: &[Slice], tensors: &'a Tensors<f64>) -> Vec<&'a [f64]> {
        let slice = |slice| &tensors[index(slice)][self.range(slice)];
        slices.iter().map(slice).collect()
    }

    /// Extends `bounds` for the outputs of the first call to all tensors, with zero bounds for the others.
    pub fn place(&self, bounds: Vec<Vec<f64>>) -> Tensors<f64> {
        let mut placed = exact(self, &self.before(), &vec![]);
        for (slice, bounds) in self.calls[0].writes.iter().zip(bounds) {
            placed[index(slice)][self.range(slice)].copy_from_slice(&bounds);
        }
        placed
    }

    pub(super) fn before(&self) -> Tensors<f64> {
        let tensors = self.tensors.iter();
        tensors
            .map(|tensor| tensor.values.iter().map(|v| f64::from(*v)).collect())
            .collect()
    }
}

/// Describes a call: `forward, I 3, O 2, relu, 7 rows in a batch of 8`. Arguments that are not sizes are bits of an
/// f32, which are larger than any size.
fn name(call: &Call, shape: LayerShape) -> String {
    let told = |(name, arg): (&&str, &u32)| match (*name, *arg) {
        ("activation" | "function", arg) => {
            Some(format!("{:?}", Activation::from_arg(arg)).to_lowercase())
        }
        ("mean" | "huber", arg) => (arg == 1).then(|| (*name).to_owned()),
        ("form", arg) => ["", "classes", "weights", "classes, weights"]
            .get(arg as usize)
            .filter(|told| !told.is_empty())
            .map(|told| (*told).to_owned()),
        (_, arg) if arg >> 24 == 0 => Some(format!("{name} {arg}")),
        (_, arg) => Some(format!("{name} {}", f32::from_bits(arg))),
    };
    let args = call.kernel.args.iter().zip(&call.args).filter_map(told);
    let rows = format!(
        "{} in a batch of {}",
        counted(shape.rows, "row"),
        shape.batch
    );
    let parts = std::iter::once(call.kernel.name.to_owned()).chain(args);
    parts.chain([rows]).collect::<Vec<_>>().join(", ")
}

pub(super) fn index(slice: &Slice) -> usize {
    match slice.buffer {
        Buffer::Scratch(k) => k,
        other => panic!("a case has no {other:?}"),
    }
}

/// Returns zero bounds, for kernels and inputs without rounding.
pub fn exact(_: &Case, before: &Tensors<f64>, _: &Tensors<f64>) -> Tensors<f64> {
    before
        .iter()
        .map(|tensor| vec![0.0; tensor.len()])
        .collect()
}

/// Returns `kernel` with `variant` as its only variant. Leaks it, because calls need a static reference.
pub fn only(kernel: &'static Kernel, variant: &'static Variant) -> &'static Kernel {
    Box::leak(Box::new(Kernel {
        variants: std::slice::from_ref(variant),
        ..*kernel
    }))
}

/// Runs the calls in a session, and returns the tensors of the case.
pub fn run<T: HasTwin>(
    session: &mut dyn Session<T>,
    case: &Case,
) -> Result<Tensors<T>, crate::Error> {
    for (k, tensor) in case.tensors.iter().enumerate() {
        let values: Vec<T> = tensor.values.iter().map(|v| T::of(f64::from(*v))).collect();
        session.write(Buffer::Scratch(k), &values)?;
    }
    let steps = (0..case.steps).map(|n| Step {
        index: case.step.index + n,
        ..case.step
    });
    session.run(Phase::Gradient, &steps.collect::<Vec<_>>())?;
    (0..case.tensors.len())
        .map(|k| session.read(Buffer::Scratch(k)))
        .collect()
}

/// Runs the case on the CPU device in `T`; in f64, this is the reference.
pub fn on_cpu<T: HasTwin>(case: &Case) -> Result<Tensors<T>, crate::Error> {
    let mut session = CpuSession::new(&case.plan(), case.data, 1)?;
    run(&mut session, case)
}
