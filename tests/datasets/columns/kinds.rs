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

/// Returns the columns that are learned from.
fn learned(header: &str, count: usize, row: impl Fn(usize) -> String) -> Vec<String> {
    table(&rows(header, count, row)).columns
}

#[test]
fn a_first_column_without_a_name_is_an_index_in_any_order() {
    let shuffled = |n: usize| n * 17 % 40;
    let row = |n: usize| format!("{},{},{n}.5", shuffled(n), n % 7);
    assert_eq!(learned(",a,score", 40, row), ["a"]);
    // Rows of a sample have gaps.
    let gaps = |n: usize| format!("{},{},{n}.5", 3 * shuffled(n), n % 7);
    assert_eq!(learned(",a,score", 40, gaps), ["a"]);
    let named = |n: usize| format!("{},{},{n}.5", shuffled(n), n % 7);
    assert_eq!(learned("b,a,score", 40, named), ["b", "a"]);
    // Numbers that repeat, fractions and years are no index.
    let repeated = |n: usize| format!("{},{},{n}.5", n % 39, n % 7);
    assert_eq!(learned(",a,score", 40, repeated), ["column1", "a"]);
    let fractions = |n: usize| format!("{}.5,{},{n}.5", shuffled(n), n % 7);
    assert_eq!(learned(",a,score", 40, fractions), ["column1", "a"]);
    let years = |n: usize| format!("{},{},{n}.5", 1960 + shuffled(n), n % 7);
    assert_eq!(learned(",a,score", 40, years), ["column1", "a"]);
    // Without a header, no column has a name.
    let text = rows("77,1,0.25", 40, row);
    let options = ReadOptions {
        dialect: wgrad::dataset::DialectOptions {
            header: Some(false),
            ..Default::default()
        },
        ..ReadOptions::default()
    };
    let data = read_with(folder().path(), "t.csv", text.as_bytes(), &options).unwrap();
    assert_eq!(data.columns, ["column1", "column2"]);
}

#[test]
fn names_that_may_be_of_row_numbers_are_where_the_numbers_are_a_run_in_any_order() {
    for name in [
        "obs",
        "Case",
        "serial",
        "record_id",
        "RowNumber",
        "#",
        "pid",
        "key",
    ] {
        let header = format!("{name},a,score");
        let run = |n: usize| format!("{},{},{n}.5", 5 + n * 17 % 40, n % 7);
        assert_eq!(learned(&header, 40, run), ["a"], "{name}");
    }
    for name in ["obs", "case", "pid", "key"] {
        let gaps = |n: usize| format!("{},{},{n}.5", 3 * (n * 17 % 40), n % 7);
        let header = format!("{name},a,score");
        assert_eq!(learned(&header, 40, gaps), [name, "a"], "{name}");
    }
}

#[test]
fn runs_of_years_are_learned_from_under_any_name() {
    for (name, first) in [("SeasonStart", 1893), ("fy", 3), ("x1", 1950), ("age", 18)] {
        let row = |n: usize| format!("{},{},{n}.5", n + first, n % 7);
        let header = format!("{name},a,score");
        assert_eq!(learned(&header, 40, row), [name, "a"], "{name}");
    }
    for (name, first) in [("x1", 2080), ("place", 18), ("id", 1950)] {
        let row = |n: usize| format!("{},{},{n}.5", n + first, n % 7);
        assert_eq!(
            learned(&format!("{name},a,score"), 40, row),
            ["a"],
            "{name}"
        );
    }
}

#[test]
fn codes_that_are_mostly_digits_are_no_numbers_with_mistakes() {
    // As the tickets of the Titanic: a quarter begins with letters.
    let tickets = rows("ticket no,a,score", 80, |n| {
        let ticket = match n % 4 {
            0 => format!("{} {}", ["PC", "A/5", "STON/O2."][n % 3], 17_000 + n * 7),
            _ => format!("{}", 113_000 + n * 11),
        };
        format!("{ticket},{},{n}.5", n % 7)
    });
    assert_eq!(table(&tickets).columns, ["a"]);
    let anonymous = tickets.replacen("ticket no", "t", 1);
    assert_eq!(table(&anonymous).columns, ["a"]);
    let notes = table(&anonymous).notes.join("\n");
    assert!(
        notes.contains("column t is left out") && notes.contains("`categories = t`"),
        "{notes}"
    );
    let zips = learned("zip_code,a,score", 80, |n| {
        let more = if n == 7 { "-6314" } else { "" };
        format!("{}{more},{},{n}.5", 98_030 + n % 5, n % 7)
    });
    assert_eq!(zips, ["zip_code", "a"]);
    for name in ["id", "rownames"] {
        let ids = learned(&format!("{name},a,score"), 80, |n| {
            let letter = if n == 7 { "a" } else { "" };
            format!("{}{letter},{},{n}.5", 100 + n, n % 7)
        });
        assert_eq!(ids, ["a"]);
    }
    let courses = learned("course,a,score", 80, |n| {
        let letter = if n % 3 == 0 {
            ["A", "B", "C", "HW"][n / 3 % 4]
        } else {
            ""
        };
        format!("{}{letter},{},{n}.5", 100 + n % 5, n % 7)
    });
    assert_eq!(courses, ["course", "a"]);
}

#[test]
fn numbers_with_mistakes_are_refused_with_how_many_there_are() {
    let refused = |cell: &dyn Fn(usize) -> Option<String>| {
        let text = rows("b,a,score", 80, |n| {
            let cell = cell(n).unwrap_or(format!("{}", 100 + n));
            format!("{cell},{},{n}.5", n % 7)
        });
        read(folder().path(), "t.csv", text.as_bytes()).unwrap_err()
    };
    // Units, ranges, words and one odd code.
    let units = |n: usize| n.is_multiple_of(4).then(|| format!("{n} km"));
    let message = refused(&units);
    let told = "found \"0 km\" and 19 other cells (\"4 km\", \"8 km\", \"12 km\"), expected numbers as in most rows; correct the cells, or empty them";
    assert!(message.contains(told), "{message}");
    refused(&|n| (n % 4 == 0).then(|| format!("{n}-{}", n + 9)));
    refused(&|n| (n % 9 == 0).then(|| format!("about {n}")));
    let message = refused(&|n| (n == 7).then(|| "C1007".to_owned()));
    let told = "t.csv:9: column b: found \"C1007\", expected a number as in most rows; correct the cell, or empty it";
    assert!(message.contains(told), "{message}");
    let message = refused(&|n| (n % 9 == 0).then(|| "<0.05".to_owned()));
    let told = "found \"<0.05\" in 9 rows beside 71 numbers, expected a number; write the limit as a number, or half of it; `missing = '<0.05'` fills in the median";
    assert!(message.contains(told), "{message}");
}
