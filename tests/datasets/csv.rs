//! Tables: CSV, TSV and their relatives.

mod bytes;
mod models;
mod targets;
mod warnings;

use wgrad::dataset;
use wgrad::dataset::{
    DataError, Dataset, Delimiter, DialectOptions, Form, ReadOptions, Schema, Targets, Task,
};

/// What `of` makes of the path of a file `t.csv` with this text; an error calls it so, without its folder.
fn by_name(
    text: impl AsRef<[u8]>,
    of: impl FnOnce(&str) -> Result<Dataset, DataError>,
) -> Result<Dataset, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    of(path).map_err(|error| DataError {
        message: error.message.replace(path, "t.csv"),
        ..error
    })
}

fn read(text: impl AsRef<[u8]>, options: &ReadOptions) -> Result<Dataset, DataError> {
    by_name(text, |path| dataset::read(path, options, 0))
}

fn table(text: impl AsRef<[u8]>) -> Result<Dataset, DataError> {
    read(text, &ReadOptions::default())
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn dropping(drop: &[&str]) -> ReadOptions {
    ReadOptions {
        drop: owned(drop),
        ..ReadOptions::default()
    }
}

fn aiming(target: &[&str], task: Option<Task>) -> ReadOptions {
    ReadOptions {
        target: owned(target),
        task,
        ..ReadOptions::default()
    }
}

fn skipping() -> ReadOptions {
    ReadOptions {
        skip_missing: true,
        ..ReadOptions::default()
    }
}

/// Returns the whole message of the error.
#[track_caller]
fn error(text: impl AsRef<[u8]>, options: &ReadOptions) -> String {
    let read = read(text, options);
    read.expect_err("expected an error").message
}

fn labels(data: &Dataset) -> (&[u32], Vec<&str>) {
    match &data.targets {
        Some(Targets::Classes { labels, names }) => {
            (labels, names.iter().map(String::as_str).collect())
        }
        other => panic!("expected classes, found {other:?}"),
    }
}

fn values(data: &Dataset) -> &[f64] {
    match &data.targets {
        Some(Targets::Values { values }) => values,
        other => panic!("expected values, found {other:?}"),
    }
}

const PLAIN: &str = "a,b,y\n1,2,red\n3.5,-4e-1,blue\n";

/// Returns the schema of a model of `PLAIN`.
fn schema() -> Schema {
    table(PLAIN).unwrap().schema()
}

#[test]
fn a_table_becomes_rows_of_numbers_and_classes() {
    let data = table(PLAIN).unwrap();
    assert_eq!((data.rows, data.form), (2, Form::Table));
    assert_eq!(data.columns, ["a", "b"]);
    assert_eq!(data.inputs, vec![1.0, 2.0, 3.5, -0.4].into());
    assert_eq!(data.target_names, ["y"]);
    assert_eq!(labels(&data), (&[1, 0][..], vec!["blue", "red"]));
    assert_eq!(
        data.notes,
        [
            "target y, the last column: 2 classes (text): \"blue\", \"red\"",
            "2 rows: too few to split, all are for training"
        ]
    );
}

#[test]
fn delimiters_marks_line_ends_quotes_spaces_and_blank_lines_make_no_difference() {
    let plain = table(PLAIN).unwrap();
    for delimiter in [";", "\t", "|"] {
        assert_eq!(table(PLAIN.replace(',', delimiter)).unwrap(), plain);
    }
    assert_eq!(table(format!("\u{feff}{PLAIN}")).unwrap(), plain);
    assert_eq!(table(PLAIN.replace('\n', "\r\n")).unwrap(), plain);
    assert_eq!(table(PLAIN.replace('\n', "\r\n \r\n\r\n")).unwrap(), plain);
    assert_eq!(table(PLAIN.replace(',', " ,  ")).unwrap(), plain);
    assert_eq!(table(PLAIN.trim_end()).unwrap(), plain);
    assert_eq!(table(format!("\n\n{PLAIN}")).unwrap(), plain);
    let quoted = "\"a\",\"b\",\"y\"\r\n\"1\",2,\"red\"\r\n3.5,-4e-1,\"blue\"\r\n";
    assert_eq!(table(quoted).unwrap(), plain);
}

#[test]
fn a_delimiter_that_is_given_wins_over_the_header() {
    let dialect = DialectOptions {
        delimiter: Some(Delimiter::Byte(b';')),
        ..DialectOptions::default()
    };
    let options = ReadOptions {
        dialect,
        ..ReadOptions::default()
    };
    let text = "a, in m;b, in s, or so;y\n1;2;0\n3;4;1\n";
    let data = read(text, &options).unwrap();
    assert_eq!(data.columns, ["a, in m", "b, in s, or so"]);
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let of = |text: &str| error(text, &ReadOptions::default());
    assert_eq!(
        of("a,b,y\n1,2,0\n3,4\n"),
        "t.csv:3: expected 3 columns, found 2"
    );
    assert_eq!(
        of("a,b,y\r\n1,2,0\r\n3,4"),
        "t.csv:3: expected 3 columns, found 2"
    );
    assert!(of("\na,b,y\n\n\n1,2,0\n\n3,4\n5,6,1\n").starts_with("t.csv:7: "));
    assert!(of("a,b,y\n1,2,\"two\nlines\"\n3,4\n").starts_with("t.csv:4: "));
    assert!(of("a,b,y\n1,2,\"two\n\nlines\"\nx,4,z\n5,6,z\n").starts_with("t.csv:5: "));
    assert!(of("a,b,y\n1,2,0\n \n3,4,\"1\n5,6,0\n").starts_with("t.csv:4: "));
}

#[test]
fn an_open_quotation_mark_is_found_even_where_the_columns_fit() {
    for text in [
        "a,b,y\n1,\"2,0\n3,4,1\n",
        "a,b,y\n1,2,\"0\n3,4,1",
        "a,b,y\n1,2,\"",
    ] {
        let message = error(text, &ReadOptions::default());
        assert!(
            message.starts_with("t.csv:2: a quotation mark is left open"),
            "{message}"
        );
    }
}

#[test]
fn text_and_missing_values_are_named_in_one_error_with_the_flags_that_leave_them_out() {
    let text = "kind,size,colour,note,weight\n\
        cat,1,red,x,4\ndog,,blue,y,20\ncat,3,red,z,NA\ndog,4,?,w,22\n";
    let target = aiming(&["kind"], None);
    assert_eq!(
        error(text, &target),
        "t.csv: columns with text: colour, note; 2 rows with missing values (first: line 3, size). \
         Leave the columns out with `drop = colour,note` and the rows with `skip_missing`"
    );
    let dropped = ReadOptions {
        drop: owned(&["note", "colour"]),
        ..target.clone()
    };
    assert_eq!(
        error(text, &dropped),
        "t.csv: 2 rows with missing values (first: line 3, size). Leave the rows out with `skip_missing`"
    );
    let skipped = ReadOptions {
        skip_missing: true,
        drop: owned(&["note"]),
        ..target
    };
    assert_eq!(
        error(text, &skipped),
        "t.csv: column with text: colour. Leave the column out with `drop = note,colour`"
    );
}

#[test]
fn the_default_target_is_named_where_another_may_be_meant() {
    let message = error(
        "kind,size,year\ncat,1,1\ndog,2,2\n",
        &ReadOptions::default(),
    );
    assert_eq!(
        message,
        "t.csv: column with text: kind. Leave the column out with `drop = kind`. \
         The target is year, the last column; `target` names another"
    );
}

#[test]
fn names_that_a_shell_would_split_are_in_quotation_marks() {
    let message = error(
        "my kind,size,y\ncat,1,1\ndog,2,2\n",
        &ReadOptions::default(),
    );
    assert!(message.contains("`drop = 'my kind'`"), "{message}");
}

#[test]
fn rows_with_missing_values_are_left_out_when_asked() {
    let text = "a,y\n1,x\nNA,y\n2,N/A\n3,y\nnan,x\nNULL,x\n?,x\n-,x\n,x\n4,x\n";
    let data = read(text, &skipping()).unwrap();
    assert_eq!(data.inputs, vec![1.0, 3.0, 4.0].into());
    assert_eq!(labels(&data), (&[0, 1, 0][..], vec!["x", "y"]));
    let rows = "row 2, row 3, row 5, row 6, row 7, row 8, row 9";
    let note = format!("7 rows with a missing value left out ({rows})");
    assert_eq!(data.notes[0], note);
}

#[test]
fn classes_of_rows_that_are_left_out_do_not_count() {
    let text = "a,y\n1,x\nNA,gone\n2,z\n";
    let data = read(text, &skipping()).unwrap();
    assert_eq!(labels(&data), (&[0, 1][..], vec!["x", "z"]));
}

#[test]
fn a_column_without_values_is_left_out_and_not_every_row() {
    let message = error("a,b,y\n1,,0\n2,,1\n", &ReadOptions::default());
    assert!(message.contains("column without a value: b"), "{message}");
    assert!(message.contains("`drop = b`"), "{message}");
    assert!(!message.contains("`skip_missing`"), "{message}");
}

#[test]
fn the_column_that_leaves_no_row_is_named() {
    let message = error("a,b,c,y\n1,,,0\n2,,3,1\n3,4,,0\n", &skipping());
    assert_eq!(
        message,
        "t.csv: every row has a missing value, most of them in b, c (2 of 3 rows); \
         leave columns out with `drop = b,c`"
    );
}

#[test]
fn a_cell_that_is_no_number_is_named_with_line_and_column() {
    let of = |cell: &str| {
        let text = format!("a,b,y\n1,2,0\n3,{cell},1\n5,6,1\n");
        error(text, &ReadOptions::default())
    };
    assert!(of("x").starts_with("t.csv:3: column b: found \"x\", expected a number"));
    assert!(of("inf").contains("found \"inf\", expected a finite number"));
    assert!(of("-nan").contains("found \"-nan\", expected a finite number"));
    assert!(of("1e141").contains("found \"1e141\", expected a number up to 1e140"));
    assert!(of(&"x".repeat(500)).len() < 200);
}

#[test]
fn files_without_rows_or_columns_or_a_header_are_refused() {
    let of = |text: &str| error(text, &ReadOptions::default());
    assert!(of("").starts_with("t.csv: empty; expected a header"));
    assert!(of("\n \n").starts_with("t.csv: empty; expected a header"));
    assert!(of("\u{feff}").starts_with("t.csv: empty; expected a header"));
    assert!(of("a,b\n").starts_with("t.csv: a header and no rows"));
    assert!(of("a\n1\n2\n").starts_with("t.csv: one column, \"a\"; expected"));
    assert!(of("a,y\n1,2\n").starts_with("t.csv: 1 row to learn from, expected at least 2"));
    assert!(of("1,2\n3,4\n").starts_with("t.csv:1: looks like a row, not like names"));
}

#[test]
fn columns_that_are_not_there_or_twice_are_refused_with_the_nearest() {
    let text = "width,height,kind\n1,2,a\n3,4,b\n";
    let message = error(text, &aiming(&["knd"], None));
    assert_eq!(
        message,
        "t.csv: `target = knd`: no such column; there are width, height, kind; did you mean \"kind\"?"
    );
    let comma = error("\"a, b\",y\n1,2\n3,4\n", &aiming(&["a", " b"], None));
    assert!(
        comma.ends_with("name \"a, b\" in a configuration file (--config)"),
        "{comma}"
    );
    assert!(error(text, &dropping(&["heigth"])).contains("`drop = heigth`: no such column"));
    assert!(error(text, &dropping(&["kind"])).contains("kind is both the target and in `drop`"));
    assert!(error(text, &dropping(&["width", "height"])).contains("no column is left"));
    assert!(error(text, &aiming(&["width", "width"], None)).contains("names width twice"));
    let twice = error("a,a,y\n1,2,0\n3,4,1\n", &ReadOptions::default());
    assert_eq!(
        twice,
        "t.csv:1: two columns are named \"a\"; give each its own name"
    );
}

#[test]
fn a_column_without_a_name_is_called_by_its_number() {
    let data = table(",a,y\n1,5,0\n2,6,1\n3,9,1\n").unwrap();
    assert_eq!(data.columns, ["column1", "a"]);
    assert_eq!(
        data.notes[0],
        "column column1 only numbers the rows: leave it out with `drop = column1`"
    );
}
