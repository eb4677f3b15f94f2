use super::*;
use wgrad::dataset::DataErrorKind as Kind;

fn rows_for(text: &str, schema: &Schema, options: &ReadOptions) -> Result<Dataset, DataError> {
    by_name(text, |path| dataset::read_for(path, schema, options))
}

#[test]
fn a_model_finds_its_columns_by_name_and_ignores_the_others() {
    let text = "extra,y,b,extra,a\nx,blue,2,z,1\nNA,red,4,w,3\n";
    let data = rows_for(text, &schema(), &ReadOptions::default()).unwrap();
    assert_eq!(data.columns, ["a", "b"]);
    assert_eq!(cells(&data), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(labels(&data), (&[0, 1][..], vec!["blue", "red"]));
    assert_eq!(data.schema(), schema());
}

#[test]
fn a_model_predicts_rows_without_targets_even_a_single_one() {
    for text in ["b,a\n2,1\n", "b,a,y\n2,1,?\n"] {
        let data = rows_for(text, &schema(), &ReadOptions::default()).unwrap();
        assert_eq!((data.rows, &data.targets), (1, &None));
        assert_eq!(data.target_names, ["y"]);
        assert_eq!(cells(&data), [1.0, 2.0]);
    }
}

#[test]
fn a_class_that_a_model_does_not_know_is_named_with_its_line() {
    let text = "a,b,y\n1,2,red\n3,4,green\n";
    let error = rows_for(text, &schema(), &ReadOptions::default()).unwrap_err();
    assert_eq!(error.kind, Kind::Model);
    assert!(
        error.message.starts_with("t.csv:3: y is \"green\""),
        "{error}"
    );
    assert!(error.message.contains("it knows blue, red"), "{error}");
}

#[test]
fn a_model_names_the_columns_that_it_misses() {
    let error = rows_for("a,c\n1,2\n", &schema(), &ReadOptions::default()).unwrap_err();
    assert_eq!(
        error.message,
        "t.csv: no column b; the model takes 2 columns by name (a, b), found 2 (a, c); \
         rename or add what is missing"
    );
}

#[test]
fn a_model_predicts_every_row() {
    let text = "a,b\n1,2\n,3\n";
    for options in [ReadOptions::default(), skipping()] {
        let data = rows_for(text, &schema(), &options).unwrap();
        assert_eq!(data.rows, 2);
        assert_eq!(data.notes[1], "missing cells filled in: a (1)");
    }
    let word = rows_for("a,b\nx,2\n", &schema(), &skipping()).unwrap_err();
    assert!(
        word.message.starts_with("t.csv:2: column a: found \"x\""),
        "{word}"
    );
    assert!(!word.message.contains("`drop"), "{word}");
}

#[test]
fn values_for_a_model_are_read_as_values() {
    let regress = aiming(&[], Some(Task::Regress));
    let schema = read("a,y\n1,2\n3,4\n", &regress).unwrap().schema();
    assert!(schema.classes.is_empty());
    let data = rows_for("y,a\n7,1\n", &schema, &ReadOptions::default()).unwrap();
    assert_eq!(values(&data), [7.0]);
    let word = rows_for("y,a\nx,1\n", &schema, &ReadOptions::default()).unwrap_err();
    assert!(
        word.message.starts_with("t.csv:2: column y: found \"x\""),
        "{word}"
    );
}

#[test]
fn a_models_target_is_what_it_is_so_no_flag_that_names_another_is_suggested() {
    let text = "a,b,y\n1,2,red\n3,4,\n";
    let data = rows_for(text, &schema(), &ReadOptions::default()).unwrap();
    assert_eq!(
        (data.rows, &data.notes[0][..]),
        (1, "1 row without a target left out")
    );
    let values = Schema {
        classes: Vec::new(),
        ..schema()
    };
    let text = "a,b,y\n1,2,3.5\n3,4,tall\n";
    let error = rows_for(text, &values, &ReadOptions::default()).unwrap_err();
    assert_eq!(
        error.message,
        "t.csv:3: column y: found \"tall\", expected a number as in most rows; correct the cell, or empty it"
    );
    let emptied = text.replace("tall", "");
    assert_eq!(rows_for(&emptied, &values, &skipping()).unwrap().rows, 1);
}

#[test]
fn a_schema_with_a_name_twice_is_refused_as_that() {
    let twice = Schema {
        columns: vec!["a".to_owned(), "a".to_owned()],
        ..schema()
    };
    let both = Schema {
        target_names: vec!["b".to_owned()],
        ..schema()
    };
    for (schema, part) in [
        (twice, "the column a is there twice"),
        (both, "b is both an input and a target"),
    ] {
        let error = rows_for("a,b,y\n1,2,red\n", &schema, &ReadOptions::default()).unwrap_err();
        assert_eq!(error.kind, Kind::Model);
        assert!(error.message.contains(part), "{error}");
    }
}
