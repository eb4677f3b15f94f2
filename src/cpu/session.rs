//! The CPU executor: replays a plan with the Rust twins of the kernels, on a team of threads.
//!
//! In f64 it is the reference, in f32 it is a device. Each unit of a call belongs to one thread, so the bits do not
//! depend on the number of threads.

use crate::Error;
use crate::cpu::{
    agenda::{Agenda, Member, Units},
    task::{Task, on_data, ordered},
    team::{Barrier, Memory, TeamPace},
};
use crate::kernels::{Buffer, Diverged, HasTwin, Part, Slice, Status, Step};
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

/// A step, as seen by one member of a team.
struct StepContext<'a> {
    step: &'a Step,
    number: usize,
    /// Where the member's rows of the next step are in the data set.
    coming: &'a [u32],
}

impl<T: HasTwin> Team<'_, T> {
    /// Runs one member's part of all steps.
    fn work(&self, member: Member, steps: &[Step]) {
        let _guard = self.barrier.guard();
        let mut agendas = Vec::new();
        let index = |agendas: &mut _, step: &Step| {
            Agenda::index(agendas, (self.tasks, &self.memory), step.rows, member)
        };
        let Some(first) = steps.first() else {
            return;
        };
        let mut at = index(&mut agendas, first);
        self.place_rows(first, 0, &agendas[at]);
        for (number, step) in steps.iter().enumerate() {
            let next = steps.get(number + 1);
            let next = next.map(|next| match agendas[at].is_for(next.rows) {
                true => (next, at),
                false => (next, index(&mut agendas, next)),
            });
            let mut unplaced = next;
            let mut coming = &[][..];
            for group in &agendas[at].groups {
                self.barrier.wait(member.members);
                // Not earlier: the other members may still read the row positions of the step that used this buffer
                // before.
                if let Some((next, at)) = unplaced.take() {
                    self.place_rows(next, number + 1, &agendas[at]);
                    coming = self.places(number + 1, agendas[at].own_rows.clone());
                }
                let context = StepContext {
                    step,
                    number,
                    coming,
                };
                group.iter().for_each(|units| self.replay(units, &context));
            }
            at = next.map_or(at, |(_, next)| next);
        }
    }

    /// Writes the positions in the data set of the member's rows of a step.
    #[allow(unsafe_code, reason = "members' rows do not overlap; see cpu/team.rs")]
    fn place_rows(&self, step: &Step, number: usize, agenda: &Agenda<T>) {
        let own = agenda.own_rows.clone();
        // Safety: these rows are the member's own. Others read them after the next barrier. Nobody writes them again
        // before the step after the next has begun, with another barrier in between.
        let places = unsafe { self.rows.span(number % 2, own.clone()).write() };
        for (place, n) in places.iter_mut().zip(own) {
            *place = step.row(n as u32);
        }
    }

    /// Returns the positions in the data set of some rows of the batch.
    #[allow(unsafe_code, reason = "they are not written now; see `place_rows`")]
    fn places(&self, number: usize, rows: Range<usize>) -> &[u32] {
        // Safety: written before the last barrier, or by this member.
        unsafe { self.rows.span(number % 2, rows).read() }
    }

    /// Runs some units of one call.
    #[allow(
        unsafe_code,
        reason = "shares of a call do not overlap; see cpu/team.rs"
    )]
    fn replay(&self, units: &Units<T>, context: &StepContext) {
        let task = &self.tasks[units.task];
        let [from, to] =
            [units.coming.start, units.coming.end].map(|n| n.min(context.coming.len()));
        let part = Part {
            start: units.units.start,
            end: units.units.end,
            step: context.step,
            places: self.places(context.number, units.rows.clone()),
            on_data: task.on_data,
            coming: &context.coming[from..to],
            rates: self.rates,
            status: self.status,
        };
        let ((reads, read), (writes, written)) = (units.reads, units.writes);
        // Safety: a call writes nothing that it reads. Calls that follow without a barrier write only units of their own
        // member, which no other member reads. The shares of different members are different units, and so different
        // elements.
        let reads = reads.map(|span| unsafe { span.read() });
        let mut writes = writes.map(|span| unsafe { span.write() });
        let (reads, writes) = (&reads[..read], &mut writes[..written]);
        (task.twin)(&part, &task.args, reads, writes);
    }
}
