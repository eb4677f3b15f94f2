//! Tests of sweeps in shards, and of sweeps that go on after they were interrupted: what they find is what one process finds.

use crate::attacks::words;
use crate::endings::{command, signal};
use crate::rig::{folder, wgrad, with_cpu, write};
use crate::sweeps::object;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Runs a command of words, with the CPU device.
#[track_caller]
fn sweep(dir: &Path, line: &str) {
    wgrad(dir, &with_cpu(&words(line))).ok();
}

/// Merges the shards in the folders `s1`, `s2` and so on into `merged`.
#[track_caller]
fn merge(dir: &Path, count: usize) {
    let runs: Vec<String> = (1..=count).rev().map(|k| format!("s{k}")).collect();
    let line = format!("sweep --quiet --out merged --merge {}", runs.join(" "));
    wgrad(dir, &words(&line)).ok();
}

/// Asserts that two sweeps have the same files, apart from times and places.
#[track_caller]
fn assert_same(dir: &Path, one: &str, other: &str) {
    let read = |run: &str, file: &str| std::fs::read(dir.join(run).join(file)).ok();
    for file in ["model.safetensors", "config.toml", "test.csv"] {
        assert!(read(one, file) == read(other, file), "{file} differs");
    }
    assert!(read(one, "model.safetensors").is_some());
    let found = [one, other].map(|run| {
        let text = read(run, "sweep.json").expect("a record");
        let mut record = object(&String::from_utf8(text).expect("text"));
        record["best"]["model"].take();
        ["networks", "ranked", "best", "device", "interrupted"].map(|key| record[key].take())
    });
    assert_eq!(found[0], found[1]);
}

/// Several shapes and rates, some of which diverge, in folds that differ in size.
const WIDE: &str = "sweep iris --hidden 3,4-2 --activation tanh,relu --lr 0.1,1e30 --optimizer sgd,adam --seeds 3 --folds 4 \
    --test 0.2 --epochs 9 --quiet";

#[test]
fn merged_shards_are_the_sweep_of_one_process() {
    let dir = folder();
    let dir = dir.path();
    sweep(dir, &format!("{WIDE} --out whole"));
    for count in [2, 3, 16] {
        for k in 1..=count {
            sweep(
                dir,
                &format!("{WIDE} --force --shard {k}/{count} --out s{k}"),
            );
        }
        merge(dir, count);
        assert_same(dir, "whole", "merged");
        std::fs::remove_dir_all(dir.join("merged")).expect("removed");
    }
}

/// Runs the commands of the next round; after the first, the file of `--next` is lost, and written again by `again`.
#[track_caller]
fn go_on(dir: &Path, commands: &[&str], again: &str) {
    let file = again.rsplit(' ').next().expect("a file");
    let text = || std::fs::read_to_string(dir.join(file)).expect("it is written");
    let first = text();
    wgrad(dir, &words(commands[0])).ok();
    std::fs::remove_file(dir.join(file)).expect("removed");
    wgrad(dir, &words(commands[1])).fails(3, &["no such file", "--merge RUNS --next FILE"]);
    let run = wgrad(dir, &words(again)).ok();
    assert_eq!(text(), first);
    assert!(
        run.out.contains(commands[1]) && !run.out.contains(commands[0]),
        "{}",
        run.out
    );
    wgrad(dir, &words(commands[1])).ok();
    // As a task that is requeued.
    wgrad(dir, &words(commands[1])).ok();
}

const HALVING: &str =
    "sweep digits --halving --hidden 4,8 --lr 0.001,0.003,0.01 --seeds 2 --epochs 8 --quiet";

#[test]
fn shards_halve_together_round_by_round() {
    let dir = folder();
    let dir = dir.path();
    sweep(dir, &format!("{HALVING} --out whole"));
    for k in [1, 2] {
        sweep(dir, &format!("{HALVING} --shard {k}/2 --out s{k}"));
    }
    let early = "sweep --quiet --out merged --merge s1 s2";
    wgrad(dir, &words(early)).fails(3, &["after 1 of 8 epochs", "--next"]);
    for round in 1..=3 {
        let next = format!("next-{round}.json");
        let run = wgrad(dir, &words(&format!("sweep --merge s1 s2 --next {next}"))).ok();
        // What it prints are the commands of the next round.
        let lines = run.out.lines().filter_map(|line| line.split_once("wgrad "));
        let commands: Vec<&str> = lines.map(|(_, command)| command).collect();
        assert_eq!(commands.len(), 2, "{}", run.out);
        wgrad(dir, &words("sweep --resume s1")).fails(3, &["--next"]);
        go_on(
            dir,
            &commands,
            &format!("sweep --merge s1 s2 --next {next}"),
        );
    }
    wgrad(dir, &words("sweep --merge s1 s2 --next no.json")).fails(3, &["leave it out"]);
    assert!(!dir.join("no.json").exists());
    merge(dir, 2);
    assert_same(dir, "whole", "merged");
}

#[test]
fn only_a_sweep_takes_all_hardware_adapters() {
    let dir = folder();
    let train = words("train iris --device all");
    wgrad(dir.path(), &train).fails(3, &["--device all", "--device gpu"]);
    let ended = wgrad(
        dir.path(),
        &words("sweep iris --seeds 2 --hidden 2 --epochs 1 --device all"),
    );
    // Here may be one, or none.
    assert!(matches!(ended.code, 0 | 4), "{}", ended.err);
    if ended.code == 4 {
        ended.fails(4, &["no hardware adapter", "--device auto"]);
    }
}

#[test]
fn what_is_no_whole_sweep_is_refused_by_name() {
    let dir = folder();
    let dir = dir.path();
    let own = "sweep iris --hidden 4 --seeds 4 --epochs 3 --quiet";
    for k in 1..=3 {
        sweep(dir, &format!("{own} --shard {k}/3 --out s{k}"));
    }
    sweep(dir, &format!("{own} --shard 2/3 --out again"));
    sweep(dir, &format!("{own} --shard 2/4 --out fourth"));
    sweep(dir, &format!("{own} --shard 2/3 --lr 0.5 --out other"));
    sweep(dir, &format!("{own} --out whole"));
    let cases: [(&str, &[&str]); 8] = [
        ("s1 s3", &["shard 2/3 is missing"]),
        ("s1", &["shards 2/3, 3/3 are missing"]),
        ("s1 s2 s3 again", &["both shard 2/3", "again"]),
        ("s1 s2 fourth", &["fourth", "is shard 2/4"]),
        ("s1 other s3", &["other", "another sweep"]),
        ("s1 s2 whole", &["whole", "no shard"]),
        ("s1 s2 nothing", &["nothing"]),
        ("s1 s2 s3 --lr 0.1", &["--lr", "leave it out"]),
    ];
    for (runs, parts) in cases {
        let line = format!("sweep --quiet --out merged --merge {runs}");
        wgrad(dir, &words(&line)).fails(3, parts);
        assert!(!dir.join("merged").exists());
    }
    let line = format!("{own} --shard 5/5 --out s5");
    wgrad(dir, &with_cpu(&words(&line))).fails(3, &["shard 5/5", "at most 4 shards"]);
    let ended = wgrad(dir, &words("sweep --resume s1")).ok();
    assert!(ended.out.contains("shard 1/3 has ended"), "{}", ended.out);
    let into_itself = "sweep --merge s1 s2 s3 --out s1 --force";
    wgrad(dir, &words(into_itself)).fails(3, &["--out s1", "one of the shards"]);
    wgrad(
        dir,
        &with_cpu(&words(&format!("{own} --shard 1/3 --out s1"))),
    )
    .fails(3, &["wgrad sweep --resume s1"]);
    let search = "sweep iris --search 2 --shard 1/2 --time 1s";
    wgrad(dir, &words(search)).fails(2, &["--time", "--shard"]);
    wgrad(dir, &words("sweep --resume whole")).fails(3, &["the sweep has ended"]);
    for shard in ["0/3", "4/3", "1/0", "3", "auto/0", "autos"] {
        let line = format!("{own} --shard {shard}");
        wgrad(dir, &with_cpu(&words(&line))).fails(2, &["as in 2/8"]);
    }
    // A damaged state is found, whichever byte it is.
    let state = dir.join("s1/sweep-state.wgrad");
    let mut bytes = std::fs::read(&state).expect("a state");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    write(dir, "s1/sweep-state.wgrad", bytes);
    wgrad(dir, &words("sweep --merge s1 s2 s3")).fails(3, &["damaged"]);
}

#[test]
fn a_shard_without_a_network_left_has_ended() {
    let dir = folder();
    let dir = dir.path();
    let own =
        "sweep digits --halving --hidden 8 --lr 0.001,0.003,0.01 --seeds 1 --epochs 8 --quiet";
    sweep(dir, &format!("{own} --out whole"));
    for k in 1..=3 {
        sweep(dir, &format!("{own} --shard {k}/3 --out s{k}"));
    }
    for round in 1..=3 {
        let run = wgrad(
            dir,
            &words(&format!("sweep --merge s1 s2 s3 --next {round}.json")),
        )
        .ok();
        let lines = run.out.lines().filter_map(|line| line.split_once("wgrad "));
        let commands: Vec<&str> = lines.map(|(_, command)| command).collect();
        assert_eq!(commands.len(), 3, "{}", run.out);
        for command in commands {
            wgrad(dir, &words(command)).ok();
        }
    }
    merge(dir, 3);
    assert_same(dir, "whole", "merged");
}

const SEARCH: &str = "sweep iris --search 7 --epochs 3 --quiet";

/// Asserts that two searches have the same files, apart from times and places.
#[track_caller]
fn assert_same_search(dir: &Path, one: &str, other: &str) {
    let read = |run: &str, file: &str| std::fs::read(dir.join(run).join(file)).expect("a file");
    for file in ["model.safetensors", "config.toml", "test.csv"] {
        assert!(read(one, file) == read(other, file), "{file} differs");
    }
    let found = [one, other].map(|run| {
        let text = String::from_utf8(read(run, "sweep.json")).expect("text");
        let mut record = object(&text);
        record["best"]["model"].take();
        ["ranked", "best", "device"].map(|key| record[key].take())
    });
    assert_eq!(found[0], found[1]);
}

#[test]
fn shards_search_together_round_by_round() {
    let dir = folder();
    let dir = dir.path();
    sweep(dir, &format!("{SEARCH} --out whole"));
    for k in [1, 2] {
        sweep(dir, &format!("{SEARCH} --shard {k}/2 --out s{k}"));
    }
    let early = "sweep --quiet --out merged --merge s1 s2";
    wgrad(dir, &words(early)).fails(3, &["fold 1", "--next"]);
    for fold in 1..5 {
        let next = format!("sweep --merge s2 s1 --next next-{fold}.json");
        let run = wgrad(dir, &words(&next)).ok();
        let lines = run.out.lines().filter_map(|line| line.split_once("wgrad "));
        let commands: Vec<&str> = lines.map(|(_, command)| command).collect();
        assert_eq!(commands.len(), 2, "{}", run.out);
        wgrad(dir, &words("sweep --resume s1")).fails(3, &["waits for the others", "--next"]);
        go_on(dir, &commands, &next);
    }
    wgrad(dir, &words("sweep --resume s1")).ok();
    merge(dir, 2);
    assert_same_search(dir, "whole", "merged");
    // The folder of a search may be replaced.
    sweep(dir, &format!("{SEARCH} --out whole --force"));
}

#[test]
fn a_search_that_was_killed_goes_on_to_the_same_result() {
    let dir = folder();
    let dir = dir.path();
    let own = "sweep digits --search 6 --epochs 8 --hidden 16 --quiet";
    sweep(dir, &format!("{own} --out whole"));
    let mut begun = command(dir, &words(&format!("{own} --out cut")));
    let child = begun.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = child.expect("the binary runs");
    let state = dir.join("cut/sweep-state.wgrad");
    let start = Instant::now();
    while !state.exists() {
        assert!(start.elapsed() < Duration::from_secs(60), "no state");
        std::thread::sleep(Duration::from_millis(2));
    }
    signal(&child, "KILL");
    assert_eq!(child.wait().expect("it ends").code(), None);
    wgrad(dir, &words("sweep --resume cut --quiet")).ok();
    assert_same_search(dir, "whole", "cut");
}

/// Trains for seconds in this test; long enough to be interrupted.
const LONG: &str = "sweep digits --hidden 32,16-16 --activation tanh,relu --seeds 6 --epochs 24 --checkpoint 0.1 --quiet";

#[test]
fn a_sweep_that_was_killed_or_interrupted_goes_on_to_the_same_result() {
    let dir = folder();
    let dir = dir.path();
    sweep(dir, &format!("{LONG} --out whole"));
    for (name, code) in [("TERM", Some(143)), ("KILL", None), ("INT", Some(130))] {
        let out = dir.join("cut");
        drop(std::fs::remove_dir_all(&out));
        let mut begun = command(dir, &words(&format!("{LONG} --out cut")));
        let child = begun.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut child = child.expect("the binary runs");
        let state = out.join("sweep-state.wgrad");
        let size = || std::fs::metadata(&state).map_or(0, |file| file.len());
        let start = Instant::now();
        // At first, the state has no networks.
        while size() < 100_000 {
            assert!(start.elapsed() < Duration::from_secs(60), "no state");
            assert!(
                child.try_wait().expect("a child").is_none(),
                "ended too early"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
        signal(&child, name);
        assert_eq!(child.wait().expect("it ends").code(), code, "{name}");
        let shown = wgrad(dir, &words("show cut")).ok();
        assert!(
            shown.out.contains("wgrad sweep --resume cut"),
            "{}",
            shown.out
        );
        wgrad(dir, &words("train --resume cut")).fails(3, &["wgrad sweep --resume cut"]);
        wgrad(dir, &words("sweep --resume cut --quiet")).ok();
        assert_same(dir, "whole", "cut");
        assert!(!state.exists());
    }
}
