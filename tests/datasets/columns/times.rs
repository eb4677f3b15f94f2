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
