//! Tests of checkpoints: a run that was killed and resumed ends with the bytes of one that was not.

use crate::attacks::{strace, words};
use crate::endings::{TESTED_RUN, command, ended_by, files, signal};
use crate::rig::{Run, folder, read, wgrad, with_cpu};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A run of about a second, with a checkpoint after each chunk.
const TRAIN: &str = "train digits --quiet --checkpoint 0.000001s";
const CHECKPOINTS: [&str; 2] = ["checkpoint-1.wgrad", "checkpoint-2.wgrad"];

fn model(dir: &Path, out: &str) -> Vec<u8> {
    std::fs::read(dir.join(out).join("model.safetensors")).expect("a model")
}

fn has_checkpoint(dir: &Path, out: &str) -> bool {
    let there = |file: &&str| dir.join(out).join(file).exists();
    CHECKPOINTS.iter().any(there)
}

/// Starts a run that writes to `out`, and kills it some time after it has a checkpoint. Returns whether it was killed.
fn killed(dir: &Path, mut run: Command, out: &str, after: Duration) -> bool {
    run.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = run.spawn().expect("it runs");
    while !has_checkpoint(dir, out) && child.try_wait().expect("a state").is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(after);
    child.kill().expect("it is killed, or has ended");
    !child.wait().expect("it ends").success()
}

/// Kills a run several times, and checks that it ends with the bytes of an undisturbed one. `WGRAD_KILLS` sets how often.
fn survives_kills(dir: &Path, device: &[&str], settings: &str) {
    let kills = std::env::var("WGRAD_KILLS").map_or(3, |kills| kills.parse().expect("a number"));
    let run = |line: &str| {
        let mut run = Command::new(env!("CARGO_BIN_EXE_wgrad"));
        run.args(words(line)).args(device).current_dir(dir);
        run.env("WGRAD_CACHE_DIR", dir.join("cache"));
        run
    };
    let train = format!("{TRAIN} {settings}");
    let undisturbed = run(&format!("{train} --out whole")).output();
    read(undisturbed.expect("it runs")).ok();
    let line = format!("{train} --out cut");
    let mut begun = killed(dir, run(&line), "cut", Duration::from_millis(20));
    let (mut random, mut times) = (1u64, 0);
    while begun && times < kills {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let after = Duration::from_millis(random >> 57);
        times += 1;
        begun = killed(dir, run("train --resume cut --quiet"), "cut", after);
    }
    if begun {
        let last = run("train --resume cut --quiet").output();
        let last = read(last.expect("it runs"));
        // It may have been killed after its last byte.
        assert!(
            last.code == 0 || last.err.contains("the run has ended"),
            "{}",
            last.err
        );
    }
    assert!(times > 0, "{settings}: it ended before it was killed");
    assert!(model(dir, "cut") == model(dir, "whole"), "{settings}");
    assert_eq!(files(&dir.join("cut")), files(&dir.join("whole")));
}

#[test]
fn a_killed_run_that_is_resumed_has_the_bytes_of_an_undisturbed_one() {
    let dir = folder();
    for settings in [
        "--max-steps 4000",
        "--optimizer sgd --momentum 0.9 --epochs 900",
        "--dropout 0.2 --max-steps 3000",
        "--dropout 0.2 --dropout-schedule flat-cos --weight-decay-schedule cosine --max-steps 3000",
        "--ensemble 3 --max-steps 2000",
    ] {
        survives_kills(dir.path(), &["--device", "cpu"], settings);
        for out in ["whole", "cut"] {
            std::fs::remove_dir_all(dir.path().join(out)).unwrap();
        }
    }
}

#[test]
fn so_it_is_on_a_gpu() {
    let dir = folder();
    let gpu = ["--device", "gpu"];
    let tried = Command::new(env!("CARGO_BIN_EXE_wgrad"))
        .args(words("train xor --epochs 1 --quiet"))
        .args(gpu)
        .current_dir(dir.path())
        .output();
    if read(tried.expect("it runs")).code == 4 {
        return eprintln!("SKIPPED: no adapter");
    }
    survives_kills(dir.path(), &gpu, "--max-steps 300 --dropout 0.1");
}

/// Interrupts a run, and returns what it printed.
fn interrupted(dir: &Path, out: &str, name: &str) -> Run {
    let line = format!("train digits --checkpoint 0.001s --out {out}");
    let run = command(dir, &words(&line));
    ended_by(run, "epoch    5", |child| signal(child, name))
}

#[test]
fn an_interrupted_run_says_how_to_go_on_and_does() {
    let dir = folder();
    wgrad(dir.path(), &with_cpu(&words("train digits --out whole"))).ok();
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let run = interrupted(dir.path(), name, name);
        assert_eq!(run.code, code, "{}", run.err);
        assert!(run.out.contains(&format!("wgrad train --resume {name}")));
        let resumed = wgrad(dir.path(), &["train", "--resume", name]).ok();
        assert!(resumed.err.contains("resumed after "), "{}", resumed.err);
        assert!(model(dir.path(), name) == model(dir.path(), "whole"));
        assert_eq!(files(&dir.path().join(name)), TESTED_RUN);
        let epochs = |out: &str| {
            let log = std::fs::read_to_string(dir.path().join(out).join("metrics.jsonl")).unwrap();
            let lines = log
                .lines()
                .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
            let epochs = lines.filter(|line| line["type"] == "epoch");
            epochs
                .map(|line| line["epoch"].as_u64().unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(epochs(name), epochs("whole"));
        let again = wgrad(dir.path(), &["train", "--resume", name]);
        again.fails(3, &["the run has ended"]);
    }
}

#[test]
fn a_run_that_is_out_of_time_keeps_its_best_and_goes_on_later() {
    let dir = folder();
    let short = words("train digits --max-time 0.3s --out short");
    let run = wgrad(dir.path(), &with_cpu(&short)).ok();
    assert!(run.out.contains("out of time in epoch"), "{}", run.out);
    wgrad(dir.path(), &words("eval short digits")).ok();
    wgrad(dir.path(), &words("train --resume short --max-time 1h")).ok();
    wgrad(dir.path(), &with_cpu(&words("train digits --out whole"))).ok();
    assert!(model(dir.path(), "short") == model(dir.path(), "whole"));
}

#[test]
fn a_damaged_checkpoint_is_told_and_the_one_before_is_used() {
    let dir = folder();
    let whole = words("train digits --out whole");
    wgrad(dir.path(), &with_cpu(&whole)).ok();
    interrupted(dir.path(), "m", "INT");
    let file = |name: &str| dir.path().join("m").join(name);
    let newest = CHECKPOINTS.iter().max_by_key(|name| {
        let found = std::fs::metadata(file(name)).and_then(|file| file.modified());
        found.expect("two checkpoints")
    });
    let newest = file(newest.unwrap());
    let mut bytes = std::fs::read(&newest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    std::fs::write(&newest, &bytes).unwrap();
    let run = wgrad(dir.path(), &["train", "--resume", "m"]).ok();
    assert!(
        run.err
            .contains("damaged: its bytes do not match its checksum"),
        "{}",
        run.err
    );
    assert!(run.err.contains("the run goes on from the one before"));
    assert!(model(dir.path(), "m") == model(dir.path(), "whole"));
    interrupted(dir.path(), "n", "INT");
    for name in CHECKPOINTS {
        let file = dir.path().join("n").join(name);
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    }
    let run = wgrad(dir.path(), &["train", "--resume", "n"]);
    run.fails(3, &["no checkpoint is whole"]);
}

#[test]
fn a_run_is_resumed_as_it_was_begun_or_not_at_all() {
    let dir = folder();
    let header: Vec<String> = (0..64).map(|c| format!("c{c}")).collect();
    let mut text = header.join(",") + ",y\n";
    for n in 0..1500u32 {
        // The sum of two columns says the class; the others are noise.
        let cells = (0..64).map(|c| (n * 7919 + c * 104_729 + n * c * 31) % 1009);
        let cells: Vec<u32> = cells.collect();
        let line: Vec<String> = cells.iter().map(u32::to_string).collect();
        text += &format!(
            "{},{}\n",
            line.join(","),
            ["a", "b"][(cells[3] + cells[9] > 1009) as usize]
        );
    }
    std::fs::write(dir.path().join("t.csv"), &text).unwrap();
    let line = words("train t.csv --checkpoint 0.001s --out m");
    ended_by(command(dir.path(), &line), "epoch    3", |child| {
        signal(child, "INT")
    });
    let resume = |more: &str| wgrad(dir.path(), &words(&format!("train --resume m{more}")));
    resume(" --epochs 7").fails(
        3,
        &["other settings than epochs = 7", "--config m/config.toml"],
    );
    resume(" --out n").fails(2, &["--out"]);
    // One row fewer.
    let shorter = text.trim_end().rsplit_once('\n').unwrap().0;
    std::fs::write(dir.path().join("t.csv"), shorter).unwrap();
    resume("").fails(
        3,
        &["the data, or the network, is not what the run began with"],
    );
    std::fs::write(dir.path().join("t.csv"), &text).unwrap();
    resume("").ok();
    let none = wgrad(dir.path(), &words("train --resume nothing"));
    none.fails(3, &["nothing", "expected the folder of a run"]);
    wgrad(
        dir.path(),
        &with_cpu(&words("sweep xor --epochs 1 --seeds 2 --out s")),
    )
    .ok();
    wgrad(dir.path(), &words("train --resume s")).fails(3, &["a sweep"]);
}

#[test]
fn a_run_that_replaces_another_is_resumed_and_then_replaces_it() {
    let dir = folder();
    wgrad(
        dir.path(),
        &with_cpu(&words("train xor --epochs 1 --out m")),
    )
    .ok();
    let older = model(dir.path(), "m");
    let line = format!("{TRAIN} --out m --force");
    let apart = "m/unfinished-run";
    assert!(killed(
        dir.path(),
        command(dir.path(), &words(&line)),
        apart,
        Duration::ZERO
    ));
    assert!(
        model(dir.path(), "m") == older,
        "the older run is unchanged"
    );
    wgrad(dir.path(), &words("train --resume m --quiet")).ok();
    wgrad(dir.path(), &with_cpu(&words("train digits --out whole"))).ok();
    assert!(model(dir.path(), "m") == model(dir.path(), "whole"));
    assert_eq!(files(&dir.path().join("m")), TESTED_RUN);
}

/// Each system call that a checkpoint is written with fails once.
#[test]
fn a_checkpoint_that_cannot_be_written_does_no_harm() {
    if !strace() {
        return;
    }
    let dir = folder();
    let line = "train xor --epochs 300 --quiet --checkpoint 0.000001s --force --out m";
    wgrad(dir.path(), &with_cpu(&words(line))).ok();
    let whole = model(dir.path(), "m");
    let traced = |strace: &[&str]| {
        let mut traced = Command::new("strace");
        traced.args(strace).arg(env!("CARGO_BIN_EXE_wgrad"));
        traced.args(with_cpu(&words(line))).current_dir(dir.path());
        read(traced.output().expect("strace runs"))
    };
    let log = dir.path().join("log");
    traced(&["-y", "-o", log.to_str().expect("text")]).ok();
    let log = String::from_utf8_lossy(&std::fs::read(log).expect("a log")).into_owned();
    let mut counts = std::collections::HashMap::new();
    let mut calls = Vec::new();
    for line in log.lines() {
        let Some((name, rest)) = line.split_once('(') else {
            continue;
        };
        let count = counts.entry(name.to_owned()).or_insert(0);
        *count += 1;
        let changes = ["openat", "write", "fsync", "rename", "flock", "statx"].contains(&name);
        if changes && rest.contains("checkpoint-") {
            calls.push((name.to_owned(), *count));
        }
    }
    // Those before the first write prepare the folder.
    let first = calls.iter().position(|(name, _)| name == "write");
    let calls = &calls[first.expect("a write").saturating_sub(3)..];
    let calls = &calls[..calls.len().min(16)];
    assert!(calls.len() > 8, "{calls:?}");
    let mut told = 0;
    let errors = ["ENOSPC", "EIO", "EACCES"];
    let faults = calls
        .iter()
        .flat_map(|call| errors.map(|error| (call, error)));
    for ((name, count), error) in faults {
        let fault = format!("inject={name}:error={error}:when={count}");
        let run = traced(&["-o", "/dev/null", "-e", &fault]).ok();
        told += usize::from(run.err.contains("no checkpoint was written: m/"));
        assert!(model(dir.path(), "m") == whole, "{fault}: {}", run.err);
        assert!(!has_checkpoint(dir.path(), "m"), "{fault}");
    }
    println!("{told} of {} faults were told", errors.len() * calls.len());
    assert!(told > 12, "{told} were told");
}
