//! Blocks of a workgroup's memory, for GPUs: how many lanes a workgroup has, what each computes, and what is where in the
//! memory.

use super::calls::{all_calls, is_of, is_product, width};
use crate::gpu::print::block::panels::{A_LANE, Panel, Weights};
use crate::kernels::{Buffer, Call};
use crate::plan::Plan;

/// Invocations of a workgroup.
const TEAMS: std::ops::RangeInclusive<usize> = 64..=256;
/// Lanes that have sums, about: a warp for each scheduler of a core. Of more, each would have fewer rows, and load more
/// texels for a term that it adds.
const BUSY: usize = 128;
/// Rows from which on blocks share a core: there, lanes that only load weights would take room for registers.
const SHARED: usize = 32;
/// Rows that a lane can have (`lanes_block.wgsl`, `Sums`).
const LANE_ROWS: [usize; 4] = [1, 2, 4, 8];

/// A workgroup: its invocations, and its memory.
#[derive(Debug)]
pub(super) struct Workgroup {
    pub(super) team: usize,
    /// Rows that a lane has sums of.
    pub(super) lane_rows: usize,
    /// Texels of memory for the rows' values.
    pub(super) texels: usize,
    /// Texels of memory for a panel, of which there are two: those that there are, and those that the largest one needs.
    room: usize,
    pub(super) panel: usize,
    /// Where rows of a buffer are in the memory: the first row's first texel.
    areas: Vec<(Buffer, usize)>,
}

impl Workgroup {
    /// For so many rows of `chain`, if so many bytes of memory are enough.
    pub(super) fn new(
        plan: &Plan,
        chain: &[Buffer],
        rows: usize,
        memory: usize,
    ) -> Option<Workgroup> {
        let products = all_calls(plan).filter(|call| is_product(call) && is_of(chain, call));
        let products: Vec<_> = products.map(|call| Weights::of(plan, call)).collect();
        let (areas, texels) = place(plan, chain, rows);
        let widest = products.iter().map(Weights::neurons).max()?;
        let lanes = |own: usize| rows / own * widest.div_ceil(4).next_multiple_of(2);
        // Lanes two by two have different rows.
        let mut possible = LANE_ROWS.into_iter().filter(|own| 2 * own <= rows);
        let busy = possible.clone().find(|own| lanes(*own) <= BUSY);
        let lane_rows = busy.or(possible.next_back())?;
        let loading = match rows < SHARED {
            true => products.iter().map(Weights::texels).max()?,
            false => 0,
        };
        let team = lanes(lane_rows).max(loading.div_ceil(A_LANE));
        let team = team.next_power_of_two().clamp(*TEAMS.start(), *TEAMS.end());
        let room = (memory / 16).checked_sub(texels)? / 2;
        let mut panel = 0;
        for weights in products {
            let texels = weights.panels(team, room)?.iter().map(Panel::texels).max();
            panel = panel.max(texels?);
        }
        Some(Workgroup {
            team,
            lane_rows,
            texels,
            room,
            panel,
            areas,
        })
    }

    /// The panels of a product.
    pub(super) fn panels(&self, plan: &Plan, product: &Call) -> Vec<Panel> {
        let panels = Weights::of(plan, product).panels(self.team, self.room);
        panels.unwrap_or_else(|| panic!("{} has no room", product.kernel.name))
    }

    /// Where a buffer's rows are.
    pub(super) fn area(&self, buffer: Buffer) -> usize {
        let found = self.areas.iter().find(|(name, _)| *name == buffer);
        found.map_or_else(|| panic!("a block has no {buffer:?}"), |(_, at)| *at)
    }
}

/// Where the rows' buffers are in a workgroup's memory, and its texels: one area for the one that is read, one for the one
/// that is made of it, in turns; and the targets.
fn place(plan: &Plan, chain: &[Buffer], rows: usize) -> (Vec<(Buffer, usize)>, usize) {
    // Texels from a row to the next, as in `memory_block.wgsl`.
    let line = |buffer: Buffer| width(plan, buffer).div_ceil(4) | 1;
    let longest = |parity: usize| {
        let turns = chain.iter().skip(parity).step_by(2);
        turns.map(|buffer| line(*buffer)).max().unwrap_or(0)
    };
    let [even, odd] = [longest(0), longest(1)];
    let at = |k: usize| [0, even * rows][k % 2];
    let mut areas: Vec<_> = chain.iter().enumerate().map(|(k, b)| (*b, at(k))).collect();
    areas.push((Buffer::Targets, (even + odd) * rows));
    (areas, (even + odd + line(Buffer::Targets)) * rows)
}
