//! One kernel in a plan of its own: the case, its f64 reference, and how the two are compared.

use super::numbers::LayerShape;
use crate::cpu::CpuSession;
use crate::gpu::Gpu;
use crate::kernels::{Buffer, Call, HasTwin, Kernel, Sizes, Slice, Step, Variant, gather};
use crate::model::Activation;
use crate::plan::{Extent, Layout, Phase, Plan, Session};
use crate::text::counted;

/// Half a unit in the last place of 1 in f32: the relative error of one rounded operation.
pub const U: f64 = 1.0 / (1 << 24) as f64;

/// Where the exponential ends, 5e-6 above the smallest normal number, and 4 units in the last place of it.
pub fn smallest_exponential() -> f64 {
    f64::from(-87.33654f32).exp() * (1.0 + 8.0 * U)
}

/// Values of each buffer of a case.
pub type Tensors<T> = Vec<Vec<T>>;

/// How far each element may be from the f64 twin, from the tensors before and after.
pub type Bound = fn(&Case, before: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64>;

/// What no kernel may change.
pub(super) const CANARY: f32 = 1234.5;

/// A buffer of a case.
#[derive(Clone)]
pub struct Tensor {
    /// Its size.
    pub extent: Extent,
    /// What it holds before the calls.
    pub values: Vec<f32>,
}

/// Rows of a batch.
pub fn batch(width: usize, values: Vec<f32>) -> Tensor {
    let extent = Extent::Batch { width };
    Tensor { extent, values }
}

/// Rows of a batch that must all be written.
pub fn unwritten(width: usize, shape: LayerShape) -> Tensor {
    batch(width, vec![f32::NAN; shape.batch * width])
}

/// Parts next to one another, with a canary before and behind; part `k` is tensor `k + 1`.
pub fn guarded(parts: &[&[f32]]) -> Tensor {
    let guard = &[CANARY; 3][..];
    let parts: Vec<&[f32]> = [&[guard], parts, &[guard]].concat();
    Tensor {
        extent: Extent::Tensors(parts.iter().map(|part| part.len()).collect()),
        values: parts.concat(),
    }
}

/// Calls of one kernel, and what reads their results, with the tensors they use:
/// `Buffer::Scratch(k)` is `tensors[k]`.
#[derive(Clone)]
pub struct Case {
    /// The kernel, its arguments and rows, for people.
    pub name: String,
    /// Rows there is room for.
    pub batch: usize,
    /// Rows of the data set.
    pub data: usize,
    /// The step that is run.
    pub step: Step,
    /// The calls; the first is of the kernel that the case is for.
    pub calls: Vec<Call>,
    /// The tensors.
    pub tensors: Vec<Tensor>,
    /// How far what is written may be from the reference.
    pub bound: Bound,
}

impl Case {
    /// A case of `shape`. Rows that the step does not have are canaries: NaN where they are read, so that it spreads, and
    /// a number where they are written, so that a NaN shows too.
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
            calls,
            tensors,
            bound,
        }
    }

    /// The same calls of another kernel (a variant, a mutant).
    pub fn with(&self, kernel: &'static Kernel) -> Case {
        let mut case = self.clone();
        let own = case.calls.iter_mut().filter(|call| self.is_own(call));
        own.for_each(|call| call.kernel = kernel);
        case
    }

    fn is_own(&self, call: &Call) -> bool {
        call.kernel.name == self.kernel().name
    }

    /// The kernel that the case is for.
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
        variant.needs.met(&gpu.capabilities()) && own.all(fits)
    }

    /// What a session of the case depends on, beside the kernel: cases for which it is the same can share one.
    pub fn sizes(&self) -> String {
        let calls = self.calls.iter();
        let calls: Vec<_> = calls
            .map(|call| (call.kernel.name, &call.args, &call.reads, &call.writes))
            .collect();
        let extents: Vec<&Extent> = self.tensors.iter().map(|tensor| &tensor.extent).collect();
        format!("{:?} {calls:?} {extents:?}", (self.batch, self.data))
    }

    /// The calls as a plan.
    pub fn plan(&self) -> Plan {
        let tensors = self.tensors.iter().enumerate();
        let mut buffers: Vec<(Buffer, Extent)> = tensors
            .map(|(k, tensor)| (Buffer::Scratch(k), tensor.extent.clone()))
            .collect();
        let mut phases = (self.calls.clone(), vec![]);
        if self.kernel().name != gather::KERNEL.name {
            // On the GPU gather brings the step's row of the schedule, so there must be one.
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
            batch: self.batch,
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

    /// What the first call reads.
    pub fn reads<'a>(&self, tensors: &'a Tensors<f64>) -> Vec<&'a [f64]> {
        self.slices(&self.calls[0].reads, tensors)
    }

    /// What the first call writes.
    pub fn writes<'a>(&self, tensors: &'a Tensors<f64>) -> Vec<&'a [f64]> {
        self.slices(&self.calls[0].writes, tensors)
    }

    fn slices<'a>(&self, slices: &[Slice], tensors: &'a Tensors<f64>) -> Vec<&'a [f64]> {
        let slice = |slice| &tensors[index(slice)][self.range(slice)];
        slices.iter().map(slice).collect()
    }

    /// `bounds` of what the first call writes, as bounds of all tensors: zero elsewhere.
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

/// `forward, I 3, O 2, relu, 7 rows in a batch of 8`. Numbers are in arguments as their bits, which no size is as large as.
fn name(call: &Call, shape: LayerShape) -> String {
    let told = |(name, arg): (&&str, &u32)| match (*name, *arg) {
        ("activation", arg) => Some(format!("{:?}", Activation::from_arg(arg)).to_lowercase()),
        ("mean" | "classes", arg) => (arg == 1).then(|| (*name).to_owned()),
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

/// The bound of kernels and inputs that leave nothing to round.
pub fn exact(_: &Case, before: &Tensors<f64>, _: &Tensors<f64>) -> Tensors<f64> {
    before
        .iter()
        .map(|tensor| vec![0.0; tensor.len()])
        .collect()
}

/// `kernel` with `variant` for its only one. It stays for the life of the program, as a kernel does that calls refer to.
pub fn only(kernel: &'static Kernel, variant: &'static Variant) -> &'static Kernel {
    Box::leak(Box::new(Kernel {
        variants: std::slice::from_ref(variant),
        ..*kernel
    }))
}

/// The tensors of a case after its calls, in the given session.
pub fn run<T: HasTwin>(
    session: &mut dyn Session<T>,
    case: &Case,
) -> Result<Tensors<T>, crate::Error> {
    for (k, tensor) in case.tensors.iter().enumerate() {
        let values: Vec<T> = tensor.values.iter().map(|v| T::of(f64::from(*v))).collect();
        session.write(Buffer::Scratch(k), &values)?;
    }
    session.run(Phase::Gradient, &[case.step])?;
    (0..case.tensors.len())
        .map(|k| session.read(Buffer::Scratch(k)))
        .collect()
}

/// The case on the CPU device in `T`: in f64 the reference.
pub fn on_cpu<T: HasTwin>(case: &Case) -> Result<Tensors<T>, crate::Error> {
    let mut session = CpuSession::new(&case.plan(), case.data, 1);
    run(&mut session, case)
}
