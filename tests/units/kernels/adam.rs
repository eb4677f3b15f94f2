//! Adam's bias corrections.

use wgrad::kernels::{Buffer::Scratch, adam};
use wgrad::model::Optimizer;
use wgrad::plan::{Rates, Rows, Schedule};
use wgrad::verify::{
    case::{Case, exact, guarded, on_cpu},
    numbers::shape,
};

/// Returns the size of the first update, at a learning rate and a gradient of 1, and the exact one.
fn first_update([beta1, beta2]: [f64; 2]) -> [f64; 2] {
    let epsilon = 1e-30;
    let both = |k| Scratch(k).tensor(1);
    let call = adam::call(
        [beta1, beta2, epsilon, 0.0],
        both(0),
        [both(1), both(2), both(3)],
    );
    let tensors = [[1.0], [0.0], [0.0], [0.0]].map(|values| guarded(&[&values]));
    let mut case = Case::new(shape(1, 1, 1, 1), vec![call], tensors.into(), exact);
    let schedule = Schedule {
        rates: Rates::default(),
        dropout: 0.0,
        rows: Rows { first: 0, count: 1 },
        batch_size: 1,
        seed: 0,
        shuffle: false,
        optimizer: Optimizer::Adam {
            learning_rate: 1.0,
            beta1,
            beta2,
            epsilon,
            weight_decay: 0.0,
        },
    };
    case.step = schedule.epoch(0)[0];
    let [found, reference] = [
        f64::from(on_cpu::<f32>(&case).unwrap()[1][3]),
        on_cpu::<f64>(&case).unwrap()[1][3],
    ];
    [-found, -reference]
}

#[test]
fn the_first_update_is_the_learning_rate_for_betas_that_f32_cannot_hold() {
    for beta1 in [0.9, 0.95, 0.99, 0.8, 0.7] {
        for beta2 in [0.999, 0.9999, 0.99999, 0.99, 0.98, 0.95] {
            assert_ne!(f64::from(beta2 as f32), beta2, "f32 holds it");
            let [found, reference] = first_update([beta1, beta2]);
            let apart = (found as f32).to_bits().abs_diff(1f32.to_bits());
            assert!(apart <= 2, "{beta1}, {beta2}: {found}, {apart} ULP");
            assert!(
                (reference - 1.0).abs() < 1e-7,
                "{beta1}, {beta2}: {reference}"
            );
        }
    }
}
