//! Numbers with a unit behind them.

use super::*;
use crate::samples::numbers;

/// Reads a file `new.csv` for a model.
fn read_new(text: &str, schema: &Schema) -> Result<Dataset, String> {
    let dir = folder();
    let path = dir.path().join("new.csv");
    std::fs::write(&path, text).unwrap();
    let read = read_for(path.to_str().unwrap(), schema, &ReadOptions::default());
    read.map_err(|why| why.message)
}

#[test]
fn a_column_in_one_unit_is_a_column_of_numbers_for_the_model_too() {
    let text = rows("power,age,price", 30, |n| {
        format!("{}.5 bhp,{} years,{n}.5", 60 + n, ["3", "4"][n % 2])
    });
    let data = table(&text);
    assert_eq!(numbers(&data, "power")[..2], [60.5, 61.5]);
    let note = "column power is read as numbers: 60.5 bhp is 60.5";
    assert!(
        data.notes.iter().any(|found| found == note),
        "{:?}",
        data.notes
    );
    // Two texts stay a flag.
    assert!(matches!(
        values(&data, "age"),
        ColumnValues::Levels { is_flag: true, .. }
    ));
    let schema = prepared(&data).schema;
    let new = read_new(
        "age,power\n4 years,71 bhp\n3 years,\n3 years,bhp\n",
        &schema,
    )
    .unwrap();
    let found = numbers(&new, "power");
    assert!(found[0] == 71.0 && found[1..].iter().all(|found| found.is_nan()));
    let plain = read_new("age,power\n4 years,75\n", &schema).unwrap();
    assert_eq!(numbers(&plain, "power"), [75.0]);
    for (cell, said) in [
        (
            "74 kW",
            "new.csv:2: column power: found \"74 kW\", expected a number in bhp, as in training",
        ),
        ("74%", "found \"74%\", expected a number in bhp"),
    ] {
        let why = read_new(&format!("age,power\n4 years,{cell}\n"), &schema).unwrap_err();
        assert!(why.contains(said), "{why}");
    }
    let plain = table(&rows("power,price", 30, |n| format!("{}.5,{n}.5", 60 + n)));
    let mut schema = prepared(&plain).schema;
    let why = read_new("power,other\n74 bhp,1\n", &schema).unwrap_err();
    assert!(why.contains("expected a number without a unit"), "{why}");
    schema.encoder = Some(Encoder {
        columns: vec![ColumnEncoder::Number {
            fill: 0.0,
            missing: false,
            unit: String::new(),
            edges: Vec::new(),
        }],
        ..Encoder::default()
    });
    let why = read_new("power,other\n74 bhp,1\n", &schema).unwrap_err();
    assert!(
        why.contains("found \"74 bhp\", expected a number without a unit"),
        "{why}"
    );
}

#[test]
fn percentages_without_their_sign_are_warned_about() {
    let data = table(&rows("share,price", 30, |n| format!("{n}.5%,{n}.5")));
    let schema = prepared(&data).schema;
    let new = read_new("share\n0.5\n", &schema).unwrap();
    let warning =
        "column share: numbers without %, which they had in training: 0.5 is read as 0.5 %";
    assert_eq!(new.warnings, [warning]);
    let same = read_new("share\n0.5%\n", &schema).unwrap();
    assert!(same.warnings.is_empty(), "{:?}", same.warnings);
}

#[test]
fn thousands_and_millions_are_scaled_and_may_stand_beside_plain_numbers() {
    let salary = |n: usize| match n % 3 {
        0 => format!("${}.5M", 1 + n),
        1 => format!("${}k", 100 + n),
        _ => format!("{}", 5000 + n),
    };
    let data = table(&rows("salary,score", 12, |n| {
        format!("{},{n}.5", salary(n))
    }));
    let close = |found: f64, expected: f64| (found / expected - 1.0).abs() < 1e-12;
    let found = numbers(&data, "salary");
    assert!(
        close(found[0], 1.5e6) && close(found[1], 101e3) && found[2] == 5002.0,
        "{found:?}"
    );
}

#[test]
fn codes_and_mixed_units_are_no_numbers() {
    let kind = |cell: &dyn Fn(usize) -> String| {
        let data = table(&rows("a,b,score", 40, |n| {
            format!("{},{n}.25,{n}.5", cell(n * 7 % 20))
        }));
        let at = data.columns.iter().position(|name| name == "a");
        at.map(|_| matches!(values(&data, "a"), ColumnValues::Numbers(_)))
    };
    assert_eq!(kind(&|n| format!("{n} km")), Some(true));
    assert_eq!(kind(&|n| format!("{n}A")), Some(false));
    assert_eq!(
        kind(&|n| format!("{n} {}", ["km", "mi"][n % 2])),
        Some(false)
    );
    assert_eq!(
        kind(&|n| format!("{n} {}", ["mW", "MW"][n % 2])),
        Some(false)
    );
    assert_eq!(
        kind(&|n| [format!("{n} km"), format!("{n}")][n % 2].clone()),
        Some(false)
    );
    // Codes that follow one another, one in each row.
    let data = table(&rows("a,b,score", 40, |n| {
        format!("{} A,{n}.25,{n}.5", 100 + n)
    }));
    assert_eq!(data.columns, ["b"]);
}

#[test]
fn a_target_in_one_unit_is_values_and_few_of_them_are_classes() {
    let target = |most: usize| {
        let text = rows("a,price", 40, |n| {
            format!("{n}.5,{} DH", 100 + n * 7 % most)
        });
        table(&text).targets.unwrap()
    };
    assert!(matches!(target(39), wgrad::dataset::Targets::Values { values } if values[1] == 107.0));
    assert!(matches!(target(5), wgrad::dataset::Targets::Classes { .. }));
    let thousands = rows("a,price", 40, |n| format!("{n}.5,$5{}k", n % 4));
    let data = table(&thousands);
    assert!(
        matches!(data.targets.unwrap(), wgrad::dataset::Targets::Values { values } if values[1] == 51e3)
    );
}
