//! Whether the parts of a data set fit one another.

use wgrad::dataset::{Dataset, Form, Targets};

/// Two rows of two inputs.
fn data(inputs: Vec<f64>, targets: Targets) -> Dataset {
    Dataset {
        name: "mine".to_owned(),
        form: Form::Table,
        rows: 2,
        columns: vec!["a".to_owned(), "b".to_owned()],
        inputs: inputs.into(),
        target_names: vec!["y".to_owned()],
        targets: Some(targets),
        ..Dataset::default()
    }
}

#[test]
fn parts_that_do_not_fit_are_named() {
    let classes = |labels: &[u32]| Targets::Classes {
        labels: labels.to_vec(),
        names: vec!["no".to_owned(), "yes".to_owned()],
    };
    let values = |values: &[f64]| Targets::Values {
        values: values.to_vec(),
    };
    let four = || vec![1.0, 2.0, 3.0, 4.0];
    for good in [classes(&[0, 1]), values(&[0.5, 1e9])] {
        assert_eq!(data(four(), good).check(), Ok(()));
    }
    let short = vec![1.0, 2.0, 3.0];
    let nan = vec![1.0, 2.0, f64::NAN, 4.0];
    for (bad, said) in [
        (
            data(short, classes(&[0, 1])),
            "2 rows of 2 inputs each, and 3 numbers",
        ),
        (data(nan, classes(&[0, 1])), "an input is not finite"),
        (data(four(), classes(&[0])), "2 rows, and 1 labels"),
        (
            data(four(), classes(&[0, 7])),
            "label 7, and there are 2 classes",
        ),
        (
            data(four(), values(&[1.0])),
            "2 rows of 1 target, and 1 values",
        ),
        (
            data(four(), values(&[1.0, f64::INFINITY])),
            "a target is not finite",
        ),
    ] {
        let why = bad.check().unwrap_err().to_string();
        assert!(why.starts_with("mine: ") && why.contains(said), "{why}");
    }
}
