//! Measures of predicted values.

use wgrad::train::metrics::regression;

#[test]
fn a_perfect_prediction_explains_everything_and_the_mean_nothing() {
    let truth = [1.0, 2.0, 4.0, 5.0];
    assert_eq!(regression(&truth, &truth).r2, Some(1.0));
    assert_eq!(regression(&[3.0; 4], &truth).r2, Some(0.0));
    assert_eq!(regression(&[3.0; 4], &truth).mae, 1.5);
    assert_eq!(regression(&[3.0; 4], &[3.0; 4]).r2, None);
}
