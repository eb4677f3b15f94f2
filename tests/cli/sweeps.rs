//! Tests of `wgrad sweep`.

use crate::rig::{folder, line_table, wgrad, with_cpu, write};

pub(crate) fn object(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("one JSON object")
}

#[test]
fn a_sweep_ranks_its_settings_and_saves_the_best_network() {
    let dir = folder();
    let sweep = [
        "sweep",
        "iris",
        "--hidden",
        "4,8-4",
        "--activation",
        "relu,tanh",
        "--lr",
        "0.003,0.03",
        "--seeds",
        "3",
        "--epochs",
        "20",
        "--out",
        "best",
        "--json",
    ];
    let run = wgrad(dir.path(), &with_cpu(&sweep)).ok();
    let found = object(&run.out);
    let networks = found["networks"].as_array().expect("networks");
    assert_eq!(networks.len(), 2 * 2 * 2 * 3);
    for key in ["hidden", "lr", "seed", "fold", "loss", "accuracy", "epochs"] {
        assert!(!networks[0][key].is_null(), "{key}: {}", networks[0]);
    }
    let ranked = found["ranked"].as_array().expect("a ranking");
    let means: Vec<f64> = ranked
        .iter()
        .map(|r| r["accuracy"]["mean"].as_f64().expect("a mean"))
        .collect();
    assert_eq!(means.len(), 8);
    assert!(means.is_sorted_by(|a, b| a >= b), "{means:?}");
    assert!(found["best"]["test_accuracy"].as_f64().expect("a test") > 0.8);
    let predicted = wgrad(dir.path(), &with_cpu(&["predict", "best", "iris"])).ok();
    assert_eq!(predicted.out.lines().count(), 151);
}

#[test]
fn a_cross_validation_shows_a_mean_and_its_spread_and_repeats_itself() {
    let dir = folder();
    let sweep = with_cpu(&[
        "sweep",
        "iris",
        "--hidden",
        "8",
        "--folds",
        "5",
        "--seeds",
        "2",
        "--epochs",
        "30",
        "--optimizer",
        "sgd",
        "--lr",
        "0.1",
    ]);
    let run = wgrad(dir.path(), &sweep).ok();
    assert!(
        run.err
            .contains("1 setting x 2 seeds x 5 folds = 10 networks"),
        "{}",
        run.err
    );
    assert!(run.out.contains(" ± "), "{}", run.out);
    assert!(run.out.contains("trained without fold"), "{}", run.out);
    wgrad(dir.path(), &sweep).ok();
    let model = |n: usize| {
        std::fs::read(
            dir.path()
                .join(format!("runs/sweep-iris-{n}/model.safetensors")),
        )
    };
    assert_eq!(model(1).expect("a model"), model(2).expect("a model"));
}

#[test]
fn halving_drops_the_worse_settings_and_trains_the_better_ones_to_the_end() {
    let dir = folder();
    let sweep = [
        "sweep",
        "iris",
        "--hidden",
        "8",
        "--lr",
        "1e-5:1e-2:log:8",
        "--seeds",
        "2",
        "--epochs",
        "16",
        "--halving",
        "--json",
    ];
    let found = object(&wgrad(dir.path(), &with_cpu(&sweep)).ok().out);
    let networks = found["networks"].as_array().expect("networks");
    let count = |fate: &str, epochs: u64| {
        let same = |n: &&serde_json::Value| n["fate"] == fate && n["epochs"] == epochs;
        networks.iter().filter(same).count()
    };
    assert_eq!(
        [
            count("dropped", 2),
            count("dropped", 4),
            count("dropped", 8),
            count("trained", 16)
        ],
        [8, 4, 2, 2]
    );
    let best = &found["ranked"][0];
    assert!(best["lr"].as_f64().expect("a rate") > 1e-3, "{best}");
}

#[test]
fn values_are_ranked_by_their_error_and_networks_that_diverge_come_last() {
    let dir = folder();
    write(dir.path(), "line.csv", line_table(",", "\n"));
    let sweep = [
        "sweep",
        "line.csv",
        "--hidden",
        "0",
        "--optimizer",
        "sgd",
        "--lr",
        "0.1,1e20",
        "--seeds",
        "2",
        "--epochs",
        "20",
        "--json",
    ];
    let found = object(&wgrad(dir.path(), &with_cpu(&sweep)).ok().out);
    assert_eq!(found["ranked"][1]["diverged"], 2, "{}", found["ranked"]);
    assert!(found["ranked"][0]["loss"]["mean"].as_f64().expect("a loss") < 0.5);
    assert!(found["ranked"][0]["accuracy"].is_null());
    let lost = [
        "sweep",
        "line.csv",
        "--hidden",
        "0",
        "--optimizer",
        "sgd",
        "--lr",
        "1e20",
        "--seeds",
        "2",
    ];
    let run = wgrad(dir.path(), &with_cpu(&lost));
    assert_eq!(run.code, 5, "{}", run.err);
    assert!(run.out.contains("all networks diverged"), "{}", run.out);
}

#[test]
fn what_cannot_be_swept_is_refused_with_the_cure() {
    let dir = folder();
    for (args, code, parts) in [
        (
            &["sweep", "iris", "--lr", "fast"][..],
            3,
            &["--lr fast", "1e-3:1e-1:log:8"][..],
        ),
        (
            &["sweep", "iris", "--folds", "1"],
            3,
            &["--folds 1", "expected 2 to 150"],
        ),
        (
            &["sweep", "iris", "--folds", "5", "--val", "0.1"],
            2,
            &["--val"],
        ),
        (&["sweep", "iris", "--hidden", "16x8"], 2, &["64-32"]),
        (&["sweep", "iris", "--seeds", "0"], 2, &["--seeds"]),
        (
            &["sweep", "iris", "--seeds", "1000000", "--folds", "5"],
            3,
            &["5000000 networks", "at most 1000000"],
        ),
        (&["sweep"], 3, &["no data"]),
    ] {
        wgrad(dir.path(), args).fails(code, parts);
    }
}

#[test]
fn the_folder_of_a_sweep_holds_the_best_setting_and_nothing_of_an_older_run() {
    let dir = folder();
    let out = ["--out", "a folder", "--force", "--epochs", "4", "--quiet"];
    let train = [&["train", "iris"][..], &out].concat();
    wgrad(dir.path(), &with_cpu(&train)).ok();
    let folder = dir.path().join("a folder");
    assert!(folder.join("metrics.jsonl").exists());
    let settings = ["--hidden", "5", "--activation", "tanh", "--lr", "0.07"];
    let sweep = [&["sweep", "iris", "--seeds", "2"][..], &settings, &out].concat();
    let run = wgrad(dir.path(), &with_cpu(&sweep)).ok();
    assert!(!folder.join("metrics.jsonl").exists());
    assert!(
        run.out.contains("wgrad predict 'a folder' iris"),
        "{}",
        run.out
    );
    let config = std::fs::read_to_string(folder.join("config.toml")).expect("a configuration");
    for line in [
        "hidden = [5]",
        "activation = \"tanh\"",
        "learning_rate = 0.07",
    ] {
        assert!(config.contains(line), "{line}: {config}");
    }
    let lost = [&["--lr", "1e38", "--optimizer", "sgd"][..], &out].concat();
    let lost = [
        &["sweep", "iris", "--seeds", "2", "--hidden", "0"][..],
        &lost,
    ]
    .concat();
    assert_eq!(wgrad(dir.path(), &with_cpu(&lost)).code, 5);
    // The run has no model, so the older run stays in place.
    assert_eq!(
        std::fs::read_to_string(folder.join("config.toml")).unwrap(),
        config
    );
    wgrad(dir.path(), &with_cpu(&["eval", "a folder", "iris"])).ok();
}

/// Sweeps, and trains the winner again with the configuration beside its model. Returns both results of the test.
pub(crate) fn swept_and_trained_again(more: &[&str]) -> [serde_json::Value; 2] {
    let dir = folder();
    let sweep = [&["sweep"][..], more, &["--out", "swept", "--json"]].concat();
    let swept = object(&wgrad(dir.path(), &with_cpu(&sweep)).ok().out)["best"].take();
    let config = "swept/config.toml";
    let train = ["train", "--config", config, "--out", "again", "--json"];
    let run = wgrad(dir.path(), &train).ok();
    assert!(!run.err.contains("no effect"), "{}", run.err);
    let last = run.out.lines().next_back().expect("an end");
    let models = ["swept", "again"].map(|run| {
        let path = dir.path().join(run).join("model.safetensors");
        scales(&std::fs::read(path).expect("a model"))
    });
    // The scales are those of the training rows.
    assert_eq!(models[0], models[1]);
    [swept, object(last)]
}

#[test]
fn the_best_network_of_a_sweep_can_be_trained_again() {
    for more in [
        &[
            "iris", "--seed", "3", "--seeds", "5", "--hidden", "4", "--epochs", "9",
        ][..],
        &[
            "spirals",
            "--seeds",
            "9",
            "--seed",
            "2",
            "--epochs",
            "3",
            "--split-seed",
            "8",
        ],
        &[
            "iris", "--folds", "4", "--seeds", "3", "--epochs", "5", "--test", "0.3", "--hidden",
            "4", "--init", "auto",
        ],
        &[
            "iris",
            "--folds",
            "7",
            "--seeds",
            "2",
            "--batch-size",
            "500",
            "--test",
            "0.1",
            "--hidden",
            "4",
            "--init",
            "auto",
        ],
    ] {
        let [swept, again] = swept_and_trained_again(more);
        let [a, b] = [&swept, &again].map(|run| run["test_loss"].as_f64().expect("a loss"));
        assert!((a / b - 1.0).abs() < 1e-5, "{more:?}: {a} and {b}");
        assert_eq!(swept["test_accuracy"], again["test_accuracy"], "{more:?}");
        assert_ne!(
            swept["seed"], 0,
            "{more:?}: the test would pass with the first seed"
        );
    }
}

#[test]
fn weights_and_split_have_seeds_of_their_own() {
    let dir = folder();
    let train = |out: &str, seeds: &[&str]| {
        let train = [
            "train", "iris", "--hidden", "4", "--epochs", "2", "--out", out, "--json",
        ];
        let run = wgrad(dir.path(), &with_cpu(&[&train[..], seeds].concat())).ok();
        let first = object(run.out.lines().next().expect("a run"));
        let bytes = std::fs::read(dir.path().join(out).join("model.safetensors")).expect("a model");
        (bytes, first["config"]["data"]["split_seed"].clone())
    };
    let (none, unset) = train("none", &[]);
    let (same, set) = train("same", &["--seed", "0", "--split-seed", "0"]);
    assert_eq!(
        (none, unset, set),
        (same, serde_json::Value::Null, 0.into())
    );
    let [(weights, _), (split, _)] = [
        ["--seed", "1", "--split-seed", "0"],
        ["--seed", "0", "--split-seed", "1"],
    ]
    .map(|seeds| train(seeds[1..].concat().replace("--", "").as_str(), &seeds));
    let (none, _) = train("again", &[]);
    assert_eq!(scales(&weights), scales(&none));
    assert_ne!(weights, none);
    assert_ne!(scales(&split), scales(&none));
}

/// Returns the scales in the header of a model, which depend on the training rows alone.
fn scales(model: &[u8]) -> String {
    let text = String::from_utf8_lossy(model);
    let [from, to] = ["input_scale", "schema"].map(|key| text.find(key).expect("a key"));
    text[from..to].to_owned()
}
