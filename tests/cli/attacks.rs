//! Attacks on a run that replaces another: failing system calls, and kills.
//!
//! A folder `m` is replaced by runs with seed 1 and 2 in turn. At any instant it must hold a whole model of one of them,
//! and no configuration of the other.

use crate::endings::{RUN, command, files};
use crate::rig::{folder, read, wgrad, with_cpu, write};
use std::process::{Command, Stdio};
use std::time::Instant;

const ERRORS: [&str; 4] = ["EIO", "ENOSPC", "EACCES", "ESTALE"];

/// System calls that change a folder, or ask about it.
const CALLS: [&str; 13] = [
    "mkdir",
    "openat",
    "flock",
    "statx",
    "getdents64",
    "write",
    "fsync",
    "rename",
    "unlink",
    "rmdir",
    // On other architectures.
    "mkdirat",
    "renameat",
    "unlinkat",
];

pub(crate) fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

pub(crate) fn train(seed: usize, out: &str) -> String {
    format!("train xor --epochs 1 --quiet --seed {seed} --out {out} --force")
}

/// A folder with `m`, and the model and configuration of each seed.
pub(crate) struct Attack {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) known: [[Vec<u8>; 2]; 2],
}

impl Attack {
    pub(crate) fn new() -> Attack {
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
    pub(crate) fn seed(&self, what: &str) -> usize {
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
            if here && CALLS.contains(&name) {
                calls.push((name.to_owned(), *count, line.to_owned()));
            }
        }
        calls
    }
}

/// Checks whether system calls can be traced here. Says so if not.
pub(crate) fn strace() -> bool {
    let tried = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .output();
    let works = tried.is_ok_and(|tried| tried.status.success());
    if !works {
        eprintln!("SKIPPED: no strace, or it may not trace here");
    }
    works
}

/// Each call fails with one of the errors; with `WGRAD_FAULTS=all`, once with each.
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
    let all = std::env::var("WGRAD_FAULTS").is_ok_and(|faults| faults == "all");
    for (number, error) in ERRORS.iter().enumerate() {
        for (at, (name, count, line)) in calls.iter().enumerate() {
            if !all && at % ERRORS.len() != number {
                continue;
            }
            turn += 1;
            let seed = 1 + turn % 2;
            let fault = format!("inject={name}:error={error}:when={count}");
            let what = format!("{fault} in {line}");
            let before = attack.seed(&what);
            let run = read(attack.traced(seed, &["-o", "/dev/null", "-e", &fault]));
            let now = attack.seed(&what);
            assert!(!run.err.contains("panicked"), "{what}: {}", run.err);
            match run.code {
                0 => attack.is_done(seed, &what),
                _ => {
                    refused += 1;
                    assert!(run.err.contains("wgrad: "), "{what}: {}", run.err);
                    let told = |part| run.err.contains(part);
                    let unchanged = told("m is unchanged") && !told("in place now");
                    assert!(!unchanged || now == before, "{what}: {}", run.err);
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
fn data_that_cannot_be_asked_about_is_not_missing() {
    if !strace() {
        return;
    }
    let dir = folder();
    std::fs::create_dir(dir.path().join("d")).unwrap();
    for (set, count) in [("train", 20), ("t10k", 6)] {
        let images = [
            &[0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 1, 0, 0, 0, 2][..],
            &[7; 40][..2 * usize::from(count)],
        ]
        .concat();
        let labels: Vec<u8> = [0, 0, 8, 1, 0, 0, 0, count]
            .into_iter()
            .chain((0..count).map(|i| i % 2))
            .collect();
        write(dir.path(), &format!("d/{set}-images-idx3-ubyte"), images);
        write(dir.path(), &format!("d/{set}-labels-idx1-ubyte"), labels);
    }
    for path in ["d", "d/t10k-images-idx3-ubyte", "d/t10k-labels-idx1-ubyte"] {
        let mut traced = Command::new("strace");
        traced.args([
            "-o",
            "/dev/null",
            "-P",
            path,
            "-e",
            "inject=statx:error=ESTALE",
        ]);
        let train = with_cpu(&words("train d --epochs 1"));
        let traced = traced.arg(env!("CARGO_BIN_EXE_wgrad")).args(train);
        let run = read(
            traced
                .current_dir(dir.path())
                .output()
                .expect("strace runs"),
        );
        run.fails(3, &[&format!("{path}: cannot be read: Stale file handle")]);
    }
    wgrad(dir.path(), &with_cpu(&words("train d --epochs 1"))).ok();
}

/// Drivers of Mesa connect to a desktop in the folder of a variable. Anybody may listen in the temporary folder.
#[test]
fn no_desktop_is_looked_for_in_the_temporary_folder() {
    if !strace() {
        return;
    }
    let dir = folder();
    let log = dir.path().join("log");
    let traced = Command::new("strace")
        .args(["-f", "-e", "trace=connect", "-o"])
        .args([log.as_os_str(), env!("CARGO_BIN_EXE_wgrad").as_ref()])
        .arg("devices")
        .env_remove("XDG_RUNTIME_DIR")
        .env("TMPDIR", dir.path())
        .output()
        .expect("strace runs");
    assert!(traced.status.success(), "{traced:?}");
    let log = std::fs::read_to_string(log).expect("a log");
    assert!(!log.contains(dir.path().to_str().expect("text")), "{log}");
}
