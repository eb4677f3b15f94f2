//! What a member of a team does in a step, laid out once for each number of rows that a batch has: its units of each call,
//! and the elements that they read and write.

use crate::cpu::task::{Place, Task, block};
use crate::kernels::{Axis, HasTwin};
use std::ops::Range;

/// A member of a team.
#[derive(Clone, Copy)]
pub(super) struct Member {
    pub(super) number: usize,
    pub(super) members: usize,
}

/// One member's part of a step.
pub(super) struct Agenda {
    /// Rows of the batch.
    rows: u32,
    /// The member's rows.
    pub(super) own_rows: Range<usize>,
    /// Units of calls, in groups with a barrier before each.
    pub(super) groups: Vec<Vec<Units>>,
}

/// Some units of one call.
pub(super) struct Units {
    /// Index of the call.
    pub(super) task: usize,
    pub(super) units: Range<usize>,
    /// The rows of the batch that the call reads.
    pub(super) rows: Range<usize>,
    /// Which of the member's rows of the next step to fetch meanwhile.
    pub(super) coming: Range<usize>,
    pub(super) reads: Vec<Place>,
    pub(super) writes: Vec<Place>,
}

impl Agenda {
    /// Returns the index of the agenda for a batch of `rows` rows, and makes it if there is none yet.
    pub(super) fn index<T: HasTwin>(
        agendas: &mut Vec<Agenda>,
        tasks: &[Task<T>],
        rows: u32,
        member: Member,
    ) -> usize {
        let known = agendas.iter().position(|agenda| agenda.rows == rows);
        known.unwrap_or_else(|| {
            agendas.push(Agenda::new(tasks, rows, member));
            agendas.len() - 1
        })
    }

    fn new<T: HasTwin>(tasks: &[Task<T>], rows: u32, member: Member) -> Agenda {
        let share = |task: &Task<T>| task.share(rows as usize, member.number, member.members);
        let own = tasks.iter().find(|task| task.kernel.axis == Axis::Rows);
        let mut first = 0;
        let group = |tasks: &[Task<T>]| {
            let from = first;
            first += tasks.len();
            let numbered = tasks.iter().enumerate().map(|(n, task)| (from + n, task));
            match tasks[0].kernel.axis {
                Axis::Rows => by_blocks(numbered, share(&tasks[0]), rows as usize),
                _ => numbered
                    .flat_map(|(n, task)| {
                        // In reverse order, because the gradients that were computed last are still in the cache.
                        let sources = task.follows.iter().rev();
                        let followed = sources.map(|s| s.share(member.number, member.members));
                        let own = task.follows.is_empty().then(|| share(task));
                        let shares = own.into_iter().chain(followed);
                        shares.map(move |share| Units::new(n, task, share, rows as usize, 0..0))
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

/// Returns the member's rows `own` of consecutive calls, block by block. A block goes through all of them before the next
/// one, while it is in the cache.
fn by_blocks<'a, T: HasTwin>(
    tasks: impl Iterator<Item = (usize, &'a Task<T>)> + Clone,
    own: Range<usize>,
    rows: usize,
) -> Vec<Units> {
    let block = block(rows);
    let starts = own.clone().step_by(block);
    let units = starts.flat_map(|start| {
        let units = start..own.end.min(start + block);
        let coming = units.start - own.start..units.end - own.start;
        let each = tasks.clone();
        each.map(move |(n, task)| Units::new(n, task, units.clone(), rows, coming.clone()))
    });
    units.collect()
}

impl Units {
    fn new<T>(
        index: usize,
        task: &Task<T>,
        units: Range<usize>,
        rows: usize,
        coming: Range<usize>,
    ) -> Units {
        let cut = |(buffer, range): &Place, width: usize| {
            let part = range.start + units.start * width..range.start + units.end * width;
            (*buffer, part)
        };
        let reads = task.reads.iter().zip(&task.read_widths);
        let writes = task.writes.iter().zip(&task.widths);
        Units {
            task: index,
            rows: match task.kernel.axis {
                Axis::Rows => units.start.min(rows)..units.end.min(rows),
                _ => 0..rows,
            },
            coming,
            reads: reads
                .map(|(place, width)| width.map_or(place.clone(), |width| cut(place, width)))
                .collect(),
            writes: writes.map(|(place, width)| cut(place, *width)).collect(),
            units,
        }
    }
}
