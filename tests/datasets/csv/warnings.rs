//! Notes about unusual columns.

use super::*;

#[test]
fn a_header_with_a_value_is_doubted_and_one_of_numbers_is_not() {
    let notes = |text: &str| table(text).unwrap().notes.join("\n");
    let doubted = notes("-1.6,b,apple\n1,2,pear\n3,4,apple\n");
    assert!(
        doubted.contains("line 1 is taken as the header"),
        "{doubted}"
    );
    assert!(doubted.contains("it contains -1.6"), "{doubted}");
    let numbered = notes("0,1,2,kind\n1,2,5,pear\n3,4,6,apple\n");
    assert!(!numbered.contains("line 1"), "{numbered}");
}

#[test]
fn counters_and_constants_are_kept_with_a_note() {
    let data = table("PassengerId,t,same,y\n1,0,7,0\n2,1,7,1\n3,2,7,1\n").unwrap();
    assert_eq!(data.columns, ["PassengerId", "t", "same"]);
    let notes = data.notes.join("\n");
    assert!(notes.contains("`drop = PassengerId`"), "{notes}");
    assert!(notes.contains("column same is constant"), "{notes}");
    assert!(
        !notes.contains("column t "),
        "a time is no counter: {notes}"
    );
    let several = table("a,b,c,y\n1,7,8,0\n2,7,8,1\n").unwrap();
    assert_eq!(
        several.notes[0],
        "columns b, c are constant: they carry no information"
    );
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
