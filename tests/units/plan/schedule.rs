//! The steps of an epoch.

use wgrad::model::Optimizer;
use wgrad::plan::{Rates, Rows, Schedule};

#[test]
fn an_epoch_takes_every_row_once_and_the_last_batch_is_short() {
    let schedule = Schedule {
        rates: Rates::default(),
        rows: Rows {
            first: 5,
            count: 23,
        },
        batch_size: 10,
        seed: 1,
        shuffle: true,
        optimizer: Optimizer::default(),
    };
    let steps = schedule.epoch(3);
    assert_eq!(
        steps.iter().map(|s| s.rows).collect::<Vec<_>>(),
        [10, 10, 3]
    );
    assert_eq!(steps[2].index, 3 * 3 + 2);
    let mut rows: Vec<u32> = steps
        .iter()
        .flat_map(|s| (0..s.rows).map(|n| s.row(n)))
        .collect();
    assert_ne!(rows, (5..28).collect::<Vec<_>>());
    rows.sort_unstable();
    assert_eq!(rows, (5..28).collect::<Vec<_>>());
}
