//! The reference of functions.

use wgrad::model::Activation;
use wgrad::verify::{case::on_cpu, curves, functions::of_nan};

#[test]
fn the_reference_of_a_function_of_nan_is_nan() {
    for activation in Activation::IN_PRODUCTS {
        let [case, ..] = of_nan(activation);
        let after = on_cpu::<f64>(&case).unwrap();
        assert!(
            case.writes(&after)[0].iter().all(|out| out.is_nan()),
            "{activation:?}"
        );
    }
    let curves = curves::of_all_magnitudes("activation");
    for case in curves.iter().filter(|case| case.name.ends_with("NaN")) {
        let after = on_cpu::<f64>(case).unwrap();
        assert!(
            case.writes(&after)[0].iter().all(|out| out.is_nan()),
            "{}",
            case.name
        );
    }
}
