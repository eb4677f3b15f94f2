//! What a column is taken for.

use super::*;
use crate::samples::numbers;

#[test]
fn two_texts_are_a_flag_and_a_few_are_a_category() {
    let text = rows("a,smoker,region,score", 30, |n| {
        let (smoker, region) = (["no", "yes"][n % 2], ["north", "south", "east"][n % 3]);
        format!("{n}.5,{smoker},{region},{n}.25")
    });
    let data = table(&text);
    assert!(
        matches!(values(&data, "smoker"), ColumnValues::Levels { names, is_flag: true, .. } if names == &["no", "yes"])
    );
    assert!(
        matches!(values(&data, "region"), ColumnValues::Levels { names, is_flag: false, .. } if names.len() == 3)
    );
    let prepared = prepared(&data);
    assert_eq!(prepared.schema.inputs, 5);
    let names = encoder(&prepared).input_names(&data.columns);
    assert_eq!(
        names,
        [
            "a",
            "smoker=yes",
            "region=east",
            "region=north",
            "region=south"
        ]
    );
    // Flags and levels are 0 or 1, and not standardised.
    assert_eq!(&prepared.inputs[1..5], &[0.0, 0.0, 1.0, 0.0]);
    assert_eq!(&prepared.inputs[6..10], &[1.0, 0.0, 0.0, 1.0]);
}

#[test]
fn identifiers_and_free_text_are_left_out() {
    let text = rows("id,code,name,note,a,score", 40, |n| {
        format!(
            "{n},{},person {n},{},{},{n}.5",
            7000 + n * 13 % 40,
            "a long note on it ".repeat(1 + n % 30),
            n * 7 % 11
        )
    });
    let data = table(&text);
    assert_eq!(data.columns, ["code", "a"]);
    let options = ReadOptions {
        features: vec!["id".to_owned(), "a".to_owned()],
        ..ReadOptions::default()
    };
    let data = read_with(folder().path(), "t.csv", text.as_bytes(), &options).unwrap();
    assert_eq!(data.columns, ["id", "a"]);
}

#[test]
fn whole_numbers_that_begin_with_zero_are_codes() {
    let text = rows("zip,score", 40, |n| format!("0{},{n}.5", 1200 + n % 5));
    let data = table(&text);
    assert!(
        matches!(values(&data, "zip"), ColumnValues::Levels { names, .. } if names[0] == "01200")
    );
}

#[test]
fn a_mistake_among_dates_is_told_and_does_not_make_them_a_category() {
    let text = rows("when,score", 40, |n| match n {
        7 => "soon,1.5".to_owned(),
        _ => format!("2024-01-{:02},{n}.5", 1 + n % 28),
    });
    let refused = read(folder().path(), "t.csv", text.as_bytes()).unwrap_err();
    let expected = "t.csv:9: column when: found \"soon\", expected a date or time as in most rows";
    assert!(refused.contains(expected), "{refused}");
}

#[test]
fn other_columns_tell_a_thousand_from_a_fraction() {
    let text = |other: &str| {
        rows("area;price;kind", 20, |n| {
            format!(
                "{}.{:03};{}{other};{}",
                1 + n % 9,
                100 + n,
                n,
                ["a", "b"][n % 2]
            )
        })
    };
    let refused = read(folder().path(), "t.csv", text("").as_bytes()).unwrap_err();
    assert!(
        refused.contains("column area: 1.100 may be 1.1 or 1100"),
        "{refused}"
    );
    let points = table(&text(".25"));
    assert_eq!(numbers(&points, "area")[0], 1.1);
    let refused = read(folder().path(), "t.csv", text(",25").as_bytes()).unwrap_err();
    assert!(refused.contains("column area: 1.100 may be"), "{refused}");
    let german = ReadOptions {
        dialect: wgrad::dataset::DialectOptions {
            decimal: Some(','),
            ..Default::default()
        },
        ..ReadOptions::default()
    };
    let data = read_with(folder().path(), "t.csv", text(",25").as_bytes(), &german).unwrap();
    let first = |name: &String| numbers(&data, name)[0];
    assert_eq!(
        data.columns.iter().map(first).collect::<Vec<f64>>(),
        [1100.0, 0.25]
    );
    let points = rows("a;kind", 9, |n| format!("{n}.5;{}", ["a", "b"][n % 2]));
    let refused = read_with(folder().path(), "t.csv", points.as_bytes(), &german).unwrap_err();
    assert!(
        refused.contains("\"0.5\", a number with another decimal mark than `decimal = ,` says"),
        "{refused}"
    );
}

#[test]
fn running_numbers_are_left_out_wherever_they_stand_and_years_are_not() {
    let text = rows("a,n,year,score", 30, |n| {
        format!("{},{},{},{n}.5", n * 7 % 11, n + 5, 1990 + n)
    });
    let data = table(&text);
    assert_eq!(data.columns, ["a", "year"]);
    // Where nothing else is left, they are learned from.
    let alone = table(&rows("n,score", 30, |n| format!("{n},{n}.5")));
    assert_eq!(alone.columns, ["n"]);
}
