//! Tests of what is on the disk after faults: full file systems, files of killed runs, links, files of others.

use crate::attacks::{Attack, train, words};
use crate::endings::{RUN, TESTED_RUN, command, files};
use crate::rig::{Run, folder, read, wgrad, with_cpu, write};
use std::path::{Path, PathBuf};
use std::process::Command;

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

#[test]
fn files_of_others_beside_the_unfinished_run_stay_and_do_no_harm() {
    let dir = folder();
    let train = words("train xor --epochs 1 --out m --force");
    wgrad(dir.path(), &with_cpu(&train)).ok();
    let apart = dir.path().join("m/unfinished-run");
    std::fs::create_dir(&apart).unwrap();
    write(&apart, ".DS_Store", "of another program");
    for seed in ["1", "2"] {
        wgrad(
            dir.path(),
            &with_cpu(&[&train[..], &["--seed", seed]].concat()),
        )
        .ok();
        let config = std::fs::read_to_string(dir.path().join("m/config.toml")).unwrap();
        assert!(config.contains(&format!("seed = {seed}\n")), "{config}");
        assert_eq!(files(&apart), [".DS_Store"]);
    }
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
    let run = || TESTED_RUN.map(|file| std::fs::read(full.0.join("m").join(file)).unwrap());
    let before = run();
    // A model that is larger than the disk, and metrics that leave no room for a small one.
    for more in ["--hidden 4000", "--hidden 4 --epochs 400"] {
        let larger = format!("train iris --out full/m --force {more}");
        let told = [
            "full/m is unchanged",
            "No space left on device",
            "free space",
        ];
        let ended = wgrad(dir.path(), &with_cpu(&words(&larger))).fails(1, &told);
        let (_, saved) = ended
            .err
            .split_once("the model is saved to ")
            .expect("a place");
        let (saved, _) = saved.split_once(" instead").expect("a place");
        wgrad(dir.path(), &with_cpu(&["eval", saved, "iris"])).ok();
        std::fs::remove_file(saved).unwrap();
        assert!(run() == before, "{more}");
        assert_eq!(files(&full.0.join("m")), TESTED_RUN, "{more}");
    }
    wgrad(dir.path(), &with_cpu(&words("eval full/m iris"))).ok();
}

#[test]
#[cfg(target_os = "linux")]
fn a_folder_where_none_can_be_made_is_named() {
    let dir = folder();
    for out in ["/proc/run", "/proc/some/run"] {
        let run = wgrad(dir.path(), &with_cpu(&["train", "xor", "--out", out]));
        run.fails(
            3,
            &["--out /proc", "cannot create this folder", "name another"],
        );
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
