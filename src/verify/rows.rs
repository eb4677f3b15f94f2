//! Cases of `gather`: the rows of a batch, in the order of the schedule.

use super::case::{Case, Tensor, exact, unwritten};
use super::numbers::{Draw, LayerShape, Numbers};
use crate::kernels::{Buffer::Scratch, Step, gather};
use crate::plan::{Extent, Rates, Rows, Schedule};

/// Rows of a split, its start in the data set, and the widths of its inputs and targets.
const SPLITS: [(usize, usize, [usize; 2]); 9] = [
    (1, 0, [1, 1]),
    (2, 3, [3, 1]),
    (3, 0, [1, 2]),
    (5, 2, [65, 1]),
    (13, 1, [7, 3]),
    (64, 0, [64, 1]),
    (65, 7, [2, 13]),
    (100, 31, [5, 1]),
    (1000, 3, [31, 2]),
];

/// Returns a schedule of `rows`, whose order the cases use.
pub fn schedule(rows: Rows, batch: usize, shuffle: bool) -> Schedule {
    Schedule {
        rates: Rates::default(),
        dropout: 0.0,
        rows,
        batch_size: batch,
        seed: 5,
        shuffle,
        optimizer: Default::default(),
    }
}

/// Returns the last step of an epoch for each split, in order and shuffled. It starts in the middle, and is short if
/// the batch size does not divide the rows.
pub fn gather_cases(numbers: Numbers) -> Vec<Case> {
    let mut cases = Vec::new();
    for (turn, (count, first, widths)) in SPLITS.into_iter().enumerate() {
        for shuffle in [false, true] {
            let batch = [7, 64, 65][turn % 3].min(count);
            let steps = schedule(Rows { first, count }, batch, shuffle).epoch(turn);
            cases.extend(
                steps
                    .last()
                    .map(|step| gather_case(numbers, batch + 2, widths, *step)),
            );
        }
    }
    cases
}

pub(super) fn gather_case(numbers: Numbers, batch: usize, widths: [usize; 2], step: Step) -> Case {
    let shape = LayerShape {
        batch,
        rows: step.rows as usize,
        inputs: widths[0],
        outputs: widths[1],
    };
    let rows = (step.first + step.count) as usize + 1;
    let data = |width: usize| Tensor {
        extent: Extent::Data { width },
        values: match numbers {
            Numbers::Integers => (0..rows * width).map(|i| i as f32).collect(),
            Numbers::Reals => Draw::new(numbers, width).take(rows * width, 1.0),
        },
    };
    let tensors = vec![
        data(widths[0]),
        data(widths[1]),
        unwritten(widths[0], shape),
        unwritten(widths[1], shape),
    ];
    let [inputs, targets, x, batch_targets] = [0, 1, 2, 3].map(|k| Scratch(k).into());
    let call = gather::call(widths[0], widths[1], inputs, targets, x, batch_targets);
    let mut case = Case::new(shape, vec![call], tensors, exact);
    (case.data, case.step) = (rows, step);
    case
}
