//! The CPU executor: replays a plan with the kernels' Rust twins, over a team of threads.
//!
//! In f64 it is the reference; in f32 it is a device. Units are shared out whole, so the bits do not depend on the
//! number of threads.

mod task;

use super::team::{Barrier, Memory, Pace};
use super::{Buffer, Diverged, Part, Phase, Placement, Plan, Status};
use crate::Error;
use crate::kernel::{Axis, HasTwin};
use crate::schedule::Step;
use std::collections::HashMap;
use std::ops::Range;
use std::time::Instant;
use task::{Task, block, ordered};

/// A plan loaded into the memory of this process.
pub struct Session<T> {
    places: Vec<(Buffer, Placement)>,
    memory: Vec<Vec<T>>,
    phases: HashMap<Phase, Vec<Task<T>>>,
    threads: usize,
    paces: HashMap<Phase, Pace>,
    rates: Vec<f32>,
    status: Status,
}

/// Cores of this machine that the process may use.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Operations of a step that a thread should have, to be worth the barriers.
const WORK_A_THREAD: usize = 1_000_000;

impl<T: HasTwin> Session<T> {
    /// Loads `plan` for a data set of `data` rows, for a team of `threads`; 0 means as many as pay, up to one a core.
    pub fn new(plan: &Plan, data: usize, threads: usize) -> Session<T> {
        let place = |(name, extent): &(Buffer, _)| {
            let placement = Placement::of(extent, plan.widest(), data, 1);
            (*name, placement)
        };
        let places: Vec<_> = plan.buffers.iter().map(place).collect();
        let memory = places.iter().map(|(_, p)| vec![T::default(); p.len]);
        let tasks = |phase| {
            let all = plan.calls(phase);
            ordered(all.map(|call| Task::new(call, plan, &places)).collect())
        };
        Session {
            memory: memory.collect(),
            phases: Phase::ALL.map(|p| (p, tasks(p))).into(),
            places,
            threads,
            paces: HashMap::new(),
            rates: vec![1.0; T::NETWORKS],
            status: Status::default(),
        }
    }

    fn index(&self, buffer: Buffer) -> usize {
        index(&self.places, buffer)
    }
}

fn index(places: &[(Buffer, Placement)], buffer: Buffer) -> usize {
    let found = places.iter().position(|(name, _)| *name == buffer);
    found.unwrap_or_else(|| panic!("the plan has no buffer {buffer:?}"))
}

impl<T: HasTwin> super::Session<T> for Session<T> {
    fn write(&mut self, buffer: Buffer, values: &[T]) -> Result<(), Error> {
        let index = self.index(buffer);
        self.memory[index][..values.len()].copy_from_slice(values);
        Ok(())
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<T>, Error> {
        Ok(self.memory[self.index(buffer)].clone())
    }

    fn run(&mut self, phase: Phase, steps: &[Step]) -> Result<(), Error> {
        let tasks = &self.phases[&phase];
        let rows = steps.first().map_or(0, |step| step.rows as usize);
        let work: usize = tasks.iter().map(|task| task.size(rows).1).sum();
        let pace = self.paces.entry(phase).or_default();
        let alone = pace.prefers_alone();
        let members = match self.threads {
            0 if alone => 1,
            0 => (work / WORK_A_THREAD).clamp(1, threads()),
            members => members,
        };
        let start = Instant::now();
        let team = Team {
            tasks,
            memory: Memory::new(&mut self.memory),
            barrier: Barrier::new(members),
            members,
            rates: &self.rates,
            status: &self.status,
        };
        if members == 1 {
            team.work(0, steps);
        } else {
            std::thread::scope(|scope| {
                for member in 1..members {
                    let team = &team;
                    scope.spawn(move || team.work(member, steps));
                }
                team.work(0, steps);
            });
        }
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

/// The most slices that a call reads or writes.
const SLOTS: usize = 3;

/// What the members of a team share.
struct Team<'a, T> {
    tasks: &'a [Task<T>],
    memory: Memory<'a, T>,
    barrier: Barrier,
    members: usize,
    rates: &'a [f32],
    status: &'a Status,
}

impl<T: HasTwin> Team<'_, T> {
    /// One member's part of all steps.
    fn work(&self, member: usize, steps: &[Step]) {
        let _guard = self.barrier.guard();
        let (mut places, mut coming) = (Vec::new(), Vec::new());
        for (n, step) in steps.iter().enumerate() {
            if n == 0 {
                self.place_rows(step, member, &mut places);
            }
            coming.clear();
            if let Some(next) = steps.get(n + 1) {
                self.place_rows(next, member, &mut coming);
            }
            for tasks in self.tasks.chunk_by(|_, next| !next.waits) {
                self.barrier.wait();
                match tasks[0].kernel.axis {
                    Axis::Rows => self.replay_rows(tasks, step, member, [&places, &coming]),
                    _ => tasks
                        .iter()
                        .for_each(|task| self.replay(task, step, member)),
                }
            }
            std::mem::swap(&mut places, &mut coming);
        }
    }

    /// Where the rows of one member are in the data set.
    fn place_rows(&self, step: &Step, member: usize, places: &mut Vec<u32>) {
        let own = self.tasks.iter().find(|t| t.kernel.axis == Axis::Rows);
        let rows = step.rows as usize;
        let own = own.map_or(0..0, |task| task.share(rows, member, self.members));
        places.extend(own.map(|n| step.row(n as u32)));
    }

    /// One member's rows, some of them through all of `tasks` before the next, while they are in the cache.
    fn replay_rows(&self, tasks: &[Task<T>], step: &Step, member: usize, places: [&[u32]; 2]) {
        let rows = step.rows as usize;
        let own = tasks[0].share(rows, member, self.members);
        let block = block(Axis::Rows, rows);
        for start in own.clone().step_by(block) {
            let units = start..own.end.min(start + block);
            let [from, to] = [units.start, units.end].map(|n| n - own.start);
            let places = places.map(|p| &p[from.min(p.len())..to.min(p.len())]);
            for task in tasks {
                self.replay_units(task, step, units.clone(), places);
            }
        }
    }

    /// One member's share of one call.
    fn replay(&self, task: &Task<T>, step: &Step, member: usize) {
        if task.follows.is_empty() {
            let rows = step.rows as usize;
            return self.replay_units(task, step, task.share(rows, member, self.members), [&[]; 2]);
        }
        // What was computed last is still in the cache.
        for source in task.follows.iter().rev() {
            self.replay_units(
                task,
                step,
                source.share::<T>(member, self.members),
                [&[]; 2],
            );
        }
    }

    /// Some units of one call.
    #[allow(
        unsafe_code,
        reason = "shares of a call do not overlap; see plan/team.rs"
    )]
    fn replay_units(&self, task: &Task<T>, step: &Step, own: Range<usize>, rows: [&[u32]; 2]) {
        let part = Part {
            start: own.start,
            end: own.end,
            block: match task.kernel.axis {
                Axis::Neurons if !T::is_cut_freely() => block(Axis::Neurons, 0),
                _ => own.len(),
            },
            step,
            places: rows[0],
            coming: rows[1],
            rates: self.rates,
            status: self.status,
        };
        let cut = |range: &Range<usize>, width: usize| {
            range.start + own.start * width..range.start + own.end * width
        };
        let mut reads: [&[T]; SLOTS] = [&[]; SLOTS];
        for (s, (buffer, range)) in task.reads.iter().enumerate() {
            let seen = task.read_widths[s].map_or(range.clone(), |width| cut(range, width));
            // Safety: a call writes nothing that it reads, and calls that follow without a barrier write nothing but
            // the member's own units, which no other member sees.
            reads[s] = unsafe { self.memory.read(*buffer, seen) };
        }
        let mut writes: [&mut [T]; SLOTS] = std::array::from_fn(|_| Default::default());
        for (s, (buffer, range)) in task.writes.iter().enumerate() {
            // Safety: shares of different members are different units, and so different elements.
            writes[s] = unsafe { self.memory.write(*buffer, cut(range, task.widths[s])) };
        }
        let (reads, writes) = (&reads[..task.reads.len()], &mut writes[..task.writes.len()]);
        (task.twin)(&part, &task.args, reads, writes);
    }
}

#[cfg(test)]
mod tests;
