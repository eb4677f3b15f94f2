//! The steps of an epoch.

use wgrad::model::Optimizer;
use wgrad::plan::{RateSchedule, Rates, Rows, Schedule};

#[test]
fn an_epoch_takes_every_row_once_and_the_last_batch_is_short() {
    let schedule = Schedule {
        rates: Rates::default(),
        dropout: 0.0,
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

#[test]
fn a_step_has_the_decay_and_the_dropout_of_its_place_in_the_run() {
    let schedule = Schedule {
        rates: Rates {
            steps: 4,
            decay: RateSchedule::Step,
            dropout: RateSchedule::Cosine,
            ..Rates::default()
        },
        dropout: 0.5,
        rows: Rows { first: 0, count: 4 },
        batch_size: 2,
        seed: 1,
        shuffle: true,
        optimizer: Optimizer::default(),
    };
    let steps = [schedule.epoch(0), schedule.epoch(1)].concat();
    let decays: Vec<f32> = steps.iter().map(|step| step.decay_factor).collect();
    assert_eq!(decays, [1.0, 1.0, 0.1, 0.01]);
    let rates: Vec<f32> = steps.iter().map(|step| step.dropout_rate).collect();
    assert_eq!((rates[0], rates[2]), (0.5, 0.25));
    for step in &steps {
        let kept = step.dropout_scale * (1.0 - step.dropout_rate);
        assert!((kept - 1.0).abs() < 1e-6, "{step:?}");
        assert_eq!(step.learning_rate, steps[0].learning_rate);
    }
}
