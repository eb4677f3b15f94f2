//! Tests of signals: what a run keeps, and its exit code.

use crate::attacks::words;
use crate::endings::{RUN, TESTED_RUN, command, ended_by, files, signal};
use crate::rig::{folder, wgrad, with_cpu, write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Returns the signals that end a run, with its exit codes. A program that ignores hangups, as under `nohup`, hands that
/// on to these tests and their runs.
fn signals() -> Vec<(&'static str, i32)> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|l| l.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let mut signals = vec![("INT", 130), ("TERM", 143), ("HUP", 129)];
    if ignored.is_some_and(|mask| mask & 1 == 1) {
        eprintln!("hangups are ignored here: not tested");
        signals.pop();
    }
    signals
}

/// A run whose epochs take seconds.
const SLOW: &str = "train digits --hidden 1024,1024 --batch-size 1 --out m --force";
const ENDLESS: &str = "train iris --epochs 1000000 --out m --force";

/// Trains a small model into `m`, and returns the files of its folder.
fn older(dir: &Path) -> Vec<Vec<u8>> {
    let train = "train xor --epochs 1 --out m --force";
    wgrad(dir, &with_cpu(&words(train))).ok();
    run(dir)
}

fn run(dir: &Path) -> Vec<Vec<u8>> {
    let mut there = files(&dir.join("m"));
    // What an interrupted run goes on from.
    there.retain(|file| !file.starts_with("checkpoint-"));
    assert!(there == RUN || there == TESTED_RUN, "{there:?}");
    let read = |file| std::fs::read(dir.join("m").join(file)).expect("a file");
    there.iter().map(read).collect()
}

/// Waits until a child catches SIGTERM.
fn until_it_catches(child: &Child) {
    let start = Instant::now();
    let path = format!("/proc/{}/status", child.id());
    let catches = |status: String| {
        let mask = status.lines().find_map(|l| l.strip_prefix("SigCgt:"));
        let mask = u64::from_str_radix(mask.expect("a mask").trim(), 16);
        mask.expect("a number") & (1 << 14) != 0
    };
    if !cfg!(target_os = "linux") {
        return std::thread::sleep(Duration::from_secs(2));
    }
    while !catches(std::fs::read_to_string(&path).expect("a process")) {
        assert!(start.elapsed() < Duration::from_secs(60), "no handler");
        std::thread::sleep(Duration::from_millis(5));
    }
    // The signals are caught one after another.
    std::thread::sleep(Duration::from_millis(100));
}

#[test]
fn a_signal_ends_a_run_that_waits_for_its_data() {
    let dir = folder();
    let older = older(dir.path());
    for (name, code) in signals() {
        let mut command = command(dir.path(), &words("train - --out m --force"));
        command.stdin(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the binary runs");
        let silent = child.stdin.take();
        until_it_catches(&child);
        signal(&child, name);
        let ended = child.wait().expect("it ends");
        assert_eq!(ended.code(), Some(code), "{name}");
        drop(silent);
        assert!(run(dir.path()) == older, "{name}");
    }
}

#[test]
fn a_run_that_a_signal_ends_in_its_first_epoch_replaces_nothing() {
    let dir = folder();
    let older = older(dir.path());
    for (name, code) in signals() {
        let ended = ended_by(command(dir.path(), &words(SLOW)), "device ", |child| {
            signal(child, name);
        });
        assert_eq!(ended.code, code, "{name}: {}", ended.err);
        assert!(
            ended.out.contains("interrupted in epoch 1\n"),
            "{}",
            ended.out
        );
        assert!(ended.err.contains("m is unchanged"), "{}", ended.err);
        assert!(run(dir.path()) == older, "{name}");
    }
}

#[test]
fn a_signal_saves_the_model_even_if_it_comes_twice() {
    let dir = folder();
    for (name, code) in signals() {
        let older = older(dir.path());
        let ended = ended_by(command(dir.path(), &words(ENDLESS)), "epoch ", |child| {
            signal(child, name);
            signal(child, name);
        });
        assert_eq!(ended.code, code, "{name}: {}", ended.err);
        assert!(ended.out.contains("saved   m"), "{}", ended.out);
        assert!(run(dir.path()) != older, "{name}");
    }
}

#[test]
fn a_sweep_and_a_benchmark_tell_the_signal_by_their_exit_codes() {
    let dir = folder();
    let sweep = "sweep iris --hidden 8 --seeds 4 --epochs 100000 --out s";
    let bench = "bench --layers 4-16-3 --batch 1,32,128,256,512,1024,2048,4096,8192,16384";
    for (line, part) in [(sweep, "epoch "), (bench, "batch 32")] {
        let ended = ended_by(command(dir.path(), &words(line)), part, |child| {
            signal(child, "TERM");
        });
        assert_eq!(ended.code, 143, "{line}: {}", ended.err);
    }
}

#[test]
fn a_hangup_that_was_ignored_at_the_start_stays_ignored() {
    let dir = folder();
    let mut shell = Command::new("sh");
    shell.args([
        "-c",
        r#"trap "" HUP; exec "$0" "$@""#,
        env!("CARGO_BIN_EXE_wgrad"),
    ]);
    shell
        .args(with_cpu(&words(ENDLESS)))
        .current_dir(dir.path());
    let ended = ended_by(shell, "epoch ", |child| {
        signal(child, "HUP");
        std::thread::sleep(Duration::from_millis(500));
        signal(child, "TERM");
    });
    assert_eq!(ended.code, 143, "{}", ended.err);
}

#[test]
fn data_from_stdin_still_trains() {
    let dir = folder();
    write(dir.path(), "t.csv", "a,y\n1,2\n2,4\n3,6\n");
    let mut train = command(dir.path(), &words("train - --epochs 1 --out m"));
    let table = std::fs::File::open(dir.path().join("t.csv")).expect("a file");
    assert!(
        train
            .stdin(table)
            .output()
            .expect("it runs")
            .status
            .success()
    );
}
