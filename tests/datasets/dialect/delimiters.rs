//! What separates cells.

use super::*;

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
fn a_column_of_texts_with_blanks_is_one_column() {
    let data = table("kind,y\n1.5 mm,1\n2.5 mm,2\n3.5 mm,3\n");
    let folder = tempfile::tempdir().unwrap();
    let path = put(folder.path(), "n.csv", "kind\n2.5 mm\n1.5 mm\n\n");
    let again = dataset::read_for(&path, &data.schema(), &ReadOptions::default()).unwrap_err();
    // The model of a schema without units expects none, and the column is found.
    assert!(
        again
            .message
            .contains("n.csv:2: column kind: found \"2.5 mm\""),
        "{again:?}"
    );
}
