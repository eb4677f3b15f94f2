//! Verification: compares every kernel on an adapter, in every supported variant, with the f64 twin; and trains small
//! networks in every family.
//!
//! Cases hold integers, for which sums and products are exact in any order, or reals. For reals, each case has an error
//! bound for every element, derived next to the case from the rounding of each operation. Canaries around the outputs
//! reveal writes out of bounds.

pub mod boundaries;
pub mod case;
mod chains;
mod clips;
pub mod curves;
pub mod families;
pub mod functions;
pub mod judge;
pub mod layers;
mod links;
pub mod losses;
mod masks;
pub mod numbers;
mod population;
mod rmsprop_lion;
pub mod rows;
mod session;
pub mod training;
pub mod updates;

use crate::Error;
use crate::gpu::Gpu;
use crate::gpu::adapter::gpu::RUN_AGAIN;
use crate::kernels::{Kernel, *};
use crate::model::Activation;
use case::Case;
use judge::{Verdict, Worst, Wrong};
use numbers::Numbers;
use session::{Loaded, judged, on_cpu};
use std::collections::HashSet;
use std::sync::Arc;

pub use session::CPU_WAYS;

/// Returns the cases of a kernel.
pub type Cases = fn(Numbers) -> Vec<Case>;

/// All kernels with their cases.
pub const KERNELS: [(&Kernel, Cases); 21] = [
    (&gather::KERNEL, rows::gather_cases),
    (&forward::KERNEL, chains::forward_cases),
    (&activation::KERNEL, curves::activation_cases),
    (
        &activation_gradient::KERNEL,
        curves::activation_gradient_cases,
    ),
    (&squared_error::KERNEL, chains::squared_error_cases),
    (&absolute_error::KERNEL, losses::absolute_error_cases),
    (&quantile_error::KERNEL, losses::quantile_error_cases),
    (&linked_error::KERNEL, links::linked_error_cases),
    (&cross_entropy::KERNEL, losses::cross_entropy_cases),
    (&correct::KERNEL, losses::correct_cases),
    (&dropout::KERNEL, masks::dropout_cases),
    (&weight_gradient::KERNEL, layers::weight_gradient_cases),
    (&input_gradient::KERNEL, chains::input_gradient_cases),
    (&square_sums::KERNEL, clips::square_sums_cases),
    (&clip_factor::KERNEL, clips::clip_factor_cases),
    (&clip::KERNEL, clips::clip_cases),
    (&sgd::KERNEL, updates::sgd_cases),
    (&adam::KERNEL, updates::adam_cases),
    (&rmsprop::KERNEL, rmsprop_lion::rmsprop_cases),
    (&lion::KERNEL, rmsprop_lion::lion_cases),
    (&fused_sgd::KERNEL, layers::fused_sgd_cases),
];

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
    /// Whether it belongs to a quick check: a telling case of the variant, or a boundary that no variant ran before.
    pub quick: bool,
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
    let mut run = Run::new(kernel, cases);
    let has = gpu.capabilities();
    for variant in kernel.variants.iter().filter(|v| v.needs.met(&has)) {
        let only = case::only(kernel, variant);
        let mut loaded: Option<Loaded> = None;
        let stopped = run.way(
            variant.name,
            &|case| case.fits(gpu, variant),
            &mut |case| {
                let verdict = match &mut loaded {
                    Some(loaded) => loaded.judge(&case.with(only)),
                    none => gpu.sound().and_then(|gpu| {
                        let loaded = none.insert(Loaded::new(gpu));
                        loaded.judge(&case.with(only))
                    }),
                };
                // An adapter that could not be opened counts as lost too.
                let lost = loaded.as_ref().is_none_or(|own| own.gpu.check().is_err());
                (verdict, lost)
            },
            watch,
        );
        if stopped {
            break;
        }
    }
    run.finding
}

/// Verifies a kernel of [`KERNELS`] on the CPU device, one way after the other.
pub fn kernel_on_cpu((kernel, cases): (&'static Kernel, Cases), watch: &mut Watch) -> Finding {
    let mut run = Run::new(kernel, cases);
    for way in CPU_WAYS {
        // In lanes a network that diverges does not stop: its neighbours go on, and it is found after the run.
        let fits =
            |case: &Case| case.for_all_variants() && (way != "lanes" || case.diverges.is_none());
        let judge = &mut |case: &Case| (judged(case, || on_cpu(case, way)), false);
        if run.way(way, &fits, judge, watch) {
            break;
        }
    }
    run.finding
}

/// Judges a case. Also returns whether the device is lost.
type Judge<'a> = dyn FnMut(&Case) -> (Result<Verdict, Error>, bool) + 'a;

/// The run of a kernel's cases.
struct Run {
    finding: Finding,
    all: Vec<Vec<Case>>,
    /// Numbers of the boundary cases that a variant has run.
    begun: HashSet<usize>,
}

impl Run {
    fn new(kernel: &Kernel, cases: Cases) -> Run {
        Run {
            finding: Finding::new(kernel.name),
            all: all_cases(kernel, cases),
            begun: HashSet::new(),
        }
    }

    /// Runs the cases that fit one variant. Returns whether `watch` ended the run.
    fn way(
        &mut self,
        variant: &'static str,
        fits: &dyn Fn(&Case) -> bool,
        judge: &mut Judge,
        watch: &mut Watch,
    ) -> bool {
        let before = self.finding.mismatches.len();
        let fitting = |shapes: &&Vec<Case>| shapes.iter().any(fits);
        let telling =
            |shapes: &Vec<Case>| shapes.iter().any(|case| fits(case) && case.is_telling());
        let telling = self.all.iter().rposition(telling);
        let telling = telling.or(self.all.iter().rposition(|shapes| fitting(&shapes)));
        let (mut lost, mut stopped) = (false, false);
        for number in spread(self.all.len()) {
            let Some(case) = self.all[number].iter().find(|case| fits(case)) else {
                continue;
            };
            let first = case.boundary && !case.is_slow() && !self.begun.contains(&number);
            let at = Place {
                variant,
                number,
                quick: first || Some(number) == telling,
            };
            match watch(at) {
                Action::Run if lost => self.finding.left += 1,
                Action::Run => {
                    self.begun.insert(number);
                    let (verdict, is_lost) = judge(case);
                    lost = is_lost;
                    self.finding.note(at, &case.name, verdict);
                }
                Action::Skip => {}
                Action::LeaveOut => self.finding.left_out += 1,
                Action::Stop => {
                    stopped = true;
                    break;
                }
            }
        }
        self.finding.mismatches[before..].sort_by_key(|m| m.at.number);
        stopped
    }
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
        let each = Activation::IN_PRODUCTS
            .into_iter()
            .flat_map(|activation| functions.map(|of| of(activation)));
        all.extend(each.map(Vec::from));
    }
    if kernel.role == Role::Activation {
        let each = curves::of_all_magnitudes(kernel.name).into_iter();
        all.extend(each.map(|case| vec![case]));
    }
    if kernel.name == cross_entropy::KERNEL.name {
        all.extend(functions::of_logits().into_iter().map(|c| vec![c]));
    }
    all.extend(boundaries::cases(kernel).into_iter().map(|c| vec![c]));
    all
}
