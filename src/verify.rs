//! Every kernel on an adapter, in every variant that it can run, against the f64 twin; and every family, training.
//!
//! Cases are of integers, for which all that is added and multiplied is exact in any order, and of reals, with a bound for
//! every element that is derived beside the case: what each operation may round. Around what a kernel writes lie numbers
//! that it must not touch.

pub mod case;
mod chains;
pub mod families;
pub mod functions;
pub mod judge;
pub mod layers;
pub mod losses;
pub mod numbers;
pub mod rows;
pub mod training;
pub mod updates;

use crate::Error;
use crate::activation::Activation;
use crate::device::{Gpu, is_software};
use crate::kernel::Kernel;
use crate::kernels::*;
use crate::plan::{Session, gpu};
use case::{Case, Tensors};
use judge::Worst;
use numbers::Numbers;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The cases of a kernel.
pub type Cases = fn(Numbers) -> Vec<Case>;

/// Every kernel's cases.
pub const KERNELS: [(&Kernel, Cases); 10] = [
    (&gather::KERNEL, rows::gather_cases),
    (&forward::KERNEL, layers::forward_cases),
    (&squared_error::KERNEL, losses::squared_error_cases),
    (&cross_entropy::KERNEL, losses::cross_entropy_cases),
    (&correct::KERNEL, losses::correct_cases),
    (&weight_gradient::KERNEL, layers::weight_gradient_cases),
    (&input_gradient::KERNEL, layers::input_gradient_cases),
    (&sgd::KERNEL, updates::sgd_cases),
    (&adam::KERNEL, updates::adam_cases),
    (&descent::KERNEL, layers::descent_cases),
];

/// How often a case is run: the bits must be the same. Where running takes most of the time, long batches are run once.
const RUNS: usize = 3;
/// Rows of a long batch.
const LONG: usize = 1_000;

/// What an adapter makes of a kernel or a family.
#[derive(Clone, Debug, Default)]
pub struct Finding {
    /// The kernel's or the family's name.
    pub name: &'static str,
    /// The kernel's variants that were run.
    pub variants: Vec<&'static str>,
    /// Cases that were run.
    pub cases: usize,
    /// The element that used most of its bound.
    pub worst: Worst,
    /// What is wrong.
    pub mismatches: Vec<Mismatch>,
}

impl Finding {
    fn new(name: &'static str) -> Finding {
        Finding {
            name,
            ..Finding::default()
        }
    }

    /// Whether nothing is wrong.
    pub fn ok(&self) -> bool {
        self.mismatches.is_empty()
    }

    fn note(&mut self, variant: &'static str, case: &str, verdict: Result<Worst, String>) {
        self.cases += 1;
        match verdict {
            Ok(worst) => self.worst = self.worst.max(worst),
            Err(what) => self.mismatches.push(Mismatch {
                variant,
                case: case.to_owned(),
                what,
            }),
        }
    }
}

/// A case that went wrong.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// The kernel's variant.
    pub variant: &'static str,
    /// The case.
    pub case: String,
    /// What is wrong: an element with its reference and bound, bits that change from run to run, or what the driver says.
    pub what: String,
}

/// Verifies a kernel of [`KERNELS`] on an adapter, one variant after the other; tells `watch` which comes next. A fault of the
/// adapter ends its variant, and is a mismatch; what comes behind it has the adapter opened anew.
///
/// # Errors
/// If the adapter cannot be opened again.
pub fn kernel(
    gpu: &Arc<Gpu>,
    (kernel, cases): (&'static Kernel, Cases),
    watch: &mut dyn FnMut(&'static str),
) -> Result<Finding, Error> {
    let mut finding = Finding::new(kernel.name);
    let all = all_cases(kernel, cases);
    let has = gpu.capabilities();
    for variant in kernel.variants.iter().filter(|v| v.needs.met(&has)) {
        watch(variant.name);
        finding.variants.push(variant.name);
        let only = case::only(kernel, variant);
        let mut loaded = Loaded::new(sound(gpu)?);
        for shapes in &all {
            let mut fitting = shapes.iter().filter(|case| case.fits(gpu, variant));
            let Some(case) = fitting.next() else {
                continue;
            };
            let verdict = loaded.judge(&case.with(only));
            finding.note(variant.name, &case.name, verdict);
            if loaded.gpu.check().is_err() {
                break;
            }
        }
    }
    Ok(finding)
}

/// The adapter, opened anew if it has had a fault.
fn sound(gpu: &Arc<Gpu>) -> Result<Arc<Gpu>, Error> {
    match gpu.check() {
        Ok(()) => Ok(gpu.clone()),
        Err(_) => gpu.again().map(Arc::new),
    }
}

/// A kernel's cases, each in the shapes that there are of it: integers and reals, and functions of all magnitudes.
fn all_cases(kernel: &Kernel, cases: Cases) -> Vec<Vec<Case>> {
    let [integers, reals] = [Numbers::Integers, Numbers::Reals].map(cases);
    let mut all: Vec<Vec<Case>> = integers.into_iter().chain(reals).map(|c| vec![c]).collect();
    if kernel.name == forward::KERNEL.name {
        let functions = [functions::of_all_magnitudes, functions::of_nan];
        let each = functions.into_iter().flat_map(|of| Activation::ALL.map(of));
        all.extend(each.map(Vec::from));
    }
    if kernel.name == cross_entropy::KERNEL.name {
        all.extend(functions::of_logits().into_iter().map(|c| vec![c]));
    }
    all
}

/// A variant's sessions: cases of the same sizes share one, since compiling takes most of the time.
struct Loaded {
    gpu: Arc<Gpu>,
    sessions: BTreeMap<String, gpu::Session>,
}

impl Loaded {
    fn new(gpu: Arc<Gpu>) -> Loaded {
        Loaded {
            gpu,
            sessions: BTreeMap::new(),
        }
    }

    /// Runs the case and holds it against its reference.
    fn judge(&mut self, case: &Case) -> Result<Worst, String> {
        let found = self.run(case).map_err(|why| why.to_string())?;
        let worst = case.judge(&found[0])?;
        let bits = |tensors: &Tensors<f32>| -> Vec<u32> {
            tensors
                .concat()
                .iter()
                .map(|value| value.to_bits())
                .collect()
        };
        let first = bits(&found[0]);
        match found.iter().all(|tensors| bits(tensors) == first) {
            true => Ok(worst),
            false => Err(format!("{RUNS} runs have not the same bits")),
        }
    }

    fn run(&mut self, case: &Case) -> Result<Vec<Tensors<f32>>, Error> {
        let key = case.sizes();
        if !self.sessions.contains_key(&key) {
            let session = gpu::Session::new(self.gpu.clone(), &case.plan(), case.data)?;
            self.sessions.insert(key.clone(), session);
        }
        let Some(session) = self.sessions.get_mut(&key) else {
            return Ok(vec![]);
        };
        let once = is_software(&self.gpu.info) && case.batch >= LONG;
        let runs = (0..if once { 1 } else { RUNS }).map(|_| {
            let found = case::run(session, case)?;
            match session.diverged()? {
                None => Ok(found),
                Some(_) => Err(Error::Diverged("it claims to have diverged".to_owned())),
            }
        });
        runs.collect()
    }
}
