//! Splits and folds: which rows are for what.

mod groups;

use crate::{options, shared_out};
use wgrad::dataset::{DataErrorKind as Kind, Dataset, Form, SplitOptions, Targets, folds, split};

/// Returns `counts[c]` rows of class c, one class after the other.
fn classes(counts: &[usize]) -> Dataset {
    let labels = counts.iter().enumerate();
    let labels: Vec<u32> = labels.flat_map(|(c, n)| vec![c as u32; *n]).collect();
    Dataset {
        name: "test".to_owned(),
        form: Form::Table,
        rows: labels.len(),
        columns: vec!["x".to_owned()],
        inputs: vec![0.0; labels.len()].into(),
        target_names: vec!["y".to_owned()],
        targets: Some(Targets::Classes {
            labels,
            names: (0..counts.len()).map(|c| c.to_string()).collect(),
        }),
        ..Dataset::default()
    }
}

/// Counts the `rows` of each class.
fn counts(data: &Dataset, rows: &[u32]) -> Vec<usize> {
    let mut counts = vec![0; data.classes()];
    if let Some(Targets::Classes { labels, .. }) = &data.targets {
        rows.iter()
            .for_each(|&row| counts[labels[row as usize] as usize] += 1);
    }
    counts
}

#[track_caller]
fn fails(data: &Dataset, val: f64, test: f64, part: &str) {
    let error = shared_out(data, [val, test], 0).unwrap_err();
    assert_eq!(error.kind, Kind::Split);
    assert!(error.message.contains(part), "no {part:?} in: {error}");
}

#[test]
fn every_row_is_in_one_set_and_every_class_keeps_its_share() {
    let data = classes(&[50, 30, 20]);
    let split = shared_out(&data, [0.1, 0.2], 0).unwrap();
    let mut all = [&split.train[..], &split.val, &split.test].concat();
    all.sort_unstable();
    assert_eq!(all, (0..100).collect::<Vec<u32>>());
    assert_eq!(counts(&data, &split.train), [35, 21, 14]);
    assert_eq!(counts(&data, &split.val), [5, 3, 2]);
    assert_eq!(counts(&data, &split.test), [10, 6, 4]);
}

#[test]
fn a_remainder_goes_to_the_classes_with_the_largest() {
    let data = classes(&[14, 13, 13]);
    let split = shared_out(&data, [0.0, 0.25], 0).unwrap();
    // The exact shares are 3.5, 3.25 and 3.25 rows, 10 in all.
    assert_eq!(counts(&data, &split.test), [4, 3, 3]);
}

#[test]
fn the_rarest_class_keeps_a_row_to_train_on() {
    let data = classes(&[1, 2, 40]);
    for seed in 0..20 {
        let split = shared_out(&data, [0.45, 0.45], seed).unwrap();
        assert!(counts(&data, &split.train).iter().all(|&n| n >= 1));
    }
}

#[test]
fn the_seed_decides() {
    let data = classes(&[40, 40]);
    let of = |seed| shared_out(&data, [0.2, 0.2], seed).unwrap();
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
}

#[test]
fn values_are_split_as_one_group() {
    let mut data = classes(&[100]);
    data.targets = Some(Targets::Values {
        values: vec![0.0; 100],
    });
    let split = shared_out(&data, [0.15, 0.15], 0).unwrap();
    let sizes = [&split.train, &split.val, &split.test].map(|rows| rows.len());
    assert_eq!(sizes, [70, 15, 15]);
}

#[test]
fn a_test_set_that_came_with_the_data_stays_whatever_the_share() {
    let mut data = classes(&[50, 50]);
    data.test_from = Some(80);
    for test in [0.0, 0.2, 0.95, 7.0] {
        let split = shared_out(&data, [0.1, test], 0).unwrap();
        assert_eq!(split.test, (80..100).collect::<Vec<u32>>());
        assert_eq!(split.val.len(), 8);
        assert!(split.train.iter().chain(&split.val).all(|&row| row < 80));
    }
}

#[test]
fn few_rows_are_all_for_training() {
    let split = shared_out(&classes(&[2, 2]), [0.2, 0.2], 0).unwrap();
    assert_eq!(split.train, [0, 1, 2, 3]);
    assert!(split.val.is_empty() && split.test.is_empty());
}

#[test]
fn shares_that_leave_nothing_are_refused() {
    let data = classes(&[50, 50]);
    fails(&data, 0.5, 0.5, "leave no rows");
    fails(&data, 0.1, 1.5, "`test = 1.5`");
    fails(&data, -0.1, 0.1, "`val = -0.1`");
    fails(&data, f64::NAN, 0.1, "`val = NaN`");
    fails(&classes(&[]), 0.1, 0.1, "no rows");
    let mut all_test = classes(&[50, 50]);
    all_test.test_from = Some(0);
    fails(&all_test, 0.1, 0.1, "no rows");
}

#[test]
fn a_data_set_that_contradicts_itself_is_no_reason_to_panic() {
    let mut data = classes(&[20, 20]);
    data.rows = 50;
    data.test_from = Some(1000);
    if let Some(Targets::Classes { labels, names }) = &mut data.targets {
        labels[0] = u32::MAX;
        names.clear();
    }
    let split = shared_out(&data, [0.1, 0.1], 0).unwrap();
    assert_eq!(split.train.len() + split.val.len(), 50);
}

#[test]
fn folds_share_out_every_row_once_and_each_class_evenly() {
    let data = classes(&[23, 40, 7]);
    let splits = folds(&data, 5, &options(0.0, 0.0, 3)).unwrap();
    let mut all: Vec<u32> = splits.iter().flat_map(|s| s.val.clone()).collect();
    all.sort_unstable();
    assert_eq!(all, (0..70).collect::<Vec<_>>());
    for split in &splits {
        assert_eq!(split.train.len() + split.val.len(), 70);
        assert!(split.val.iter().all(|row| !split.train.contains(row)));
        for (found, whole) in counts(&data, &split.val).iter().zip([23, 40, 7]) {
            assert!(
                (whole / 5..=whole / 5 + 1).contains(found),
                "{found} of {whole}"
            );
        }
    }
}

#[test]
fn the_rows_of_the_test_are_in_no_fold() {
    let data = classes(&[30, 30]);
    for split in folds(&data, 3, &options(0.0, 0.2, 1)).unwrap() {
        assert_eq!(split.test.len(), 12);
        assert!(
            split
                .test
                .iter()
                .all(|r| !split.train.contains(r) && !split.val.contains(r))
        );
    }
}

#[test]
fn a_number_of_folds_that_cannot_be_is_refused() {
    let data = classes(&[8, 8]);
    for count in [0, 1, 17] {
        let error = folds(&data, count, &options(0.0, 0.0, 1))
            .unwrap_err()
            .to_string();
        assert!(error.contains("expected 2 to 16"), "{error}");
    }
}

#[test]
fn without_a_shuffle_the_last_rows_are_the_test_and_those_before_for_validation() {
    let data = classes(&[15, 5]);
    let options = SplitOptions {
        shuffle: false,
        ..SplitOptions::default()
    };
    let in_order = split(&data, &options).unwrap();
    assert_eq!(in_order.train, (0..14).collect::<Vec<u32>>());
    assert_eq!(in_order.val, [14, 15]);
    assert_eq!(in_order.test, [16, 17, 18, 19]);
    let folded = folds(
        &data,
        3,
        &SplitOptions {
            test: 0.0,
            ..options
        },
    )
    .unwrap();
    let vals: Vec<Vec<u32>> = folded.into_iter().map(|split| split.val).collect();
    let expected: [Vec<u32>; 3] = [(0..7).collect(), (7..14).collect(), (14..20).collect()];
    assert_eq!(vals, expected);
}

#[test]
fn validation_and_test_rows_that_came_with_the_data_stay_and_no_share_is_taken() {
    let mut data = classes(&[50, 50]);
    (data.val_from, data.test_from) = (Some(70), Some(90));
    for shuffle in [true, false] {
        let options = SplitOptions {
            shuffle,
            ..SplitOptions::default()
        };
        let mut split = split(&data, &options).unwrap();
        split.train.sort_unstable();
        assert_eq!(split.train, (0..70).collect::<Vec<u32>>());
        assert_eq!(split.val, (70..90).collect::<Vec<u32>>());
        assert_eq!(split.test, (90..100).collect::<Vec<u32>>());
    }
    data.test_from = None;
    let own_val = shared_out(&data, [0.1, 0.2], 0).unwrap();
    assert_eq!(own_val.val, (70..100).collect::<Vec<u32>>());
    assert_eq!((own_val.train.len(), own_val.test.len()), (56, 14));
    let few = Dataset {
        val_from: Some(5),
        test_from: Some(8),
        ..classes(&[5, 5])
    };
    let split = shared_out(&few, [0.1, 0.2], 0).unwrap();
    assert_eq!(
        (split.train.len(), split.val, split.test),
        (5, vec![5, 6, 7], vec![8, 9])
    );
}

#[test]
fn folds_share_out_the_validation_rows_that_came_with_the_data() {
    let mut data = classes(&[20, 20]);
    (data.val_from, data.test_from) = (Some(20), Some(30));
    let splits = folds(&data, 3, &options(0.1, 0.2, 0)).unwrap();
    let mut all: Vec<u32> = splits.iter().flat_map(|split| split.val.clone()).collect();
    all.sort_unstable();
    assert_eq!(all, (0..30).collect::<Vec<u32>>());
    assert!(
        splits
            .iter()
            .all(|split| split.test == (30..40).collect::<Vec<u32>>())
    );
}
