//! Prefetching: one dispatch gathers the rows of several steps. Each of these steps has a *prefetch slot*: its own part
//! of the buffers that rows are gathered into, and bind groups for that part. So most steps need one dispatch fewer.

use crate::gpu::adapter::transfers::ALIGN;
use crate::kernels::{Buffer, Call, Switches, System};
use crate::plan::{Extent, Phase, Plan};

/// Maximum number of elements, and of steps, that are gathered at once.
const MAX_ELEMENTS: usize = 1 << 18;
pub(super) const MAX_STEPS: usize = 16;
/// Bytes between the entries of two steps: the largest offset alignment that an adapter may require.
pub(super) const STEP_BYTES: u64 = 256;

/// Maximum number of steps per submission.
pub(super) const SCHEDULE_ROWS: usize = 4096;
/// The prefetch slots of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prefetch {
    pub(super) count: usize,
    /// Rows that each slot has room for.
    pub(super) rows: usize,
}

/// One prefetch slot.
#[derive(Clone, Copy)]
pub(super) struct PrefetchSlot {
    pub(super) of: Prefetch,
    pub(super) number: usize,
}

impl Prefetch {
    /// Returns the prefetch slots of `phase`.
    pub(super) fn new(plan: &Plan, phase: Phase, switches: &Switches) -> Prefetch {
        let (batch, all) = (plan.rows(phase), gathered(plan));
        let widths = || all.iter().map(|(_, width)| *width);
        // Rounds up so that every slot starts at an aligned offset.
        let even = |width: usize| ALIGN >> width.trailing_zeros().min(ALIGN.ilog2());
        let rows = batch.next_multiple_of(widths().map(even).max().unwrap_or(1));
        let elements = rows * widths().sum::<usize>();
        let count = (MAX_ELEMENTS / elements.max(1)).min(MAX_STEPS);
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

    /// Returns slot `number`, counted from 0.
    pub(super) fn prefetch_slot(self, number: usize) -> PrefetchSlot {
        PrefetchSlot { of: self, number }
    }

    pub(super) fn all(self) -> impl Iterator<Item = PrefetchSlot> {
        (0..self.count).map(move |number| self.prefetch_slot(number))
    }
}

/// Returns whether a call gathers rows of the data set.
pub(super) fn gathers(call: &Call) -> bool {
    call.kernel.system.contains(&System::Schedule)
}

/// Returns the buffers that rows are gathered into, with their elements per row.
pub(super) fn gathered(plan: &Plan) -> Vec<(Buffer, usize)> {
    let calls = plan.gather.iter().filter(|call| gathers(call));
    let all = calls.flat_map(|call| call.writes.iter().zip(&call.args));
    let all = all.map(|(slice, width)| match plan.extent(slice.buffer) {
        Extent::Batch { width: own } if own == &(*width as usize) => (slice.buffer, *own),
        other => panic!("{other:?} is not rows of {width}, as gather writes"),
    });
    all.collect()
}

/// Returns the maximum number of steps per submission of a phase.
pub(super) fn steps_at_once(phase: Phase) -> usize {
    match phase {
        Phase::Predict => 1,
        _ => SCHEDULE_ROWS,
    }
}
