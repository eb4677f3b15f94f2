//! Schedules, those of learning rates beside PyTorch's.

use wgrad::plan::{RateSchedule, Rates};

/// Factors at each of `steps` steps.
fn factors(schedule: RateSchedule, warmup: usize, steps: usize) -> Vec<f64> {
    let rates = Rates {
        schedule,
        warmup,
        steps,
        ..Rates::default()
    };
    (0..steps).map(|step| rates.factor(step)).collect()
}

#[track_caller]
fn near(found: &[f64], expected: &[f64]) {
    let all_near = found
        .iter()
        .zip(expected)
        .all(|(f, e)| (f - e).abs() < 1e-9);
    assert!(found.len() == expected.len() && all_near, "{found:?}");
}

#[test]
fn schedules_have_their_shapes() {
    use RateSchedule::*;
    near(&factors(Constant, 0, 3), &[1.0; 3]);
    near(&factors(Step, 0, 4), &[1.0, 1.0, 0.1, 0.01]);
    // torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=4) at a rate of 1.
    let root = 0.5f64.sqrt();
    near(
        &factors(Cosine, 0, 4),
        &[1.0, (1.0 + root) / 2.0, 0.5, (1.0 - root) / 2.0],
    );
    near(&factors(FlatCos, 0, 8)[..7], &[1.0; 7]);
    near(&factors(FlatCos, 0, 8)[7..], &[0.5]);
    // The waves end at shares (2^k - 1) / 15.
    let ends = factors(Coslog4, 0, 15);
    near(&[ends[0], ends[1], ends[3], ends[7]], &[0.0; 4]);
    let tops = factors(Coslog4, 0, 1500);
    assert!(tops.iter().all(|f| (0.0..=1.0).contains(f)));
    assert_eq!(
        tops.windows(3)
            .filter(|w| w[1] > w[0] && w[1] > w[2])
            .count(),
        4
    );
}

#[test]
fn one_cycle_rises_for_30_percent_and_falls() {
    let cycle = factors(RateSchedule::OneCycle, 0, 100);
    near(&[cycle[0], cycle[30]], &[0.04, 1.0]);
    // Half way up, and half way down.
    near(
        &[cycle[15], cycle[65]],
        &[0.52, (1.0 + 1.0 / 250_000.0) / 2.0],
    );
    assert!(RateSchedule::OneCycle.factor(1.0) < 1e-5);
}

#[test]
fn a_warm_up_rises_in_a_line() {
    let warm = factors(RateSchedule::Constant, 4, 6);
    near(&warm, &[0.25, 0.5, 0.75, 1.0, 1.0, 1.0]);
    let cosine = factors(RateSchedule::Cosine, 2, 4);
    near(&cosine[..1], &[0.5]);
}

#[test]
fn weight_decay_and_dropout_have_schedules_of_their_own_without_warm_up() {
    let rates = Rates {
        schedule: RateSchedule::Step,
        warmup: 4,
        steps: 8,
        scale: 0.5,
        decay: RateSchedule::FlatCos,
        dropout: RateSchedule::Cosine,
    };
    let over = |of: fn(&Rates, usize) -> f64| (0..9).map(|k| of(&rates, k)).collect::<Vec<_>>();
    let decay = over(Rates::decay_factor);
    near(&decay, &[[1.0; 7].as_slice(), &[0.5, 0.0]].concat());
    let dropout = over(Rates::dropout_factor);
    near(&[dropout[0], dropout[4], dropout[8]], &[1.0, 0.5, 0.0]);
    assert!(!rates.are_open());
    let open = Rates {
        schedule: RateSchedule::Plateau,
        ..Rates::default()
    };
    assert!(open.are_open());
}
