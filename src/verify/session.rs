//! Runs a case on a device, a few times, and judges what it finds.

use super::case::{self, Case, Tensors};
use super::judge::Verdict;
use crate::Error;
use crate::cpu::CpuSession;
use crate::gpu::adapter::adapters::is_software;
use crate::gpu::{Gpu, GpuSession};
use crate::kernels::Diverged;
use crate::math::F32x16;
use crate::plan::Session;
use crate::threads::threads;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

/// Runs per case, which must give the same bits. Large cases run once, where running takes most of the time.
const RUNS: usize = 3;

/// The sessions of a variant. Cases of the same sizes share one, because compiling takes most of the time.
pub(super) struct Loaded {
    pub(super) gpu: Arc<Gpu>,
    sessions: BTreeMap<String, GpuSession>,
}

impl Loaded {
    pub(super) fn new(gpu: Arc<Gpu>) -> Loaded {
        Loaded {
            gpu,
            sessions: BTreeMap::new(),
        }
    }

    /// Runs the case, and compares it with its reference.
    pub(super) fn judge(&mut self, case: &Case) -> Result<Verdict, Error> {
        let once = is_software(&self.gpu.info) && case.is_large();
        let runs = if once { 1 } else { RUNS };
        judged_of(runs, case, || self.run(case))
    }

    /// Returns the tensors after a run, and the divergence that it reported.
    fn run(&mut self, case: &Case) -> Result<Outcome, Error> {
        let key = case.sizes();
        let session = match self.sessions.entry(key) {
            Entry::Occupied(session) => session.into_mut(),
            Entry::Vacant(place) => {
                let session = GpuSession::new(self.gpu.clone(), &case.plan(), case.data)?;
                place.insert(session)
            }
        };
        // Clear the flag of an earlier case.
        session.begin(&[1.0])?;
        let found = case::run(session, case)?;
        let outcome = (found, session.diverged()?);
        self.gpu.check()?;
        Ok(outcome)
    }
}

/// The tensors of a case after a run, and the divergence that it reported.
type Outcome = (Tensors<f32>, Option<Diverged>);

/// Runs a case a few times, and compares it with its reference.
pub(super) fn judged(
    case: &Case,
    run: impl FnMut() -> Result<Outcome, Error>,
) -> Result<Verdict, Error> {
    judged_of(if case.is_large() { 1 } else { RUNS }, case, run)
}

fn judged_of(
    runs: usize,
    case: &Case,
    mut run: impl FnMut() -> Result<Outcome, Error>,
) -> Result<Verdict, Error> {
    let (found, diverged) = run()?;
    let bits = |tensors: &Tensors<f32>| -> Vec<Vec<u32>> {
        let bits = |tensor: &Vec<f32>| tensor.iter().map(|v| v.to_bits()).collect();
        tensors.iter().map(bits).collect()
    };
    let mut changes = None;
    for _ in 1..runs {
        let (next, reported) = run()?;
        if bits(&next) != bits(&found) || reported != diverged {
            changes = Some(format!("{RUNS} runs have different bits"));
        }
    }
    let reported = (diverged != case.diverges).then(|| match (diverged, case.diverges) {
        (Some(_), None) => {
            "values that are not finite were reported, but there are none".to_owned()
        }
        (found, expected) => format!("{} was reported, not {}", told(found), told(expected)),
    });
    let verdict = case.judge(&found)?;
    Ok(verdict.or_wrong(changes).or_wrong(reported))
}

fn told(diverged: Option<Diverged>) -> String {
    diverged.map_or("no divergence".to_owned(), |diverged| {
        format!("{diverged:?}")
    })
}

/// The ways in which the CPU device runs a kernel: on one thread, on a team of threads, and many networks at once in the
/// lanes of a vector unit.
pub const CPU_WAYS: [&str; 3] = ["thread", "team", "lanes"];

/// Runs a case on the CPU device. Returns its tensors, and the divergence.
pub(super) fn on_cpu(case: &Case, way: &str) -> Result<Outcome, Error> {
    let (plan, data) = (case.plan(), case.data);
    if way == "lanes" {
        let mut session = CpuSession::<F32x16>::new(&plan, data, 1)?;
        let lanes = case::run(&mut session, case)?;
        let value = |value: &F32x16| {
            let first = value.0[0].to_bits();
            match value.0.iter().all(|lane| lane.to_bits() == first) {
                true => value.0[0],
                // Lanes that differ are wrong whatever they hold: no case expects this number.
                false => f32::from_bits(0xFFC0_DEAD),
            }
        };
        let tensors = lanes.iter().map(|t| t.iter().map(value).collect());
        return Ok((tensors.collect(), None));
    }
    let threads = if way == "team" { threads().max(2) } else { 1 };
    let mut session = CpuSession::<f32>::new(&plan, data, threads)?;
    Ok((case::run(&mut session, case)?, session.diverged()?))
}
