//! Rows are brought for several steps at once, and each of these steps has a *prefetch slot*: its own part of the buffers that rows
//! are brought to, and bind groups that name them. Most steps are a dispatch shorter by it.

use crate::gpu::adapter::transfers::ALIGN;
use crate::kernels::{Buffer, Call, Switches, System};
use crate::plan::{Extent, Phase, Plan};

/// Elements that are brought at once, and for how many steps, at most.
const ELEMENTS: usize = 1 << 18;
pub(super) const MOST: usize = 16;
/// Bytes from a step's part of the schedule to the next one's: as far apart as every adapter lets them be bound.
pub(super) const STEP_BYTES: u64 = 256;

/// Steps that one submission may hold.
pub(super) const SCHEDULE_ROWS: usize = 4096;
/// The prefetch slots of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prefetch {
    pub(super) count: usize,
    /// Rows that each has room for.
    pub(super) rows: usize,
}

/// One of them.
#[derive(Clone, Copy)]
pub(super) struct PrefetchSlot {
    pub(super) of: Prefetch,
    pub(super) number: usize,
}

impl Prefetch {
    /// The prefetch slots of `phase`.
    pub(super) fn new(plan: &Plan, phase: Phase, switches: &Switches) -> Prefetch {
        let (batch, all) = (plan.rows(phase), brought(plan));
        let widths = || all.iter().map(|(_, width)| *width);
        // So that each prefetch slot can be bound.
        let even = |width: usize| ALIGN >> width.trailing_zeros().min(ALIGN.ilog2());
        let rows = batch.next_multiple_of(widths().map(even).max().unwrap_or(1));
        let elements = rows * widths().sum::<usize>();
        let count = (ELEMENTS / elements.max(1)).min(MOST);
        let most = match switches.has("prefetch") {
            true => steps_at_once(phase),
            false => 1,
        };
        match count.min(most) {
            0 | 1 => Prefetch {
                count: 1,
                rows: batch,
            },
            count => Prefetch { count, rows },
        }
    }

    /// Of the first is number 0.
    pub(super) fn prefetch_slot(self, number: usize) -> PrefetchSlot {
        PrefetchSlot { of: self, number }
    }

    pub(super) fn all(self) -> impl Iterator<Item = PrefetchSlot> {
        (0..self.count).map(move |number| self.prefetch_slot(number))
    }
}

/// Whether a call brings rows of the data set.
pub(super) fn brings(call: &Call) -> bool {
    call.kernel.system.contains(&System::Schedule)
}

/// The buffers that rows are brought to, and the elements of a row there.
pub(super) fn brought(plan: &Plan) -> Vec<(Buffer, usize)> {
    let calls = plan.gather.iter().filter(|call| brings(call));
    let all = calls.flat_map(|call| call.writes.iter().zip(&call.args));
    let all = all.map(|(slice, width)| match plan.extent(slice.buffer) {
        Extent::Batch { width: own } if own == &(*width as usize) => (slice.buffer, *own),
        other => panic!("{other:?} is not rows of {width}, which gather brings"),
    });
    all.collect()
}

/// Steps that one submission of a phase may hold.
pub(super) fn steps_at_once(phase: Phase) -> usize {
    match phase {
        Phase::Predict => 1,
        _ => SCHEDULE_ROWS,
    }
}
