//! Tests of how networks are trained: activations, optimizers, clipped gradients, quantiles; and of sweeps over them.

use crate::rig::{folder, wgrad, with_cpu};
use crate::sweeps::{object, swept_and_trained_again};
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;
use wgrad::Model;

/// Sweeps iris with two seeds, and returns the result.
fn swept(dir: &Path, more: &[&str]) -> Value {
    let sweep = ["sweep", "iris", "--seeds", "2", "--epochs", "4", "--hidden"];
    let args = [&sweep[..], &["4", "--json"], more].concat();
    object(&wgrad(dir, &with_cpu(&args)).ok().out)
}

#[test]
fn a_sweep_tries_each_combination_once() {
    let dir = folder();
    let lists = [
        "--optimizer",
        "adam,sgd",
        "--momentum",
        "0,0.9",
        "--batch-size",
        "16,40",
    ];
    let found = swept(dir.path(), &lists);
    let ranked = found["ranked"].as_array().unwrap();
    // Adam has no momentum.
    assert_eq!(ranked.len(), 2 * (1 + 2));
    for setting in ranked {
        let (kind, momentum) = (&setting["optimizer"], &setting["momentum"]);
        assert_eq!(kind == "adam", momentum.is_null(), "{setting}");
        // Each optimizer has its own default.
        let rate = if kind == "adam" { 0.001 } else { 0.01 };
        assert_eq!(setting["lr"], rate, "{setting}");
    }
    // A network trains as it does in a sweep of its own.
    let alone = [
        "--optimizer",
        "sgd",
        "--momentum",
        "0.9",
        "--batch-size",
        "40",
    ];
    let alone = swept(dir.path(), &alone);
    let alone = alone["networks"].as_array().unwrap();
    let networks = found["networks"].as_array().unwrap();
    let is_it = |n: &&Value| n["momentum"] == 0.9 && n["batch_size"] == 40;
    let same: Vec<&Value> = networks.iter().filter(is_it).collect();
    assert_eq!(same.len(), 2);
    for (network, alone) in same.into_iter().zip(alone) {
        assert_eq!(network["loss"], alone["loss"]);
        assert!(alone["momentum"].is_null(), "it is not varied");
    }
}

#[test]
fn the_best_variant_can_be_trained_again() {
    let lists = [
        "iris",
        "--seeds",
        "2",
        "--epochs",
        "6",
        "--hidden",
        "8",
        "--optimizer",
        "rmsprop,lion",
        "--dropout",
        "0.1,0.3",
        "--weight-decay",
        "0.1,0.01",
        "--batch-size",
        "16,40",
    ];
    let [swept, again] = swept_and_trained_again(&lists);
    let [a, b] = [&swept, &again].map(|run| run["test_loss"].as_f64().unwrap());
    assert!((a / b - 1.0).abs() < 1e-5, "{a} and {b}");
}

#[test]
fn a_list_is_checked_to_its_end_and_none_for_a_search() {
    let dir = folder();
    for (flags, code, message) in [
        (["--dropout", "0.1,1.5"], 3, "--dropout 1.5: expected"),
        (
            ["--batch-size", "16,0"],
            3,
            "--batch-size 0: expected at least 1",
        ),
        (["--optimizer", "adam,adamw"], 2, "[possible values: sgd"),
        (["--epochs", "2,0"], 3, "--epochs 0: expected at least 1"),
    ] {
        let args = [&["sweep", "iris"][..], &flags].concat();
        wgrad(dir.path(), &with_cpu(&args)).fails(code, &[message]);
    }
    let halving = ["sweep", "iris", "--halving", "--epochs", "4,8"];
    wgrad(dir.path(), &with_cpu(&halving))
        .fails(3, &["--epochs: expected one value with --halving"]);
    let search = ["sweep", "iris", "--search", "2", "--dropout", "0,0.1"];
    wgrad(dir.path(), &with_cpu(&search))
        .fails(3, &["--dropout: expected one value with --search"]);
}

fn train(dir: &Path, out: &str, more: &[&str]) -> Model {
    let train = ["train", "iris", "--epochs", "3", "--hidden", "6", "--out"];
    let args = [&train[..], &[out], more].concat();
    wgrad(dir, &with_cpu(&args)).ok();
    Model::load(dir.join(out)).unwrap()
}

#[test]
fn every_activation_and_optimizer_is_trained_again_by_its_configuration() {
    let dir = folder();
    let usual = train(dir.path(), "usual", &["--activation", "relu"]);
    for (k, more) in [
        &["--activation", "selu"][..],
        &["--activation", "elu"],
        &["--activation", "gelu", "--dropout", "0.2"],
        &["--activation", "silu"],
        &["--activation", "mish"],
        &["--activation", "softplus"],
        &["--optimizer", "rmsprop", "--momentum", "0.5"],
        &["--optimizer", "lion"],
        &["--clip-norm", "0.1"],
        &["--clip-value", "0.01", "--optimizer", "sgd"],
    ]
    .into_iter()
    .enumerate()
    {
        let [first, second] = [format!("a{k}"), format!("b{k}")];
        let model = train(dir.path(), &first, more);
        assert_ne!(model.mlp, usual.mlp, "{more:?}");
        let config = format!("{first}/config.toml");
        let again = ["train", "--config", &config, "--out", &second];
        wgrad(dir.path(), &again).ok();
        let again = Model::load(dir.path().join(&second)).unwrap();
        assert_eq!(again, model, "{more:?}");
    }
    for (flags, message) in [
        (
            ["--clip-norm", "0"],
            "--clip-norm 0.0: expected a number above 0",
        ),
        (
            ["--clip-value", "-1"],
            "--clip-value -1.0: expected a number above 0",
        ),
        (
            ["--quantile", "1"],
            "--quantile 1.0: expected a number between 0 and 1",
        ),
    ] {
        let args = [&["train", "iris"][..], &flags].concat();
        wgrad(dir.path(), &with_cpu(&args)).fails(3, &[message]);
    }
    let both = ["train", "iris", "--clip-norm", "1", "--order", "sequential"];
    wgrad(dir.path(), &with_cpu(&both)).fails(3, &["--clip-norm 1.0: expected no limit with"]);
}

/// y is x, and noise between 0 and 1 that is not symmetric.
fn noisy(dir: &Path) {
    let mut text = "x,y\n".to_owned();
    for n in 0..2000u32 {
        let x = f64::from(n * 7919 % 2003) / 2003.0;
        let noise = (f64::from(n * 104_729 % 1999) / 1999.0).powi(2);
        let _ = writeln!(text, "{x},{}", x + noise);
    }
    std::fs::write(dir.join("t.csv"), text).unwrap();
}

#[test]
fn a_quantile_is_above_its_share_of_the_rows_and_eval_has_its_loss() {
    let dir = folder();
    noisy(dir.path());
    for quantile in ["0.1", "0.9"] {
        let args = [
            "train",
            "t.csv",
            "--loss",
            "quantile",
            "--quantile",
            quantile,
            "--epochs",
            "40",
            "--json",
            "--out",
            quantile,
        ];
        let out = wgrad(dir.path(), &with_cpu(&args)).ok().out;
        let end = object(out.lines().next_back().unwrap());
        let list = std::fs::read_to_string(dir.path().join(quantile).join("test.csv")).unwrap();
        let rows = list.lines().skip(1).map(|line| {
            let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
            // Line, truth, prediction.
            cells[1] < cells[2]
        });
        let below: Vec<bool> = rows.collect();
        let share = below.iter().filter(|below| **below).count() as f64 / below.len() as f64;
        let wanted: f64 = quantile.parse().unwrap();
        assert!((share - wanted).abs() < 0.05, "{share} for {quantile}");
        // The model knows its quantile: with another one the loss would be another.
        let eval = ["eval", quantile, "t.csv", "--json"];
        let found = object(&wgrad(dir.path(), &with_cpu(&eval)).ok().out);
        let [of_all, of_test] = [&found["loss"], &end["test_loss"]].map(|x| x.as_f64().unwrap());
        assert!(
            (of_all / of_test - 1.0).abs() < 0.2,
            "{of_all} and {of_test}"
        );
    }
    let without = ["train", "t.csv", "--quantile", "0.9", "--epochs", "1"];
    let run = wgrad(dir.path(), &with_cpu(&without)).ok();
    assert!(
        run.err.contains("--quantile 0.9 has no effect"),
        "{}",
        run.err
    );
}

/// Counts of a rate that grows with x, and labels that depend on x.
fn counted(dir: &Path) {
    let mut text = "x,count,high,low\n".to_owned();
    for n in 0..2000u32 {
        let x = f64::from(n * 7919 % 2003) / 2003.0;
        // The sum of Bernoulli trials with a small share each is nearly a Poisson count, with the mean 8 x².
        let trials = (0..40u32).map(|k| f64::from((n * 31 + k) * 104_729 % 1999) / 1999.0);
        let count = trials.filter(|draw| *draw < 0.2 * x * x).count();
        let noise = f64::from(n * 15_485 % 1009) / 1009.0;
        let [high, low] = [x > noise, x < 0.3].map(u8::from);
        let _ = writeln!(text, "{x},{count},{high},{low}");
    }
    std::fs::write(dir.join("t.csv"), text).unwrap();
}

/// Trains on columns of the table of `counted`, and returns truth and prediction of each test row.
fn predicted(dir: &Path, loss: &str, targets: &str, more: &[&str]) -> Vec<Vec<f64>> {
    let drop = if targets == "count" {
        "high,low"
    } else {
        "count"
    };
    let train = ["train", "t.csv", "--epochs", "40", "--force", "--out", "m"];
    let what = ["--loss", loss, "--target", targets, "--drop", drop];
    wgrad(dir, &with_cpu(&[&train[..], &what, more].concat())).ok();
    let list = std::fs::read_to_string(dir.join("m/test.csv")).unwrap();
    let cells = |line: &str| {
        line.split(',')
            .skip(1)
            .map(|cell| cell.parse().unwrap())
            .collect()
    };
    list.lines().skip(1).map(cells).collect()
}

#[test]
fn counts_are_predicted_as_means_and_labels_as_probabilities() {
    let dir = folder();
    counted(dir.path());
    for more in [&[][..], &["--ensemble", "3"]] {
        let rows = predicted(dir.path(), "poisson", "count", more);
        let sums = rows
            .iter()
            .fold([0.0; 2], |[a, b], row| [a + row[0], b + row[1]]);
        // The total of Poisson's loss is right, as far as the rows are those of the training.
        assert!((sums[1] / sums[0] - 1.0).abs() < 0.15, "{sums:?}");
        assert!(
            rows.iter().all(|row| row[1] > 0.0),
            "a mean of counts is above 0"
        );
        // Truth and prediction of the one, and then of the other.
        let rows = predicted(dir.path(), "binary-cross-entropy", "high,low", more);
        assert!(
            rows.iter()
                .flatten()
                .all(|value| (0.0..=1.0).contains(value))
        );
        let right = rows.iter().map(|row| (row[2] > 0.5) == (row[3] > 0.5));
        let share = right.filter(|right| *right).count() as f64 / rows.len() as f64;
        assert!(
            share > 0.95,
            "{share} of the second label are right: {:?}",
            rows[0]
        );
    }
    let refused = ["train", "iris", "--loss", "poisson"];
    wgrad(dir.path(), &with_cpu(&refused)).fails(3, &["species"]);
    let refused = [&refused[..], &["--task", "classify"]].concat();
    wgrad(dir.path(), &with_cpu(&refused)).fails(3, &["--loss poisson needs values"]);
    let refused = [
        "train",
        "t.csv",
        "--target",
        "count",
        "--loss",
        "binary-cross-entropy",
    ];
    wgrad(dir.path(), &with_cpu(&refused)).fails(
        3,
        &[
            "--loss binary-cross-entropy: expected labels of 0 and 1",
            "of the column count",
        ],
    );
}
