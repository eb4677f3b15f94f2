//! What a data set is read from: built-ins, files by their names and first bytes; and what follows from it.

use crate::samples::numbers;
use std::io::Write;
use wgrad::dataset::{
    DataError, DataErrorKind, MissingRows, ReadOptions, Schema, Targets, Task, read, read_for,
};

fn error(source: &str) -> DataError {
    read(source, &ReadOptions::default(), 0).expect_err("expected an error")
}

/// Creates a folder with a file. Returns the folder and the file's path.
fn file(name: &str, bytes: impl AsRef<[u8]>) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

fn packed(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

#[test]
fn built_in_data_has_its_known_shape() {
    let shape = |name: &str| {
        let data = read(name, &ReadOptions::default(), 0).unwrap();
        assert_eq!(data.inputs.len(), data.rows * data.width());
        let is_finite = |name: &String| numbers(&data, name).iter().all(|v| v.is_finite());
        assert!(data.columns.iter().all(is_finite));
        (data.rows, data.width(), data.classes())
    };
    assert_eq!(shape("digits"), (1797, 64, 10));
    assert_eq!(shape("iris"), (150, 4, 3));
    assert_eq!(shape("xor"), (4, 2, 2));
    assert_eq!(shape("spirals"), (400, 2, 2));
}

#[test]
fn spirals_come_from_the_seed() {
    let of = |seed| read("spirals", &ReadOptions::default(), seed).unwrap();
    assert_eq!(of(1), of(1));
    assert_ne!(of(1).inputs, of(2).inputs);
}

#[test]
fn four_rows_are_not_split_and_a_note_says_so() {
    let data = read("xor", &ReadOptions::default(), 0).unwrap();
    assert_eq!(
        crate::shared_out(&data, [0.2, 0.2], 0).unwrap().train.len(),
        4
    );
    let notes = data.notes.join("\n");
    assert!(notes.contains("4 rows: too few to split"), "{notes}");
}

#[test]
fn a_name_that_is_nearly_built_in_is_suggested_and_others_get_the_list() {
    let near = error("digit");
    assert_eq!(near.kind, DataErrorKind::NotFound);
    let meant = "did you mean the built-in \"digits\"?";
    assert!(near.message.contains(meant), "{near}");
    let message = error("/no/such/folder/qqqq").message;
    assert!(message.contains("digits, iris, xor, spirals"), "{message}");
}

#[test]
fn a_file_that_is_nearly_there_is_suggested() {
    let (folder, path) = file("houses.csv", "a,y\n1,0\n2,1\n");
    let typed = folder.path().join("house.csv");
    let message = error(typed.to_str().unwrap()).message;
    assert!(
        message.contains(&format!("did you mean {path:?}?")),
        "{message}"
    );
}

#[test]
fn gzip_is_known_by_its_first_bytes_and_a_wrong_name_is_refused() {
    let text = "a,y\n1,0\n2,1\n3,1\n";
    let (_plain, plain) = file("rows.csv", text);
    let plain = read(&plain, &ReadOptions::default(), 0).unwrap();
    for name in ["rows.csv.gz", "rows.csv"] {
        let (_folder, path) = file(name, packed(text));
        assert_eq!(read(&path, &ReadOptions::default(), 0).unwrap(), plain);
    }
    let (_folder, path) = file("rows.csv.gz", text);
    assert!(error(&path).message.contains("not a gzip file"));
    let (_folder, path) = file("rows.csv.gz", &packed(text)[..20]);
    let error = error(&path);
    assert_eq!(error.kind, DataErrorKind::Format);
    assert!(error.message.contains("a damaged gzip file"), "{error}");
}

#[test]
fn a_tsv_file_has_tabs_whatever_its_header_looks_like() {
    let text = "a, b, c\ty\n1\t0\n2\t1\n";
    for (name, bytes) in [
        ("t.tsv", text.as_bytes().to_vec()),
        ("t.tsv.gz", packed(text)),
    ] {
        let (_folder, path) = file(name, bytes);
        let data = read(&path, &ReadOptions::default(), 0).unwrap();
        assert_eq!(
            (data.name.as_str(), &data.columns[..]),
            ("t", &["a, b, c".to_owned()][..])
        );
    }
}

#[test]
fn penguins_are_read_when_the_error_is_followed() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/penguins.csv");
    let mut options = ReadOptions {
        target: vec!["species".to_owned()],
        ..ReadOptions::default()
    };
    options.drop = vec!["island".to_owned(), "sex".to_owned()];
    options.missing_rows = MissingRows::Drop;
    let data = read(path, &options, 0).unwrap();
    assert_eq!((data.rows, data.width(), data.classes()), (342, 5, 3));
}

#[test]
fn some_rows_are_selected_with_their_targets() {
    let data = read("iris", &ReadOptions::default(), 0)
        .unwrap()
        .select(&[149, 0]);
    assert_eq!(data.rows, 2);
    assert_eq!(numbers(&data, &data.columns[0])[1], 5.1);
    match data.targets {
        Some(Targets::Classes { labels, .. }) => assert_eq!(labels, [2, 0]),
        other => panic!("expected classes, found {other:?}"),
    }
}

#[test]
fn a_built_in_is_read_for_its_model_with_equal_numbers() {
    for name in ["digits", "iris", "xor", "spirals"] {
        let data = read(name, &ReadOptions::default(), 0).unwrap();
        let again = read_for(name, &data.schema(), &ReadOptions::default()).unwrap();
        assert_eq!(
            (&again.inputs, &again.targets),
            (&data.inputs, &data.targets)
        );
    }
}

#[test]
fn tasks_and_forms_are_written_in_lower_case() {
    let json = |value: &Schema| serde_json::to_string(value).unwrap();
    assert_eq!(
        serde_json::to_string(&Task::Classify).unwrap(),
        "\"classify\""
    );
    let schema = read("xor", &ReadOptions::default(), 0).unwrap().schema();
    assert_eq!(
        json(&schema),
        r#"{"form":"table","columns":["a","b"],"target_names":["xor"],"classes":["0","1"],"inputs":2}"#
    );
    assert_eq!(
        serde_json::from_str::<Schema>(&json(&schema)).unwrap(),
        schema
    );
}
