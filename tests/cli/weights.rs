//! Tests of what decides how much rows and neurons count: weights of rows and classes, smoothed labels, dropout.

use crate::rig::{Run, folder, wgrad};
use std::fmt::Write;
use std::path::Path;
use wgrad::Model;

const TRAIN: [&str; 7] = [
    "train", "t.csv", "--epochs", "10", "--device", "cpu", "--out",
];

/// Writes a table of which one row in ten is a rare class that overlaps the other.
fn table(dir: &Path) {
    let mut text = "x,w,z,class\n".to_owned();
    for n in 0..400u32 {
        let rare = n % 10 == 0;
        // Cycles that have nothing to do with each other.
        let x = f64::from(n * 7919 % 101) / 101.0 + if rare { 0.5 } else { 0.0 };
        let z = f64::from(n * 104_729 % 97) / 97.0;
        let _ = writeln!(text, "{x},2.5,{z},{}", if rare { "rare" } else { "usual" });
    }
    std::fs::write(dir.join("t.csv"), text).unwrap();
}

fn train(dir: &Path, out: &str, more: &[&str]) -> Run {
    let args = [&TRAIN, &[out, "--target", "class"][..], more].concat();
    wgrad(dir, &args)
}

/// Returns the share of the test rows of a class that were found.
fn found(dir: &Path, out: &str, class: &str) -> f64 {
    let list = std::fs::read_to_string(dir.join(out).join("test.csv")).unwrap();
    let rows = list
        .lines()
        .skip(1)
        .map(|l| l.split(',').collect::<Vec<_>>());
    let own: Vec<_> = rows.filter(|cells| cells[1] == class).collect();
    let right = own.iter().filter(|cells| cells[2] == class).count();
    right as f64 / own.len() as f64
}

#[test]
fn equal_weights_change_nothing_and_the_column_is_no_input() {
    let dir = folder();
    table(dir.path());
    train(dir.path(), "without", &["--drop", "w"]).ok();
    train(dir.path(), "with", &["--weights", "w"]).ok();
    let model = |out: &str| Model::load(dir.path().join(out)).unwrap();
    assert_eq!(model("with").mlp, model("without").mlp);
    assert_eq!(model("with").schema.columns, ["x", "z"]);
}

#[test]
fn balanced_classes_find_a_rare_class_and_a_configuration_repeats_them() {
    let dir = folder();
    table(dir.path());
    train(dir.path(), "plain", &["--drop", "w"]).ok();
    train(
        dir.path(),
        "even",
        &["--drop", "w", "--class-weights", "balanced"],
    )
    .ok();
    let [before, after] = ["plain", "even"].map(|out| found(dir.path(), out, "rare"));
    assert!(after > before + 0.2, "{before} before, {after} after");
    let again = ["train", "--config", "even/config.toml", "--out", "again"];
    wgrad(dir.path(), &again).ok();
    let bytes = |out: &str| std::fs::read(dir.path().join(out).join("model.safetensors")).unwrap();
    assert_eq!(bytes("again"), bytes("even"));
    // Nine rows of the usual class to one of the other: the same weights by name.
    let names = ["--drop", "w", "--class-weights", "usual=1,rare=9"];
    train(dir.path(), "named", &names).ok();
    assert!(found(dir.path(), "named", "rare") > before + 0.2);
}

#[test]
fn weights_that_are_none_are_refused_with_their_place() {
    let dir = folder();
    table(dir.path());
    let text = std::fs::read_to_string(dir.path().join("t.csv")).unwrap();
    let with = |weight: &str| {
        let text = text.replacen(",2.5,", &format!(",{weight},"), 3);
        std::fs::write(dir.path().join("t.csv"), text).unwrap();
        train(dir.path(), "m", &["--weights", "w"])
    };
    with("-1").fails(3, &["t.csv:2: --weights w: expected a weight for each row"]);
    with("").fails(3, &["t.csv:2: --weights w: expected a weight for each row, a number of at least 0; found none"]);
    with("heavy").fails(3, &["--weights w"]);
    table(dir.path());
    for (weights, code, message) in [
        (
            "rar=2",
            3,
            "there is no class \"rar\", expected one of rare, usual; did you mean \"rare\"?",
        ),
        ("rare", 3, "expected balanced, or a class and its weight"),
        ("rare=-1", 3, "expected balanced, or a class and its weight"),
        (
            "rare=0,usual=0",
            3,
            "the weights of the 280 training rows are 0",
        ),
    ] {
        train(dir.path(), "m", &["--class-weights", weights]).fails(code, &[message]);
    }
    let values = ["--class-weights", "balanced", "--target", "z"];
    let args = [&TRAIN[..], &["m"], &values].concat();
    wgrad(dir.path(), &args).fails(
        3,
        &["--class-weights needs classes, and the target is values"],
    );
}

#[test]
fn dropout_and_smoothed_labels_are_settings_with_limits() {
    let dir = folder();
    table(dir.path());
    let settings = [
        "--dropout",
        "0.2",
        "--label-smoothing",
        "0.1",
        "--drop",
        "w",
    ];
    train(dir.path(), "m", &settings).ok();
    let again = ["train", "--config", "m/config.toml", "--out", "again"];
    wgrad(dir.path(), &again).ok();
    let model = |out: &str| Model::load(dir.path().join(out)).unwrap();
    assert_eq!(model("again"), model("m"));
    train(dir.path(), "plain", &["--drop", "w"]).ok();
    assert_ne!(model("plain").mlp, model("m").mlp);
    for (flag, value) in [
        ("--dropout", "1"),
        ("--dropout", "-0.1"),
        ("--label-smoothing", "1"),
    ] {
        let run = train(dir.path(), "n", &[flag, value]);
        run.fails(3, &["expected a number from 0 to below 1"]);
    }
    let falling = [&settings[..], &["--dropout-schedule", "cosine"]].concat();
    let run = train(dir.path(), "falling", &falling).ok();
    assert!(run.err.contains("dropout 0.2 (cosine)"), "{}", run.err);
    assert_ne!(model("falling").mlp, model("m").mlp);
    let again = ["train", "--config", "falling/config.toml", "--out", "fell"];
    wgrad(dir.path(), &again).ok();
    assert_eq!(model("fell"), model("falling"));
    let linear = train(dir.path(), "linear", &["--hidden", "0", "--dropout", "0.2"]).ok();
    assert!(
        linear
            .err
            .contains("--dropout 0.2 has no effect without hidden layers")
    );
    let values = ["--target", "z", "--label-smoothing", "0.1"];
    let run = wgrad(dir.path(), &[&TRAIN[..], &["values"], &values].concat()).ok();
    assert!(
        run.err
            .contains("--label-smoothing 0.1 has no effect with another loss")
    );
}

#[test]
fn losses_of_absolute_errors_hardly_see_a_row_that_is_far_off() {
    let dir = folder();
    let mut text = "x,y\n".to_owned();
    for n in 0..300u32 {
        let x = f64::from(n * 7919 % 101) / 101.0;
        let y = if n % 25 == 1 { 500.0 } else { 2.0 * x };
        let _ = writeln!(text, "{x},{y}");
    }
    std::fs::write(dir.path().join("t.csv"), text).unwrap();
    let median = |loss: &str| {
        let args = ["--loss", loss, "--task", "regress", "--epochs", "60"];
        wgrad(
            dir.path(),
            &[&TRAIN[..2], &["--device", "cpu", "--out", loss], &args].concat(),
        )
        .ok();
        let list = std::fs::read_to_string(dir.path().join(loss).join("test.csv")).unwrap();
        let rows = list.lines().skip(1);
        let mut off: Vec<f64> = rows
            .map(|line| {
                let cells: Vec<f64> = line
                    .split(',')
                    .skip(1)
                    .map(|c| c.parse().unwrap())
                    .collect();
                (cells[0] - cells[1]).abs()
            })
            .collect();
        off.sort_unstable_by(f64::total_cmp);
        off[off.len() / 2]
    };
    let [mse, mae, huber] = ["mse", "mae", "huber"].map(median);
    assert!(mae < 0.5 * mse && huber < 0.8 * mse, "{mse} {mae} {huber}");
}

#[test]
fn nesterovs_momentum_and_the_decay_of_biases_are_settings() {
    let dir = folder();
    table(dir.path());
    let sgd = ["--drop", "w", "--optimizer", "sgd", "--momentum", "0.9"];
    let with = |out: &str, more: &[&str]| {
        train(dir.path(), out, &[&sgd, more].concat()).ok();
        Model::load(dir.path().join(out)).unwrap().mlp
    };
    let plain = with("plain", &["--weight-decay", "0.1"]);
    assert_ne!(
        plain,
        with("nesterov", &["--weight-decay", "0.1", "--nesterov"])
    );
    assert_ne!(
        plain,
        with("biases", &["--weight-decay", "0.1", "--no-decay-biases"])
    );
    let config = std::fs::read_to_string(dir.path().join("biases/config.toml")).unwrap();
    assert!(config.contains("decay_biases = false"), "{config}");
    let again = [
        "train",
        "--config",
        "nesterov/config.toml",
        "--out",
        "again",
    ];
    wgrad(dir.path(), &again).ok();
    let model = |out: &str| Model::load(dir.path().join(out)).unwrap();
    assert_eq!(model("again"), model("nesterov"));
    let vain = train(dir.path(), "vain", &["--nesterov"]).ok();
    assert!(
        vain.err.contains("--nesterov has no effect"),
        "{}",
        vain.err
    );
}
