//! Tests of `wgrad train --ensemble`: what is printed, what is in the folder, and what other commands make of it.

use crate::endings::{TESTED_RUN, files};
use crate::rig::{folder, wgrad};
use std::path::Path;

const TRAIN: [&str; 8] = [
    "train",
    "iris",
    "--max-steps",
    "100",
    "--device",
    "cpu",
    "--out",
    "m",
];

fn train(dir: &Path, more: &[&str]) -> crate::rig::Run {
    wgrad(dir, &[&TRAIN, more].concat())
}

/// Returns the share of right answers in a list of rows, and their number.
pub(crate) fn share(dir: &Path, file: &str) -> (f64, usize) {
    let list = std::fs::read_to_string(dir.join("m").join(file)).unwrap();
    let rows: Vec<Vec<&str>> = list
        .lines()
        .skip(1)
        .map(|l| l.split(',').collect())
        .collect();
    let right = rows.iter().filter(|cells| cells[1] == cells[2]).count();
    (right as f64 / rows.len() as f64, rows.len())
}

#[test]
fn an_ensemble_has_one_file_and_a_list_of_rows_that_its_networks_had_not_seen() {
    let dir = folder();
    let run = train(dir.path(), &["--ensemble", "5", "--json"]).ok();
    let ends = run.json("end");
    let networks = ends[0]["networks"].as_array().unwrap();
    let seeds: Vec<u64> = networks
        .iter()
        .map(|n| n["seed"].as_u64().unwrap())
        .collect();
    assert_eq!(seeds, [0, 1, 2, 3, 4]);
    assert_eq!(
        files(&dir.path().join("m")),
        [
            "config.toml",
            "events.out.tfevents.wgrad",
            "metrics.jsonl",
            "model.safetensors",
            "out_of_fold.csv",
            "run.json",
            "test.csv"
        ]
    );
    let (accuracy, rows) = share(dir.path(), "out_of_fold.csv");
    assert_eq!(
        (ends[0]["out_of_fold"]["accuracy"].as_f64(), rows),
        (Some(accuracy), 120)
    );
    let (accuracy, rows) = share(dir.path(), "test.csv");
    assert_eq!(
        (ends[0]["test_accuracy"].as_f64(), rows),
        (Some(accuracy), 30)
    );
    // Lines of epochs come network by network.
    let epochs = run.json("epoch");
    let numbers: Vec<u64> = epochs
        .iter()
        .map(|e| e["network"].as_u64().unwrap())
        .collect();
    assert!(numbers.is_sorted() && numbers.last() == Some(&5));

    let predicted = wgrad(dir.path(), &["predict", "m", "iris", "--quiet"]).ok();
    assert_eq!(predicted.out.lines().count(), 151);
    let inspected = wgrad(dir.path(), &["inspect", "m"]).ok();
    assert!(
        inspected
            .out
            .starts_with("ensemble of 5 networks 4-128-3 (1027 parameters each)")
    );
    let again = wgrad(
        dir.path(),
        &[
            "train",
            "--config",
            "m/config.toml",
            "--out",
            "n",
            "--quiet",
        ],
    );
    again.ok();
    let [one, two] =
        ["m", "n"].map(|m| std::fs::read(dir.path().join(m).join("model.safetensors")));
    assert_eq!(one.unwrap(), two.unwrap());
}

#[test]
fn a_run_of_one_network_takes_the_place_of_an_ensemble_and_of_its_list() {
    let dir = folder();
    train(dir.path(), &["--ensemble", "5", "--quiet"]).ok();
    train(dir.path(), &["--force", "--quiet"]).ok();
    assert_eq!(files(&dir.path().join("m")), TESTED_RUN);
}

#[test]
fn progress_is_a_line_for_each_network() {
    let dir = folder();
    let run = train(dir.path(), &["--ensemble", "2"]).ok();
    let lines: Vec<&str> = run
        .err
        .lines()
        .filter(|l| l.starts_with("network "))
        .collect();
    assert_eq!(lines.len(), 2, "{}", run.err);
    assert!(
        lines[1].starts_with("network 2 of 2: 25 epochs; best: epoch"),
        "{lines:?}"
    );
    assert!(
        !run.err.lines().any(|line| line.starts_with("epoch")),
        "{}",
        run.err
    );
    // The advice is for each network, which had 5 epochs.
    let few = ["--ensemble", "3", "--epochs", "5", "--force", "--quiet"];
    let train = ["train", "iris", "--device", "cpu", "--out", "m"];
    let advised = wgrad(dir.path(), &[&train[..], &few].concat()).ok();
    assert!(advised.err.contains("--epochs 50"), "{}", advised.err);
    // Two of ten folds leave rows without a prediction.
    assert!(!run.out.contains("out-of-fold") && run.out.contains("2 networks, each of"));
}

#[test]
fn numbers_of_networks_that_make_no_ensemble_are_refused() {
    let dir = folder();
    for count in ["0", "1001"] {
        let run = train(dir.path(), &["--ensemble", count]);
        run.fails(3, &["--ensemble", "expected 1 to 1000"]);
    }
    train(dir.path(), &["--ensemble", "-1"]).fails(2, &["--ensemble"]);
}

#[test]
fn a_sweep_says_that_it_looks_for_one_network() {
    let dir = folder();
    let settings = "[run]\nensemble = 3\n";
    std::fs::write(dir.path().join("s.toml"), settings).unwrap();
    let sweep = [
        "sweep", "iris", "--config", "s.toml", "--epochs", "1", "--device", "cpu",
    ];
    let run = wgrad(dir.path(), &sweep).ok();
    assert!(
        run.err
            .contains("has no effect in a sweep, which looks for one network"),
        "{}",
        run.err
    );
}
