//! Tests of what commands say about test rows: which they are, how good the predictions are, and what was not learned.

use crate::rig::{Run, folder, wgrad, with_cpu, write};
use serde_json::Value;
use std::path::Path;

fn run(dir: &Path, command: &str) -> Run {
    let words: Vec<&str> = command.split(' ').collect();
    wgrad(dir, &with_cpu(&words))
}

fn object(run: &Run) -> Value {
    serde_json::from_str(&run.out).expect("one JSON object")
}

/// Returns the cells of the lines of a CSV file, without the header.
fn cells(dir: &Path, file: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(dir.join(file)).expect("a file");
    let lines = text.lines().skip(1);
    lines
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

/// 250 rows without a pattern, every 50th of class 1.
fn imbalanced() -> String {
    let row = |i: u32| {
        let class = u8::from(i.is_multiple_of(50));
        format!(
            "{},{},{class}\n",
            f64::from(i * 37 % 101) / 10.0,
            f64::from(i * 53 % 97) / 10.0
        )
    };
    "a,b,fraud\n".to_owned() + &(0..250).map(row).collect::<String>()
}

/// Two classes that a line divides, in rows that alternate.
fn divided(rows: usize) -> String {
    let row = |i: usize| {
        let (side, far) = (i % 2, 1.0 + (i * 37 % 101) as f64 / 20.0);
        let (x, class) = if side == 0 {
            (-far, "left")
        } else {
            (far, "right")
        };
        format!("{x},{},{class}\n", i % 7)
    };
    "x,noise,side\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

#[test]
fn a_class_that_is_never_predicted_is_named_by_train_eval_and_sweep() {
    let dir = folder();
    write(dir.path(), "imb.csv", imbalanced());
    let never = "warning: class \"1\" is never predicted";
    let majority = "is no better than always answering \"0\", which has 0.98";
    let train = run(dir.path(), "train imb.csv --out m").ok();
    let eval = run(dir.path(), "eval m imb.csv").ok();
    let sweep = run(dir.path(), "sweep imb.csv --hidden 4 --seeds 2 --epochs 5").ok();
    for told in [&train, &eval, &sweep] {
        assert!(told.err.contains(never), "{}", told.err);
        assert!(told.err.contains(majority), "{}", told.err);
        assert!(told.err.contains("--epochs"), "a cure: {}", told.err);
        let baseline = "always answering \"0\" has accuracy 0.98";
        assert!(told.out.contains(baseline), "{}", told.out);
    }
    let eval = object(&run(dir.path(), "eval m imb.csv --json").ok());
    assert_eq!(eval["baseline"]["class"], "0");
    assert_eq!(eval["baseline"]["accuracy"], 0.98);
    assert_eq!(eval["per_class"][1]["recall"], 0.0);
    assert_eq!(eval["per_class"][1]["rows"], 5);
    assert_eq!(eval["warnings"].as_array().unwrap().len(), 2);
    let end = run(dir.path(), "train imb.csv --json").ok().json("end");
    assert_eq!(end[0]["test_baseline"]["accuracy"], 0.98);
    assert!(end[0]["warnings"].to_string().contains("never predicted"));
    let sweep = object(&run(dir.path(), "sweep imb.csv --seeds 2 --epochs 5 --json").ok());
    assert!(sweep["warnings"].to_string().contains("never predicted"));
    assert_eq!(sweep["best"]["test_baseline"]["class"], "0");
}

#[test]
fn a_network_that_is_not_trained_to_the_end_is_told_to_go_on_and_a_good_one_is_not() {
    let dir = folder();
    write(dir.path(), "sides.csv", divided(200));
    let falls = "the validation loss still falls at the end; train longer, with --epochs";
    let short = run(dir.path(), "train sides.csv --epochs 3 --lr 0.001").ok();
    assert!(short.err.contains(falls), "{}", short.err);
    assert!(short.err.contains("--epochs 30"), "{}", short.err);
    let long = run(dir.path(), "train sides.csv --epochs 200 --lr 0.01 --json").ok();
    assert!(!long.err.contains("warning"), "{}", long.err);
    assert_eq!(long.json("end")[0]["warnings"], serde_json::json!([]));
    let sweep = "sweep sides.csv --hidden 8 --seeds 2";
    let short = run(dir.path(), &format!("{sweep} --epochs 8 --lr 0.01")).ok();
    assert!(short.err.contains(falls), "{}", short.err);
    let long = run(dir.path(), &format!("{sweep} --epochs 200 --lr 0.01")).ok();
    assert!(!long.err.contains("warning"), "{}", long.err);
    let digits = run(dir.path(), "train digits").ok();
    assert!(!digits.err.contains("warning"), "{}", digits.err);
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
fn train_ends_with_the_confusion_matrix_or_the_worst_pairs() {
    let dir = folder();
    let iris = run(dir.path(), "train iris").ok();
    let start = iris.out.find("predicted\ntrue ").expect("a matrix");
    assert_eq!(
        iris.out[start..].lines().count() - 2,
        3 + 1 + 4,
        "{}",
        iris.out
    );
    let rows = |i: usize| format!("{},{},c{}\n", i % 5, i % 3, i % 12);
    let table: String = (0..240).map(rows).collect();
    write(dir.path(), "twelve.csv", "a,b,class\n".to_owned() + &table);
    let twelve = run(dir.path(), "train twelve.csv --epochs 2 --out m").ok();
    let told = "the most frequent mistakes among 12 classes, true -> predicted: rows\n  c";
    assert!(twelve.out.contains(told), "{}", twelve.out);
    let eval = run(dir.path(), "eval m twelve.csv").ok();
    assert!(eval.out.contains("predicted\ntrue "), "{}", eval.out);
}

#[test]
fn eval_has_scores_of_each_class_and_of_the_probabilities() {
    let dir = folder();
    run(dir.path(), "train iris --epochs 100 --lr 0.01 --out m").ok();
    let text = run(dir.path(), "eval m iris").ok().out;
    for part in [
        "always answering",
        "ROC AUC 0.9",
        "log loss ",
        "precision",
        "weighted mean",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let record = object(&run(dir.path(), "eval m iris --json").ok());
    for key in [
        "data",
        "rows",
        "loss",
        "accuracy",
        "classes",
        "confusion",
        "per_class",
        "averages",
        "roc_auc",
        "log_loss",
        "baseline",
        "warnings",
    ] {
        assert!(!record[key].is_null(), "no {key} in {record}");
    }
    let rows: u64 = record["per_class"]
        .as_array()
        .unwrap()
        .iter()
        .map(|class| class["rows"].as_u64().unwrap())
        .sum();
    assert_eq!(rows, 150);
    let weighted = record["averages"]["weighted"]["recall"].as_f64().unwrap();
    assert!((weighted - record["accuracy"].as_f64().unwrap()).abs() < 1e-9);
    let [loss, log_loss] = ["loss", "log_loss"].map(|key| record[key].as_f64().unwrap());
    assert!((loss - log_loss).abs() < 1e-4, "{loss} and {log_loss}");
}

#[test]
fn values_stand_beside_the_errors_of_their_mean_and_a_poor_fit_is_told() {
    let dir = folder();
    let row = |i: u32| {
        format!(
            "{},{}\n",
            f64::from(i * 37 % 101) / 10.0,
            f64::from(i * 53 % 97) + 0.5
        )
    };
    let rows: String = (0..90).map(row).collect();
    write(dir.path(), "noise.csv", "x,y\n".to_owned() + &rows);
    let train = run(dir.path(), "train noise.csv --epochs 300 --lr 0.05 --out m").ok();
    assert!(
        train.out.contains("always predicting the mean has "),
        "{}",
        train.out
    );
    let poor = "is no better than always predicting the mean; try more epochs (--epochs 900)";
    assert!(train.err.contains(poor), "{}", train.err);
    let text = std::fs::read_to_string(dir.path().join("m/test.csv")).unwrap();
    assert!(text.starts_with("line,true_y,predicted_y\n"), "{text}");
    let eval = object(&run(dir.path(), "eval m noise.csv --json").ok());
    let values = &eval["values"][0];
    assert!(
        values["baseline"]["rmse"].as_f64().unwrap() > 20.0,
        "{values}"
    );
}

#[test]
fn predictions_carry_the_line_of_their_row_and_columns_that_are_kept() {
    let dir = folder();
    write(dir.path(), "sides.csv", divided(40));
    run(dir.path(), "train sides.csv --epochs 5 --out m").ok();
    let json = run(dir.path(), "predict m sides.csv --json").ok().out;
    let lines = json
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines: Vec<u64> = lines
        .map(|object| object["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, (2..=41).collect::<Vec<_>>());
    write(
        dir.path(),
        "new.csv",
        "who,x,noise,side,note\nann,-3,1,left,=2+2\nbob,3,2,left,\n",
    );
    let kept = run(dir.path(), "predict m new.csv --keep who,note,side").ok();
    assert_eq!(
        kept.out,
        "who,note,side_input,side\nann,'=2+2,left,left\nbob,,left,right\n"
    );
    assert!(
        kept.err.contains("is called \"side_input\""),
        "{}",
        kept.err
    );
    let all = run(dir.path(), "predict m new.csv --keep all").ok();
    assert!(
        all.out.starts_with("who,x,noise,side_input,note,side\n"),
        "{}",
        all.out
    );
    let json = run(dir.path(), "predict m new.csv --keep who --json")
        .ok()
        .out;
    let first: Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["who"], &first["line"], &first["side"]),
        (&"ann".into(), &2.into(), &"left".into())
    );
}

#[test]
fn the_lines_of_a_summary_fit_a_terminal() {
    let dir = folder();
    write(dir.path(), "sides.csv", divided(60));
    let train = run(dir.path(), "train sides.csv --epochs 3 --out m").ok();
    let eval = run(dir.path(), "eval m sides.csv").ok();
    let sweep = run(dir.path(), "sweep sides.csv --seeds 2 --epochs 3 --out s").ok();
    for line in [train, eval, sweep].iter().flat_map(|run| run.out.lines()) {
        assert!(line.chars().count() <= 80, "{line}");
    }
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
