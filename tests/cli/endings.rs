//! Tests of commands that end early, by Ctrl-C or on a full disk: what they keep.

use crate::rig::{Run, folder, read, wgrad, with_cpu};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn object(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("one JSON object")
}

/// Runs `wgrad` in `dir` on the CPU device, and interrupts it when `part` appears on stderr.
fn interrupted(dir: &Path, args: &[&str], part: &str) -> Run {
    interrupted_after(dir, args, part, || {})
}

/// Like [`interrupted`], but calls `meanwhile` before the interruption.
fn interrupted_after(dir: &Path, args: &[&str], part: &str, meanwhile: impl FnOnce()) -> Run {
    let run = ended_by(command(dir, args), part, |child| {
        meanwhile();
        signal(child, "INT");
    });
    assert_eq!(run.code, 130, "{}", run.err);
    run
}

/// Returns the command that runs `wgrad` in `dir` on the CPU device.
pub(crate) fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wgrad"));
    command.args(with_cpu(args)).current_dir(dir);
    command.env("WGRAD_CACHE_DIR", dir.join("cache"));
    command.env("TMPDIR", env!("CARGO_TARGET_TMPDIR"));
    command
}

/// Runs a command, calls `end` when `part` appears on stderr, and waits. `err` is what follows on stderr.
pub(crate) fn ended_by(mut command: Command, part: &str, end: impl FnOnce(&Child)) -> Run {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    let mut told = BufReader::new(child.stderr.take().expect("stderr"));
    let mut line = String::new();
    while !line.contains(part) {
        line.clear();
        assert!(told.read_line(&mut line).expect("a line") > 0, "it ended");
    }
    end(&child);
    let mut rest = String::new();
    told.read_to_string(&mut rest).expect("text");
    let run = read(child.wait_with_output().expect("it ends"));
    Run { err: rest, ..run }
}

pub(crate) fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &id[..]])
        .status();
    assert!(sent.expect("kill runs").success());
}

#[test]
fn an_interrupted_run_keeps_its_model() {
    let dir = folder();
    let train = ["train", "digits", "--epochs", "100000", "--out", "m"];
    let run = interrupted(dir.path(), &train, "epoch ");
    assert!(run.out.contains("interrupted in epoch"), "{}", run.out);
    wgrad(dir.path(), &with_cpu(&["eval", "m", "digits"])).ok();
}

#[test]
fn an_interrupted_sweep_saves_the_best_network_of_its_last_evaluation() {
    let dir = folder();
    let sweep = ["sweep", "iris", "--hidden", "8", "--lr", "0.001,0.01"];
    let more = ["--seeds", "4", "--json"];
    let endless = [&sweep[..], &more, &["--epochs", "100000", "--out", "cut"]].concat();
    let cut = object(&interrupted(dir.path(), &endless, "epoch ").out);
    assert_eq!(cut["interrupted"], true);
    // The model equals that of a sweep with fewer epochs.
    let epochs = cut["best"]["epochs"].as_u64().expect("epochs");
    assert!((1..100_000).contains(&epochs), "{epochs}");
    let epochs = epochs.to_string();
    let whole = [&sweep[..], &more, &["--epochs", &epochs, "--out", "whole"]].concat();
    let whole = object(&wgrad(dir.path(), &with_cpu(&whole)).ok().out);
    for key in ["lr", "seed", "loss", "test_accuracy"] {
        assert_eq!(cut["best"][key], whole["best"][key], "{key}");
    }
    assert_eq!(cut["ranked"], whole["ranked"]);
    let model = |run: &str| std::fs::read(dir.path().join(run).join("model.safetensors"));
    assert!(model("cut").expect("a model") == model("whole").expect("a model"));
}

#[test]
fn an_interrupted_bench_tells_what_it_has_measured() {
    let dir = folder();
    let bench = ["bench", "--json", "--layers", "4-16-3", "--batch"];
    let batches = [&bench[..], &["1,32,128,256,512,1024,2048,4096,8192,16384"]].concat();
    let run = interrupted(dir.path(), &batches, "batch 32");
    let told = object(&run.out);
    assert_eq!(told["interrupted"], true);
    let rows = told["rows"].as_array().expect("rows");
    assert!((1..10).contains(&rows.len()), "{told}");
}

#[test]
fn two_runs_do_not_write_in_one_folder() {
    let dir = folder();
    let train = ["train", "digits", "--epochs", "100000", "--out", "m"];
    let second = ["train", "iris", "--epochs", "1", "--out", "m", "--force"];
    let second = || wgrad(dir.path(), &with_cpu(&second));
    interrupted_after(dir.path(), &train, "epoch ", || {
        second().fails(3, &["m: another run is writing there"]);
    });
    wgrad(dir.path(), &with_cpu(&["eval", "m", "digits"])).ok();
    // It may go on from its checkpoint.
    let mut there = files(&dir.path().join("m"));
    there.retain(|file| !file.starts_with("checkpoint-"));
    assert_eq!(there, TESTED_RUN);
    second().ok();
    assert_eq!(files(&dir.path().join("m")), TESTED_RUN);
    wgrad(dir.path(), &with_cpu(&["eval", "m", "iris"])).ok();
}

/// Lists the files in a folder.
pub(crate) fn files(dir: &Path) -> Vec<String> {
    let files = std::fs::read_dir(dir).expect("a folder");
    let name = |file: std::io::Result<std::fs::DirEntry>| file.expect("a file").file_name();
    let mut files: Vec<_> = files
        .map(|file| name(file).into_string().unwrap())
        .collect();
    files.sort();
    files
}

/// Files of a run without test rows, as on xor.
pub(crate) const RUN: [&str; 5] = [
    "config.toml",
    "events.out.tfevents.wgrad",
    "metrics.jsonl",
    "model.safetensors",
    "run.json",
];
/// Files of a run with test rows.
pub(crate) const TESTED_RUN: [&str; 6] = [
    "config.toml",
    "events.out.tfevents.wgrad",
    "metrics.jsonl",
    "model.safetensors",
    "run.json",
    "test.csv",
];

#[test]
fn a_forced_run_without_a_model_leaves_the_older_one() {
    let dir = folder();
    let train = ["train", "iris", "--epochs", "2", "--out", "m", "--force"];
    wgrad(dir.path(), &with_cpu(&train)).ok();
    let read = || TESTED_RUN.map(|file| std::fs::read(dir.path().join("m").join(file)).unwrap());
    let older = read();
    let wild = "--optimizer sgd --lr 1e30 --activation relu".split(' ');
    let wild: Vec<&str> = train.into_iter().chain(wild).collect();
    let told = ["m is unchanged", "training diverged"];
    wgrad(dir.path(), &with_cpu(&wild)).fails(5, &told);
    assert!(read() == older && files(&dir.path().join("m")) == TESTED_RUN);
    // Training rows are finite until the only update, so only the test finds the divergence.
    let one = "train iris --val 0 --batch-size 1000 --epochs 1 --optimizer sgd --lr 1e30 --activation relu --out m --force";
    let one: Vec<&str> = one.split(' ').collect();
    wgrad(dir.path(), &with_cpu(&one)).fails(5, &told);
    assert!(read() == older && files(&dir.path().join("m")) == TESTED_RUN);
    without_room(dir.path(), &train).fails(1, &["m is unchanged", "File too large"]);
    assert!(read() == older && files(&dir.path().join("m")) == TESTED_RUN);
    let longer = [&train[..], &["--seed", "1"]].concat();
    wgrad(dir.path(), &with_cpu(&longer)).ok();
    assert!(read() != older && files(&dir.path().join("m")) == TESTED_RUN);
}

/// Runs `wgrad` in `dir` on the CPU device, with files limited to 1 KiB.
fn without_room(dir: &Path, args: &[&str]) -> Run {
    let script = r#"trap "" XFSZ; ulimit -f 2; exec "$0" "$@""#;
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_wgrad")])
        .args(with_cpu(args))
        .current_dir(dir)
        .env("WGRAD_CACHE_DIR", dir.join("cache"))
        .output()
        .expect("a shell runs");
    read(output)
}

#[test]
fn what_a_sweep_found_is_told_though_there_is_no_room_to_save_it() {
    let dir = folder();
    let sweep = ["sweep", "iris", "--hidden", "64", "--lr", "0.1,0.01"];
    let more = ["--seeds", "2", "--epochs", "4", "--out", "m"];
    let run = without_room(dir.path(), &[&sweep[..], &more].concat());
    assert!(
        run.out.contains("best    hidden 64, tanh, lr"),
        "{}",
        run.out
    );
    assert!(!run.out.contains("saved"), "{}", run.out);
    run.fails(1, &["m/model.safetensors: File too large"]);
    assert_eq!(
        files(&dir.path().join("m")),
        ["config.toml", "run.json", "sweep-state.wgrad"],
        "no half of a model"
    );
    // With room, the sweep goes on from what is there.
    wgrad(dir.path(), &["sweep", "--resume", "m"]).ok();
    assert!(files(&dir.path().join("m")).contains(&"model.safetensors".to_owned()));
}

#[test]
fn a_run_that_diverges_keeps_its_best_epoch() {
    let dir = folder();
    // The loss falls until the growing weights overflow.
    let mut text = "x,y\n".to_owned();
    for n in 0..200 {
        text += &format!("{},{}\n", n % 17, 3 * (n % 17));
    }
    std::fs::write(dir.path().join("t.csv"), text).unwrap();
    let train = |out: &str, more: &str| {
        let line = format!(
            "train t.csv --task regress --hidden 0 --optimizer sgd --schedule constant --batch-size 500 --out {out}{more}"
        );
        let words: Vec<&str> = line.split(' ').collect();
        wgrad(dir.path(), &with_cpu(&words))
    };
    let run = train("m", " --lr 1.05 --json");
    assert_eq!(run.code, 5, "{}", run.err);
    assert!(run.err.contains("the best before"), "{}", run.err);
    let end = &run.json("end")[0];
    assert_eq!(end["reason"], "diverged");
    let kept = end["kept_epoch"].as_u64().unwrap();
    assert!(kept >= 1 && kept < end["epochs"].as_u64().unwrap() + 1);
    wgrad(dir.path(), &with_cpu(&["eval", "m", "t.csv"])).ok();
    assert_eq!(files(&dir.path().join("m")), TESTED_RUN);
    // It replaces no older run.
    let older = std::fs::read(dir.path().join("m/model.safetensors")).unwrap();
    train("m", " --lr 1.06 --force").fails(5, &["m is unchanged"]);
    assert_eq!(
        std::fs::read(dir.path().join("m/model.safetensors")).unwrap(),
        older
    );
}
