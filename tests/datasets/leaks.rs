//! Notes on inputs that tell the target, and that other inputs have none.

use crate::samples::{folder, put};
use wgrad::dataset::{ReadOptions, inspect, read};

/// Returns the notes of training on a table, which are those of looking at it.
fn notes_with(header: &str, rows: impl Iterator<Item = String>, options: &ReadOptions) -> String {
    let rows: Vec<String> = rows.collect();
    let dir = folder(&[]);
    let path = put(
        dir.path(),
        "t.csv",
        format!("{header}\n{}\n", rows.join("\n")).as_bytes(),
    );
    let source = path.to_str().unwrap();
    let notes = read(source, options, 0).unwrap().notes;
    let looked = inspect(source, options, 0).unwrap().unwrap();
    assert_eq!(notes, looked.notes);
    notes.join("\n")
}

fn notes(header: &str, count: usize, row: impl Fn(usize) -> String) -> String {
    notes_with(header, (0..count).map(row), &ReadOptions::default())
}

/// Numbers without a pattern, 0 to 96.
fn mixed(n: usize) -> usize {
    n * n * 31 % 97
}

const CLASSES: [&str; 3] = ["first", "second", "third"];

#[test]
fn an_input_whose_values_have_one_class_each_is_told() {
    let row = |n: usize| {
        let class = mixed(n) % 3;
        let half = 2 * class + n % 2;
        format!("{},{},h{half},{}", class + 1, n % 7, CLASSES[class])
    };
    let found = notes("rank,a,kind,class", 120, |n| {
        let class = mixed(n) % 3;
        format!(
            "{},{},{},{}",
            class + 1,
            n % 7,
            ["x", "y"][n % 2],
            CLASSES[class]
        )
    });
    let told = "column rank tells the class of every row: each of its 3 values has one; if predictions are to do without, leave it out with `drop = rank`";
    assert!(found.contains(told), "{found}");
    let found = notes("rank,a,half,class", 120, row);
    for told in [
        "columns rank, half each tell the class of every row: each of their values has one",
        "if predictions are to do without, leave them out with `drop = rank,half`",
    ] {
        assert!(found.contains(told), "{found}");
    }
    assert!(!found.contains("columns rank, a"), "{found}");
    let options = ReadOptions {
        drop: vec!["half".to_owned()],
        ..ReadOptions::default()
    };
    let found = notes_with("rank,a,half,class", (0..120).map(row), &options);
    assert!(found.contains("`drop = half,rank`"), "{found}");
    // Without it, nothing is left to learn from.
    let alone = notes("rank,class", 120, |n| {
        let class = mixed(n) % 3;
        format!("{class},{}", CLASSES[class])
    });
    assert!(
        alone.contains("column rank tells") && !alone.contains("drop"),
        "{alone}"
    );
}

#[test]
fn what_may_be_chance_or_nearly_tells_the_class_is_not_told() {
    let told = |found: String| found.contains("tells");
    // Few rows.
    assert!(!told(notes("a,b,class", 40, |n| {
        format!("{},{},{}", n % 3, n % 7, CLASSES[n % 3])
    })));
    // One row differs.
    assert!(!told(notes("a,b,class", 300, |n| {
        let class = if n == 200 { 0 } else { n % 3 };
        format!("{},{},{}", n % 3, mixed(n), CLASSES[class])
    })));
    // A value that is there once.
    assert!(!told(notes("a,b,class", 300, |n| {
        let a = if n == 200 { 17 } else { n % 3 };
        format!("{a},{},{}", mixed(n), CLASSES[n % 3])
    })));
    // Every row is there twice: each of the numbers has two rows.
    assert!(!told(notes("a,b,class", 300, |n| {
        let n = n / 2;
        format!("{}.5,{},{}", n * 7 % 151, mixed(n), CLASSES[n % 3])
    })));
    // A rare class that one value happens to have.
    assert!(!told(notes("a,b,class", 60, |n| {
        let is_rare = n == 7 || n == 8;
        let a = if is_rare { 9 } else { n % 5 };
        format!("{a},{},{}", mixed(n), CLASSES[usize::from(is_rare)])
    })));
    let iris = read("iris", &ReadOptions::default(), 0).unwrap().notes;
    assert!(!told(iris.join("\n")));
}

#[test]
fn an_input_that_is_the_target_in_another_unit_is_told() {
    let found = notes("inches,a,cm", 60, |n| {
        let inches = mixed(n) as f64 / 8.0;
        format!("{inches},{},{}", n % 7, 2.54 * inches)
    });
    let told = "column inches is the target cm in another unit: cm is 2.54 times inches;";
    assert!(found.contains(told), "{found}");
    assert!(found.contains("`drop = inches`"), "{found}");
    let found = notes("copy,a,cost", 60, |n| {
        let copy = if n == 9 {
            String::new()
        } else {
            format!("{}.5", mixed(n))
        };
        format!("{copy},{},{}.5", n % 7, mixed(n))
    });
    assert!(found.contains("column copy is the target cost;"), "{found}");
    // Nearly, and in few rows.
    for (count, odd) in [(60, 0.01), (15, 0.0)] {
        let found = notes("inches,a,cm", count, |n| {
            let inches = mixed(n) as f64 / 8.0;
            let more = if n == 11 { odd } else { 0.0 };
            format!("{inches},{},{}", n % 7, 2.54 * inches + more)
        });
        assert!(!found.contains("the target cm in"), "{found}");
    }
}

#[test]
fn inputs_that_add_up_to_the_target_are_told() {
    let other = |n: usize| n * 53 % 89;
    let found = notes("casual,registered,a,count", 400, |n| {
        format!(
            "{},{},{},{}",
            mixed(n),
            other(n),
            n % 7,
            mixed(n) + other(n)
        )
    });
    let told = "columns casual, registered add up to the target count; if predictions are to do without, leave them out with `drop = casual,registered`";
    assert!(found.contains(told), "{found}");
    let found = notes("sales,costs,a,profit", 60, |n| {
        let [sales, costs] = [mixed(n) as f64 + 0.25, other(n) as f64];
        format!("{sales},{costs},{},{}", n % 7, sales - costs)
    });
    assert!(
        found.contains("column sales less costs is the target profit"),
        "{found}"
    );
    let found = notes("a,b,c,d,total", 60, |n| {
        let [a, c, d] = [n % 7, mixed(n), n * 7 % 31];
        format!("{a},{},{c},{d},{}", other(n), a + c + d)
    });
    assert!(
        found.contains("columns a, c, d add up to the target total"),
        "{found}"
    );
    // In one row of 200, they do not.
    let found = notes("casual,registered,a,count", 200, |n| {
        let more = usize::from(n == 100);
        format!(
            "{},{},{},{}",
            mixed(n),
            other(n),
            n % 7,
            mixed(n) + other(n) + more
        )
    });
    assert!(!found.contains("add up"), "{found}");
}

#[test]
fn a_target_that_numbers_the_rows_is_doubted() {
    let found = notes("a,b,launch", 30, |n| {
        format!("{},{},{}", mixed(n), n % 7, n + 3)
    });
    let told = "column launch only tells rows apart: is it the target? Name another with `target`, or leave it out with `drop = launch`";
    assert!(found.contains(told), "{found}");
    let found = notes("a,b,year", 30, |n| {
        format!("{},{},{}", mixed(n), n % 7, n + 1990)
    });
    assert!(!found.contains("is it the target?"), "{found}");
}
