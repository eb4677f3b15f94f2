//! Notes about unusual columns.

use super::*;

#[test]
fn counters_are_left_out_and_constants_are_kept_with_a_note() {
    let data = table("PassengerId,t,same,y\n1,0,7,0\n2,1,7,1\n3,2,7,1\n").unwrap();
    assert_eq!(data.columns, ["t", "same"]);
    let notes = data.notes.join("\n");
    assert!(
        notes.contains("column PassengerId is left out: it numbers the rows; `numbers = PassengerId` takes it in"),
        "{notes}"
    );
    assert!(notes.contains("column same is constant"), "{notes}");
    let several = table("a,b,c,y\n1,7,8,0\n2,7,8,1\n").unwrap();
    assert!(
        several
            .notes
            .contains(&"columns b, c are constant: they carry no information".to_owned()),
        "{:?}",
        several.notes
    );
}

#[test]
fn a_number_that_is_far_from_the_others_many_times_may_be_a_code() {
    let notes = |code: &str, every: usize| {
        let cell = |n: usize| match n % every {
            0 => code.to_owned(),
            _ => format!("{}", (n * 37 % 100) as f64 / 10.0),
        };
        let rows: String = (1..200)
            .map(|n| format!("{},{},{}\n", cell(n), n % 7, n % 2))
            .collect();
        table(format!("a,b,y\n{rows}")).unwrap().notes.join("\n")
    };
    for (code, every, rows) in [("-200", 7, 28), ("-999", 2, 99), ("9999", 20, 9)] {
        let told = format!("column a: {code} in {rows} rows is far from all other values");
        let found = notes(code, every);
        assert!(found.contains(&told), "{found}");
        assert!(found.contains(&format!("`missing = {code}`")), "{found}");
    }
    assert!(!notes("0", 3).contains("far from"), "zeros are usual");
    assert!(!notes("12", 3).contains("far from"), "12 is near 9.9");
}

#[test]
fn values_far_from_the_others_are_told_and_rare_ones_are_not() {
    let notes = |of: &dyn Fn(usize) -> String| {
        let rows = (0..200).map(|n| format!("{},{},{}\n", of(n), n % 7, n % 2));
        let text = format!("a,b,y\n{}", rows.collect::<String>());
        table(&text).unwrap().notes.join("\n")
    };
    let odd = |value: &'static str| {
        move |n: usize| match n {
            41 => value.to_owned(),
            _ => format!("{}", n as f64 / 100.0),
        }
    };
    for (value, told) in [
        ("3e38", "column a: 3e38 is"),
        ("-999999", "column a: -999999 is"),
    ] {
        let found = notes(&odd(value));
        assert!(found.contains(told), "{found}");
    }
    // A factor of ten is not unusual, and a flag that few rows have has the same scale as the others.
    assert!(!notes(&odd("20")).contains("so far"));
    assert!(!notes(&|n| u8::from(n == 41).to_string()).contains("so far"));
    assert!(!notes(&|n| (n as f64 / 10.0).exp().to_string()).contains("so far"));
}

#[test]
fn columns_that_scaling_makes_constant_are_told() {
    let notes = |cell: &dyn Fn(usize) -> f64| {
        let rows = (0..20).map(|n| format!("{:e},{},{}\n", cell(n), n % 7, n % 2));
        let text = format!("a,b,y\n{}", rows.collect::<String>());
        table(&text).unwrap().notes.join("\n")
    };
    let told = "column a is taken as constant: its values are too close to one another";
    assert!(notes(&|n| n as f64 * 1e-315).contains(told));
    assert!(notes(&|n| 1.0 + (n % 2) as f64 * f64::EPSILON).contains(told));
    for scale in [1e-307, 3.9e37, 1e138] {
        let found = notes(&|n| n as f64 * scale);
        assert!(!found.contains("constant"), "{scale}: {found}");
    }
    assert!(notes(&|_| 1e-315).contains("column a is constant"));
    let rows: String = (0..30).map(|n| format!("{n},{n}.5e-320\n")).collect();
    let found = table(format!("a,y\n{rows}")).unwrap().notes.join("\n");
    assert!(found.contains("target y is taken as constant"), "{found}");
}

#[test]
fn a_column_of_one_value_and_gaps_is_not_called_constant() {
    let notes = |value: &str, gaps: usize| {
        let cell = |n: usize| {
            if n % 7 == 3 && n / 7 < gaps {
                ""
            } else {
                value
            }
        };
        let rows = (0..80).map(|n| format!("{},{},{}\n", cell(n), n % 7, n % 2));
        let text = format!("clean,b,y\n{}", rows.collect::<String>());
        table(&text).unwrap().notes.join("\n")
    };
    for value in ["Yes", "4.5"] {
        let found = notes(value, 9);
        let told = "column clean is the same in every row that has it: what it tells is which rows lack it";
        assert!(
            found.contains(told) && !found.contains("constant"),
            "{found}"
        );
        // So few gaps are no input.
        assert!(notes(value, 3).contains("column clean is constant"));
    }
}

#[test]
fn a_last_row_that_is_called_total_is_told() {
    let notes = |last: &str, other: &str| {
        let name = |n: usize| {
            if n == 9 {
                other
            } else {
                ["north", "south"][n % 2]
            }
        };
        let rows = (0..30).map(|n| format!("{},{},{}\n", name(n), n % 7, n % 3));
        let text = format!("region,units,y\n{}{last},99,1\n", rows.collect::<String>());
        table(&text).unwrap().notes.join("\n")
    };
    let told =
        "t.csv:32: region is \"Total\" here alone: if this row adds up the others, delete it";
    assert!(notes("Total", "north").contains(told));
    assert!(!notes("Total", "Total").contains("adds up"));
    assert!(!notes("west", "Total").contains("adds up"));
}
