//! The CPU executor: replays a plan with the kernels' Rust twins, over a team of threads.
//!
//! In f64 it is the reference; in f32 it is a device. Units are shared out whole, so the bits do not depend on the
//! number of threads.

use super::{Buffer, Call, Diverged, Part, Phase, Placement, Plan, Slice, Status};
use crate::Error;
use crate::kernel::{HasTwin, Kernel, Sizes, Twin};
use crate::schedule::Step;
use std::collections::HashMap;
use std::ops::Range;

/// A plan loaded into the memory of this process.
pub struct Session<T> {
    places: Vec<(Buffer, Placement)>,
    memory: Vec<Vec<T>>,
    phases: HashMap<Phase, Vec<Task<T>>>,
    threads: usize,
    status: Status,
}

/// A call with its slices found.
struct Task<T> {
    twin: Twin<T>,
    args: Vec<u32>,
    reads: Vec<(usize, Range<usize>)>,
    /// Ascending within a buffer, as the kernels' tensors are.
    writes: Vec<(usize, Range<usize>)>,
    /// Elements that a unit writes into each.
    widths: Vec<usize>,
    kernel: &'static Kernel,
}

impl<T> Task<T> {
    /// Units along the slow axis for a batch of `rows`, and operations, about.
    fn size(&self, rows: usize) -> (usize, usize) {
        let sizes = Sizes {
            args: &self.args,
            batch: rows,
            len: self.writes[0].1.len(),
        };
        let [fast, slow] = (self.kernel.units)(&sizes);
        (slow, fast * slow * (self.kernel.trips)(&sizes).max(1))
    }
}

/// Operations that a thread should have before another one is woken for it.
const WORK_A_THREAD: usize = 100_000;

impl<T: HasTwin> Session<T> {
    /// Loads `plan` for a data set of `data` rows; `threads` 0 means one for each core.
    pub fn new(plan: &Plan, data: usize, threads: usize) -> Session<T> {
        let place = |(name, extent): &(Buffer, _)| {
            let placement = Placement::of(extent, plan.widest(), data, 1);
            (*name, placement)
        };
        let places: Vec<_> = plan.buffers.iter().map(place).collect();
        let memory = places.iter().map(|(_, p)| vec![T::default(); p.len]);
        let tasks = |phase| plan.calls(phase).map(|c| task(c, plan, &places));
        Session {
            memory: memory.collect(),
            phases: Phase::ALL.map(|p| (p, tasks(p).collect())).into(),
            places,
            threads: match threads {
                0 => rayon::current_num_threads(),
                n => n,
            },
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

fn task<T: HasTwin>(call: &Call, plan: &Plan, places: &[(Buffer, Placement)]) -> Task<T> {
    let find = |slice: &Slice| {
        let buffer = index(places, slice.buffer);
        (buffer, places[buffer].1.range(&slice.tensors))
    };
    let mut task = Task {
        twin: call.kernel.twin(),
        args: call.args.clone(),
        reads: call.reads.iter().map(find).collect(),
        writes: call.writes.iter().map(find).collect(),
        widths: Vec::new(),
        kernel: call.kernel,
    };
    let units = task.size(plan.widest()).0;
    task.widths = task.writes.iter().map(|(_, r)| r.len() / units).collect();
    task
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
        for step in steps {
            for task in &self.phases[&phase] {
                replay(task, &mut self.memory, step, &self.status, self.threads);
            }
        }
        Ok(())
    }

    fn diverged(&mut self) -> Result<Option<Diverged>, Error> {
        Ok(Status::explain(self.status.word()))
    }

    fn steps_at_once(&self, _: Phase) -> usize {
        4096
    }
}

/// Runs one call: shares its units among the threads.
fn replay<T: HasTwin>(
    task: &Task<T>,
    memory: &mut [Vec<T>],
    step: &Step,
    status: &Status,
    threads: usize,
) {
    let mut taken = take(task, memory);
    let reads: Vec<&[T]> = task
        .reads
        .iter()
        .map(|(buffer, range)| &memory[*buffer][range.clone()])
        .collect();
    let writes = borrow(task, &mut taken);
    let (units, work) = task.size(step.rows as usize);
    let parts = (work / WORK_A_THREAD).clamp(1, threads).min(units);
    share(task, &reads, writes, step, status, [units, parts]);
    for (buffer, values) in taken {
        memory[buffer] = values;
    }
}

/// Takes the buffers that the call writes out of the memory, each once.
fn take<T>(task: &Task<T>, memory: &mut [Vec<T>]) -> Vec<(usize, Vec<T>)> {
    let mut taken: Vec<(usize, Vec<T>)> = Vec::new();
    for (buffer, _) in &task.writes {
        if taken.iter().all(|(name, _)| name != buffer) {
            taken.push((*buffer, std::mem::take(&mut memory[*buffer])));
        }
    }
    taken
}

/// The slices that the call writes, in its order.
fn borrow<'a, T>(task: &Task<T>, taken: &'a mut [(usize, Vec<T>)]) -> Vec<&'a mut [T]> {
    let mut rests: Vec<(usize, usize, &mut [T])> = taken
        .iter_mut()
        .map(|(buffer, values)| (*buffer, 0, &mut values[..]))
        .collect();
    let mut writes = Vec::new();
    for (buffer, range) in &task.writes {
        for (name, from, rest) in &mut rests {
            if name == buffer {
                let (_, tail) = std::mem::take(rest).split_at_mut(range.start - *from);
                let (slice, tail) = tail.split_at_mut(range.len());
                writes.push(slice);
                (*from, *rest) = (range.end, tail);
            }
        }
    }
    writes
}

/// Cuts the call's units into parts and runs them side by side.
fn share<T: HasTwin>(
    task: &Task<T>,
    reads: &[&[T]],
    mut writes: Vec<&mut [T]>,
    step: &Step,
    status: &Status,
    [units, parts]: [usize; 2],
) {
    let part = |start, end| Part {
        start,
        end,
        step,
        status,
    };
    if parts == 1 {
        return (task.twin)(&part(0, units), &task.args, reads, &mut writes);
    }
    rayon::scope(|scope| {
        let mut start = 0;
        for p in 0..parts {
            let end = units * (p + 1) / parts;
            let mut own = Vec::with_capacity(writes.len());
            for (rest, width) in writes.iter_mut().zip(&task.widths) {
                let (head, tail) = std::mem::take(rest).split_at_mut((end - start) * width);
                own.push(head);
                *rest = tail;
            }
            let part = part(start, end);
            scope.spawn(move |_| (task.twin)(&part, &task.args, reads, &mut own));
            start = end;
        }
    });
}
