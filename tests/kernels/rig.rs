//! One kernel in a plan of its own: the case, its f64 reference, and the comparison that every test shares.

use crate::numbers::Shape;
use libtest_mimic::Failed;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wgrad::device::Gpu;
use wgrad::kernel::{HasTwin, Kernel, Sizes, Variant};
use wgrad::kernels::gather;
use wgrad::plan::{Buffer, Call, Extent, Phase, Placement, Plan, Session, Slice, cpu, gpu};
use wgrad::schedule::Step;

/// Half a unit in the last place of 1 in f32: the relative error of one rounded operation.
pub(crate) const U: f64 = 1.0 / (1 << 24) as f64;

/// Where the exponential ends, 5e-6 above the smallest normal number, and 4 units in the last place of it.
pub(crate) fn smallest_exponential() -> f64 {
    f64::from(-87.33654f32).exp() * (1.0 + 8.0 * U)
}

/// Values of each buffer of a case.
pub(crate) type Tensors<T> = Vec<Vec<T>>;

/// How far each element may be from the f64 twin, from the tensors before and after.
pub(crate) type Bound = fn(&Case, before: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64>;

/// What no kernel may change.
const CANARY: f32 = 1234.5;

/// A buffer of a case.
#[derive(Clone)]
pub(crate) struct Tensor {
    pub extent: Extent,
    pub values: Vec<f32>,
}

/// Rows of a batch.
pub(crate) fn batch(width: usize, values: Vec<f32>) -> Tensor {
    let extent = Extent::Batch { width };
    Tensor { extent, values }
}

/// Rows of a batch that must all be written.
pub(crate) fn unwritten(width: usize, shape: Shape) -> Tensor {
    batch(width, vec![f32::NAN; shape.batch * width])
}

/// Parts next to one another, with a canary before and behind; part `k` is tensor `k + 1`.
pub(crate) fn guarded(parts: &[&[f32]]) -> Tensor {
    let guard = &[CANARY; 3][..];
    let parts: Vec<&[f32]> = [&[guard], parts, &[guard]].concat();
    Tensor {
        extent: Extent::Tensors(parts.iter().map(|part| part.len()).collect()),
        values: parts.concat(),
    }
}

/// Calls of one kernel, and what reads their results in an image where there is one, with the tensors they use:
/// `Buffer::Scratch(k)` is `tensors[k]`.
#[derive(Clone)]
pub(crate) struct Case {
    pub name: String,
    pub batch: usize,
    /// Rows of the data set.
    pub data: usize,
    pub step: Step,
    pub calls: Vec<Call>,
    pub tensors: Vec<Tensor>,
    pub bound: Bound,
}

impl Case {
    /// A case of `shape`. Rows that the step does not have are canaries: NaN where they are read, so that it spreads, and
    /// a number where they are written, so that a NaN shows too.
    pub(crate) fn new(
        shape: Shape,
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
            name: format!("{} {:?} {shape:?}", calls[0].kernel.name, calls[0].args),
            batch: shape.batch,
            data: shape.batch,
            step: Step::whole(shape.rows, 0.5),
            calls,
            tensors,
            bound,
        }
    }

    /// The same calls of another kernel (a variant, a mutant).
    pub(crate) fn with(&self, kernel: &'static Kernel) -> Case {
        let mut case = self.clone();
        let own = case.calls.iter_mut().filter(|call| self.is_own(call));
        own.for_each(|call| call.kernel = kernel);
        case
    }

    fn is_own(&self, call: &Call) -> bool {
        call.kernel.name == self.kernel().name
    }

    pub(crate) fn kernel(&self) -> &'static Kernel {
        self.calls[0].kernel
    }

    /// Whether `variant` can run the calls on `gpu`.
    pub(crate) fn fits(&self, gpu: &Gpu, variant: &Variant) -> bool {
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

    pub(crate) fn plan(&self) -> Plan {
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

    fn range(&self, slice: &Slice) -> std::ops::Range<usize> {
        let extent = &self.tensors[index(slice)].extent;
        Placement::of(extent, self.batch, self.data, 1).range(&slice.tensors)
    }

    /// What the first call reads.
    pub(crate) fn reads<'a>(&self, tensors: &'a Tensors<f64>) -> Vec<&'a [f64]> {
        self.slices(&self.calls[0].reads, tensors)
    }

    /// What the first call writes.
    pub(crate) fn writes<'a>(&self, tensors: &'a Tensors<f64>) -> Vec<&'a [f64]> {
        self.slices(&self.calls[0].writes, tensors)
    }

    fn slices<'a>(&self, slices: &[Slice], tensors: &'a Tensors<f64>) -> Vec<&'a [f64]> {
        let slice = |slice| &tensors[index(slice)][self.range(slice)];
        slices.iter().map(slice).collect()
    }

    /// `bounds` of what the first call writes, as bounds of all tensors: zero elsewhere.
    pub(crate) fn place(&self, bounds: Vec<Vec<f64>>) -> Tensors<f64> {
        let mut placed = exact(self, &self.before(), &vec![]);
        for (slice, bounds) in self.calls[0].writes.iter().zip(bounds) {
            placed[index(slice)][self.range(slice)].copy_from_slice(&bounds);
        }
        placed
    }

    fn before(&self) -> Tensors<f64> {
        let tensors = self.tensors.iter();
        tensors
            .map(|tensor| tensor.values.iter().map(|v| f64::from(*v)).collect())
            .collect()
    }
}

fn index(slice: &Slice) -> usize {
    match slice.buffer {
        Buffer::Scratch(k) => k,
        other => panic!("a case has no {other:?}"),
    }
}

/// The bound of kernels and inputs that leave nothing to round.
pub(crate) fn exact(_: &Case, before: &Tensors<f64>, _: &Tensors<f64>) -> Tensors<f64> {
    before
        .iter()
        .map(|tensor| vec![0.0; tensor.len()])
        .collect()
}

/// `kernel` with `variant` for its only one.
pub(crate) fn only(kernel: &'static Kernel, variant: &'static Variant) -> &'static Kernel {
    Box::leak(Box::new(Kernel {
        variants: std::slice::from_ref(variant),
        ..*kernel
    }))
}

/// The tensors of a case after its calls, in the given session.
pub(crate) fn run<T: HasTwin>(
    session: &mut dyn Session<T>,
    case: &Case,
) -> Result<Tensors<T>, wgrad::Error> {
    for (k, tensor) in case.tensors.iter().enumerate() {
        let values: Vec<T> = tensor.values.iter().map(|v| T::of(f64::from(*v))).collect();
        session.write(Buffer::Scratch(k), &values)?;
    }
    session.run(Phase::Gradient, &[case.step])?;
    (0..case.tensors.len())
        .map(|k| session.read(Buffer::Scratch(k)))
        .collect()
}

/// The case on the CPU.
pub(crate) fn on_cpu<T: HasTwin>(case: &Case) -> Result<Tensors<T>, Failed> {
    Ok(run(
        &mut cpu::Session::new(&case.plan(), case.data, 1),
        case,
    )?)
}

/// The case loaded onto an adapter. Tests that share a case share its session: compiling takes most of their time.
pub(crate) fn load(gpu: &Arc<Gpu>, case: &Case) -> Result<Arc<Mutex<gpu::Session>>, Failed> {
    static LOADED: Mutex<BTreeMap<String, Arc<Mutex<gpu::Session>>>> = Mutex::new(BTreeMap::new());
    let args: Vec<&[u32]> = case.calls.iter().map(|call| &call.args[..]).collect();
    let extents: Vec<&Extent> = case.tensors.iter().map(|tensor| &tensor.extent).collect();
    let (adapter, variant) = (Arc::as_ptr(gpu), case.kernel().variants.as_ptr());
    let sizes = (case.batch, case.data);
    let key = format!("{adapter:p} {variant:p} {sizes:?} {args:?} {extents:?}");
    let mut loaded = lock(&LOADED);
    if let Some(session) = loaded.get(&key) {
        return Ok(session.clone());
    }
    let session = gpu::Session::new(gpu.clone(), &case.plan(), case.data)?;
    let session = Arc::new(Mutex::new(session));
    loaded.insert(key, session.clone());
    Ok(session)
}

/// A lock, whatever became of the test that had it before.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The case on an adapter, which must not claim that it diverged.
pub(crate) fn on_gpu(gpu: &Arc<Gpu>, case: &Case) -> Result<Tensors<f32>, Failed> {
    let session = load(gpu, case)?;
    let mut session = lock(&session);
    let found = run(&mut *session, case)?;
    match session.diverged()? {
        None => Ok(found),
        Some(diverged) => Err(format!("{}: {diverged:?}", case.name).into()),
    }
}

/// Runs the case on an adapter and holds it against the f64 twin: the largest share of its bound that an element uses.
pub(crate) fn check(gpu: &Arc<Gpu>, case: &Case) -> Result<f64, Failed> {
    let found = on_gpu(gpu, case)?;
    written(case, &found)?;
    let (before, after) = (case.before(), on_cpu(case)?);
    compare(case, &found, &after, &(case.bound)(case, &before, &after))
}

/// That each row of the step was written, and no other: what the twin does is not the measure of it.
fn written(case: &Case, found: &Tensors<f32>) -> Result<(), Failed> {
    for slice in case.calls.iter().flat_map(|call| &call.writes) {
        if let Extent::Batch { width } = case.tensors[index(slice)].extent {
            let rows = found[index(slice)].chunks(width).enumerate();
            for (n, row) in rows {
                let inside = n < case.step.rows as usize;
                let (what, wrong) = match inside {
                    true => ("is not", row.iter().any(|value| value.is_nan())),
                    false => ("was", row.iter().any(|value| *value != CANARY)),
                };
                if wrong {
                    return Err(format!("{}: row {n} {what} written", case.name).into());
                }
            }
        }
    }
    Ok(())
}

/// Whether `error` is a number, and no more than `bound`.
pub(crate) fn within(error: f64, bound: f64) -> bool {
    error <= bound
}

fn compare(
    case: &Case,
    found: &Tensors<f32>,
    reference: &Tensors<f64>,
    bounds: &Tensors<f64>,
) -> Result<f64, Failed> {
    let mut worst = 0f64;
    for (k, (found, reference)) in found.iter().zip(reference).enumerate() {
        for (i, (found, reference)) in found.iter().zip(reference).enumerate() {
            let (value, bound) = (f64::from(*found), bounds[k][i]);
            let error = (value - reference).abs();
            let same = value == *reference || (value.is_nan() && reference.is_nan());
            if !same && !within(error, bound) {
                let what = format!("{value:e} for {reference:e}, error {error:e}, bound {bound:e}");
                return Err(format!("{}: buffer {k}, element {i}: {what}", case.name).into());
            }
            worst = if same {
                worst
            } else {
                worst.max(error / bound)
            };
        }
    }
    Ok(worst)
}
