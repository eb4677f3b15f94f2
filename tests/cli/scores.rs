//! Tests of what commands say about predictions: how good they are, what was not learned, and which row is whose.

use crate::rig::{Run, folder, wgrad, with_cpu, write};
use serde_json::Value;
use std::path::Path;

pub(crate) fn run(dir: &Path, command: &str) -> Run {
    let words: Vec<&str> = command.split(' ').collect();
    wgrad(dir, &with_cpu(&words))
}

pub(crate) fn object(run: &Run) -> Value {
    serde_json::from_str(&run.out).expect("one JSON object")
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
pub(crate) fn divided(rows: usize) -> String {
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
    let train = run(dir.path(), "train imb.csv --epochs 5 --out m").ok();
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
    let end = run(dir.path(), "train imb.csv --epochs 5 --json")
        .ok()
        .json("end");
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
    run(dir.path(), "train sides.csv --epochs 100 --out m").ok();
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
fn the_importance_of_each_column_is_shown_on_request() {
    let dir = folder();
    let train = ["train", "iris", "--max-steps", "400", "--out", "m"];
    wgrad(dir.path(), &with_cpu(&train)).ok();
    let eval = ["eval", "m", "iris", "--importance", "--quiet"];
    let shown = wgrad(dir.path(), &with_cpu(&eval)).ok().out;
    let (_, table) = shown.split_once("accuracy lost where").unwrap();
    let lines: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!(lines.len(), 4, "{shown}");
    assert!(lines[0].starts_with("petal_"), "{shown}");
    let json = wgrad(dir.path(), &with_cpu(&[&eval[..], &["--json"]].concat())).ok();
    let record: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let columns = record["importance"].as_array().unwrap();
    for (line, column) in lines.iter().zip(columns) {
        let [name, mean, _, deviation] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("four words: {line}");
        };
        assert_eq!(column["column"], name);
        assert_eq!(mean, format!("{:.4}", column["mean"].as_f64().unwrap()));
        assert_eq!(
            deviation,
            format!("{:.4}", column["deviation"].as_f64().unwrap())
        );
    }
    let alone = wgrad(dir.path(), &["eval", "m", "iris", "--repeats", "3"]);
    alone.fails(2, &["--importance"]);
}

#[test]
fn a_perfect_test_is_doubted_and_one_of_few_rows_is_not() {
    let dir = folder();
    let doubt = "is rarely true: is an input known only with the target";
    write(dir.path(), "sides.csv", divided(300));
    write(dir.path(), "few.csv", divided(40));
    let command = "train sides.csv --out m --lr 0.05 --max-steps 400 --json";
    let train = run(dir.path(), command).ok();
    let end = &train.json("end")[0];
    assert_eq!(end["test_accuracy"], 1.0);
    assert!(
        end["warnings"]
            .to_string()
            .contains("no mistake in 60 rows"),
        "{end}"
    );
    assert!(train.err.contains(doubt), "{}", train.err);
    let eval = run(dir.path(), "eval m few.csv").ok();
    assert!(!eval.err.contains(doubt), "{}", eval.err);
    write(dir.path(), "others.csv", divided(80));
    let eval = run(dir.path(), "eval m others.csv").ok();
    assert!(eval.err.contains("no mistake in 80 rows"), "{}", eval.err);
    // Its own rows, of which this is said already.
    let eval = run(dir.path(), "eval m sides.csv").ok();
    assert!(!eval.err.contains(doubt), "{}", eval.err);
    let line: String = (0..300)
        .map(|n| format!("{},{},{}\n", n % 7, n % 11, 3 * (n % 7) + 2 * (n % 11)))
        .collect();
    write(dir.path(), "line.csv", format!("a,b,y\n{line}"));
    let exact = "train line.csv --hidden 0 --bins 0 --lr 0.05 --max-steps 2000";
    let train = run(dir.path(), exact).ok();
    assert!(
        train.err.contains("y: R² 0.99") || train.err.contains("y: R² 1.00"),
        "{}",
        train.err
    );
}
