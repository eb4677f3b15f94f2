//! The CPU executor: replays a plan with the Rust twins of the kernels, on a team of threads.
//!
//! In f64 it is the reference, in f32 it is a device. Each unit of a call belongs to one thread, so the bits do not
//! depend on the number of threads.

use crate::Error;
use crate::cpu::{
    task::{Task, block, on_data, ordered},
    team::{Barrier, Memory, TeamPace},
};
use crate::kernels::{Axis, Buffer, Diverged, HasTwin, Part, Slice, Status, Step};
use crate::math::{simd::Aligned, width::Width};
use crate::plan::{Layout, Phase, Plan, check_steps, fusion::FusedPlan, layout::unknown};
use crate::threads::{on_threads, threads};
use std::collections::HashMap;
use std::ops::Range;
use std::time::Instant;

/// A plan loaded into the memory of this process.
pub struct CpuSession<T> {
    /// Rows of the data set.
    data: usize,
    places: Vec<(Buffer, Layout)>,
    memory: Vec<Aligned<T>>,
    /// The output of `gather`, if calls read the rows from the data set instead. It is never written.
    unfilled: Option<Buffer>,
    fused_plan: FusedPlan,
    /// The positions in the data set of the rows of this batch, and of the next one.
    rows: [Aligned<u32>; 2],
    phases: HashMap<Phase, Vec<Task<T>>>,
    threads: usize,
    paces: HashMap<Phase, TeamPace>,
    rates: Vec<f32>,
    status: Status,
}

/// Minimum number of operations of a step per thread. With fewer, the barriers cost more than a thread gains.
const MIN_WORK_PER_THREAD: usize = 1_000_000;

impl<T: HasTwin> CpuSession<T> {
    /// Loads `plan` for a data set of `data` rows, for a team of `threads` threads. 0 means as many as pay, up to one
    /// per core.
    ///
    /// # Errors
    /// If the plan does not pass [`Plan::check`], or `WGRAD_SIMD` names no vector instructions of this CPU.
    pub fn new(plan: &Plan, data: usize, threads: usize) -> Result<CpuSession<T>, Error> {
        plan.check(data)?;
        Width::of_environment().map_err(Error::Config)?;
        let place = |(name, extent): &(Buffer, _)| {
            let placement = Layout::of(extent, plan.widest(), data, 1);
            (*name, placement)
        };
        let places: Vec<_> = plan.buffers.iter().map(place).collect();
        let memory = places.iter().map(|(_, p)| Aligned::new(p.len));
        let fused_plan = FusedPlan::new(plan, || plan.batch_size <= T::LONGEST_SGD);
        let tasks = |phase| {
            let calls = fused_plan.calls(plan, phase);
            let tasks = calls.iter().map(|call| Task::new(call, plan, &places));
            ordered(on_data(tasks.collect()))
        };
        let layers = (0..plan.cuts.len()).map(Phase::Layer);
        let phases = Phase::ALL.into_iter().chain([Phase::Update]).chain(layers);
        let phases: HashMap<_, _> = phases.map(|p| (p, tasks(p))).collect();
        let on_data = phases.values().flatten().any(|task| task.on_data);
        let batch = plan.gather.first().map(|call| call.writes[0].buffer);
        Ok(CpuSession {
            data,
            memory: memory.collect(),
            unfilled: batch.filter(|_| on_data),
            fused_plan,
            rows: [0, 1].map(|_| Aligned::new(plan.widest())),
            phases,
            places,
            threads,
            paces: HashMap::new(),
            rates: vec![1.0; T::NETWORKS],
            status: Status::default(),
        })
    }

    fn index(&self, buffer: Buffer) -> Result<usize, Error> {
        let found = self.places.iter().position(|(name, _)| *name == buffer);
        found.ok_or_else(|| unknown(buffer))
    }
}

impl<T: HasTwin> crate::plan::Session<T> for CpuSession<T> {
    fn write(&mut self, buffer: Buffer, values: &[T]) -> Result<(), Error> {
        let index = self.index(buffer)?;
        self.places[index].1.check_write(buffer, values.len())?;
        self.memory[index][..values.len()].copy_from_slice(values);
        Ok(())
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<T>, Error> {
        if self.unfilled == Some(buffer) {
            return Err(Error::Config(format!(
                "{buffer:?}: the CPU device reads the rows of a batch in the data set and does not copy them; read {:?}",
                Buffer::DataInputs
            )));
        }
        self.fused_plan.check_read(buffer)?;
        Ok(self.memory[self.index(buffer)?].to_vec())
    }

    fn read_tensors(&mut self, slice: &Slice) -> Result<Vec<T>, Error> {
        self.fused_plan.check_read(slice.buffer)?;
        let index = self.index(slice.buffer)?;
        Ok(self.memory[index][self.places[index].1.range(&slice.tensors)].to_vec())
    }

    fn run(&mut self, phase: Phase, steps: &[Step]) -> Result<(), Error> {
        check_steps(steps, self.rows[0].len(), self.data)?;
        self.fused_plan.note_run(phase);
        let tasks = &self.phases[&phase];
        let rows = steps.first().map_or(0, |step| step.rows as usize);
        let work: usize = tasks.iter().map(|task| task.size(rows).1).sum();
        let pace = self.paces.entry(phase).or_default();
        let alone = pace.prefers_alone();
        let members = match self.threads {
            0 if alone => 1,
            0 => (work / MIN_WORK_PER_THREAD).clamp(1, threads()),
            members => members,
        };
        let start = Instant::now();
        let team = Team {
            tasks,
            memory: Memory::new(&mut self.memory),
            rows: Memory::new(&mut self.rows),
            barrier: Barrier::default(),
            rates: &self.rates,
            status: &self.status,
        };
        on_threads(members, |number, members| {
            team.work(Member { number, members }, steps);
        });
        let seconds = start.elapsed().as_secs_f64();
        pace.note(alone, seconds, (work * steps.len()) as f64);
        Ok(())
    }

    fn diverged(&mut self) -> Result<Option<Diverged>, Error> {
        Ok(Status::explain(self.status.word()))
    }

    fn begin(&mut self, rates: &[f32]) -> Result<(), Error> {
        self.rates.copy_from_slice(rates);
        self.status = Status::default();
        Ok(())
    }

    fn steps_at_once(&self, _: Phase) -> usize {
        4096
    }
}

/// Maximum number of slices that a call reads or writes.
const SLOTS: usize = 3;

/// The state that the members of a team share.
struct Team<'a, T> {
    tasks: &'a [Task<T>],
    memory: Memory<'a, T>,
    /// Row positions, alternating between even and odd steps.
    rows: Memory<'a, u32>,
    barrier: Barrier,
    rates: &'a [f32],
    status: &'a Status,
}

/// A member of a team.
#[derive(Clone, Copy)]
struct Member {
    number: usize,
    members: usize,
}

/// A step, as seen by one member of a team.
struct StepContext<'a> {
    step: &'a Step,
    number: usize,
    next: Option<&'a Step>,
    member: Member,
}

impl<T: HasTwin> Team<'_, T> {
    /// Runs one member's part of all steps.
    fn work(&self, member: Member, steps: &[Step]) {
        let _guard = self.barrier.guard();
        if let Some(first) = steps.first() {
            self.place_rows(first, 0, member);
        }
        for (n, step) in steps.iter().enumerate() {
            let mut next = steps.get(n + 1);
            let context = StepContext {
                step,
                number: n,
                next,
                member,
            };
            for tasks in self.tasks.chunk_by(|_, next| !next.waits) {
                self.barrier.wait(member.members);
                // Not earlier: the other members may still read the row positions of the step that used this buffer
                // before.
                if let Some(next) = next.take() {
                    self.place_rows(next, n + 1, member);
                }
                match tasks[0].kernel.axis {
                    Axis::Rows => self.replay_rows(tasks, &context),
                    _ => tasks.iter().for_each(|task| self.replay(task, &context)),
                }
            }
        }
    }

    /// Returns one member's rows of a step.
    fn own_rows(&self, step: &Step, member: Member) -> Range<usize> {
        let own = self.tasks.iter().find(|t| t.kernel.axis == Axis::Rows);
        own.map_or(0..0, |task| {
            task.share(step.rows as usize, member.number, member.members)
        })
    }

    /// Writes the positions in the data set of the member's rows of a step.
    #[allow(unsafe_code, reason = "members' rows do not overlap; see cpu/team.rs")]
    fn place_rows(&self, step: &Step, number: usize, member: Member) {
        let own = self.own_rows(step, member);
        // Safety: these rows are the member's own. Others read them after the next barrier. Nobody writes them again
        // before the step after the next has begun, with another barrier in between.
        let places = unsafe { self.rows.write(number % 2, own.clone()) };
        for (place, n) in places.iter_mut().zip(own) {
            *place = step.row(n as u32);
        }
    }

    /// Returns the positions in the data set of some rows of the batch.
    #[allow(unsafe_code, reason = "they are not written now; see `place_rows`")]
    fn places(&self, number: usize, rows: Range<usize>) -> &[u32] {
        // Safety: written before the last barrier, or by this member.
        unsafe { self.rows.read(number % 2, rows) }
    }

    /// Runs one member's rows, block by block. A block goes through all of `tasks` before the next one, while it is in
    /// the cache.
    fn replay_rows(&self, tasks: &[Task<T>], context: &StepContext) {
        let rows = context.step.rows as usize;
        let own = tasks[0].share(rows, context.member.number, context.member.members);
        let coming = context.next.map(|next| self.own_rows(next, context.member));
        let coming = coming.map_or(&[][..], |rows| self.places(context.number + 1, rows));
        let block = block(rows);
        for start in own.clone().step_by(block) {
            let units = start..own.end.min(start + block);
            let [from, to] = [units.start, units.end].map(|n| (n - own.start).min(coming.len()));
            for task in tasks {
                self.replay_units(task, context, units.clone(), &coming[from..to]);
            }
        }
    }

    /// Runs one member's share of one call.
    fn replay(&self, task: &Task<T>, context: &StepContext) {
        if task.follows.is_empty() {
            let rows = context.step.rows as usize;
            let own = task.share(rows, context.member.number, context.member.members);
            return self.replay_units(task, context, own, &[]);
        }
        // In reverse order, because the gradients that were computed last are still in the cache.
        for source in task.follows.iter().rev() {
            let own = source.share(context.member.number, context.member.members);
            self.replay_units(task, context, own, &[]);
        }
    }

    /// Runs some units of one call.
    #[allow(
        unsafe_code,
        reason = "shares of a call do not overlap; see cpu/team.rs"
    )]
    fn replay_units(
        &self,
        task: &Task<T>,
        context: &StepContext,
        own: Range<usize>,
        coming: &[u32],
    ) {
        let rows = context.step.rows as usize;
        let part = Part {
            start: own.start,
            end: own.end,
            step: context.step,
            places: match task.kernel.axis {
                Axis::Rows => self.places(context.number, own.start.min(rows)..own.end.min(rows)),
                _ => self.places(context.number, 0..rows),
            },
            on_data: task.on_data,
            coming,
            rates: self.rates,
            status: self.status,
        };
        let cut = |range: &Range<usize>, width: usize| {
            range.start + own.start * width..range.start + own.end * width
        };
        let mut reads: [&[T]; SLOTS] = [&[]; SLOTS];
        for (s, (buffer, range)) in task.reads.iter().enumerate() {
            let seen = task.read_widths[s].map_or(range.clone(), |width| cut(range, width));
            // Safety: a call writes nothing that it reads. Calls that follow without a barrier write only units of
            // their own member, which no other member reads.
            reads[s] = unsafe { self.memory.read(*buffer, seen) };
        }
        let mut writes: [&mut [T]; SLOTS] = std::array::from_fn(|_| Default::default());
        for (s, (buffer, range)) in task.writes.iter().enumerate() {
            // Safety: the shares of different members are different units, and so different elements.
            writes[s] = unsafe { self.memory.write(*buffer, cut(range, task.widths[s])) };
        }
        let (reads, writes) = (&reads[..task.reads.len()], &mut writes[..task.writes.len()]);
        (task.twin)(&part, &task.args, reads, writes);
    }
}
