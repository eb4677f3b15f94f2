//! Whether the first line has names or is a row.

use super::*;

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
