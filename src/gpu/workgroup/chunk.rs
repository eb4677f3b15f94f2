//! Splits a run into chunks: as much work per dispatch as the driver may run, with each fold's own steps.

use crate::Error;
use crate::gpu::Gpu;
use crate::gpu::adapter::{adapters::is_software, transfers::SAFE_TRIPS};
use crate::gpu::print::workgroup::{Turns, WorkgroupShape};
use crate::kernels::Step;
use crate::plan::{Member, Phase, Plan};
use crate::text::counted;

/// Maximum number of steps per dispatch, over all folds.
pub(super) const SCHEDULE_STEPS: usize = 1 << 16;
/// Number of workgroups that a small adapter runs at the same time, used to estimate the time of a submission.
const NETWORKS_AT_ONCE: usize = 16;
/// Loop iterations per invocation between two progress checks: about 100 ms, at 20 ns for a load that depends on
/// another.
const SERIAL_ITERATIONS: usize = 5_000_000;

/// The work of one dispatch.
pub(super) struct Chunk {
    /// The steps of all folds, one fold after the other.
    pub(super) steps: Vec<Step>,
    /// For each fold, the range of its steps.
    pub(super) spans: Vec<[u32; 2]>,
}

/// The inputs for splitting a run.
pub(super) struct Chunks<'a> {
    pub(super) gpu: &'a Gpu,
    pub(super) plan: &'a Plan,
    pub(super) shape: &'a WorkgroupShape,
    pub(super) members: &'a [Member],
}

impl Chunks<'_> {
    /// Returns the steps of each fold: those with rows, if the fold has networks.
    pub(super) fn taken(&self, schedules: &[Vec<Step>]) -> Vec<Vec<Step>> {
        let folds = self.members.iter().map(|member| member.fold + 1).max();
        let mut taken = vec![Vec::new(); folds.unwrap_or(0)];
        for (fold, (taken, steps)) in taken.iter_mut().zip(schedules).enumerate() {
            if self.members.iter().any(|member| member.fold == fold) {
                *taken = steps.iter().copied().filter(|s| s.rows > 0).collect();
            }
        }
        taken
    }

    /// Returns an error if a step is too long for the adapter, or has more outputs than are kept.
    pub(super) fn check(&self, phase: Phase, folds: &[Vec<Step>]) -> Result<(), Error> {
        let name = &self.gpu.info.name;
        let longest = folds.iter().flatten().map(|step| step.rows).max();
        let rows = longest.unwrap_or(0) as usize;
        if phase == Phase::Predict && rows > self.shape.rows {
            return Err(Error::Adapter(format!(
                "{name}: {rows} rows to predict at once, the workgroup family keeps {} of this plan: take so many at a time",
                self.shape.rows
            )));
        }
        let each = self.shape.turns(self.plan, phase);
        let turns = each.dispatch + self.of_step(&each, rows);
        match is_software(&self.gpu.info) && turns > SAFE_TRIPS {
            true => Err(Error::Adapter(format!(
                "{name}: a step of {} takes {turns} turns of a workgroup's loops, and software adapters may stop at {SAFE_TRIPS}; use a smaller `batch_size`, or `device = cpu`",
                counted(rows, "row")
            ))),
            false => Ok(()),
        }
    }

    /// Returns the loop iterations of a step of `rows` rows.
    fn of_step(&self, each: &Turns, rows: usize) -> usize {
        each.step + rows.div_ceil(self.shape.rows) * each.part
    }

    /// Takes from the front of each fold as many steps as one dispatch may run, and at least one.
    pub(super) fn chunk(&self, phase: Phase, folds: &mut [&[Step]]) -> Chunk {
        let mut most = SERIAL_ITERATIONS / self.members.len().div_ceil(NETWORKS_AT_ONCE).max(1);
        if is_software(&self.gpu.info) {
            most = most.min(SAFE_TRIPS);
        }
        let room = (SCHEDULE_STEPS / folds.len().max(1)).max(1);
        let each = self.shape.turns(self.plan, phase);
        let mut chunk = Chunk {
            steps: Vec::new(),
            spans: Vec::new(),
        };
        for steps in folds {
            let mut turns = each.dispatch;
            let fits = |step: &&Step| {
                turns += self.of_step(&each, step.rows as usize);
                turns <= most
            };
            let count = steps.iter().take(room).take_while(fits).count().max(1);
            let first = chunk.steps.len() as u32;
            let (now, after) = steps.split_at(count.min(steps.len()));
            chunk.steps.extend(now);
            *steps = after;
            chunk.spans.push([first, chunk.steps.len() as u32]);
        }
        chunk
    }
}
