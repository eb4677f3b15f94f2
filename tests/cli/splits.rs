//! Tests of the split: which rows are for what, and the list of the test rows of a run.

use crate::rig::{folder, write};
use crate::scores::{divided, object, run};
use std::path::Path;

/// Returns the cells of the lines of a CSV file, without the header.
fn cells(dir: &Path, file: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(dir.join(file)).expect("a file");
    let lines = text.lines().skip(1);
    lines
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

#[test]
fn the_list_of_test_rows_has_the_line_the_truth_and_the_prediction_of_each() {
    let dir = folder();
    write(dir.path(), "sides.csv", divided(60));
    let train = run(dir.path(), "train sides.csv --out m --lr 0.05 --json").ok();
    let text = std::fs::read_to_string(dir.path().join("m/test.csv")).unwrap();
    assert!(
        text.starts_with("line,true_side,predicted_side,probability\n"),
        "{text}"
    );
    let listed = cells(dir.path(), "m/test.csv");
    assert_eq!(listed.len(), 12);
    let table: Vec<String> = divided(60).lines().map(str::to_owned).collect();
    let predicted = run(dir.path(), "predict m sides.csv --probabilities")
        .ok()
        .out;
    let predicted: Vec<&str> = predicted.lines().collect();
    let mut hits = 0;
    for row in &listed {
        let line: usize = row[0].parse().unwrap();
        assert!(table[line - 1].ends_with(&row[1]), "line {line}: {row:?}");
        let own: Vec<&str> = predicted[line - 1].split(',').collect();
        assert_eq!(own[0], row[2]);
        let probability = own[if row[2] == "left" { 1 } else { 2 }];
        let [told, listed] = [probability, &row[3]].map(|p| p.parse::<f32>().unwrap());
        assert_eq!(told, listed);
        hits += usize::from(row[1] == row[2]);
    }
    let accuracy = train.json("end")[0]["test_accuracy"].as_f64().unwrap();
    assert!((accuracy - hits as f64 / 12.0).abs() < 1e-9, "{accuracy}");
    let lines: Vec<usize> = listed.iter().map(|row| row[0].parse().unwrap()).collect();
    assert!(lines.is_sorted(), "{lines:?}");
    run(dir.path(), "sweep sides.csv --seeds 2 --epochs 3 --out s").ok();
    assert_eq!(cells(dir.path(), "s/test.csv").len(), 12);
}

#[test]
fn a_run_without_test_rows_leaves_no_list_of_an_older_run_behind() {
    let dir = folder();
    let list = dir.path().join("m/test.csv");
    run(dir.path(), "train iris --epochs 1 --out m").ok();
    assert!(list.exists());
    run(dir.path(), "train iris --epochs 1 --out m --force").ok();
    assert!(list.exists());
    run(dir.path(), "train iris --epochs 1 --out m --force --test 0").ok();
    assert!(!list.exists());
    write(dir.path(), "m/test.csv", "line,answer\n1,x\n");
    let again = run(dir.path(), "train iris --epochs 1 --out m --force");
    again.fails(3, &["test.csv: not written by wgrad"]);
}

#[test]
fn names_that_a_spreadsheet_would_run_are_data_in_the_list_of_test_rows() {
    let dir = folder();
    let table = divided(60).replace("left", "=1+1");
    write(dir.path(), "sides.csv", table);
    run(dir.path(), "train sides.csv --epochs 5 --out m").ok();
    let listed = cells(dir.path(), "m/test.csv");
    assert!(listed.iter().any(|row| row[1] == "'=1+1"), "{listed:?}");
}

#[test]
fn rows_that_are_not_shuffled_are_tested_in_the_order_of_the_file() {
    let dir = folder();
    write(dir.path(), "sides.csv", divided(60));
    run(
        dir.path(),
        "train sides.csv --no-shuffle --epochs 2 --out m",
    )
    .ok();
    let listed = cells(dir.path(), "m/test.csv");
    let lines: Vec<usize> = listed.iter().map(|row| row[0].parse().unwrap()).collect();
    assert_eq!(lines, (50..=61).collect::<Vec<_>>());
    let config = std::fs::read_to_string(dir.path().join("m/config.toml")).unwrap();
    assert!(config.contains("shuffle = false"), "{config}");
    run(dir.path(), "train --config m/config.toml --out again").ok();
    let list = |run: &str| std::fs::read(dir.path().join(run).join("test.csv")).unwrap();
    assert!(list("m") == list("again"));
}

#[test]
fn validation_and_test_rows_may_come_in_files_of_their_own() {
    let dir = folder();
    for (file, rows) in [("tr.csv", 40), ("va.csv", 12), ("te.csv", 15)] {
        write(dir.path(), file, divided(rows));
    }
    let train = "train tr.csv --val va.csv --test te.csv --lr 0.05 --out m --json";
    let told = run(dir.path(), train).ok();
    let rows = &told.json("run")[0]["rows"];
    assert_eq!([&rows["train"], &rows["val"], &rows["test"]], [40, 12, 15]);
    let listed = cells(dir.path(), "m/test.csv");
    let lines: Vec<usize> = listed.iter().map(|row| row[0].parse().unwrap()).collect();
    assert_eq!(lines, (2..=16).collect::<Vec<_>>());
    let eval = object(&run(dir.path(), "eval m te.csv --json").ok());
    assert_eq!(eval["accuracy"], told.json("end")[0]["test_accuracy"]);
    let again = run(dir.path(), "train --config m/config.toml --json").ok();
    assert_eq!(again.json("run")[0]["rows"], *rows);
    let share = run(dir.path(), "train tr.csv --test te.csv --json").ok();
    let rows = &share.json("run")[0]["rows"];
    assert_eq!([&rows["train"], &rows["val"], &rows["test"]], [36, 4, 15]);
    let folds = "sweep tr.csv --folds 4 --test te.csv --seeds 1 --epochs 2 --out s --json";
    let swept = object(&run(dir.path(), folds).ok());
    assert!(swept["best"]["test_accuracy"].is_f64(), "{swept}");
    assert_eq!(cells(dir.path(), "s/test.csv").len(), 15);
    let again = run(dir.path(), "train --config s/config.toml --json").ok();
    assert!(!again.err.contains("no effect"), "{}", again.err);
    assert_eq!(again.json("run")[0]["rows"]["test"], 15);
}

#[test]
fn a_mistyped_share_is_no_file_and_a_missing_file_is_named() {
    let dir = folder();
    write(dir.path(), "sides.csv", divided(40));
    run(dir.path(), "train sides.csv --test 0,1").fails(2, &["a share of the rows", "0.1?"]);
    run(dir.path(), "train sides.csv --val 20%").fails(2, &["did you mean 0.2?"]);
    run(dir.path(), "sweep sides.csv --test 1.5").fails(3, &["--test 1.5", "from 0 to below 1"]);
    run(dir.path(), "train sides.csv --test gone.csv").fails(3, &["gone.csv"]);
    run(dir.path(), "train - --test -").fails(3, &["stdin has one set of rows"]);
    let same = run(dir.path(), "train sides.csv --test sides.csv").ok();
    assert!(
        same.err
            .contains("--test sides.csv: the file with the rows to learn from")
    );
}

#[test]
fn rows_of_one_group_are_in_one_part() {
    let dir = folder();
    let table = divided(80);
    let mut lines = table.lines();
    let mut text = format!("who,{}\n", lines.next().unwrap());
    for (row, line) in lines.enumerate() {
        text += &format!("p{},{line}\n", row % 13);
    }
    write(dir.path(), "people.csv", &text);
    let lines: Vec<&str> = text.lines().collect();
    run(
        dir.path(),
        "train people.csv --split-by who --epochs 2 --out m",
    )
    .ok();
    let listed = cells(dir.path(), "m/test.csv");
    let who = |line: usize| lines[line - 1].split(',').next().unwrap();
    let tested: Vec<usize> = listed.iter().map(|row| row[0].parse().unwrap()).collect();
    let people: Vec<&str> = tested.iter().map(|line| who(*line)).collect();
    for line in (2..=81).filter(|line| !tested.contains(line)) {
        assert!(!people.contains(&who(line)), "line {line} and {people:?}");
    }
    assert!((10..=22).contains(&tested.len()), "{}", tested.len());
    let folds = "sweep people.csv --split-by who --folds 3 --seeds 1 --epochs 2";
    run(dir.path(), folds).ok();
    let many = run(
        dir.path(),
        "sweep people.csv --split-by who --folds 14 --seeds 1",
    );
    many.fails(3, &["--folds 14", "expected 2 to 13"]);
}

#[test]
fn settings_of_the_split_without_effect_are_named() {
    let dir = folder();
    write(dir.path(), "sides.csv", divided(40));
    let both = "[data]\nsource = \"sides.csv\"\nshuffle = false\nsplit_by = \"noise\"\n";
    write(dir.path(), "both.toml", both);
    let folded = "[data]\nsource = \"iris\"\nfold = [1, 3]\nval_file = \"iris.csv\"\n";
    write(dir.path(), "folded.toml", folded);
    for (command, told) in [
        (
            "train --config both.toml --epochs 1",
            "both.toml:3: shuffle = false in [data] has no effect with --split-by",
        ),
        (
            "train --config folded.toml --epochs 1",
            "folded.toml:4: val_file = \"iris.csv\" in [data] has no effect with a fold",
        ),
        (
            "sweep --config folded.toml --folds 3 --epochs 1 --seeds 1",
            "has no effect with --folds",
        ),
    ] {
        let run = run(dir.path(), command).ok();
        assert!(run.err.contains(told), "{command}: {}", run.err);
    }
}

#[test]
fn a_file_of_test_rows_without_the_target_is_refused() {
    let dir = folder();
    write(dir.path(), "sides.csv", divided(80));
    let without = |keep: &dyn Fn(&str) -> String| -> String {
        let lines = divided(20);
        lines.lines().map(|line| keep(line) + "\n").collect()
    };
    let cut = |line: &str| line.rsplit_once(',').unwrap().0.to_owned();
    write(dir.path(), "absent.csv", without(&cut));
    let emptied = |line: &str| match line.starts_with('x') {
        true => line.to_owned(),
        false => cut(line) + ",",
    };
    write(dir.path(), "empty.csv", without(&emptied));
    for (flag, file) in [
        ("--test", "absent.csv"),
        ("--test", "empty.csv"),
        ("--val", "empty.csv"),
    ] {
        let command = format!("train sides.csv {flag} {file} --max-steps 3");
        let told = format!(
            "{file}: no target side: there is no such column, or no value in it; add it, or leave out {flag}"
        );
        run(dir.path(), &command).fails(3, &[&told]);
    }
    // One row without a target, and no column noise.
    let narrow = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        format!("{},{}", cells[0], cells[2])
    };
    let text = without(&narrow).replacen("-1,left", "-1,", 1);
    write(dir.path(), "half.csv", text);
    let told = run(dir.path(), "train sides.csv --test half.csv --max-steps 3")
        .ok()
        .err;
    assert!(
        told.contains("half.csv: 1 row without a target left out (line 2)"),
        "{told}"
    );
    assert!(
        told.contains("half.csv: no value of noise in any row"),
        "{told}"
    );
}
