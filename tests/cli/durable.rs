//! Tests of what is on the disk after faults: full file systems, failing system calls, kills, links, files of others.
//!
//! A folder `m` is replaced by runs with seed 1 and 2 in turn. At any instant it must hold a whole model of one of them,
//! and no configuration of the other.

use crate::endings::{RUN, command, files};
use crate::rig::{Run, folder, read, wgrad, with_cpu, write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const ERRORS: [&str; 4] = ["EIO", "ENOSPC", "EACCES", "ESTALE"];

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

fn train(seed: usize, out: &str) -> String {
    format!("train xor --epochs 1 --quiet --seed {seed} --out {out} --force")
}

/// A folder with `m`, and the model and configuration of each seed.
struct Attack {
    dir: tempfile::TempDir,
    known: [[Vec<u8>; 2]; 2],
}

impl Attack {
    fn new() -> Attack {
        let dir = folder();
        let known = [1, 2].map(|seed| {
            let out = format!("known-{seed}");
            wgrad(dir.path(), &with_cpu(&words(&train(seed, &out)))).ok();
            ["model.safetensors", "config.toml"]
                .map(|file| std::fs::read(dir.path().join(&out).join(file)).expect("a file"))
        });
        wgrad(dir.path(), &with_cpu(&words(&train(1, "m")))).ok();
        Attack { dir, known }
    }

    fn file(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.dir.path().join("m").join(name)).ok()
    }

    /// Checks the state of `m`, and returns the seed of its model.
    #[track_caller]
    fn seed(&self, what: &str) -> usize {
        let model = self
            .file("model.safetensors")
            .unwrap_or_else(|| panic!("{what}: no model"));
        let seed = self.known.iter().position(|known| known[0] == model);
        let seed = seed.unwrap_or_else(|| panic!("{what}: half a model"));
        if let Some(config) = self.file("config.toml") {
            assert!(
                config == self.known[seed][1],
                "{what}: a configuration beside another model"
            );
        }
        seed + 1
    }

    /// Checks that `m` has the whole run with this seed, and nothing else.
    #[track_caller]
    fn is_done(&self, seed: usize, what: &str) {
        assert_eq!(self.seed(what), seed, "{what}");
        let there = files(&self.dir.path().join("m"));
        let there: Vec<_> = there.iter().filter(|file| *file != ".running").collect();
        assert_eq!(there, RUN.each_ref(), "{what}");
    }

    /// Runs `train` under strace with these arguments.
    fn traced(&self, seed: usize, strace: &[&str]) -> std::process::Output {
        let mut traced = Command::new("strace");
        traced.args(strace).arg(env!("CARGO_BIN_EXE_wgrad"));
        traced.args(with_cpu(&words(&train(seed, "m"))));
        let traced = traced.current_dir(self.dir.path());
        let traced = traced.env("WGRAD_CACHE_DIR", self.dir.path().join("cache"));
        traced.output().expect("strace runs")
    }

    /// Lists the system calls of a run that concern `m`: name, how many of that name came before, and the line.
    fn calls(&self) -> Vec<(String, usize, String)> {
        let log = self.dir.path().join("log");
        let traced = self.traced(1, &["-y", "-s", "256", "-o", log.to_str().expect("text")]);
        assert!(traced.status.success());
        let text = String::from_utf8_lossy(&std::fs::read(log).expect("a log")).into_owned();
        let mut counts = std::collections::BTreeMap::new();
        let mut calls = Vec::new();
        for line in text.lines() {
            let Some((name, rest)) = line.split_once('(') else {
                continue;
            };
            let count = counts.entry(name.to_owned()).or_insert(0);
            *count += 1;
            let here = ["\"m/", "\"m\"", "/m/", "/m>"]
                .iter()
                .any(|m| rest.contains(m));
            if here && name != "execve" {
                calls.push((name.to_owned(), *count, line.to_owned()));
            }
        }
        calls
    }
}

/// Checks whether system calls can be traced here. Says so if not.
fn strace() -> bool {
    let tried = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .output();
    let works = tried.is_ok_and(|tried| tried.status.success());
    if !works {
        eprintln!("SKIPPED: no strace, or it may not trace here");
    }
    works
}

#[test]
fn any_system_call_of_a_run_may_fail() {
    if !strace() {
        return;
    }
    let attack = Attack::new();
    let calls = attack.calls();
    let synced = |part: &str| {
        calls
            .iter()
            .any(|(name, _, line)| name == "fsync" && line.contains(part))
    };
    for part in [
        "/.model.safetensors.wgrad>",
        "/.config.toml.wgrad>",
        "/metrics.jsonl>",
        "/unfinished-run>",
        "/m>",
    ] {
        assert!(synced(part), "{part} is not synchronised");
    }
    let (mut turn, mut refused) = (0, 0);
    for error in ERRORS {
        for (name, count, line) in &calls {
            turn += 1;
            let seed = 1 + turn % 2;
            let fault = format!("inject={name}:error={error}:when={count}");
            let what = format!("{fault} in {line}");
            let run = read(attack.traced(seed, &["-o", "/dev/null", "-e", &fault]));
            let now = attack.seed(&what);
            assert!(!run.err.contains("panicked"), "{what}: {}", run.err);
            match run.code {
                0 => attack.is_done(seed, &what),
                _ => {
                    refused += 1;
                    assert!(run.err.contains("wgrad: "), "{what}: {}", run.err);
                    let [told, apart] =
                        ["m is unchanged", "unfinished-run"].map(|part| run.err.contains(part));
                    assert!(
                        !told || apart || now != seed || turn == 1,
                        "{what}: {}",
                        run.err
                    );
                }
            }
        }
    }
    println!(
        "{turn} faults in {} system calls: {refused} refused",
        calls.len()
    );
    let next = 3 - attack.seed("the end");
    wgrad(attack.dir.path(), &with_cpu(&words(&train(next, "m")))).ok();
    attack.is_done(next, "the end");
}

#[test]
fn a_run_may_be_killed_at_any_system_call() {
    if !strace() {
        return;
    }
    let attack = Attack::new();
    let calls = attack.calls();
    for (turn, (name, count, line)) in calls.iter().enumerate() {
        let seed = 1 + turn % 2;
        let kill = format!("inject={name}:signal=SIGKILL:when={count}");
        attack.traced(seed, &["-o", "/dev/null", "-e", &kill]);
        attack.seed(line);
        if turn % 5 == 0 {
            wgrad(attack.dir.path(), &with_cpu(&words(&train(seed, "m")))).ok();
            attack.is_done(seed, line);
        }
    }
}

/// `WGRAD_KILLS` sets the number of kills.
#[test]
fn a_run_may_be_killed_at_any_time() {
    let kills = std::env::var("WGRAD_KILLS").map_or(40, |kills| kills.parse().expect("a number"));
    let attack = Attack::new();
    let start = Instant::now();
    wgrad(attack.dir.path(), &with_cpu(&words(&train(2, "m")))).ok();
    let whole = start.elapsed();
    let (mut random, mut new) = (1u64, 0);
    for kill in 0..kills {
        random = random
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let share = (random >> 40) as f64 / (1u64 << 24) as f64;
        let seed = 1 + kill % 2;
        let mut train = command(attack.dir.path(), &words(&train(seed, "m")));
        let mut child = train
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("it runs");
        std::thread::sleep(whole.mul_f64(share));
        child.kill().expect("it is killed, or has ended");
        child.wait().expect("it ends");
        new += usize::from(attack.seed(&format!("kill {kill}")) == seed);
    }
    println!(
        "{kills} kills within {whole:?}: {new} times the model is that of the killed run or of one before it"
    );
    let next = 3 - attack.seed("the end");
    wgrad(attack.dir.path(), &with_cpu(&words(&train(next, "m")))).ok();
    attack.is_done(next, "the end");
}

#[test]
fn a_whole_run_that_was_not_moved_into_place_is_taken_over() {
    let attack = Attack::new();
    let m = attack.dir.path().join("m");
    let apart = m.join("unfinished-run");
    std::fs::create_dir(&apart).unwrap();
    for (name, bytes) in ["model.safetensors", "config.toml"]
        .iter()
        .zip(&attack.known[1])
    {
        std::fs::write(apart.join(name), bytes).unwrap();
    }
    // Not empty, and so refused; but the run is put in place first.
    let refused = "train xor --epochs 1 --out m";
    let run = wgrad(attack.dir.path(), &with_cpu(&words(refused)));
    run.fails(3, &["its model is in place now", "m: not empty"]);
    assert_eq!(files(&m), ["config.toml", "model.safetensors"]);
    assert_eq!(attack.seed("after the take-over"), 2);
}

/// A small file system, unmounted at the end.
struct Mounted(PathBuf);

impl Mounted {
    fn new(at: PathBuf, size: &str) -> Option<Mounted> {
        std::fs::create_dir(&at).unwrap();
        let mount = ["-t", "tmpfs", "-o", &format!("size={size}"), "none"];
        let mounted = Command::new("mount").args(mount).arg(&at).output();
        let works = mounted.is_ok_and(|mounted| mounted.status.success());
        if !works {
            eprintln!("SKIPPED: a file system cannot be mounted here");
        }
        works.then_some(Mounted(at))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(&self.0).status());
    }
}

#[test]
fn a_full_file_system_keeps_the_older_run() {
    let dir = folder();
    let Some(full) = Mounted::new(dir.path().join("full"), "64k") else {
        return;
    };
    let older = "train iris --hidden 4 --epochs 1 --out full/m";
    wgrad(dir.path(), &with_cpu(&words(older))).ok();
    let run = || RUN.map(|file| std::fs::read(full.0.join("m").join(file)).unwrap());
    let before = run();
    // From a model that is larger than the disk, to so many epochs that their metrics fill it.
    for more in ["--hidden 256", "--hidden 100", "--hidden 4 --epochs 400"] {
        let larger = format!("train iris --out full/m --force {more}");
        let ended = wgrad(dir.path(), &with_cpu(&words(&larger)));
        match ended.err.contains("full/m is unchanged") {
            true => {
                ended.fails(1, &["No space left on device", "free space"]);
                assert!(run() == before, "{more}");
            }
            // The model is small enough, the metrics are not.
            false => drop(ended.fails(1, &["metrics.jsonl", "free space"])),
        }
        wgrad(dir.path(), &with_cpu(&words("eval full/m iris"))).ok();
        assert_eq!(files(&full.0.join("m")), RUN, "{more}");
    }
}

#[test]
fn a_full_stdout_is_named() {
    if !Path::new("/dev/full").exists() {
        return eprintln!("SKIPPED: no /dev/full here");
    }
    let attack = Attack::new();
    for line in [
        "predict m xor",
        "predict m xor --json",
        "eval m xor",
        "train xor --json --out n",
    ] {
        let mut told = command(attack.dir.path(), &words(line));
        let full = std::fs::File::options().write(true).open("/dev/full");
        let run: Run = read(told.stdout(full.unwrap()).output().expect("it runs"));
        run.fails(1, &["wgrad: stdout: No space left on device", "free space"]);
    }
}

#[test]
fn the_lock_follows_no_link_and_empties_nothing() {
    let dir = folder();
    write(dir.path(), "precious", "text");
    std::fs::create_dir(dir.path().join("m")).unwrap();
    let lock = dir.path().join("m/.running");
    let train = "train xor --epochs 1 --out m --force";
    for target in ["../precious", "../nothing"] {
        std::os::unix::fs::symlink(target, &lock).unwrap();
        wgrad(dir.path(), &with_cpu(&words(train))).fails(1, &["m/.running: a link"]);
        assert_eq!(files(dir.path()), ["m", "precious"]);
        std::fs::remove_file(&lock).unwrap();
    }
    std::fs::hard_link(dir.path().join("precious"), &lock).unwrap();
    wgrad(dir.path(), &with_cpu(&words(train))).ok();
    assert_eq!(std::fs::read(dir.path().join("precious")).unwrap(), b"text");
}

#[test]
fn force_overwrites_only_what_wgrad_wrote() {
    let attack = Attack::new();
    let m = attack.dir.path().join("m");
    for (name, text) in [
        ("config.toml", "[package]\nname = 'mine'\n"),
        ("metrics.jsonl", "{\"mine\": 1}\n"),
        ("sweep.json", "{}"),
        ("model.safetensors", "mine"),
    ] {
        let own = std::fs::read(m.join(name)).ok();
        write(&m, name, text);
        let run = wgrad(attack.dir.path(), &with_cpu(&words(&train(2, "m"))));
        run.fails(3, &[name, "not written by wgrad"]);
        assert_eq!(std::fs::read_to_string(m.join(name)).unwrap(), text);
        match own {
            Some(own) => write(&m, name, own),
            None => std::fs::remove_file(m.join(name)).unwrap(),
        }
    }
    write(&m, "notes.txt", "mine");
    std::fs::create_dir(m.join("unfinished-run")).unwrap();
    write(&m.join("unfinished-run"), "notes.txt", "mine");
    wgrad(attack.dir.path(), &with_cpu(&words(&train(2, "m")))).fails(1, &["unfinished-run"]);
    std::fs::remove_dir_all(m.join("unfinished-run")).unwrap();
    wgrad(attack.dir.path(), &with_cpu(&words(&train(2, "m")))).ok();
    assert_eq!(
        std::fs::read_to_string(m.join("notes.txt")).unwrap(),
        "mine"
    );
}

#[test]
fn what_a_killed_process_left_is_cleared() {
    let attack = Attack::new();
    let m = attack.dir.path().join("m");
    write(&m, ".model.safetensors.wgrad", "half");
    write(&m, ".running", "");
    std::fs::create_dir(m.join("unfinished-run")).unwrap();
    write(&m.join("unfinished-run"), "config.toml", "half");
    write(
        &m.join("unfinished-run"),
        ".model.safetensors.wgrad",
        "half",
    );
    wgrad(attack.dir.path(), &with_cpu(&words(&train(2, "m")))).ok();
    assert_eq!(files(&m), RUN);
}
