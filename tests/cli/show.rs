//! Tests of `wgrad show`, of `run.json`, and of the log for TensorBoard.

use crate::attacks::words;
use crate::endings::{command, ended_by, signal};
use crate::rig::{folder, wgrad, with_cpu};
use serde_json::Value;

#[test]
fn a_run_is_summed_up() {
    let dir = folder();
    let train = words("train iris --epochs 12 --out 'a'");
    wgrad(dir.path(), &with_cpu(&train)).ok();
    std::fs::rename(dir.path().join("'a'"), dir.path().join("a")).unwrap();
    let shown = wgrad(dir.path(), &["show", "a"]).ok().out;
    for part in [
        "a: ended after 12 epochs: as long as asked for",
        "train iris --epochs 12",
        "105 rows to train on, 15 for validation, 30 for the test",
        "128 tanh; cross-entropy, adam",
        "█",
        "accuracy",
        "model.safetensors (",
        "wgrad inspect a",
    ] {
        assert!(shown.contains(part), "no {part:?} in {shown}");
    }
    assert!(
        shown.lines().all(|line| line.chars().count() <= 120),
        "{shown}"
    );
    let object = wgrad(dir.path(), &["show", "a", "--json"]).ok().out;
    let object: Value = serde_json::from_str(&object).expect("JSON");
    assert_eq!(object["state"], "ended");
    assert_eq!(object["epochs"], 12);
    assert_eq!(object["about"]["data"]["rows"]["train"], 105);
    assert_eq!(object["config"]["run"]["epochs"], 12);
    let accuracy = object["end"]["test_accuracy"].as_f64().expect("a number");
    assert!(shown.contains(&format!("accuracy {accuracy:.4}")));
}

#[test]
fn a_run_that_was_cut_short_says_how_to_go_on() {
    let dir = folder();
    let run = command(dir.path(), &words("train digits --out m"));
    ended_by(run, "epoch    3", |child| signal(child, "INT"));
    let shown = wgrad(dir.path(), &["show", "m"]).ok().out;
    assert!(shown.contains("m: cut short, after "), "{shown}");
    assert!(shown.contains("wgrad train --resume m"), "{shown}");
    wgrad(dir.path(), &["train", "--resume", "m"]).ok();
    let shown = wgrad(dir.path(), &["show", "m"]).ok().out;
    assert!(shown.contains("m: ended after "), "{shown}");
    assert!(shown.contains("train digits --out m"), "{shown}");
    assert!(shown.contains("resumed  1 time, the last time "), "{shown}");
    let run = command(dir.path(), &words("train digits --out m --force"));
    ended_by(run, "epoch    3", |child| {
        let shown = wgrad(dir.path(), &["show", "m"]).ok().out;
        assert!(shown.contains("m: running, after "), "{shown}");
        signal(child, "INT");
    });
}

#[test]
fn a_folder_that_is_no_run_is_refused() {
    let dir = folder();
    wgrad(dir.path(), &["show", "."]).fails(3, &["expected the folder of a run"]);
    let sweep = words("sweep xor --epochs 1 --seeds 2 --out s");
    wgrad(dir.path(), &with_cpu(&sweep)).ok();
    let shown = wgrad(dir.path(), &["show", "s"]).ok().out;
    assert!(shown.contains("s: a sweep"), "{shown}");
    assert!(shown.contains("sweep    2 networks"), "{shown}");
    assert!(shown.contains("sweep xor --epochs 1"), "{shown}");
    assert!(
        shown.contains("1. hidden 128, tanh, lr 0.001: mean accuracy"),
        "{shown}"
    );
}

/// Each record is its length, a checksum, the data, and a checksum.
#[test]
fn the_log_for_tensorboard_has_a_record_for_each_epoch() {
    let dir = folder();
    let train = words("train iris --epochs 5 --out m");
    wgrad(dir.path(), &with_cpu(&train)).ok();
    let path = dir.path().join("m/events.out.tfevents.wgrad");
    let bytes = std::fs::read(path).unwrap();
    let (mut rest, mut records) = (&bytes[..], Vec::new());
    while let Some((length, after)) = rest.split_first_chunk::<8>() {
        let length = u64::from_le_bytes(*length) as usize;
        records.push(&after[4..4 + length]);
        rest = &after[8 + length..];
    }
    assert_eq!(records.len(), 1 + 5);
    let has = |record: &[u8], text: &str| record.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(has(records[0], "brain.Event:2"));
    for record in &records[1..] {
        for tag in ["loss/train", "loss/validation", "accuracy/validation"] {
            assert!(has(record, tag), "{tag}");
        }
    }
}
