//! Tests of sweeps that look for settings by themselves: `wgrad sweep --search`, and without flags.

use crate::endings::files;
use crate::ensembles::share;
use crate::rig::{folder, wgrad, with_cpu};
use serde_json::Value;

const SEARCH: [&str; 8] = [
    "sweep", "iris", "--search", "4", "--epochs", "3", "--out", "m",
];

#[test]
fn the_best_setting_is_trained_tested_and_saved_with_a_configuration_that_repeats_it() {
    let dir = folder();
    let run = wgrad(dir.path(), &with_cpu(&[&SEARCH[..], &["--json"]].concat())).ok();
    let record: Value = serde_json::from_str(&run.out).unwrap();
    let ranked = record["ranked"].as_array().unwrap();
    assert_eq!((ranked.len(), ranked[0]["folds"].as_u64()), (4, Some(5)));
    assert_eq!(record["best"]["setting"]["hidden"], ranked[0]["hidden"]);
    let accuracy = record["best"]["test_accuracy"].as_f64();
    let (right, rows) = share(dir.path(), "test.csv");
    assert_eq!((accuracy, rows), (Some(right), 30));
    assert_eq!(
        files(&dir.path().join("m")),
        [
            "config.toml",
            "model.safetensors",
            "run.json",
            "sweep.json",
            "test.csv"
        ]
    );
    wgrad(
        dir.path(),
        &[
            "train",
            "--config",
            "m/config.toml",
            "--out",
            "n",
            "--quiet",
        ],
    )
    .ok();
    let [one, two] =
        ["m", "n"].map(|m| std::fs::read(dir.path().join(m).join("model.safetensors")));
    assert!(one.unwrap() == two.unwrap());
}

#[test]
fn the_table_has_the_settings_and_says_what_its_scores_are() {
    let dir = folder();
    let run = wgrad(dir.path(), &with_cpu(&[&SEARCH[..], &["--quiet"]].concat())).ok();
    let lines: Vec<&str> = run.out.lines().collect();
    assert!(lines[0].contains("hidden activation") && lines[0].ends_with("loss accuracy"));
    for part in [
        "standard error over 5 folds",
        "test accuracy",
        "--ensemble 8",
    ] {
        assert!(run.out.contains(part), "no {part:?} in {}", run.out);
    }
    assert!(
        lines.iter().all(|line| line.chars().count() <= 90),
        "{}",
        run.out
    );
}

#[test]
fn a_search_that_cannot_be_is_refused() {
    let dir = folder();
    for (args, code, parts) in [
        ("sweep iris --search 0", 2, &["--search"][..]),
        ("sweep iris --time 5m", 2, &["--search"]),
        ("sweep iris --search 3 --folds 5", 2, &["--folds"]),
        ("sweep iris --search 3 --time soon", 2, &["90s, 5m or 1h"]),
        (
            "sweep iris --search 3 --time 1e-9s",
            3,
            &["--time", "allow more"],
        ),
        ("sweep iris --search 3 --val 0", 3, &["rows for validation"]),
    ] {
        let args: Vec<&str> = args.split(' ').collect();
        wgrad(dir.path(), &with_cpu(&args)).fails(code, parts);
    }
}

#[test]
fn settings_that_diverge_come_last_and_have_no_accuracy() {
    let dir = folder();
    let wild = "--lr 0.01,1e30 --optimizer sgd --activation relu --quiet";
    let wild: Vec<&str> = wild.split(' ').collect();
    let run = wgrad(dir.path(), &with_cpu(&[&SEARCH[..], &wild].concat())).ok();
    let diverged = run.out.lines().filter(|line| line.contains("inf"));
    let diverged: Vec<&str> = diverged.collect();
    assert!(!diverged.is_empty(), "{}", run.out);
    assert!(
        diverged.iter().all(|line| line.ends_with('-')),
        "{}",
        run.out
    );
    assert!(
        !run.out.lines().nth(1).unwrap().contains("inf"),
        "{}",
        run.out
    );
}

#[test]
fn a_sweep_that_is_not_told_what_to_vary_tries_shapes_and_rates() {
    let dir = folder();
    let sweep = ["sweep", "iris", "--epochs", "2", "--out", "s", "--json"];
    let found = crate::sweeps::object(&wgrad(dir.path(), &with_cpu(&sweep)).ok().out);
    let ranked = found["ranked"].as_array().expect("settings");
    let all = |key: &str| {
        let mut values: Vec<String> = ranked.iter().map(|r| r[key].to_string()).collect();
        values.sort();
        values.dedup();
        values
    };
    assert_eq!(all("hidden"), ["[128,128]", "[128]", "[256]", "[64]"]);
    assert_eq!(all("lr"), ["0.0003", "0.001", "0.003"]);
    assert_eq!(found["networks"].as_array().expect("networks").len(), 36);
    assert!(ranked.iter().all(|r| r["tied"].is_boolean()));
    // A flag that says what to vary varies that alone.
    let seeds = [
        "sweep", "iris", "--epochs", "2", "--seeds", "2", "--out", "t", "--json",
    ];
    let found = crate::sweeps::object(&wgrad(dir.path(), &with_cpu(&seeds)).ok().out);
    assert_eq!(found["networks"].as_array().expect("networks").len(), 2);
}
