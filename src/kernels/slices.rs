//! When a GPU cuts the rows of a weight gradient into slices, and how long these are: a model of the time that it takes.
//!
//! A product with few rows and columns and very many terms, as a layer's weight gradient over a large batch, does not fill a
//! GPU by its tiles. Its terms are cut into slices, each added by workgroups of its own, and a second dispatch adds the
//! slices' sums. Slices within a workgroup would save that dispatch, but would not employ one core more.
//!
//! The model counts workgroups, the rounds of each, and what a round takes (`Pace`), with figures of an NVIDIA H200. It looks at
//! the sizes of a call alone, never at the GPU or the clock: where slices begin decides the bits of a sum, and the same
//! run must always have the same. The tile changes no bit of a slice, so that it may depend on what else is in a
//! dispatch ([`fastest`]).

use super::tiles::{LARGE, Product, SKINNY, SMALL, Tile};
use crate::kernels::Sizes;

/// What a slice has a multiple of, rows: more than any tile's terms, so that no round is of two slices.
pub const STEP: usize = 256;
/// Rows from which on they are cut.
pub const FEWEST: usize = 512;
/// Share of the time without slices that they may take.
const CLEARLY: f64 = 0.85;

/// Cores of the card that is to be filled.
const CORES: f64 = 132.0;
/// Microseconds of a dispatch that waits for the one before.
const DISPATCH: f64 = 2.1;
/// Microseconds that a round takes longer where lines of neurons or inputs are no whole texels.
const UNEVEN: f64 = 1.0;
/// Slices that the second dispatch loads at once (`weight_gradient_slices.wgsl`), and microseconds that it waits for them.
const LOADED: usize = 8;
const LOAD: f64 = 0.7;
/// Bytes a microsecond of the slices' sums, on their way out and back.
const BYTES: f64 = 2e6;

/// How fast a tile is, in microseconds, and the variant that adds slices by it.
pub struct Pace {
    pub tile: &'static Tile,
    pub variant: &'static str,
    /// A round of a workgroup, by itself on a core.
    round: f64,
    /// A round's share of a core that has many workgroups.
    share: f64,
    /// What is before the first round and behind the last.
    ends: f64,
}

/// The tiles, those with the fewest loads first. The large one does 40 TFLOP/s on a full card; the shares of the others are
/// estimates from products that half filled it.
pub static PACES: [Pace; 3] = [
    Pace {
        tile: &LARGE,
        variant: "split_large",
        round: 1.08,
        share: 0.43,
        ends: 8.0,
    },
    Pace {
        tile: &SMALL,
        variant: "split_small",
        round: 0.55,
        share: 0.35,
        ends: 2.0,
    },
    Pace {
        tile: &SKINNY,
        variant: "split_skinny",
        round: 0.52,
        share: 0.29,
        ends: 1.0,
    },
];

/// A product, and terms of a slice.
pub type Cut = (Product, usize);

impl Pace {
    /// Microseconds of the dispatch that adds the rows of all slices.
    fn first(&self, cuts: &[Cut]) -> f64 {
        let (mut longest, mut groups, mut rounds) = (0.0f64, 0.0, 0.0);
        for (product, rows) in cuts {
            let each = rows.div_ceil(self.tile.terms) as f64;
            let even = |width: usize| width.is_multiple_of(4);
            let round = match even(product.rows) && even(product.columns) {
                true => self.round,
                false => self.round + UNEVEN,
            };
            longest = longest.max(each * round);
            let slices = product.terms.div_ceil(*rows) as u64;
            let own = (self.tile.groups(product) * slices) as f64;
            groups += own;
            rounds += own * each;
        }
        // A core has a whole number of workgroups, and the fullest core is the last to end.
        let fullest = (groups / CORES).ceil() / groups;
        DISPATCH + self.ends + longest.max(rounds * fullest * self.share)
    }

    /// Microseconds of a product without slices.
    fn whole(&self, product: &Product) -> f64 {
        self.first(&[(*product, product.terms)])
    }

    /// Microseconds of a product in slices of so many terms.
    fn cut(&self, product: &Product, rows: usize) -> f64 {
        self.first(&[(*product, rows)]) + second(product, rows)
    }
}

/// Microseconds of the dispatch that adds slices of so many terms.
fn second(product: &Product, rows: usize) -> f64 {
    let slices = product.terms.div_ceil(rows);
    let sums = (product.columns + 1) * product.rows;
    let bytes = (2 * 4 * slices * sums) as f64;
    DISPATCH + slices.div_ceil(LOADED) as f64 * LOAD + bytes / BYTES
}

fn least(times: impl Iterator<Item = f64>) -> f64 {
    times.fold(f64::INFINITY, f64::min)
}

/// Terms of a slice of a product: those with which the fastest tile takes the least time.
pub fn rows(product: &Product) -> usize {
    let lengths = (STEP..product.terms).step_by(STEP);
    let time = |rows: usize| least(PACES.iter().map(|pace| pace.cut(product, rows)));
    let timed = lengths.map(|rows| (rows, time(rows)));
    let best = timed.min_by(|a, b| a.1.total_cmp(&b.1));
    best.map_or(STEP, |(rows, _)| rows)
}

/// Whether a product should be cut, and added by `tile` if no larger one should.
pub fn pays(tile: &Tile, product: &Product) -> bool {
    if product.terms < FEWEST {
        return false;
    }
    let rows = rows(product);
    let whole = least(PACES.iter().map(|pace| pace.whole(product)));
    let cut = |pace: &Pace| pace.cut(product, rows);
    let mut others = PACES.iter().skip_while(|pace| pace.tile.name != tile.name);
    let Some(own) = others.next().map(cut) else {
        return false;
    };
    let best = least(PACES.iter().map(cut));
    best < CLEARLY * whole && others.all(|other| own <= cut(other))
}

/// The variants that add products which share a dispatch, the fastest first.
pub fn fastest(cuts: &[Cut]) -> impl Iterator<Item = &'static str> + use<> {
    let mut paces: Vec<&Pace> = PACES.iter().collect();
    paces.sort_by(|a, b| a.first(cuts).total_cmp(&b.first(cuts)));
    paces.into_iter().map(|pace| pace.variant)
}

/// The rows that a call takes, from its first to its last: `weight_gradient` says which, `fused_sgd` takes all.
fn taken(sizes: &Sizes) -> usize {
    match sizes.args {
        [_, _, first, limit] => {
            let left = sizes.batch.saturating_sub(*first as usize);
            left.min(*limit as usize)
        }
        _ => sizes.batch,
    }
}

/// Slices of a call's rows, of so many each.
pub fn count(sizes: &Sizes, rows: usize) -> usize {
    taken(sizes).div_ceil(rows).max(1)
}

/// Texels of a slice's sums: each neuron's weights, then the biases.
pub fn texels([inputs, outputs]: [usize; 2]) -> usize {
    outputs * inputs.div_ceil(4) + outputs.div_ceil(4)
}
