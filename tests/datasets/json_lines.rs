//! JSON: lines of objects, and arrays of them.

use crate::samples::{numbers, refused, same, table, zstd};

#[test]
fn json_lines_and_arrays_of_objects_are_the_table_that_csv_is() {
    let csv = "a,b c,y\n1.50,x,true\n007,\"q\"\"ü\",false\n1e3,,true\n";
    let rows = [
        r#"{"a": 1.50, "b c": "x", "y": true}"#,
        r#"{"b c": "q\"\u00fc", "a": "007", "y": false}"#,
        r#"{"a": 1e3, "b c": null, "y": true}"#,
    ];
    let lines = rows.join("\n");
    same(csv, "t.jsonl", lines.as_bytes());
    same(csv, "t.txt", lines.as_bytes());
    same(csv, "t.jsonl", rows.join("\r\n\r\n").as_bytes());
    same(csv, "t.jsonl.zst", &zstd(lines.as_bytes()));
    same(
        csv,
        "t.json",
        format!(" [\n{}\n]\n", rows.join(",\n")).as_bytes(),
    );
    let spread = lines.replace(", ", ",\n  ");
    same(csv, "t.ndjson", format!("\u{feff}{spread}").as_bytes());
}

#[test]
fn a_key_that_appears_late_is_empty_above_and_one_that_lacks_is_empty() {
    let csv = "a,c,b\n1,u,\n2,v,5\n,w,6\n";
    let lines = "{\"a\":1,\"c\":\"u\"}\n{\"a\":2,\"c\":\"v\",\"b\":5}\n{\"c\":\"w\",\"b\":6}\n";
    let expected = table("t.csv", csv.as_bytes()).unwrap();
    let found = table("t.jsonl", lines.as_bytes()).unwrap();
    assert_eq!(
        (found.columns, found.targets),
        (expected.columns, expected.targets)
    );
}

#[test]
fn a_number_of_json_has_a_decimal_point_even_where_it_looks_like_thousands() {
    let rows = ["1.125", "2.375", "3.625", "554"].map(|a| format!("{{\"a\":{a},\"y\":{a}}}"));
    let found = table("t.jsonl", rows.join("\n").as_bytes()).unwrap();
    assert_eq!(numbers(&found, "a"), [1.125, 2.375, 3.625, 554.0]);
    refused(
        "t.csv",
        b"a,y\n1.125,1\n2.375,2\n3.625,3\n554,4\n",
        &["1.125 may be 1.125 or 1125"],
    );
}

#[test]
fn json_that_is_no_table_is_refused_with_its_line_and_key() {
    let with = |row: &str| format!("{{\"a\":1,\"y\":2}}\n\n{row}\n");
    for (row, parts) in [
        (r#"{"a":[1,2],"y":2}"#, ["t.jsonl:3", "\"a\" holds a list"]),
        (
            r#"{"a":1,"y":{"z":2}}"#,
            ["t.jsonl:3", "\"y\" holds an object"],
        ),
        (r#"{"a":1,"a":2}"#, ["t.jsonl:3", "\"a\" is there twice"]),
        (r#"{"a":NaN,"y":2}"#, ["t.jsonl:3", "write null"]),
        (r#"{"a":1,"y":2"#, ["t.jsonl:3", "not closed"]),
        (r#"[1,2]"#, ["t.jsonl:3", "expected an object"]),
        (r#"{"a" 1}"#, ["t.jsonl:3", "not a JSON object"]),
    ] {
        refused("t.jsonl", with(row).as_bytes(), &parts);
    }
    refused(
        "t.json",
        b"[[1,2],[3,4]]",
        &["t.json:1", "expected an object"],
    );
    refused("t.json", b"[{\"a\":1} {\"a\":2}]", &["a comma or ]"]);
    refused("t.json", b"[{\"a\":1}", &["ends within its array"]);
    refused("t.json", b"[]", &["empty"]);
}

#[test]
fn rows_that_share_a_line_have_their_number_instead() {
    let row = |n: usize| match n {
        3 => format!("{{\"a\":{n},\"y\":null}}"),
        _ => format!("{{\"a\":{n},\"y\":{}}}", n % 2),
    };
    let rows: Vec<String> = (0..20).map(row).collect();
    let array = format!("[{}]", rows.join(", "));
    let data = table("t.json", array.as_bytes()).unwrap();
    assert!(data.lines.are_rows());
    // Row 4 has no target.
    let numbers: Vec<u64> = (0..19).map(|row| data.lines.of(row)).collect();
    assert_eq!(numbers[..5], [1, 2, 3, 5, 6]);
    let note = "1 row without a target left out (row 4)";
    assert!(data.notes.iter().any(|n| n == note), "{:?}", data.notes);
    let bad = array.replace("\"a\":12", "\"a\":\"oops\"");
    refused("t.json", bad.as_bytes(), &["t.json: row 13: column a"]);
    let nested = array.replace("\"a\":12", "\"a\":[12]");
    refused(
        "t.json",
        nested.as_bytes(),
        &["t.json: row 13: \"a\" holds a list"],
    );
    // A row that shares a line may come late.
    let late = format!("{}{}", rows[..19].join("\n"), rows[19]);
    assert_eq!(table("t.jsonl", late.as_bytes()).unwrap().lines.of(18), 20);
    let lines = table("t.jsonl", rows.join("\n\n").as_bytes())
        .unwrap()
        .lines;
    assert_eq!((lines.of(2), lines.are_rows()), (5, false));
}
