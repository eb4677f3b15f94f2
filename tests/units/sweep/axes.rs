//! What a sweep tries.

use wgrad::model::{Activation, Initialization};
use wgrad::plan::Training;
use wgrad::sweep::{Axes, Variant, learning_rates};

#[test]
fn a_range_has_both_ends_and_even_ratios() {
    let rates = learning_rates("1e-3:1e-1:log:5").unwrap();
    assert_eq!(rates.len(), 5);
    assert!((rates[0] - 1e-3).abs() < 1e-12 && (rates[4] - 1e-1).abs() < 1e-12);
    assert!((rates[2] - 1e-2).abs() < 1e-12);
    assert_eq!(
        learning_rates("0.5:1:lin:3,2").unwrap(),
        [0.5, 0.75, 1.0, 2.0]
    );
    assert_eq!(learning_rates("0.1:0.9:log:1").unwrap(), [0.1]);
    assert_eq!(learning_rates("1e-3:1e-1:log:3").unwrap()[2], 1e-1);
}

/// Returns a variant with three rates, two of them the same.
fn variant(number: u64) -> Variant {
    let values = [("batch_size".to_owned(), number.into())];
    Variant {
        training: Training::default(),
        learning_rate: vec![0.1, 0.2, 0.1],
        epochs: None,
        values: values.into_iter().collect(),
    }
}

#[test]
fn an_alternative_named_twice_is_tried_once() {
    let axes = Axes {
        init: Initialization::Auto,
        hidden: vec![vec![16], vec![8], vec![16]],
        activation: vec![Activation::Relu],
        variants: vec![variant(0), variant(1)],
        seeds: 0..1,
    };
    assert_eq!(axes.settings().len(), 8);
    let linear = Axes {
        init: Initialization::Auto,
        hidden: vec![vec![]],
        activation: vec![Activation::Relu, Activation::Tanh],
        ..axes
    };
    assert_eq!(linear.settings().len(), 4);
}

#[test]
fn what_is_no_rate_is_refused_with_an_example() {
    for text in ["", "0", "-1", "nan", "a", "1:2", "1:2:cube:3", "1:2:log:x"] {
        let error = learning_rates(text).unwrap_err().to_string();
        assert!(error.contains("1e-3:1e-1:log:8"), "{text}: {error}");
    }
    for count in [0, 10_001] {
        let error = learning_rates(&format!("1:2:log:{count}")).unwrap_err();
        let told = format!("{count} rates, expected 1 to 10000");
        assert!(error.to_string().contains(&told), "{error}");
    }
}
