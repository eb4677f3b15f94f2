//! Data sets of rows that a program has in memory.

use wgrad::dataset::{Dataset, Form, Inputs, ReadOptions, Schema, Targets, Task, read};

/// The classes, and the number of each row's.
fn classes(labels: &[&str]) -> (Vec<String>, Vec<u32>) {
    let rows: Vec<[f64; 1]> = (0..labels.len()).map(|n| [n as f64]).collect();
    match Dataset::with_labels(&rows, labels).unwrap().targets {
        Some(Targets::Classes { labels, names }) => (names, labels),
        other => panic!("{other:?}"),
    }
}

#[test]
fn classes_are_in_the_order_that_a_table_has_them_in() {
    for labels in [["10", "9", "-1", "9"], ["b", "a", "B", "10"]] {
        let mut csv = "x,y\n".to_owned();
        labels
            .iter()
            .for_each(|label| csv += &format!("1,{label}\n"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        std::fs::write(&path, csv).unwrap();
        let options = ReadOptions {
            task: Some(Task::Classify),
            ..ReadOptions::default()
        };
        let table = read(&path.display().to_string(), &options, 0).unwrap();
        let (names, labels) = classes(&labels);
        assert_eq!(table.targets, Some(Targets::Classes { labels, names }));
    }
    assert_eq!(classes(&["10", "9", "-1"]).0, ["-1", "9", "10"]);
}

#[test]
fn values_are_kept_as_they_are() {
    let data = Dataset::with_values(&[[1.0, 2.0], [3.0, 4.0]], &[5.0, 6.0]).unwrap();
    assert_eq!((data.rows, data.width()), (2, 2));
    assert_eq!(data.columns, ["x1", "x2"]);
    assert_eq!(data.inputs, vec![1.0, 2.0, 3.0, 4.0].into());
    let values = vec![5.0, 6.0];
    assert_eq!(data.targets, Some(Targets::Values { values }));
}

#[test]
fn rows_that_cannot_be_data_are_refused() {
    let none: [[f64; 2]; 0] = [];
    let two = [[1.0], [2.0]];
    let nan = [[1.0], [f64::NAN]];
    let ragged = [vec![1.0, 2.0], vec![3.0]];
    for (found, said) in [
        (Dataset::with_values(&none, &[]), "0 rows, and no inputs"),
        (
            Dataset::with_values(&ragged, &[1.0, 2.0]),
            "rows: row 2: expected 2 inputs, found 1; give every row the same number",
        ),
        (
            Dataset::with_values(&two, &[1.0]),
            "rows: 2 rows, and 1 value; give one to each row",
        ),
        (
            Dataset::with_labels(&two, &["a", "b", "c"]),
            "2 rows, and 3 labels; give one to each row",
        ),
        (Dataset::with_labels(&two, &["a", "a"]), "one class, \"a\""),
        (Dataset::with_labels(&nan, &["a", "b"]), "an input is not"),
        (
            Dataset::with_values(&two, &[1.0, f64::INFINITY]),
            "a target is not finite",
        ),
    ] {
        let why = found.unwrap_err().to_string();
        assert!(why.contains(said), "{why}");
    }
}

#[test]
fn rows_for_a_model_of_images_are_pixels() {
    let schema = Schema {
        form: Form::Images {
            height: 1,
            width: 2,
            channels: 1,
        },
        columns: Vec::new(),
        target_names: vec!["label".to_owned()],
        classes: Vec::new(),
        inputs: 2,
        encoder: None,
    };
    let data = schema.dataset(&[[0.0, 255.0]]).unwrap();
    assert_eq!(data.inputs, Inputs::Pixels(vec![0, 255]));
    for wrong in [-1.0, 0.5, 256.0, f64::NAN] {
        let why = schema.dataset(&[[0.0, wrong]]).unwrap_err().to_string();
        assert!(why.contains("expected a whole number, 0 to 255"), "{why}");
    }
}
