//! What columns hold, and what becomes of them: kinds, missing cells, and the encoder that a model keeps.

mod kinds;
mod times;
mod units;

use super::{folder, read, read_with};
use wgrad::dataset::{
    ColumnEncoder, ColumnValues, Dataset, Encoder, Inputs, MissingRows, ReadOptions, Schema, Split,
    TimePart, inspect, read_for,
};
use wgrad::train::Prepared;

fn table(text: &str) -> Dataset {
    read(folder().path(), "t.csv", text.as_bytes()).unwrap()
}

/// Joins rows under a header.
fn rows(header: &str, count: usize, row: impl Fn(usize) -> String) -> String {
    let rows = (0..count).map(|n| row(n) + "\n");
    [format!("{header}\n")].into_iter().chain(rows).collect()
}

fn values<'d>(data: &'d Dataset, name: &str) -> &'d ColumnValues {
    let Inputs::Columns(columns) = &data.inputs else {
        panic!("all columns are numbers");
    };
    &columns
        .iter()
        .find(|column| column.name == name)
        .unwrap()
        .values
}

/// Prepares all rows for training.
fn prepared(data: &Dataset) -> Prepared {
    let split = Split {
        train: (0..data.rows as u32).collect(),
        ..Split::default()
    };
    Prepared::new(data, &split).unwrap()
}

fn encoder(prepared: &Prepared) -> &Encoder {
    prepared.schema.encoder.as_ref().unwrap()
}

#[test]
fn columns_of_zeros_and_ones_are_not_standardised() {
    let text = rows("a,b,score", 20, |n| {
        format!("{},{},{n}.5", u8::from(n == 3), n * 3 % 7)
    });
    let prepared = prepared(&table(&text));
    assert_eq!(
        (
            prepared.input_scale.shift[0],
            prepared.input_scale.factor[0]
        ),
        (0.0, 1.0)
    );
    assert_ne!(prepared.input_scale.factor[1], 1.0);
}

#[test]
fn missing_numbers_become_the_median_and_say_so() {
    let text = rows("a,b,score", 13, |n| {
        let cell = if n == 4 || n > 8 {
            "NA".to_owned()
        } else {
            format!("{n}.5")
        };
        format!("{cell},{},{n}.25", n * n)
    });
    let data = table(&text);
    let prepared = prepared(&data);
    let Encoder { columns, .. } = encoder(&prepared);
    // Of 0.5, 1.5, 2.5, 3.5, 5.5, 6.5, 7.5, 8.5.
    assert_eq!(
        columns[0],
        ColumnEncoder::Number {
            fill: 4.5,
            missing: true,
            unit: String::new(),
            edges: Vec::new(),
        }
    );
    assert_eq!(
        columns[1],
        ColumnEncoder::Number {
            fill: 36.0,
            missing: false,
            unit: String::new(),
            edges: Vec::new(),
        }
    );
    assert_eq!(prepared.inputs[4 * 3 + 1], 1.0);
    assert_eq!(prepared.inputs[3 * 3 + 1], 0.0);
}

#[test]
fn an_encoder_is_learned_from_the_training_rows_alone() {
    let text = rows("kind,a,score", 30, |n| {
        let kind = if n >= 20 {
            "late"
        } else {
            ["x", "y", "z"][n % 3]
        };
        let a = if n >= 20 { 1e6 } else { n as f64 };
        format!("{kind},{a},{n}.5")
    });
    let data = table(&text);
    let split = Split {
        train: (0..20).collect(),
        val: (20..30).collect(),
        ..Split::default()
    };
    let prepared = Prepared::new(&data, &split).unwrap();
    // The column has no missing cell, but the other one is no number, so there is an encoder.
    let Encoder { columns, .. } = encoder(&prepared);
    assert!(
        matches!(&columns[0], ColumnEncoder::Category { levels, .. } if levels == &["x", "y", "z"])
    );
    assert_eq!(
        columns[1],
        ColumnEncoder::Number {
            fill: 9.5,
            missing: false,
            unit: String::new(),
            edges: Vec::new(),
        }
    );
    // A level that was not there is none of them.
    assert_eq!(&prepared.inputs[20 * 4..20 * 4 + 3], &[0.0, 0.0, 0.0]);
}

#[test]
fn rare_levels_become_one_and_unseen_ones_join_them() {
    let text = rows("kind,score", 60, |n| {
        let kind = match n {
            0..50 => ["a", "b"][n % 2].to_owned(),
            _ => format!("rare{}", n % 5),
        };
        format!("{kind},{n}.5")
    });
    let dir = folder();
    let options = ReadOptions {
        max_levels: 2,
        ..ReadOptions::default()
    };
    let data = read_with(dir.path(), "t.csv", text.as_bytes(), &options).unwrap();
    let prepared = prepared(&data);
    assert!(
        matches!(&encoder(&prepared).columns[0], ColumnEncoder::Category { levels, other: true, missing: false } if levels == &["a", "b"])
    );
    assert_eq!(&prepared.inputs[50 * 3..51 * 3], &[0.0, 0.0, 1.0]);
}

#[test]
fn dates_become_their_parts() {
    let text = rows("when,score", 40, |n| {
        format!("2024-{:02}-{:02},{n}.5", 1 + n % 12, 1 + n % 28)
    });
    let data = table(&text);
    assert!(
        matches!(values(&data, "when"), ColumnValues::Times { values, .. } if values[0] == 1_704_067_200.0)
    );
    let prepared = prepared(&data);
    let ColumnEncoder::Time { parts, .. } = &encoder(&prepared).columns[0] else {
        panic!("a date is a time");
    };
    assert_eq!(
        parts,
        &[TimePart::Elapsed, TimePart::Month, TimePart::Weekday]
    );
    assert_eq!(prepared.schema.inputs, 1 + 12 + 7);
    // 1 January 2024 was a Monday.
    assert_eq!(prepared.inputs[1], 1.0);
    assert_eq!(prepared.inputs[13], 1.0);
    let told = rows("when,score", 20, |n| {
        format!("0{}/0{}/2024,{n}.5", 1 + n % 9, 1 + n % 7)
    });
    let refused = read(folder().path(), "t.csv", told.as_bytes()).unwrap_err();
    assert!(
        refused.contains("column when: \"01/01/2024\"") || refused.contains("may be 2024-"),
        "{refused}"
    );
}

#[test]
fn a_model_reads_its_columns_as_it_was_trained_on_them() {
    let text = rows("smoker,region,when,a,score", 60, |n| {
        let a = if n % 10 == 7 {
            String::new()
        } else {
            format!("{n}.5")
        };
        format!(
            "{},{},2024-01-{:02} {:02}:00,{a},{n}.25",
            ["no", "yes"][n % 2],
            ["n", "s", "e"][n % 3],
            1 + n % 28,
            n % 24
        )
    });
    let data = table(&text);
    let schema = prepared(&data).schema;
    let again: Schema = serde_json::from_str(&serde_json::to_string(&schema).unwrap()).unwrap();
    assert_eq!(again, schema);
    let dir = folder();
    // Another order, another delimiter, an unseen level, and a missing cell.
    let path = dir.path().join("new.csv");
    std::fs::write(
        &path,
        "a;when;region;smoker\n1,5;2024-01-03 05:00;west;yes\n;2024-02-30;n;\n",
    )
    .unwrap();
    let path = path.to_str().unwrap();
    let bad = read_for(path, &schema, &ReadOptions::default())
        .unwrap_err()
        .to_string();
    assert!(
        bad.contains("new.csv:3: column when: found \"2024-02-30\", expected a date"),
        "{bad}"
    );
    std::fs::write(
        path,
        "a;when;region;smoker\n1,5;2024-01-03 05:00;west;yes\n;;n;\n",
    )
    .unwrap();
    let data = read_for(path, &schema, &ReadOptions::default()).unwrap();
    assert_eq!((data.rows, &data.columns), (2, &schema.columns));
    let notes = data.notes.join("\n");
    assert_eq!(
        data.warnings,
        ["column region: 1 row with values that training did not have: \"west\""]
    );
    assert!(
        notes.contains("missing cells filled in: smoker (1), when (1), a (1)"),
        "{notes}"
    );
}

#[test]
fn the_same_table_in_other_clothes_is_the_same_data() {
    let plain = rows("a,b,kind,score", 40, |n| {
        format!("{}.5,{},{},{n}.25", n * 1000, n % 7, ["x", "y"][n % 2])
    });
    let tabs = plain.replace(',', "\t");
    let german = plain.replace(',', ";").replace('.', ",");
    let [plain, tabs, german] = [plain, tabs, german].map(|text| table(&text));
    assert_eq!(tabs.inputs, plain.inputs);
    assert_eq!(german.inputs, plain.inputs);
    assert_eq!(german.targets, plain.targets);
}

#[test]
fn a_table_is_looked_at_before_training() {
    let text = rows("id,kind,a,score", 40, |n| {
        let a = if n == 3 {
            "?".to_owned()
        } else {
            (n % 9).to_string()
        };
        format!("{n},{},{a},{n}.5", ["x", "y", "z"][n % 3])
    });
    let dir = folder();
    let path = dir.path().join("t.csv");
    std::fs::write(&path, text).unwrap();
    let options = ReadOptions {
        missing_rows: MissingRows::Fill,
        ..ReadOptions::default()
    };
    let found = inspect(path.to_str().unwrap(), &options, 0)
        .unwrap()
        .unwrap();
    let columns = found
        .columns
        .iter()
        .map(|c| (c.name.as_str(), c.role, c.missing, c.distinct, c.inputs));
    assert_eq!(
        columns.collect::<Vec<_>>(),
        [
            ("id", "left out", 0, 40, 0),
            ("kind", "input", 0, 3, 3),
            ("a", "input", 1, 9, 1),
            ("score", "target", 0, 40, 0),
        ]
    );
    assert_eq!((found.rows, found.inputs), (40, 4));
    assert_eq!(found.columns[2].range, Some([0.0, 8.0]));
    assert_eq!(found.columns[1].frequent[0], ("x".to_owned(), 14));
}
