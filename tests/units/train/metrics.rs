//! Measures of predicted values.

use wgrad::train::metrics::{
    Advice, ClassScores, falls_between, log_loss, regression, roc_auc, still_falls, worst_pairs,
};

#[test]
fn a_perfect_prediction_explains_everything_and_the_mean_nothing() {
    let truth = [1.0, 2.0, 4.0, 5.0];
    assert_eq!(regression(&truth, &truth).r2, Some(1.0));
    assert_eq!(regression(&[3.0; 4], &truth).r2, Some(0.0));
    assert_eq!(regression(&[3.0; 4], &truth).mae, 1.5);
    assert_eq!(regression(&[3.0; 4], &[3.0; 4]).r2, None);
}

/// Three classes, with probabilities of each; some are equal. The expected values are scikit-learn's.
const TRUTH: [u32; 10] = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2];
const PROBABILITIES: [f32; 30] = [
    0.7, 0.2, 0.1, 0.5, 0.3, 0.2, 0.2, 0.6, 0.2, 0.4, 0.4, 0.2, 0.1, 0.8, 0.1, 0.3, 0.5, 0.2, 0.6,
    0.3, 0.1, 0.2, 0.5, 0.3, 0.1, 0.3, 0.6, 0.3, 0.4, 0.3,
];
const PREDICTED: [u32; 10] = [0, 0, 1, 0, 1, 1, 0, 1, 2, 1];

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
}

#[test]
fn precision_recall_and_f1_are_those_of_scikit_learn() {
    let scores = ClassScores::new(&PREDICTED, &TRUTH, 3);
    near(scores.accuracy, 0.6);
    let expected = [
        (0.75, 0.75, 0.75, 4),
        (0.4, 0.666_666_67, 0.5, 3),
        (1.0, 0.333_333_33, 0.5, 3),
    ];
    for (score, (precision, recall, f1, rows)) in scores.classes.iter().zip(expected) {
        near(score.precision, precision);
        near(score.recall, recall);
        near(score.f1, f1);
        assert_eq!(score.rows, rows);
    }
    let (all, weighted) = (scores.macro_average, scores.weighted_average);
    for (average, expected) in [
        (all, [0.716_666_67, 0.583_333_33, 0.583_333_33]),
        (weighted, [0.72, 0.6, 0.6]),
    ] {
        near(average.precision, expected[0]);
        near(average.recall, expected[1]);
        near(average.f1, expected[2]);
    }
    assert_eq!((scores.majority.class, scores.majority.share), (0, 0.4));
    assert!(scores.never_predicted().is_empty());
}

#[test]
fn a_class_that_is_never_predicted_has_zeros_and_one_without_rows_is_in_no_mean() {
    let scores = ClassScores::new(&[0, 0, 0, 0], &[0, 0, 2, 2], 3);
    near(scores.macro_average.precision, 0.25);
    near(scores.macro_average.f1, 0.333_333_33);
    near(scores.weighted_average.recall, 0.5);
    assert_eq!(scores.never_predicted(), [2]);
    let wrong = ClassScores::new(&[0, 1, 2, 2], &[0, 0, 2, 2], 3);
    near(wrong.macro_average.precision, 0.666_666_67);
    near(wrong.macro_average.f1, 0.555_555_56);
    assert!(wrong.never_predicted().is_empty());
    assert_eq!(ClassScores::new(&[], &[], 2).accuracy, 0.0);
}

#[test]
fn the_area_under_the_curve_and_the_log_loss_are_those_of_scikit_learn() {
    near(roc_auc(&PROBABILITIES, &TRUTH, 3).unwrap(), 0.820_436_51);
    near(log_loss(&PROBABILITIES, &TRUTH, 3).unwrap(), 0.861_458_6);
    let second = [0.2f32, 0.2, 0.2, 0.7, 0.7, 0.7, 1.0];
    let both: Vec<f32> = second.iter().flat_map(|p| [1.0 - p, *p]).collect();
    let truth = [0, 1, 0, 1, 1, 0, 1];
    near(roc_auc(&both, &truth, 2).unwrap(), 0.75);
    near(log_loss(&both, &truth, 2).unwrap(), 0.567_578_26);
    near(
        log_loss(&[1.0, 0.0, 1.0, 0.0], &[0, 1], 2).unwrap(),
        7.971_192_36,
    );
}

#[test]
fn scores_that_do_not_exist_are_none() {
    assert_eq!(roc_auc(&[0.3, 0.7, 0.6, 0.4], &[1, 1], 2), None);
    assert_eq!(roc_auc(&[f32::NAN, 0.7, 0.6, 0.4], &[0, 1], 2), None);
    assert_eq!(log_loss(&[f32::NAN, 0.7, 0.6, 0.4], &[0, 1], 2), None);
    assert_eq!(log_loss(&[], &[], 2), None);
}

#[test]
fn the_worst_pairs_are_the_most_frequent_mistakes() {
    let (predicted, truth) = ([1, 1, 0, 2, 2, 2, 0], [0, 0, 1, 1, 1, 2, 0]);
    assert_eq!(worst_pairs(&predicted, &truth, 2), [(0, 1, 2), (1, 2, 2)]);
    assert_eq!(worst_pairs(&predicted, &truth, 9).len(), 3);
}

#[test]
fn the_baseline_of_values_is_the_error_of_their_mean() {
    let scores = regression(&[1.5, 2.0, 3.0, 6.0], &[1.0, 2.0, 4.0, 5.0]);
    near(scores.r2.unwrap(), 0.775);
    near(scores.mae, 0.625);
    near(scores.rmse, 0.75);
    near(scores.baseline.mae, 1.5);
    near(scores.baseline.rmse, 1.581_138_83);
}

#[test]
fn a_loss_still_falls_if_its_last_tenth_is_clearly_lower() {
    let straight: Vec<f64> = (0..30).map(|epoch| 1.0 - 0.02 * f64::from(epoch)).collect();
    assert!(still_falls(&straight));
    let mut risen = straight.clone();
    risen[29] = 0.9;
    risen[10] = 0.3;
    assert!(!still_falls(&risen), "the best epoch was long ago");
    let flat: Vec<f64> = (0..30).map(|epoch| 0.4 + 0.5f64.powi(epoch)).collect();
    assert!(!still_falls(&flat));
    let near_zero: Vec<f64> = (0..300).map(|epoch| 0.98f64.powi(epoch)).collect();
    assert!(
        !still_falls(&near_zero),
        "halved again and again, and nothing is gained"
    );
    assert!(still_falls(&[0.7, 0.6]));
    assert!(!still_falls(&[0.7]) && !still_falls(&[]));
}

#[test]
fn warnings_name_what_was_not_learned_and_one_cure() {
    let advice = Advice {
        cure: "try this",
        weighted: false,
    };
    let names = ["0", "1"].map(str::to_owned);
    let never = ClassScores::new(&[0, 0, 0, 0], &[0, 0, 0, 1], 2);
    assert_eq!(
        advice.of_classes(&never, &names),
        [
            "accuracy 0.7500 is no better than always answering \"0\", which has 0.7500; try this",
            "class \"1\" is never predicted: 1 row of it",
        ]
    );
    let good = ClassScores::new(&[0, 0, 1, 1, 1], &[0, 0, 0, 1, 1], 2);
    assert_eq!(
        advice.of_classes(&good, &names),
        Vec::<String>::new().as_slice()
    );
    let one_class = ClassScores::new(&[0, 0], &[0, 0], 2);
    assert_eq!(
        advice.of_classes(&one_class, &names),
        Vec::<String>::new().as_slice()
    );
    let names = ["y".to_owned()];
    let mean = regression(&[3.0; 4], &[1.0, 2.0, 4.0, 5.0]);
    let told = advice.of_values(&[mean], &names);
    assert_eq!(
        told,
        ["y: R² 0.0000 is no better than always predicting the mean; try this"]
    );
    let truth = [1.0, 2.0];
    assert!(
        advice
            .of_values(&[regression(&truth, &truth)], &names)
            .is_empty()
    );
}

#[test]
fn a_loss_falls_between_two_evaluations_by_what_a_tenth_of_the_epochs_gains() {
    assert!(falls_between(1.0, (26, 0.60), (30, 0.57)));
    assert!(
        !falls_between(1.0, (15, 0.60), (30, 0.57)),
        "over half of the epochs"
    );
    assert!(!falls_between(1.0, (26, 0.57), (30, 0.60)));
    assert!(!falls_between(1.0, (26, 0.010), (30, 0.008)), "near 0");
    assert!(!falls_between(1.0, (30, 0.6), (30, 0.5)));
}
