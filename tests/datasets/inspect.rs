//! Tests of looking at a table: it is seen as training reads it.

use crate::samples::{doubles, folder, npy, put, zip};
use std::path::Path;
use wgrad::dataset::{ColumnReport, Inspection, MissingRows, ReadOptions, Targets, inspect, read};

fn look_with(path: &Path, options: &ReadOptions) -> Inspection {
    let found = inspect(path.to_str().unwrap(), options, 0).unwrap();
    found.expect("a table")
}

fn look(path: &Path) -> Inspection {
    look_with(path, &ReadOptions::default())
}

fn column<'i>(found: &'i Inspection, name: &str) -> &'i ColumnReport {
    let mut columns = found.columns.iter();
    columns.find(|column| column.name == name).unwrap()
}

fn rows(header: &str, count: usize, row: impl Fn(usize) -> String) -> String {
    let rows: Vec<String> = (0..count).map(row).collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

#[test]
fn rows_without_a_target_are_no_class() {
    let dir = folder(&[]);
    for (mark, name) in [("NA", "marked.csv"), ("", "empty.csv")] {
        let text = rows("a,b,kind", 30, |n| match n % 10 {
            3 => format!("{n}.5,{},{mark}", n % 7),
            _ => format!("{n}.5,{},{}", n % 7, n % 2),
        });
        let path = put(dir.path(), name, text.as_bytes());
        let found = look(&path);
        let data = read(path.to_str().unwrap(), &ReadOptions::default(), 0).unwrap();
        let Some(Targets::Classes { names, labels }) = data.targets else {
            panic!("{name}: expected classes");
        };
        let told: Vec<_> = found.classes.iter().map(|(class, _)| class).collect();
        assert_eq!(told, names.iter().collect::<Vec<_>>());
        let counted: usize = found.classes.iter().map(|(_, count)| count).sum();
        assert_eq!((counted, found.rows), (labels.len(), 30));
        let target = column(&found, "kind");
        assert_eq!((target.missing, target.distinct), (3, 2), "{name}");
    }
}

#[test]
fn the_notes_are_those_of_training() {
    let dir = folder(&[]);
    let codes = rows("id,a,same,day,y", 40, |n| {
        let a = if n % 8 == 0 { -999.0 } else { n as f64 / 4.0 };
        let day = 1 + n % 28;
        format!("{},{a},7,2024-03-{day:02},{}", n + 1, n % 3)
    });
    let missing = rows("kind,a,b", 30, |n| {
        let a = if n % 4 == 0 { "1.5" } else { "" };
        format!("{},{a},{}", ["x", "y", "z"][n % 3], n * n)
    });
    let few = rows("a,b", 5, |n| format!("{n}.5,{}", n % 2));
    for (name, text) in [
        ("codes.csv", codes),
        ("missing.csv", missing),
        ("few.csv", few),
    ] {
        let path = put(dir.path(), name, text.as_bytes());
        for missing_rows in [MissingRows::Fill, MissingRows::Drop] {
            let options = ReadOptions {
                missing_rows,
                ..ReadOptions::default()
            };
            let found = look_with(&path, &options);
            let data = read(path.to_str().unwrap(), &options, 0).unwrap();
            assert!(!data.notes.is_empty(), "{name}");
            assert_eq!(found.notes, data.notes, "{name}");
            assert_eq!(found.problems, Vec::<String>::new());
        }
    }
}

#[test]
fn what_keeps_training_from_a_table_is_told() {
    let dir = folder(&[]);
    let word = rows("a,b,y", 40, |n| match n {
        7 => "oops,1.5,0".to_owned(),
        _ => format!("{n}.25,{},{}", n % 9, n % 2),
    });
    let names = rows("name,y", 30, |n| format!("n{n},{}", n % 2));
    let constant = rows("a,y", 30, |n| format!("{n}.5,same"));
    let none = rows("a,y", 30, |n| format!("{n}.5,"));
    let gaps = rows("a,b,y", 30, |n| match n % 2 {
        0 => format!(",{n}.5,{}", n % 3),
        _ => format!("{n}.5,,{}", n % 3),
    });
    let drop = ReadOptions {
        missing_rows: MissingRows::Drop,
        ..ReadOptions::default()
    };
    for (name, text, options) in [
        ("word.csv", word, ReadOptions::default()),
        ("names.csv", names, ReadOptions::default()),
        ("constant.csv", constant, ReadOptions::default()),
        ("none.csv", none, ReadOptions::default()),
        ("gaps.csv", gaps, drop),
    ] {
        let path = put(dir.path(), name, text.as_bytes());
        let error = read(path.to_str().unwrap(), &options, 0).unwrap_err();
        let problems = match inspect(path.to_str().unwrap(), &options, 0) {
            Ok(found) => found.unwrap().problems,
            // No target can be told.
            Err(why) => vec![why.to_string()],
        };
        assert_eq!(problems.first(), Some(&error.to_string()), "{name}");
        if name == "word.csv" {
            assert_eq!(column(&look(&path), "a").role, "refused");
        }
    }
    let path = put(dir.path(), "header.csv", b"a,b,y\n");
    let path = path.to_str().unwrap();
    let options = ReadOptions::default();
    let [trained, looked] = [
        read(path, &options, 0).map(drop_it).unwrap_err(),
        inspect(path, &options, 0).map(drop_it).unwrap_err(),
    ];
    assert_eq!(looked, trained);
}

fn drop_it<T>(_: T) {}

#[test]
fn numpy_archives_of_rows_are_tables_and_those_of_images_are_not() {
    let inputs: Vec<f64> = (0..40).map(|n| f64::from(n * n % 23)).collect();
    let targets: Vec<f64> = (0..20).map(|n| f64::from(n % 2)).collect();
    let arrays = [
        ("x.npy", npy("<f8", false, "(20, 2)", &doubles(&inputs))),
        ("y.npy", npy("<f8", false, "(20,)", &doubles(&targets))),
    ];
    let pixels: Vec<u8> = (0..20 * 4).collect();
    let images = [
        ("x.npy", npy("|u1", false, "(20, 2, 2)", &pixels)),
        ("y.npy", npy("<f8", false, "(20,)", &doubles(&targets))),
    ];
    let dir = folder(&[]);
    let table = put(dir.path(), "table.npz", &zip(&arrays, false));
    let found = look(&table);
    assert_eq!((found.rows, found.inputs, found.classes.len()), (20, 2, 2));
    let images = put(dir.path(), "images.npz", &zip(&images, false));
    let options = ReadOptions::default();
    assert!(
        inspect(images.to_str().unwrap(), &options, 0)
            .unwrap()
            .is_none()
    );
    assert!(read(images.to_str().unwrap(), &options, 0).is_ok());
}
