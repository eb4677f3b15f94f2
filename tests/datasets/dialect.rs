//! How the text of a table is written: encodings, delimiters, decimal marks, comments, and whether it has a header.

use std::path::Path;
use wgrad::dataset;
use wgrad::dataset::{
    ColumnValues, DataError, Dataset, Delimiter, DialectOptions, Inputs, ReadOptions, Targets,
};
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

#[track_caller]
fn table(text: impl AsRef<[u8]>) -> Dataset {
    read_as("t.csv", text, &ReadOptions::default()).unwrap()
}

#[track_caller]
fn error(text: impl AsRef<[u8]>, options: &ReadOptions) -> String {
    let read = read_as("t.csv", text, options);
    read.expect_err("expected an error").message
}

/// Returns the numbers of a column.
#[track_caller]
fn numbers(data: &Dataset, name: &str) -> Vec<f64> {
    let at = data.columns.iter().position(|column| column == name);
    let at = at.unwrap_or_else(|| panic!("no {name} in {:?}", data.columns));
    match &data.inputs {
        Inputs::Numbers(all) => all.chunks(data.columns.len()).map(|row| row[at]).collect(),
        Inputs::Columns(columns) => match &columns[at].values {
            ColumnValues::Numbers(values) => values.clone(),
            other => panic!("{name} has {other:?}"),
        },
        Inputs::Pixels(_) => panic!("pixels"),
    }
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

fn utf_16(text: &str, to: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to).collect()
}

#[test]
fn utf_16_is_read_with_and_without_a_mark() {
    for to in [u16::to_le_bytes, u16::to_be_bytes] {
        for mark in ["", "\u{feff}"] {
            let data = table(utf_16(&format!("{mark}{PLAIN}"), to));
            assert_plain(&data);
            assert_note(&data, "encoding utf-16");
        }
    }
    let options = in_dialect(DialectOptions {
        encoding: Some("utf-16le".to_owned()),
        ..DialectOptions::default()
    });
    let data = read_as("t.csv", utf_16(PLAIN, u16::to_le_bytes), &options).unwrap();
    assert_plain(&data);
}

#[test]
fn latin_1_is_read_with_a_note_that_names_the_line() {
    let data = table(b"a,b,kind\n1.5,2,x\n2.5,1,caf\xe9\n0.5,2,x\n2.5,2,caf\xe9\n");
    assert_eq!(classes(&data), ["x", "café", "x", "café"]);
    assert_note(&data, "windows-1252");
    assert_note(&data, "line 3 is not UTF-8");
    assert_plain(&table(format!("\u{feff}{PLAIN}")));
}

#[test]
fn a_damaged_letter_among_good_ones_is_no_reason_to_read_them_wrong() {
    let text = b"a,b,kind\n1.5,2,\xc3\xa9t\xc3\xa9\n2.5,1,caf\xe9\n0.5,2,x\n";
    let found = error(text, &ReadOptions::default());
    assert!(
        found.contains("t.csv:3: column kind is not UTF-8 text"),
        "{found}"
    );
}

#[test]
fn bytes_far_behind_the_head_that_are_not_utf_8_are_refused_and_the_cure_works() {
    let mut text = b"a,b,kind\n".to_vec();
    for row in 0..150_000 {
        text.extend_from_slice(format!("{}.5,2,x\n", row % 10).as_bytes());
    }
    text.extend_from_slice(b"1.5,2,caf\xe9\n0.5,2,x\n");
    let found = error(&text, &ReadOptions::default());
    assert!(
        found.starts_with("t.csv:150002: column kind is not UTF-8 text")
            && found.contains("`encoding = windows-1252`"),
        "{found}"
    );
    let options = in_dialect(DialectOptions {
        encoding: Some("windows-1252".to_owned()),
        ..DialectOptions::default()
    });
    let data = read_as("t.csv", &text, &options).unwrap();
    assert_eq!(classes(&data)[150_000], "café");
}

#[test]
fn binary_data_and_unknown_encodings_are_refused() {
    let found = error(b"a,b\n1\x002,\0\0\0x\n", &ReadOptions::default());
    assert!(found.starts_with("t.csv: a binary file"), "{found}");
    let unknown = in_dialect(DialectOptions {
        encoding: Some("klingon".to_owned()),
        ..DialectOptions::default()
    });
    let found = error(PLAIN, &unknown);
    assert!(
        found.starts_with("`encoding = klingon`: no such encoding"),
        "{found}"
    );
    let mut cut = utf_16(PLAIN, u16::to_le_bytes);
    cut.extend([0, 0xd8, b'\n', 0]);
    let options = in_dialect(DialectOptions {
        encoding: Some("utf-16le".to_owned()),
        ..DialectOptions::default()
    });
    let found = error(&cut, &options);
    assert!(found.contains("not all of it is utf-16le text"), "{found}");
}

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
fn the_delimiter_gives_all_lines_the_same_number_of_cells() {
    let header = PLAIN
        .replace(',', ";")
        .replacen("a;b", "len, cm;wid, cm", 1);
    assert_eq!(table(header).columns, ["len, cm", "wid, cm"]);
    for delimiter in [";", "\t", "|", " ", "  \t "] {
        assert_plain(&table(PLAIN.replace(',', delimiter)));
    }
    let padded = PLAIN.replace(',', "   ").replace('\n', "  \n   ");
    let data = table(format!("  {padded}"));
    assert_plain(&data);
    assert_note(&data, "cells are separated by blanks");
    assert_note(&table(PLAIN.replace(',', "|")), "cells are separated by |");
    // Blanks within cells of a table with commas.
    let times = "t,a,kind\n2020-01-01 10:00,1.5,x\n2020-01-01 11:00,2.5,y\n2020-01-02 10:00,1,x\n";
    assert_eq!(table(times).columns[1], "a");
}

#[test]
fn decimal_commas_are_no_delimiters() {
    for (delimiter, header) in [
        (";", true),
        (";", false),
        (" ", true),
        (" ", false),
        ("\t", false),
    ] {
        let names = ["a", "b", "y"].join(delimiter);
        let rows = [
            ["1,5", "2,5", "0"],
            ["0,5", "3,25", "1"],
            ["2,5", "2,5", "0"],
        ];
        let rows = rows.map(|row| row.join(delimiter) + "\n").concat();
        let (text, options) = match header {
            true => (format!("{names}\n{rows}"), ReadOptions::default()),
            false => (rows, in_dialect(no_header())),
        };
        let data = read_as("t.csv", text, &options).unwrap();
        let name = if header { "b" } else { "column2" };
        assert_eq!(numbers(&data, name), [2.5, 3.25, 2.5], "{delimiter:?}");
        assert_note(&data, "decimal commas, as 1,5, in ");
    }
    let mixed = "a;b;kind\n1,5;1.5;x\n2,5;2.5;y\n0,5;1.5;x\n";
    let data = table(mixed);
    assert_eq!(numbers(&data, "a"), [1.5, 2.5, 0.5]);
    assert_eq!(numbers(&data, "b"), [1.5, 2.5, 1.5]);
}

#[test]
fn tabs_are_preferred_where_the_name_of_the_file_says_so() {
    let text = "a,x\tb,y\tkind,z\n1,5\t2,5\tx,y\n0,5\t1,5\tx,z\n1,5\t2,5\tx,z\n";
    let data = read_as("t.tsv", text, &ReadOptions::default()).unwrap();
    assert_eq!(data.columns, ["a,x", "b,y"]);
    assert_plain(&read_as("t.tsv", PLAIN, &ReadOptions::default()).unwrap());
}

#[test]
fn a_line_that_sets_the_delimiter_is_no_row() {
    for text in [
        format!("sep=;\r\n{}", PLAIN.replace(',', ";")),
        format!("\"sep=,\"\n{PLAIN}"),
        format!("sep=\t\n{}", PLAIN.replace(',', "\t")),
    ] {
        let data = table(&text);
        assert_plain(&data);
        assert_note(&data, "sets the delimiter");
    }
    let found = error("sep=,\na,b,y\n1,2,x\n3,4\n", &ReadOptions::default());
    assert!(found.starts_with("t.csv:4: expected 3 columns"), "{found}");
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
fn delimiters_at_line_ends_make_no_columns() {
    let rows_only = PLAIN.replace('\n', ",\n").replacen("kind,", "kind", 1);
    assert_plain(&table(rows_only));
    let data = table(PLAIN.replace('\n', ",\n"));
    assert_plain(&data);
    assert_note(&data, "1 column without a name and any value");
    let data = table(format!(
        "{};;;;\n;;;;\n",
        PLAIN.replace(',', ";").replace('\n', ";;\n")
    ));
    assert_plain(&data);
    assert_note(&data, "2 columns without a name and any value");
    assert_note(
        &data,
        "2 rows without any value passed over (first: line 6)",
    );
    let value = table("a,b,,kind,\n1.5,2.5,3.5,x,\n0.5,1.5,2.5,y,\n1.5,0.5,3.5,x,z\n");
    assert_eq!(value.rows, 3);
}

#[test]
fn a_header_one_short_has_no_name_for_the_row_names_of_r() {
    let text = "\"len\",\"wid\",\"kind\"\n\"r1\",0.5,2.5,\"a\"\n\"r2\",1.5,2.5,\"b\"\n\"r3\",1.5,0.5,\"a\"\n";
    let data = table(text);
    assert_eq!(numbers(&data, "len"), [0.5, 1.5, 1.5]);
    assert_eq!(classes(&data), ["a", "b", "a"]);
    assert_note(&data, "row.names");
    let blanks = "len wid kind\n1 0.5 2.5 a\n2 1.5 2.5 b\n3 1.5 0.5 a\n";
    assert_eq!(numbers(&table(blanks), "wid"), [2.5, 2.5, 0.5]);
}

fn no_header() -> DialectOptions {
    DialectOptions {
        header: Some(false),
        ..DialectOptions::default()
    }
}

#[test]
fn a_row_where_the_header_should_be_is_refused_before_any_other_trouble_and_the_cure_works() {
    let of = |text: &str| error(text, &ReadOptions::default());
    assert_eq!(
        of("5.1,3.5,5.1,oak\n4.9,3,1.5,elm\n4.7,3.5,1\n4.7,2.5,1,oak\n"),
        "t.csv:1: looks like a row, not like names (5.1 and 3.5 are numbers, as in the rows below); \
         if it is one, use `header = false`, else `header = true`"
    );
    for text in [
        "32,oak\n14,elm\n21,oak\n",
        "1,2\n3,4\n",
        "NA,1.5,x\n2.5,1.5,y\n3.5,1.5,x\n",
        "\"$1,200\",a\n\"$1,500\",b\n\"$1,000\",a\n",
        "2020-01-02,red\n2020-01-03,blue\n2020-02-03,red\n",
        "p,x,s\ne,x,y\np,b,s\n",
        "# remark\n1.5,2\n3.5,4\n",
        "1,5;2\n2,5;3\n",
    ] {
        let found = of(text);
        assert!(found.contains("looks like a row"), "{text}: {found}");
    }
    let rows = PLAIN.split_once('\n').unwrap().1;
    let data = read_as("t.csv", rows, &in_dialect(no_header())).unwrap();
    assert_eq!(data.rows, 4);
    assert_eq!(numbers(&data, "column1"), [1.5, 2.25, 0.5, 7.75]);
    assert_eq!(data.lines.of(0), 1);
    let named = in_dialect(DialectOptions {
        header: Some(true),
        ..DialectOptions::default()
    });
    let data = read_as("t.csv", rows, &named).unwrap();
    assert_eq!(
        (data.rows, &data.columns[..]),
        (3, &["1.5", "4.5"].map(str::to_owned)[..])
    );
}

#[test]
fn names_may_be_numbers_that_count_the_columns_or_stand_beside_text() {
    for text in [
        "0,1,kind\n1.5,2.5,x\n0.5,1.5,y\n2.5,1.5,x\n",
        ",0,1\nr,2.5,0\ns,1.5,1\nr,1.5,0\n",
        "0,1,2,3\n1.5,2.5,1.5,0\n0.5,1.5,2.5,1\n1.5,2,1,0\n",
        "150,4,setosa,other\n1.5,2.5,1.5,0\n0.5,1.5,2.5,1\n1.5,2,1,0\n",
    ] {
        assert_eq!(table(text).rows, 3, "{text}");
    }
}

#[test]
fn a_model_of_a_table_without_a_header_reads_files_with_and_without_one() {
    let rows = PLAIN.split_once('\n').unwrap().1;
    let schema = read_as("t.csv", rows, &in_dialect(no_header()))
        .unwrap()
        .schema();
    let folder = tempfile::tempdir().unwrap();
    for text in [rows.to_owned(), format!("column1,column2,column3\n{rows}")] {
        let path = put(folder.path(), "p.csv", &text);
        let data = dataset::read_for(&path, &schema, &ReadOptions::default()).unwrap();
        assert_eq!(numbers(&data, "column2"), [4.5, 1.25, 4.5, 0.5]);
        let noted = data
            .notes
            .iter()
            .any(|note| note.contains("line 1 is a row"));
        assert_eq!(noted, !text.starts_with("column1"));
    }
}

#[test]
fn rows_for_a_model_that_lack_its_names_are_refused_with_the_names() {
    let schema = table(PLAIN).schema();
    let folder = tempfile::tempdir().unwrap();
    let path = put(folder.path(), "p.csv", "1.5,4.5\n2.5,0.5\n");
    let found = dataset::read_for(&path, &schema, &ReadOptions::default()).unwrap_err();
    assert!(
        found.message.contains("looks like a row")
            && found
                .message
                .ends_with("with the names of the columns, among them a, b"),
        "{found}"
    );
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
