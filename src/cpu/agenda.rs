//! What a member of a team does in a step, laid out once for each number of rows that a batch has: its units of each call,
//! and the elements that they read and write.

use crate::cpu::task::{Place, Task, block};
use crate::cpu::team::{Memory, Span};
use crate::kernels::{Axis, HasTwin};
use std::ops::Range;

/// A member of a team.
#[derive(Clone, Copy)]
pub(super) struct Member {
    pub(super) number: usize,
    pub(super) members: usize,
}

/// Maximum number of slices that a call reads or writes.
const SLOTS: usize = 3;
/// An update of at most so many elements is one call for a member who is alone. The gradients of more do not stay in the
/// cache, so that an update of the last ones begins with them.
const SMALL_UPDATE: usize = 1 << 12;

/// One member's part of a step.
pub(super) struct Agenda<T> {
    /// Rows of the batch.
    rows: u32,
    /// The member's rows.
    pub(super) own_rows: Range<usize>,
    /// Units of calls, in groups with a barrier before each.
    pub(super) groups: Vec<Vec<Units<T>>>,
}

/// Some units of one call.
pub(super) struct Units<T> {
    /// Index of the call.
    pub(super) task: usize,
    pub(super) units: Range<usize>,
    /// The rows of the batch that the call reads.
    pub(super) rows: Range<usize>,
    /// Which of the member's rows of the next step to fetch meanwhile.
    pub(super) coming: Range<usize>,
    pub(super) reads: Spans<T>,
    pub(super) writes: Spans<T>,
}

/// The slices of a call, and their number.
pub(super) type Spans<T> = ([Span<T>; SLOTS], usize);

impl<T: HasTwin> Agenda<T> {
    /// Returns whether it is for a batch of `rows` rows.
    pub(super) fn is_for(&self, rows: u32) -> bool {
        self.rows == rows
    }

    /// Returns the index of the agenda for a batch of `rows` rows, and makes it if there is none yet.
    pub(super) fn index(
        agendas: &mut Vec<Agenda<T>>,
        (tasks, memory): (&[Task<T>], &Memory<T>),
        rows: u32,
        member: Member,
    ) -> usize {
        let known = agendas.iter().position(|agenda| agenda.is_for(rows));
        known.unwrap_or_else(|| {
            agendas.push(Agenda::new(tasks, memory, rows, member));
            agendas.len() - 1
        })
    }

    fn new(tasks: &[Task<T>], memory: &Memory<T>, rows: u32, member: Member) -> Agenda<T> {
        let units = |n, task: &Task<T>, own: Range<usize>, coming| {
            Units::new((n, task), memory, own, rows as usize, coming)
        };
        let share = |task: &Task<T>| task.share(rows as usize, member.number, member.members);
        let own = tasks.iter().find(|task| task.kernel.axis == Axis::Rows);
        let mut first = 0;
        let group = |tasks: &[Task<T>]| {
            let from = first;
            first += tasks.len();
            let numbered = tasks.iter().enumerate().map(|(n, task)| (from + n, task));
            match tasks[0].kernel.axis {
                // A block goes through all calls before the next one, while it is in the cache.
                Axis::Rows => blocks(share(&tasks[0]), rows as usize)
                    .flat_map(|(own, coming)| {
                        let each = numbered.clone();
                        each.map(move |(n, task)| units(n, task, own.clone(), coming.clone()))
                    })
                    .collect(),
                _ => numbered
                    .flat_map(|(n, task)| {
                        let is_small =
                            member.members == 1 && task.writes[0].1.len() <= SMALL_UPDATE;
                        let whole = task.follows.is_empty() || is_small;
                        let own = whole.then(|| share(task));
                        // In reverse order, because the gradients that were computed last are still in the cache.
                        let sources = task.follows.iter().rev().filter(move |_| !whole);
                        let followed = sources.map(|s| s.share(member.number, member.members));
                        let shares = own.into_iter().chain(followed);
                        shares.map(move |share| units(n, task, share, 0..0))
                    })
                    .collect(),
            }
        };
        Agenda {
            rows,
            own_rows: own.map_or(0..0, share),
            groups: tasks.chunk_by(|_, next| !next.waits).map(group).collect(),
        }
    }
}

/// Returns the member's rows `own` block by block, each with the member's rows of the next step that are fetched meanwhile.
fn blocks(own: Range<usize>, rows: usize) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
    let block = block(rows);
    own.clone().step_by(block).map(move |start| {
        let end = own.end.min(start + block);
        (start..end, start - own.start..end - own.start)
    })
}

impl<T: HasTwin> Units<T> {
    fn new(
        (index, task): (usize, &Task<T>),
        memory: &Memory<T>,
        units: Range<usize>,
        rows: usize,
        coming: Range<usize>,
    ) -> Units<T> {
        let cut = |(buffer, range): &Place, width: usize| {
            let part = range.start + units.start * width..range.start + units.end * width;
            (*buffer, part)
        };
        let spans = |places: Vec<Place>| -> Spans<T> {
            let mut spans = [Span::EMPTY; SLOTS];
            for (span, (buffer, range)) in spans.iter_mut().zip(&places) {
                *span = memory.span(*buffer, range.clone());
            }
            (spans, places.len())
        };
        let reads = task.reads.iter().zip(&task.read_widths);
        let reads = reads.map(|(p, width)| width.map_or(p.clone(), |width| cut(p, width)));
        let writes = task.writes.iter().zip(&task.widths);
        Units {
            task: index,
            rows: match task.kernel.axis {
                Axis::Rows => units.start.min(rows)..units.end.min(rows),
                _ => 0..rows,
            },
            coming,
            reads: spans(reads.collect()),
            writes: spans(writes.map(|(place, width)| cut(place, *width)).collect()),
            units,
        }
    }
}
