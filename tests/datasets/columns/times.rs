//! Dates and times, as files write them.

use super::*;

/// Returns the times of the first column of a file for a model.
fn for_model(schema: &Schema, text: &str) -> Result<Vec<f64>, String> {
    let dir = folder();
    let path = dir.path().join("new.csv");
    std::fs::write(&path, text).unwrap();
    let data = read_for(path.to_str().unwrap(), schema, &ReadOptions::default());
    let data = data.map_err(|why| why.to_string())?;
    Ok(times(&data, "when"))
}

fn times(data: &Dataset, name: &str) -> Vec<f64> {
    match values(data, name) {
        ColumnValues::Times { values, .. } => values.clone(),
        other => panic!("no times: {other:?}"),
    }
}

/// A table of one column, whose first value is a date.
fn one_column(count: usize, cell: impl Fn(usize) -> String) -> String {
    rows("when,score", count, |n| format!("{},{n}.5", cell(n)))
}

#[test]
fn a_model_reads_dates_in_the_order_of_its_training_file() {
    let text = one_column(40, |n| format!("{:02}/{:02}/2019", 1 + n % 12, 1 + n % 28));
    let schema = prepared(&table(&text)).schema;
    let second_of_march = 1_551_484_800.0;
    let alone = for_model(&schema, "when\n03/02/2019\n").unwrap();
    assert_eq!(alone, [second_of_march]);
    let bad = for_model(&schema, "when\n03/02/2019\n13/02/2019\n").unwrap_err();
    let expected = "new.csv:3: column when: found \"13/02/2019\", expected a date or time as in training, as 12/31/2024;";
    assert!(bad.contains(expected), "{bad}");
    // What has one reading only.
    let iso = for_model(&schema, "when\n2019-03-02\n\n2019-03-02\n").unwrap();
    assert_eq!(iso, [second_of_march; 2]);
    let mixed = for_model(&schema, "when\n03/02/2019\n2019-03-02\n").unwrap_err();
    assert!(mixed.contains("new.csv:3: column when"), "{mixed}");
}

fn parts(data: &Dataset) -> Vec<TimePart> {
    match &encoder(&prepared(data)).columns[0] {
        ColumnEncoder::Time { parts, .. } => parts.clone(),
        other => panic!("no time: {other:?}"),
    }
}

#[test]
fn dates_with_two_digits_of_a_year_need_a_day_above_twelve() {
    let dates = |most: usize| {
        let text = one_column(60, |n| format!("{:02}/{:02}/63", 1 + n % most, 1 + n % 12));
        read(folder().path(), "t.csv", text.as_bytes())
    };
    let refused = dates(7).unwrap_err();
    assert!(refused.contains("may be 2063-"), "{refused}");
    assert!(
        refused.contains("; or use `categories = when`"),
        "{refused}"
    );
    let data = dates(28).unwrap();
    let told = "column when is read as dates: 01/01/63 is 2063-01-01";
    assert!(
        data.notes.iter().any(|note| note == told),
        "{:?}",
        data.notes
    );
}

#[test]
fn months_are_times_without_a_day_of_the_week() {
    let text = one_column(48, |n| format!("{}-{:02}", 1949 + n / 12, 1 + n % 12));
    let data = table(&text);
    assert_eq!(times(&data, "when")[0], -662_688_000.0);
    assert_eq!(parts(&data), [TimePart::Elapsed, TimePart::Month]);
    let told = "column when is read as dates: 1949-01 is 1949-01-01";
    assert!(
        data.notes.iter().any(|note| note == told),
        "{:?}",
        data.notes
    );
    let schema = prepared(&data).schema;
    let next = for_model(&schema, "when,b\n1949-01,1\nJan 1949,1\n").unwrap_err();
    assert!(
        next.contains("new.csv:3: column when: found \"Jan 1949\""),
        "{next}"
    );
    assert_eq!(
        for_model(&schema, "when,b\nJan 1949,1\n").unwrap(),
        [-662_688_000.0]
    );
}

#[test]
fn numbers_and_seasons_are_no_months() {
    let text = one_column(40, |n| format!("{}.{:02}", 2019 + n / 12, 1 + n % 12));
    assert!(matches!(
        values(&table(&text), "when"),
        ColumnValues::Numbers(_)
    ));
    let text = one_column(40, |n| format!("{}-{:02}", 2005 + n % 7, 6 + n % 7));
    assert!(matches!(
        values(&table(&text), "when"),
        ColumnValues::Levels { .. }
    ));
}

#[test]
fn years_stand_among_dates_for_their_beginning() {
    let text = one_column(40, |n| match n % 10 {
        3 => "1970".to_owned(),
        5 => "1970-02".to_owned(),
        7 => "-999".to_owned(),
        _ => format!("2012-{:02}-{:02}", 1 + n % 12, 1 + n % 28),
    });
    let options = ReadOptions {
        missing: vec!["-999".to_owned()],
        ..ReadOptions::default()
    };
    let data = read_with(folder().path(), "t.csv", text.as_bytes(), &options).unwrap();
    let when = times(&data, "when");
    assert_eq!((when[3], when[5]), (0.0, 31.0 * 86_400.0));
    assert!(when[7].is_nan());
    let told = "column when is read as dates: 1970-02 is 1970-02-01";
    assert!(
        data.notes.iter().any(|note| note == told),
        "{:?}",
        data.notes
    );
    let schema = prepared(&data).schema;
    assert_eq!(for_model(&schema, "when\n1970\n").unwrap(), [0.0]);
    let bad = for_model(&schema, "when\n1970\n12\n").unwrap_err();
    assert!(
        bad.contains("new.csv:3: column when: found \"12\""),
        "{bad}"
    );
}

#[test]
fn durations_are_one_input() {
    let text = one_column(60, |n| format!("{}:{:02}", 10 + n, n * 7 % 60));
    let data = table(&text);
    assert_eq!(times(&data, "when")[1], 667.0);
    assert_eq!(parts(&data), [TimePart::Elapsed]);
    let told = "column when is read as durations: 10:00 is 600 seconds";
    assert!(
        data.notes.iter().any(|note| note == told),
        "{:?}",
        data.notes
    );
    let schema = prepared(&data).schema;
    assert_eq!(for_model(&schema, "when\n11:07\n").unwrap(), [667.0]);
    let clock = for_model(&schema, "when,b\n11:07 am,1\n").unwrap_err();
    assert!(
        clock.contains("expected a date or time as in training, as 46:32"),
        "{clock}"
    );
}
