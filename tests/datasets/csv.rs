//! Tables: CSV, TSV and their relatives.

mod bytes;
mod models;
mod targets;
mod warnings;

use crate::samples::cells;
use wgrad::dataset;
use wgrad::dataset::{
    DataError, Dataset, Delimiter, DialectOptions, Form, MissingRows, ReadOptions, Schema, Targets,
    Task,
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
        missing_rows: MissingRows::Drop,
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
    assert_eq!(cells(&data), [1.0, 2.0, 3.5, -0.4]);
    assert_eq!(data.target_names, ["y"]);
    assert_eq!(labels(&data), (&[1, 0][..], vec!["blue", "red"]));
    assert_eq!(
        data.notes,
        [
            "target y, by its name: 2 classes (text): \"blue\", \"red\"",
            "2 rows: too few to split, all are for training"
        ]
    );
}

#[test]
fn delimiters_marks_line_ends_quotes_spaces_and_blank_lines_make_no_difference() {
    let read = |text: String| Dataset {
        lines: wgrad::dataset::Lines::default(),
        notes: Vec::new(),
        ..table(text).unwrap()
    };
    let plain = read(PLAIN.to_owned());
    for delimiter in [";", "\t", "|"] {
        assert_eq!(read(PLAIN.replace(',', delimiter)), plain);
    }
    assert_eq!(read(format!("\u{feff}{PLAIN}")), plain);
    assert_eq!(read(PLAIN.replace('\n', "\r\n")), plain);
    assert_eq!(read(PLAIN.replace('\n', "\r\n \r\n\r\n")), plain);
    assert_eq!(read(PLAIN.replace(',', " ,  ")), plain);
    assert_eq!(read(PLAIN.trim_end().to_owned()), plain);
    assert_eq!(read(format!("\n\n{PLAIN}")), plain);
    let quoted = "\"a\",\"b\",\"y\"\r\n\"1\",2,\"red\"\r\n3.5,-4e-1,\"blue\"\r\n";
    assert_eq!(read(quoted.to_owned()), plain);
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
fn rows_with_missing_cells_are_filled_dropped_or_refused() {
    let text = "kind,size,colour,weight\n\
        cat,1,red,4\ndog,,blue,20\ncat,3,red,NA\ndog,4,,22\n";
    let with = |missing_rows| {
        let options = ReadOptions {
            missing_rows,
            ..aiming(&["kind"], None)
        };
        read(text, &options).map_err(|why| why.message)
    };
    let filled = with(MissingRows::Fill).unwrap();
    assert_eq!((filled.rows, filled.width()), (4, 3));
    assert!(
        filled.notes[1].starts_with("3 of 4 rows with missing cells, filled in: "),
        "{:?}",
        filled.notes
    );
    let dropped = with(MissingRows::Drop).unwrap_err();
    assert_eq!(dropped, "t.csv: 1 row to learn from, expected at least 2");
    let refused = with(MissingRows::Refuse).unwrap_err();
    assert!(
        refused.starts_with(
            "t.csv:3: column size is missing; 3 of 4 rows have missing cells, 1 of them in size; use `missing_rows = fill`"
        ),
        "{refused}"
    );
}

#[test]
fn names_that_a_shell_would_split_are_in_quotation_marks() {
    let message = error("my size,y\n1,1\nbig,2\n3,1\n", &ReadOptions::default());
    assert!(message.contains("`drop = 'my size'`"), "{message}");
    assert!(message.contains("`categories = 'my size'`"), "{message}");
}

#[test]
fn rows_with_missing_values_are_left_out_when_asked() {
    let text = "a,y\n1,x\nNA,y\n2,\n3,y\nnan,x\nNULL,x\n?,x\n-,x\n,x\n4,x\n";
    let data = read(text, &skipping()).unwrap();
    assert_eq!(cells(&data), [1.0, 3.0, 4.0]);
    assert_eq!(labels(&data), (&[0, 1, 0][..], vec!["x", "y"]));
    assert_eq!(data.notes[0], "1 row without a target left out (line 4)");
    let rows = "6 rows with a missing cell left out (lines 3, 6, 7, 8, 9, and 1 more)";
    assert!(data.notes[1].starts_with(rows), "{:?}", data.notes);
    assert!(
        data.notes[1].contains("6 of 9, all of them in a"),
        "{:?}",
        data.notes
    );
}

#[test]
fn classes_of_rows_that_are_left_out_do_not_count() {
    let text = "a,y\n1,x\nNA,gone\n2,z\n";
    let data = read(text, &skipping()).unwrap();
    assert_eq!(labels(&data), (&[0, 1][..], vec!["x", "z"]));
}

#[test]
fn a_column_without_values_is_left_out_and_not_every_row() {
    let data = table("a,b,y\n1,,0\n2,,1\n").unwrap();
    assert_eq!((data.rows, &data.columns[..]), (2, &["a".to_owned()][..]));
    assert_eq!(data.notes[0], "column b is left out: no values");
}

#[test]
fn the_column_that_leaves_no_row_is_named() {
    let message = error("a,b,c,y\n1,,,0\n2,,3,1\n3,4,,0\n", &skipping());
    assert_eq!(
        message,
        "t.csv: every row has a missing cell, 2 of them in b; leave it out with `drop = b`, \
         or use `missing_rows = fill`"
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
fn decimal_commas_and_thousands_are_recognised_in_inputs_and_targets() {
    let commas = table("a;y\n1,5;0,5\n2,5;1,25\n").unwrap();
    assert_eq!(cells(&commas), [1.5, 2.5]);
    assert_eq!(values(&commas), [0.5, 1.25]);
    let thousands = table("a,y\n\"1,500\",0\n\"2,500\",1\n").unwrap();
    assert_eq!(cells(&thousands), [1500.0, 2500.0]);
    let twofold = error("a;y\n1,500;0\n2,500;1\n", &ReadOptions::default());
    assert!(
        twofold.starts_with("t.csv: column a: \"1,500\" may be 1500 or 1.5; use `decimal = .`"),
        "{twofold}"
    );
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
fn columns_that_are_not_there_or_named_twice_are_refused_with_the_nearest() {
    let text = "width,height,kind\n1,2,a\n3,4,b\n";
    let message = error(text, &aiming(&["knd"], None));
    assert_eq!(
        message,
        "t.csv: `target = knd`: no such column; there are width, height, kind; did you mean \"kind\"?"
    );
    // A flag splits names at commas.
    let comma = read("\"a, b\",y\n1,2\n3,4\n", &aiming(&["a", " b"], None));
    assert_eq!(comma.unwrap().target_names, ["a, b"]);
    assert!(error(text, &dropping(&["heigth"])).contains("`drop = heigth`: no such column"));
    let both = ReadOptions {
        drop: owned(&["kind"]),
        ..aiming(&["kind"], None)
    };
    assert!(error(text, &both).contains("kind is the target, and left out, too"));
    let next = read(text, &dropping(&["kind"])).unwrap();
    assert_eq!(next.target_names, ["height"]);
    assert!(error(text, &dropping(&["width", "height"])).contains("no column is left"));
    assert!(error(text, &aiming(&["width", "width"], None)).contains("names width twice"));
}

#[test]
fn a_column_without_a_name_is_called_by_its_number() {
    let data = table(",a,y\n1,5,0\n5,6,1\n3,9,1\n").unwrap();
    assert_eq!(data.columns, ["column1", "a"]);
}
