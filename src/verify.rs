//! Verification: compares every kernel on an adapter, in every supported variant, with the f64 twin; and trains small
//! networks in every family.
//!
//! Cases hold integers, for which sums and products are exact in any order, or reals. For reals, each case has an error
//! bound for every element, derived next to the case from the rounding of each operation. Canaries around the outputs
//! reveal writes out of bounds.

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
use crate::gpu::adapter::{adapters::is_software, gpu::RUN_AGAIN};
use crate::gpu::{Gpu, GpuSession};
use crate::kernels::{Kernel, *};
use crate::model::Activation;
use crate::plan::Session;
use case::{Case, Tensors};
use judge::{Verdict, Worst, Wrong};
use numbers::Numbers;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

/// Returns the cases of a kernel.
pub type Cases = fn(Numbers) -> Vec<Case>;

/// All kernels with their cases.
pub const KERNELS: [(&Kernel, Cases); 10] = [
    (&gather::KERNEL, rows::gather_cases),
    (&forward::KERNEL, chains::forward_cases),
    (&squared_error::KERNEL, chains::squared_error_cases),
    (&cross_entropy::KERNEL, losses::cross_entropy_cases),
    (&correct::KERNEL, losses::correct_cases),
    (&weight_gradient::KERNEL, layers::weight_gradient_cases),
    (&input_gradient::KERNEL, chains::input_gradient_cases),
    (&sgd::KERNEL, updates::sgd_cases),
    (&adam::KERNEL, updates::adam_cases),
    (&fused_sgd::KERNEL, layers::fused_sgd_cases),
];

/// Runs per case, which must give the same bits. Long batches run once, where running takes most of the time.
const RUNS: usize = 3;
/// Number of rows of a long batch.
const LONG: usize = 1_000;

/// The result of verifying a kernel or a family on an adapter.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Name of the kernel or the family.
    pub name: &'static str,
    /// The variants of the kernel, or modes of the family, with cases that ran.
    pub variants: Vec<&'static str>,
    /// Number of cases that ran, counted per variant.
    pub cases: usize,
    /// Number of cases not run because the adapter failed before.
    pub left: usize,
    /// Number of cases not run for lack of time.
    pub left_out: usize,
    /// The element with the largest share of its error bound.
    pub worst: Worst,
    /// The cases that went wrong.
    pub mismatches: Vec<Mismatch>,
}

impl Finding {
    fn new(name: &'static str) -> Finding {
        Finding {
            name,
            variants: Vec::new(),
            cases: 0,
            left: 0,
            left_out: 0,
            worst: Worst::default(),
            mismatches: Vec::new(),
        }
    }

    /// Whether nothing went wrong.
    pub fn ok(&self) -> bool {
        self.mismatches.is_empty() && self.left == 0
    }

    fn note(&mut self, at: Place, case: &str, verdict: Result<Verdict, Error>) {
        self.cases += 1;
        if !self.variants.contains(&at.variant) {
            self.variants.push(at.variant);
        }
        let (wrong, failed) = match verdict {
            Ok(verdict) => {
                self.worst = self.worst.max(verdict.worst);
                (verdict.wrong, false)
            }
            Err(why) => {
                // A case in the report needs no advice to run it again.
                let (what, element) = (why.to_string().replace(RUN_AGAIN, ""), None);
                (Some(Wrong { what, element }), true)
            }
        };
        self.mismatches.extend(wrong.map(|wrong| Mismatch {
            at,
            case: case.to_owned(),
            wrong,
            failed,
        }));
    }
}

/// The place of a case: the kernel's variant or the family's mode, and the number, which is the same in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The variant or the mode.
    pub variant: &'static str,
    /// The number, from 0.
    pub number: usize,
}

/// A case that went wrong.
#[derive(Clone, Debug)]
pub struct Mismatch {
    /// The place.
    pub at: Place,
    /// The description of the case.
    pub case: String,
    /// The error.
    pub wrong: Wrong,
    /// Whether the adapter refused or failed to run the case, so that there is no result to judge.
    pub failed: bool,
}

/// What to do with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Run the case.
    Run,
    /// Skip the case, which is not selected.
    Skip,
    /// Leave out the case for lack of time.
    LeaveOut,
    /// Stop the verification.
    Stop,
}

/// Called before each case.
pub type Watch<'a> = dyn FnMut(Place) -> Action + 'a;

/// Verifies a kernel of [`KERNELS`] on an adapter, one variant after the other. A failure of the adapter ends the
/// variant and counts as a mismatch. The adapter is then reopened for the next variant.
pub fn kernel(
    gpu: &Arc<Gpu>,
    (kernel, cases): (&'static Kernel, Cases),
    watch: &mut Watch,
) -> Finding {
    let mut finding = Finding::new(kernel.name);
    let all = all_cases(kernel, cases);
    let has = gpu.capabilities();
    for variant in kernel.variants.iter().filter(|v| v.needs.met(&has)) {
        let (name, only) = (variant.name, case::only(kernel, variant));
        let before = finding.mismatches.len();
        let (mut loaded, mut lost): (Option<Loaded>, bool) = (None, false);
        for number in spread(all.len()) {
            let shapes = &all[number];
            let mut fitting = shapes.iter().filter(|case| case.fits(gpu, variant));
            let Some(case) = fitting.next() else {
                continue;
            };
            let at = Place {
                variant: name,
                number,
            };
            match watch(at) {
                Action::Run => {}
                Action::Skip => continue,
                Action::LeaveOut => {
                    finding.left_out += 1;
                    continue;
                }
                Action::Stop => return finding,
            }
            if lost {
                finding.left += 1;
                continue;
            }
            let verdict = match &mut loaded {
                Some(loaded) => loaded.judge(&case.with(only)),
                none => gpu.sound().and_then(|gpu| {
                    let loaded = none.insert(Loaded::new(gpu));
                    loaded.judge(&case.with(only))
                }),
            };
            // An adapter that could not be opened counts as lost too.
            lost = loaded.as_ref().is_none_or(|own| own.gpu.check().is_err());
            finding.note(at, &case.name, verdict);
        }
        finding.mismatches[before..].sort_by_key(|m| m.at.number);
    }
    finding
}

/// Returns the numbers below `count` in an order whose first elements are always spread over the range: in steps of
/// about the golden section.
pub fn spread(count: usize) -> impl Iterator<Item = usize> {
    let gcd = |mut a: usize, mut b: usize| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let mut step = (count * 618 / 1000).max(1);
    while gcd(step, count) > 1 {
        step += 1;
    }
    (0..count).map(move |k| k * step % count)
}

/// Returns a kernel's cases, each in all its shapes: with integers, with reals, and with functions of all magnitudes.
fn all_cases(kernel: &Kernel, cases: Cases) -> Vec<Vec<Case>> {
    let mut all = Vec::new();
    for (numbers, name) in [(Numbers::Integers, "integers"), (Numbers::Reals, "reals")] {
        for mut case in cases(numbers) {
            case.name = format!("{}, {name}", case.name);
            all.push(vec![case]);
        }
    }
    if kernel.role == Role::Forward {
        let functions = [functions::of_all_magnitudes, functions::of_nan];
        let each = functions.into_iter().flat_map(|of| Activation::ALL.map(of));
        all.extend(each.map(Vec::from));
    }
    if kernel.name == cross_entropy::KERNEL.name {
        all.extend(functions::of_logits().into_iter().map(|c| vec![c]));
    }
    all
}

/// The sessions of a variant. Cases of the same sizes share one, because compiling takes most of the time.
struct Loaded {
    gpu: Arc<Gpu>,
    sessions: BTreeMap<String, GpuSession>,
}

impl Loaded {
    fn new(gpu: Arc<Gpu>) -> Loaded {
        Loaded {
            gpu,
            sessions: BTreeMap::new(),
        }
    }

    /// Runs the case, and compares it with its reference.
    fn judge(&mut self, case: &Case) -> Result<Verdict, Error> {
        let (found, is_sound) = self.run(case)?;
        self.gpu.check()?;
        let bits = |tensors: &Tensors<f32>| -> Vec<u32> {
            tensors.concat().iter().map(|v| v.to_bits()).collect()
        };
        let first = bits(&found[0]);
        let changes = found.iter().any(|tensors| bits(tensors) != first);
        let changes = changes.then(|| format!("{RUNS} runs have different bits"));
        let diverged = "values that are not finite were reported, but there are none";
        let verdict = case.judge(&found[0])?.or_wrong(changes);
        Ok(verdict.or_wrong((!is_sound).then(|| diverged.to_owned())))
    }

    /// Returns the tensors after each run, and whether no run reported a value that is not finite.
    fn run(&mut self, case: &Case) -> Result<(Vec<Tensors<f32>>, bool), Error> {
        let key = case.sizes();
        let session = match self.sessions.entry(key) {
            Entry::Occupied(session) => session.into_mut(),
            Entry::Vacant(place) => {
                let session = GpuSession::new(self.gpu.clone(), &case.plan(), case.data)?;
                place.insert(session)
            }
        };
        let once = is_software(&self.gpu.info) && case.batch >= LONG;
        let (mut found, mut is_sound) = (Vec::new(), true);
        for _ in 0..if once { 1 } else { RUNS } {
            // Clear the flag of an earlier case.
            session.begin(&[1.0])?;
            found.push(case::run(session, case)?);
            is_sound &= session.diverged()?.is_none();
        }
        Ok((found, is_sound))
    }
}
