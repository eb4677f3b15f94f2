//! Tests of sweeps whose networks train for different numbers of epochs, and of schedules in sweeps.

use crate::rig::{folder, wgrad, with_cpu};
use crate::sweeps::{object, swept_and_trained_again};

/// Sweeps of iris with schedules, which need to know how long a network trains.
const SCHEDULED: &str = "iris --seeds 2 --hidden 4 --schedule cosine --dropout 0.2 --dropout-schedule flat-cos --weight-decay-schedule one-cycle";

#[test]
fn a_list_of_epochs_trains_each_network_as_in_a_sweep_of_its_own() {
    let dir = folder();
    let swept = |out: &str, epochs: &str, more: &str| {
        let line = format!("sweep {SCHEDULED} --json --out {out} --epochs {epochs} {more}");
        let words: Vec<&str> = line.split_whitespace().collect();
        wgrad(dir.path(), &with_cpu(&words)).ok()
    };
    let found = object(&swept("all", "3,8,3", "").out);
    let networks = found["networks"].as_array().unwrap();
    assert_eq!(networks.len(), 2 * 2);
    for epochs in [3, 8] {
        let alone = object(&swept("alone", &format!("{epochs} --force"), "").out);
        let same = networks.iter().filter(|n| n["max_epochs"] == epochs);
        let alone = alone["networks"].as_array().unwrap().iter();
        for (network, alone) in same.zip(alone) {
            assert_eq!(network["epochs"], epochs);
            assert_eq!(network["loss"], alone["loss"], "{epochs}");
        }
    }
    // In parts, it is the same.
    for shard in ["1", "2"] {
        swept(shard, "3,8", &format!("--shard {shard}/2"));
    }
    let merge = ["sweep", "--merge", "1", "2", "--out", "merged", "--json"];
    let merged = object(&wgrad(dir.path(), &merge).ok().out);
    assert_eq!(merged["networks"], found["networks"]);
    let model = |out: &str| std::fs::read(dir.path().join(out).join("model.safetensors")).unwrap();
    assert!(model("merged") == model("all"));
    let lists = [SCHEDULED, "--epochs 3,8"].join(" ");
    let words: Vec<&str> = lists.split_whitespace().collect();
    let [swept, again] = swept_and_trained_again(&words);
    let [a, b] = [&swept, &again].map(|run| run["test_loss"].as_f64().unwrap());
    assert!((a / b - 1.0).abs() < 1e-5, "{a} and {b}");
    assert_eq!(swept["epochs"], again["epochs"]);
}

#[test]
fn a_network_without_dropout_can_be_trained_again_beside_others_with_a_schedule_of_it() {
    let lists = "iris --seeds 1 --hidden 4 --epochs 9 --dropout 0,0.9 --dropout-schedule cosine --weight-decay 0,0.01 --weight-decay-schedule cosine";
    let words: Vec<&str> = lists.split_whitespace().collect();
    let [swept, again] = swept_and_trained_again(&words);
    assert_eq!(swept["dropout"], 0.0);
    let [a, b] = [&swept, &again].map(|run| run["test_loss"].as_f64().unwrap());
    assert!((a / b - 1.0).abs() < 1e-5, "{a} and {b}");
}
