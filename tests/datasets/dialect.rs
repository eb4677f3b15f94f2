//! How the text of a table is written: encodings, delimiters, decimal marks, comments, and whether it has a header.

mod delimiters;
mod encoding;
mod header;
mod quoting;

use crate::samples::numbers;
use std::path::Path;
use wgrad::dataset;
use wgrad::dataset::{DataError, Dataset, Delimiter, DialectOptions, ReadOptions, Targets};
use wgrad::math::{Random, Stream};

/// Reads a file `t.csv`, or of another `name`; an error calls it so, without its folder.
fn read_as(
    name: &str,
    text: impl AsRef<[u8]>,
    options: &ReadOptions,
) -> Result<Dataset, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = put(folder.path(), name, text);
    dataset::read(&path, options, 0).map_err(|error| DataError {
        message: error.message.replace(&path, name),
        ..error
    })
}

fn put(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn in_dialect(dialect: DialectOptions) -> ReadOptions {
    ReadOptions {
        dialect,
        ..ReadOptions::default()
    }
}

fn no_header() -> DialectOptions {
    DialectOptions {
        header: Some(false),
        ..DialectOptions::default()
    }
}

#[track_caller]
fn table(text: impl AsRef<[u8]>) -> Dataset {
    read_as("t.csv", text, &ReadOptions::default()).unwrap()
}

#[track_caller]
fn error(text: impl AsRef<[u8]>, options: &ReadOptions) -> String {
    let read = read_as("t.csv", text, options);
    read.expect_err("expected an error").message
}

/// Returns the class of each row.
fn classes(data: &Dataset) -> Vec<&str> {
    match &data.targets {
        Some(Targets::Classes { labels, names }) => {
            labels.iter().map(|l| names[*l as usize].as_str()).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// Checks that the table is that of [`PLAIN`].
#[track_caller]
fn assert_plain(data: &Dataset) {
    assert_eq!(data.columns, ["a", "b"]);
    assert_eq!(numbers(data, "a"), [1.5, 2.25, 0.5, 7.75]);
    assert_eq!(numbers(data, "b"), [4.5, 1.25, 4.5, 0.5]);
    assert_eq!(classes(data), ["red", "blue", "red", "blue"]);
}

#[track_caller]
fn assert_note(data: &Dataset, note: &str) {
    let found = data.notes.iter().any(|found| found.contains(note));
    assert!(found, "{note}: {:?}", data.notes);
}

const PLAIN: &str = "a,b,kind\n1.5,4.5,red\n2.25,1.25,blue\n0.5,4.5,red\n7.75,0.5,blue\n";

#[test]
fn line_ends_of_cr_alone_are_read_also_where_quoted() {
    let data = table(PLAIN.replace('\n', "\r"));
    assert_plain(&data);
    assert_note(&data, "CR alone");
    let quoted = "a,b,kind\r1.5,2,\"two\rlines\"\r2.5,1,x\r0.5,2,x\r3.5,1,\"two\rlines\"\r";
    assert_eq!(
        classes(&table(quoted)),
        ["two\nlines", "x", "x", "two\nlines"]
    );
    let ragged = "a,b,kind\r1.5,2,\"two\rlines\"\r2.5,1\r";
    let found = error(ragged, &ReadOptions::default());
    assert_eq!(found, "t.csv:4: expected 3 columns, found 2");
}

#[test]
fn comments_are_skipped_and_lines_that_begin_with_their_mark_may_be_rows() {
    let data = table(format!("# station 7\n# unit: mm, \"or so\n\n{PLAIN}"));
    assert_plain(&data);
    assert_note(&data, "2 comment lines (#)");
    let between = PLAIN.replace("0.5,4.5", "# a remark, \"open\n#\n0.5,4.5");
    let data = table(between);
    assert_plain(&data);
    assert_note(&data, "lines that begin with # are skipped");
    let slashes = PLAIN
        .replace("0.5,4.5", "// one\n/,\n0.5,4.5")
        .replace("/,\n", "//\n");
    let options = in_dialect(DialectOptions {
        comment: Some("//".to_owned()),
        ..DialectOptions::default()
    });
    let data = read_as("t.csv", format!("// first\n{slashes}"), &options).unwrap();
    assert_plain(&data);
    let colours = "colour,b,kind\n#ff0000,4.5,red\n#0000ff,1.5,blue\n#ff0000,4.5,red\n";
    assert_eq!(table(colours).rows, 3);
    let quoted = "a,b,kind\n1.5,2.5,\"x\n#y\"\n0.5,1.5,z\n1.5,0.5,z\n";
    let data = table(quoted);
    assert!(!data.notes.iter().any(|note| note.contains("comments")));
    let one = "colour,b,kind\n#ff0000,4.5,red\nblue,1.5,blue\nblack,4.5,red\nblue,1,red\n";
    assert_eq!(table(one).rows, 4);
}

#[test]
fn a_comment_with_the_names_of_columns_of_numbers_is_the_header() {
    let data = table("# by NumPy\n# a b y\n1.5 2.5 0\n0.5 1.5 1\n1.5 2.5 0\n");
    assert_eq!(data.columns, ["a", "b"]);
    assert_eq!(data.rows, 3);
    assert_note(&data, "the comment in line 2 has the names");
    let row = error(
        "#ff0000,1.5\nblue,2.5\nred,0.5\nred,1.5\n",
        &ReadOptions::default(),
    );
    assert!(row.contains("looks like a row"), "{row}");
}

#[test]
fn lines_of_another_length_are_refused_with_a_cure_where_the_cause_can_be_told() {
    let of = |line: &str| {
        let text = PLAIN.replace("0.5,4.5,red", line);
        let found = error(text, &ReadOptions::default());
        found
            .strip_prefix("t.csv:4: expected 3 columns, ")
            .unwrap()
            .to_owned()
    };
    assert_eq!(of("0.5,4.5"), "found 2");
    assert_eq!(
        of("0.5,4.5,dark, red"),
        "found 4; a cell with , in it belongs in quotation marks"
    );
    let mut text = PLAIN.to_owned();
    (0..100_000).for_each(|_| text += "1.5,2.5,red\n");
    let found = error(text + "# the end\n", &ReadOptions::default());
    assert_eq!(
        found,
        "t.csv:100006: expected 3 columns, found 1; if it is a comment, use `comment = '#'`"
    );
}

#[test]
fn a_delimiter_and_a_decimal_mark_that_are_given_win() {
    let options = in_dialect(DialectOptions {
        delimiter: Some(Delimiter::Byte(b';')),
        decimal: Some(','),
        ..DialectOptions::default()
    });
    let text = "a, b;kind\n1,500;x\n2,500;y\n1,500;x\n";
    let data = read_as("t.csv", text, &options).unwrap();
    assert_eq!(numbers(&data, "a, b"), [1.5, 2.5, 1.5]);
    let blanks = in_dialect(DialectOptions {
        delimiter: Some(Delimiter::Blanks),
        ..DialectOptions::default()
    });
    let text = "a  kind\n1.5\t\"x, y\"\n 2.5 \"y  z\" \n1.5 \"x, y\"\n";
    let data = read_as("t.csv", text, &blanks).unwrap();
    assert_eq!(classes(&data), ["x, y", "y  z", "x, y"]);
}

#[test]
fn a_second_file_has_a_dialect_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let first = put(folder.path(), "first.csv", PLAIN);
    let second = "kind;b;a\nblue;1,5;2,5\nred;2,5;0,5\n";
    let options = ReadOptions {
        test_file: Some(put(folder.path(), "second.csv", second)),
        ..ReadOptions::default()
    };
    let data = dataset::read(&first, &options, 0).unwrap();
    assert_eq!(numbers(&data, "a")[4..], [2.5, 0.5]);
    assert_eq!(classes(&data)[4..], ["blue", "red"]);
    let rows = PLAIN.split_once('\n').unwrap().1;
    let options = ReadOptions {
        test_file: Some(put(folder.path(), "rows.csv", rows)),
        ..in_dialect(no_header())
    };
    let first = put(folder.path(), "third.csv", rows);
    let data = dataset::read(&first, &options, 0).unwrap();
    assert_eq!(data.rows, 8);
}

#[test]
fn no_text_in_any_dialect_makes_it_panic() {
    let pieces: [&[u8]; 26] = [
        b"a",
        b"1",
        b"1,5",
        b"-2.5e3",
        b"1.212,5",
        b",",
        b";",
        b"\t",
        b"|",
        b" ",
        b"\n",
        b"\r\n",
        b"\r",
        b"\"",
        b"#",
        b"//",
        b"sep=;\n",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b"\xe9",
        b"\0",
        b"NA",
        b"\xc2\xa0",
        b"a,b\n",
        b"1;2\n",
    ];
    let text = |text: &str| Some(text.to_owned());
    let dialects = [
        DialectOptions::default(),
        no_header(),
        DialectOptions {
            delimiter: Some(Delimiter::Blanks),
            comment: text("//"),
            ..DialectOptions::default()
        },
        DialectOptions {
            encoding: text("utf-16be"),
            decimal: Some(','),
            header: Some(true),
            ..DialectOptions::default()
        },
        DialectOptions {
            encoding: text("shift_jis"),
            comment: text("a"),
            ..DialectOptions::default()
        },
    ];
    let rounds = std::env::var("WGRAD_FUZZ_ROUNDS").ok();
    let rounds: u32 = rounds.map_or(2000, |rounds| rounds.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    for round in 0..rounds {
        let random = Random::new(17, Stream::Data, round);
        let piece = |i: u32| pieces[random.bits(i) as usize % pieces.len()];
        let text: Vec<u8> = (1..=random.bits(0) % 60).flat_map(piece).copied().collect();
        // A new file each: to write one anew waits for the disk.
        let path = put(folder.path(), &format!("{round}.csv"), text);
        for dialect in &dialects {
            let _ = dataset::read(&path, &in_dialect(dialect.clone()), 0);
        }
        std::fs::remove_file(path).unwrap();
    }
}
