//! Tasks: calls as the CPU executor replays them, with their slices resolved, their order, and each member's share.

use crate::kernels::{Axis, Buffer, Call, HasTwin, Kernel, Role, Sizes, Slice, Twin, conflict};
use crate::plan::{Layout, Plan};
use std::ops::Range;

/// A buffer index and a range of its elements.
pub(super) type Place = (usize, Range<usize>);

/// A call with its slices resolved.
pub(super) struct Task<T> {
    pub(super) twin: Twin<T>,
    pub(super) args: Vec<u32>,
    pub(super) reads: Vec<Place>,
    /// Elements per unit of each read slice, for those slices of which a member reads only its own share.
    pub(super) read_widths: Vec<Option<usize>>,
    /// In ascending order within a buffer, as the tensors of the kernels are.
    pub(super) writes: Vec<Place>,
    /// Elements per unit of each written slice.
    pub(super) widths: Vec<usize>,
    pub(super) kernel: &'static Kernel,
    /// Whether the call reads the batch's rows directly from the data set.
    pub(super) on_data: bool,
    /// Whether the call needs a barrier before it, because it reads or overwrites what other members still use.
    pub(super) waits: bool,
    /// For an update: the calls that computed its gradients. A member updates the parameters whose gradient it has
    /// computed.
    pub(super) follows: Vec<Source>,
}

/// The gradients of a layer's neurons, among the elements of an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// The first element.
    first: usize,
    /// Number of neurons.
    units: usize,
    /// Elements per neuron.
    width: usize,
}

/// Returns the index of a buffer in the list.
fn index(places: &[(Buffer, Layout)], buffer: Buffer) -> usize {
    let found = places.iter().position(|(name, _)| *name == buffer);
    found.unwrap_or_else(|| panic!("the plan has no buffer {buffer:?}"))
}

impl<T: HasTwin> Task<T> {
    pub(super) fn new(call: &Call, plan: &Plan, places: &[(Buffer, Layout)]) -> Task<T> {
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
            on_data: false,
            waits: true,
            follows: Vec::new(),
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

    /// Returns the number of units along the slow axis for a batch of `rows` rows, and the approximate number of
    /// operations.
    pub(super) fn size(&self, rows: usize) -> (usize, usize) {
        let sizes = Sizes {
            args: &self.args,
            batch: rows,
            len: self.writes[0].1.len(),
        };
        let [fast, slow] = (self.kernel.units)(&sizes);
        (slow, fast * slow * (self.kernel.trips)(&sizes).max(1))
    }

    /// Returns the units of one member, for a batch of `rows` rows.
    pub(super) fn share(&self, rows: usize, member: usize, members: usize) -> Range<usize> {
        let grain = grain(self.kernel.axis);
        share(self.size(rows).0, grain, member, members)
    }

    /// Returns the sources of this update's gradients. Returns none unless the tasks in `before` have written all of
    /// them and touch nothing else that the update writes.
    fn sources(&self, before: &[Task<T>]) -> Vec<Source> {
        let (buffer, range) = &self.reads[0];
        let mut sources = Vec::new();
        let known = |task: &Task<T>| task.kernel.axis == Axis::Neurons || !task.follows.is_empty();
        let free = before.iter().all(known)
            && before
                .iter()
                .all(|task| !overlap(&self.writes, &task.touched()));
        // Of the gradient a member may read what others have computed.
        let reads_all = !self.kernel.row_reads.contains(&0);
        if self.kernel.axis != Axis::Elements || reads_all || !free {
            return Vec::new();
        }
        for task in before {
            for ((at, place), width) in task.writes.iter().zip(&task.widths) {
                if at == buffer && range.start <= place.start && place.end <= range.end {
                    sources.push(Source {
                        first: place.start - range.start,
                        units: place.len() / width,
                        width: *width,
                    });
                }
            }
        }
        sources.sort_by_key(|source| source.first);
        sources.dedup();
        let covered: usize = sources.iter().map(|s| s.units * s.width).sum();
        match covered == range.len() {
            true => sources,
            false => Vec::new(),
        }
    }

    fn touched(&self) -> Vec<Place> {
        self.reads.iter().chain(&self.writes).cloned().collect()
    }

    /// Returns whether this task and `other` may swap places.
    fn passes(&self, other: &Task<T>) -> bool {
        let [own, others] = [self, other].map(|task| [&task.reads[..], &task.writes[..]]);
        !conflict(own, others, meet)
    }
}

impl Source {
    /// Returns the elements of one member.
    pub(super) fn share(&self, member: usize, members: usize) -> Range<usize> {
        let own = share(self.units, grain(Axis::Neurons), member, members);
        self.first + own.start * self.width..self.first + own.end * self.width
    }
}

/// Whether two places have an element in common.
fn meet((a, r): &Place, (b, s): &Place) -> bool {
    a == b && r.start < s.end && s.start < r.end
}

fn overlap(some: &[Place], others: &[Place]) -> bool {
    some.iter().any(|a| others.iter().any(|b| meet(a, b)))
}

/// Makes the calls read the batch directly from the data set instead of the output of `gather`, if all calls that read
/// it can. This saves writing the rows and loading them into the caches twice.
pub(super) fn on_data<T: HasTwin>(mut tasks: Vec<Task<T>>) -> Vec<Task<T>> {
    let is_gather = |task: &Task<T>| task.kernel.role == Role::Gather;
    let Some(at) = tasks.iter().position(is_gather) else {
        return tasks;
    };
    let (data, batch) = (tasks[at].reads[0].clone(), tasks[at].writes[0].clone());
    let touches = |task: &&mut Task<T>| overlap(&task.touched(), std::slice::from_ref(&batch));
    let can = |task: &&mut Task<T>| {
        let others = task.touched().into_iter().filter(|place| *place != batch);
        let slot = task.kernel.data_read;
        slot.is_some_and(|slot| task.reads[slot] == batch)
            && !overlap(&others.collect::<Vec<_>>(), std::slice::from_ref(&batch))
    };
    let (before, rest) = tasks.split_at_mut(at + 1);
    let mut readers: Vec<_> = rest.iter_mut().filter(touches).collect();
    if readers.is_empty() || !readers.iter().all(can) || !T::TAKES_ANY_ROWS {
        return tasks;
    }
    for reader in &mut readers {
        if let Some(slot) = reader.kernel.data_read {
            reader.reads[slot] = data.clone();
            reader.read_widths[slot] = None;
            reader.on_data = true;
        }
    }
    let gather = &mut before[at];
    gather.writes[0].1.end = gather.writes[0].1.start;
    gather.widths[0] = 0;
    tasks
}

/// Orders the calls so that the team needs as few barriers as possible. Consecutive calls along the rows need no
/// barrier between them, and neither do calls along the neurons: each member continues with its own units. So a call
/// along the rows moves up to others of its kind, past calls that it does not depend on. And an update takes over the
/// shares of the calls that just computed its gradients. Every step begins with a barrier all the same: its batch may
/// be shorter than the previous one, which changes the members' rows.
pub(super) fn ordered<T: HasTwin>(tasks: Vec<Task<T>>) -> Vec<Task<T>> {
    let mut order: Vec<Task<T>> = Vec::new();
    for task in tasks {
        let along_rows = |t: &Task<T>| t.kernel.axis == Axis::Rows;
        let last = order.iter().rposition(along_rows).map_or(0, |at| at + 1);
        let moves = along_rows(&task) && order[last..].iter().all(|other| task.passes(other));
        order.insert(if moves { last } else { order.len() }, task);
    }
    let mut open = 0;
    for at in 0..order.len() {
        let (before, rest) = order.split_at_mut(at);
        let (before, task) = (&before[open..], &mut rest[0]);
        task.follows = task.sources(before);
        let same = |other: &Task<T>| other.kernel.axis == task.kernel.axis;
        let goes_on = task.kernel.axis != Axis::Elements && before.iter().all(same);
        task.waits = at == 0 || (task.follows.is_empty() && !goes_on);
        if task.waits {
            open = at;
        }
    }
    order
}

/// Returns the number of rows that go through consecutive calls together, for a batch of `rows` rows: enough for a fast
/// product, and few enough to stay in the cache.
pub(super) fn block(rows: usize) -> usize {
    (rows / 4).next_power_of_two().clamp(16, 128)
}

/// Returns the smallest number of units that a share may have.
fn grain(axis: Axis) -> usize {
    match axis {
        Axis::Rows => 8,
        Axis::Neurons => 2,
        Axis::Elements => 64,
    }
}

/// Returns the share of one member, in whole grains.
fn share(units: usize, grain: usize, member: usize, members: usize) -> Range<usize> {
    let grains = units.div_ceil(grain);
    let edge = |m: usize| (grains * m / members * grain).min(units);
    edge(member)..edge(member + 1)
}
