//! The reference of functions.

use wgrad::model::Activation;
use wgrad::verify::{case::on_cpu, functions::of_nan};

#[test]
fn the_reference_of_a_function_of_nan_is_nan() {
    for activation in Activation::ALL {
        let [case, ..] = of_nan(activation);
        let after = on_cpu::<f64>(&case).unwrap();
        assert!(
            case.writes(&after)[0].iter().all(|out| out.is_nan()),
            "{activation:?}"
        );
    }
}
