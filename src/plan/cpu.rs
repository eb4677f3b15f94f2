//! The CPU executor: replays a plan with the kernels' Rust twins, over a team of threads.
//!
//! In f64 it is the reference; in f32 it is a device. Units are shared out whole, so the bits do not depend on the
//! number of threads.

use super::team::{Barrier, Memory, Pace};
use super::{Buffer, Call, Diverged, Part, Phase, Placement, Plan, Slice, Status};
use crate::Error;
use crate::kernel::{Axis, HasTwin, Kernel, Sizes, Twin};
use crate::schedule::Step;
use std::collections::HashMap;
use std::ops::Range;
use std::time::Instant;

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

/// A call with its slices found.
struct Task<T> {
    twin: Twin<T>,
    args: Vec<u32>,
    reads: Vec<(usize, Range<usize>)>,
    /// Elements that a unit has in each, for those that a member sees its own share of.
    read_widths: Vec<Option<usize>>,
    /// Ascending within a buffer, as the kernels' tensors are.
    writes: Vec<(usize, Range<usize>)>,
    /// Elements that a unit writes into each.
    widths: Vec<usize>,
    kernel: &'static Kernel,
    /// Whether the call reads or overwrites what other members of the team have at hand.
    waits: bool,
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
            let mut tasks: Vec<Task<T>> =
                plan.calls(phase).map(|c| task(c, plan, &places)).collect();
            mark_waits(&mut tasks);
            tasks
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
        read_widths: Vec::new(),
        widths: Vec::new(),
        kernel: call.kernel,
        waits: true,
    };
    let units = task.size(plan.widest()).0;
    task.widths = task.writes.iter().map(|(_, r)| r.len() / units).collect();
    let by_unit = |slot| call.kernel.row_reads.contains(&slot);
    let reads = task.reads.iter().enumerate();
    task.read_widths = reads
        .map(|(slot, (_, range))| by_unit(slot).then_some(range.len() / units))
        .collect();
    task
}

/// Calls along the rows that follow one another need no barrier, nor do those along the neurons: a member goes on with
/// its own. A step begins with one all the same: its batch may be shorter than the last, and then members' rows change.
fn mark_waits<T>(tasks: &mut [Task<T>]) {
    let mut before = None;
    for task in tasks {
        let axis = task.kernel.axis;
        task.waits = before != Some(axis) || axis == Axis::Elements;
        before = Some(axis);
    }
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
        pace.note(
            alone,
            start.elapsed().as_secs_f64() / (work * steps.len()).max(1) as f64,
        );
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

/// Units that are computed together, for a batch of `rows`: rows enough for a product to be fast, and blocks enough
/// for a team.
fn block(axis: Axis, rows: usize) -> usize {
    match axis {
        Axis::Rows => (rows / 4).next_power_of_two().clamp(16, 128),
        Axis::Neurons => 16,
        Axis::Elements => 64,
    }
}

/// The share of one member: whole blocks of the units.
fn share(units: usize, block: usize, member: usize, members: usize) -> Range<usize> {
    let blocks = units.div_ceil(block);
    let edge = |m: usize| (blocks * m / members * block).min(units);
    edge(member)..edge(member + 1)
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
        for step in steps {
            for task in self.tasks {
                if task.waits {
                    self.barrier.wait();
                }
                self.replay(task, step, member);
            }
        }
    }

    /// One member's share of one call.
    #[allow(
        unsafe_code,
        reason = "shares of a call do not overlap; see plan/team.rs"
    )]
    fn replay(&self, task: &Task<T>, step: &Step, member: usize) {
        let (units, _) = task.size(step.rows as usize);
        let block = block(task.kernel.axis, step.rows as usize);
        let own = share(units, block, member, self.members);
        let part = Part {
            start: own.start,
            end: own.end,
            block,
            step,
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
            // the member's own rows, which no other member sees.
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
mod tests {
    use super::*;
    use crate::activation::Activation;
    use crate::backprop::{Order, Training, train};
    use crate::loss::Loss;
    use crate::mlp::Mlp;
    use crate::optimizer::Optimizer;
    use crate::plan::Session as _;
    use crate::random::{Random, Stream};
    use crate::schedule::{Rows, Schedule};

    fn training(batch: usize) -> Training {
        Training {
            loss: Loss::CrossEntropy,
            optimizer: Optimizer::adam(0.01),
            batch,
            classes: true,
            order: Order::Simultaneous,
            train_bias: true,
        }
    }

    /// The parameters after two epochs of 150 rows.
    fn trained(batch: usize, threads: usize) -> Vec<f32> {
        let mlp = Mlp::random(&[70, 65, 33, 5], Activation::Tanh, Activation::Identity, 1);
        let training = training(batch);
        let plan = train(&mlp, &training);
        let mut session = Session::<f32>::new(&plan, 150, threads);
        let random = Random::new(2, Stream::Data, 0);
        let inputs: Vec<f32> = (0..150 * 70).map(|i| random.normal(i) as f32).collect();
        let targets: Vec<f32> = (0..150).map(|i| (random.bits(i) % 5) as f32).collect();
        let schedule = Schedule {
            rows: Rows {
                first: 0,
                count: 150,
            },
            batch,
            seed: 3,
            shuffle: true,
            optimizer: training.optimizer,
        };
        session.write(Buffer::DataInputs, &inputs).unwrap();
        session.write(Buffer::DataTargets, &targets).unwrap();
        session.write(Buffer::Parameters, &mlp.parameters).unwrap();
        for epoch in 0..2 {
            session.run(Phase::Train, &schedule.epoch(epoch)).unwrap();
        }
        session.read(Buffer::Parameters).unwrap()
    }

    #[test]
    fn passes_with_a_short_last_batch_add_up_the_same_every_time() {
        let mlp = Mlp::random(&[64, 256, 3], Activation::Relu, Activation::Identity, 1);
        let plan = train(&mlp, &training(64));
        let random = Random::new(2, Stream::Data, 0);
        let inputs: Vec<f32> = (0..330 * 64).map(|i| random.normal(i) as f32).collect();
        let rows = Rows {
            first: 0,
            count: 330,
        };
        // Short and long batches in turn, so that members' rows change at every step.
        let steps: Vec<Step> = crate::schedule::pass(rows, 64, 0).repeat(50);
        let errors = |threads| {
            let mut session = Session::<f32>::new(&plan, 330, threads);
            session.write(Buffer::DataInputs, &inputs).unwrap();
            session.write(Buffer::Parameters, &mlp.parameters).unwrap();
            session.run(Phase::Evaluate, &steps).unwrap();
            session.read(Buffer::Error).unwrap()
        };
        let alone = errors(1);
        for _ in 0..20 {
            assert!(errors(4) == alone);
        }
    }

    #[test]
    fn the_bits_do_not_depend_on_the_number_of_threads() {
        for batch in [32, 70, 150] {
            let alone = trained(batch, 1);
            assert!(alone.iter().all(|v| v.is_finite()));
            for threads in [2, 3, 5, 8] {
                assert!(
                    trained(batch, threads) == alone,
                    "{batch} rows, {threads} threads"
                );
            }
        }
    }
}
