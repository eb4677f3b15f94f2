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

#[test]
fn columns_of_the_same_name_get_a_number_for_a_model_too() {
    let data = table("a,a.1,a,y\n1.5,2.5,3.5,u\n2.5,0.5,1.5,v\n1.5,1.5,0.5,u\n");
    assert_eq!(data.columns, ["a", "a.1", "a.2"]);
    assert_eq!(numbers(&data, "a.2"), [3.5, 1.5, 0.5]);
    let note = "1 column with the name of another one, called a.2";
    assert!(
        data.notes.iter().any(|found| found == note),
        "{:?}",
        data.notes
    );
    let folder = tempfile::tempdir().unwrap();
    let path = put(folder.path(), "n.csv", "a,a,a.1\n1,3,2\n");
    let again = dataset::read_for(&path, &data.schema(), &ReadOptions::default()).unwrap();
    assert_eq!(numbers(&again, "a.2"), [3.0]);
    assert_eq!(numbers(&again, "a.1"), [2.0]);
}

#[test]
fn a_row_name_is_no_cell_that_comes_again_or_has_a_fraction() {
    let repeated = "name,age,y\nSmith, Ann,34,1\nSmith, Bob,51,2\nWu, Li,29,3\n";
    let why = error(repeated, &ReadOptions::default());
    assert_eq!(
        why,
        "t.csv:2: expected 3 columns, found 4; a cell with , in it belongs in quotation marks"
    );
    let fixed = "len    name   y\n0.5   Mr A   3\n1.5   Mr B   4\n2.5   Mr C   5\n";
    let why = error(fixed, &ReadOptions::default());
    assert_eq!(why, "t.csv:2: expected 3 columns, found 4");
}

#[test]
fn delimiters_behind_the_names_alone_are_no_columns() {
    let data = table("a,kind,,\n1.5,u\n2.5,v\n0.5,u\n");
    assert_eq!(
        (data.columns, data.target_names),
        (vec!["a".to_owned()], vec!["kind".to_owned()])
    );
}

#[test]
fn titles_above_the_header_are_passed_over_with_a_note() {
    let table_text = "len,wid,kind\n0.5,2.5,a\n1.5,2.5,b\n1.5,0.5,a\n";
    for above in [
        "Report of 2019\n",
        "Report of 2019,,\n,,\n",
        "\nReport of 2019\nin centimetres, all\n\n",
        "\u{feff}Report of 2019\r\n",
    ] {
        let text = format!("{above}{table_text}");
        let data = table(&text);
        assert_eq!(data.columns, ["len", "wid"], "{text}");
        assert_eq!(numbers(&data, "len"), [0.5, 1.5, 1.5]);
        let note = "above the header passed over: \"Report of 2019\"";
        assert!(
            data.notes.iter().any(|found| found.ends_with(note)),
            "{:?}",
            data.notes
        );
        let bad = text.replace("1.5,0.5,a", "1.5,0.5");
        let line = above.matches('\n').count() + 4;
        let why = error(&bad, &ReadOptions::default());
        assert!(
            why.starts_with(&format!("t.csv:{line}: expected 3 columns, found 2")),
            "{why}"
        );
    }
    // A name and columns without one are no title.
    let unnamed = table("a,,\n1.5,2.5,1\n2.5,2.5,2\n0.5,1.5,3\n");
    assert_eq!(unnamed.columns, ["column2", "column3"]);
    assert_eq!(unnamed.target_names, ["a"]);
}

#[test]
fn units_and_a_second_header_are_refused_with_their_line() {
    let rows = "0.5,2.5,a\n1.5,2.5,b\n1.5,0.5,a\n2.5,0.5,b\n";
    let why = error(
        format!("len,wid,kind\ncm,mm,-\n{rows}"),
        &ReadOptions::default(),
    );
    assert_eq!(
        why,
        "t.csv:2: looks like units or a second header (\"cm\" and \"mm\"), not like the numbers in the rows below; delete the line"
    );
    assert_eq!(table(format!("len,wid,kind\nNA,-,a\n{rows}")).rows, 5);
}

#[test]
fn one_frequent_cell_in_line_1_makes_it_a_row() {
    let rows = "ham\tfree tickets\nspam\tcall now\nham\tsee you\nham\tat home\n";
    let why = error(format!("ham\tlate again\n{rows}"), &ReadOptions::default());
    assert!(
        why.contains("looks like a row, not like names (\"ham\" is in the rows below, too)"),
        "{why}"
    );
    let marks = "?,?,red\n0.5,1.5,blue\n1.5,0.5,red\n0.5,0.5,red\n2.5,0.5,red\n";
    let why = error(marks, &ReadOptions::default());
    assert!(why.contains("(\"red\" is in the rows below, too)"), "{why}");
}
