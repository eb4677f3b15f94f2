//! A test runs each flag and each command that a message prints, on the input that made it print it.
//!
//! [`inputs`] has the inputs, [`printed`] finds in the output what a reader may paste.

mod inputs;
mod printed;

use crate::rig::{Run, folder, read, write};
use inputs::{Input, all};
use printed::{Cure, Flags, cures, quoted_words};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

/// Runs a line of a shell in which `wgrad` is the binary.
fn shell(dir: &Path, line: &str) -> Run {
    let binary = Path::new(env!("CARGO_BIN_EXE_wgrad"));
    let mut path = binary.parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let output = Command::new("sh")
        .args(["-c", line])
        .current_dir(dir)
        .env("PATH", path)
        .env("WGRAD_CACHE_DIR", dir.join("cache"))
        // What is printed must not depend on the adapters of a machine.
        .env("VK_DRIVER_FILES", "/nowhere.json")
        .env("VK_ICD_FILENAMES", "/nowhere.json")
        .stdin(std::process::Stdio::null())
        .output()
        .expect("a shell runs");
    read(output)
}

/// Returns what a cure is called in [`Input::cures`].
fn name(cure: &Cure) -> &str {
    match cure {
        Cure::Flag(text) | Cure::Without(text) | Cure::Line(text) | Cure::Word(text) => text,
    }
}

/// Returns the line of a shell that follows the cure of a run of `words`.
fn cured(words: &[String], cure: &Cure, flags: &Flags) -> String {
    match cure {
        Cure::Flag(text) => {
            let kept = flags.without(words, text);
            format!("wgrad {} {text}", kept.join(" "))
        }
        Cure::Without(text) => format!("wgrad {}", flags.without(words, text).join(" ")),
        Cure::Line(text) => text.clone(),
        Cure::Word(text) if text.starts_with("MODEL") => {
            let mut swapped = words.to_vec();
            swapped.swap(1, 2);
            format!("wgrad {}", swapped.join(" "))
        }
        Cure::Word(text) => {
            // The command is right.
            let (nearest, _) = words
                .iter()
                .enumerate()
                .skip(1)
                .min_by_key(|(_, word)| match text.starts_with(&format!("{word}/")) {
                    true => 0,
                    false => strsim::levenshtein(word, text),
                })
                .expect("a command has words");
            let mut meant = words.to_vec();
            meant[nearest] = format!("'{text}'");
            format!("wgrad {}", meant.join(" "))
        }
    }
}

/// Whether the refusal of the command `again` names a cure that leads back to a refusal with this `message`.
fn leads_back(dir: &Path, (again, text): (&str, &str), message: &str, flags: &Flags) -> bool {
    let words = quoted_words(again.trim_start_matches("wgrad "));
    let next = cures(text, &words, flags).unwrap_or_default();
    let is_flag = |cure: &Cure| matches!(cure, Cure::Flag(_));
    next.iter()
        .filter(|(_, cure)| is_flag(cure))
        .any(|(_, cure)| {
            let third = shell(dir, &cured(&words, cure, flags));
            let all = format!("{}\n{}", third.out, third.err);
            all.lines().any(|line| line.trim() == message)
        })
}

/// Follows each cure that the output of a command prints. Returns their names, and the failures.
fn follow(input: &Input, command: &str, flags: &Flags) -> (BTreeSet<String>, Vec<String>) {
    let dir = folder();
    for (name, bytes) in &input.files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        write(dir.path(), name, bytes);
    }
    if let (Some((_, bytes)), None) = (input.files.first(), input.file("NEW.csv")) {
        // The names of data that nobody has yet.
        write(dir.path(), "NEW.csv", bytes);
        #[cfg(unix)]
        std::os::unix::fs::symlink("pets", dir.path().join("NEW")).unwrap();
    }
    if !input.before.is_empty() {
        shell(dir.path(), input.before).ok();
    }
    let line = format!("wgrad {command}");
    let first = shell(dir.path(), &line);
    let words = quoted_words(command);
    let (mut found, mut failures) = (BTreeSet::new(), Vec::new());
    let mut fail = |text: String| failures.push(format!("{line}\n{text}"));
    let text = format!("{}\n{}", first.out, first.err);
    for part in input.says {
        if !text.contains(part) {
            fail(format!("does not say {part:?}: {text}"));
        }
    }
    for (message, cure) in match cures(&text, &words, flags) {
        Ok(cures) => cures,
        Err(why) => {
            fail(why);
            Vec::new()
        }
    } {
        let is_about_epochs = matches!(&cure, Cure::Flag(text) if text.starts_with("--epochs"));
        if is_about_epochs && !input.cures.iter().any(|cure| cure.starts_with("--epochs")) {
            // Nearly every one of these short runs prints the advice to train longer.
            continue;
        }
        let again = cured(&words, &cure, flags);
        let second = shell(dir.path(), &again);
        found.insert(name(&cure).to_owned());
        let all = format!("{}\n{}", second.out, second.err);
        let is_there = all.lines().any(|line| line.trim() == message);
        let is_line = matches!(cure, Cure::Line(_));
        let is_worse = second.code != 0 && (first.code == 0 || is_line);
        let is_circle = first.code == 3
            && second.code == 3
            && leads_back(dir.path(), (&again, &all), &message, flags);
        if is_circle || second.code == 2 || is_there || is_worse || all.contains("panicked") {
            fail(format!(
                "printed: {message}\nfollowed: {again}\nexit code {}: {all}",
                second.code
            ));
        }
    }
    (found, failures)
}

/// Runs `work` on all items, on a few threads.
fn on_threads<T: Sync>(items: &[T], work: impl Fn(&T) + Sync) {
    let next = Mutex::new(items.iter());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(item) = next.lock().unwrap().next() else {
                        return;
                    };
                    work(item);
                }
            });
        }
    });
}

#[test]
#[cfg_attr(windows, ignore = "cures are quoted for the shell of Unix")]
fn each_flag_and_each_command_that_a_message_prints_works() {
    let flags = Flags::of_help(|command| {
        let dir = folder();
        shell(dir.path(), &format!("wgrad {command} --help"))
            .ok()
            .out
    });
    let followed = Mutex::new(BTreeSet::new());
    let failures = Mutex::new(Vec::new());
    on_threads(&all(), |input| {
        let (found, mut failed) = follow(input, &input.command(), &flags);
        for cure in input.cures {
            if !found.contains(*cure) {
                failed.push(format!("{}: {cure:?} is not among {found:?}", input.args));
            }
        }
        if let Some(inspect) = input.as_inspect(&flags) {
            // Some messages are about training alone.
            let quiet = Input {
                says: &[],
                ..input.clone()
            };
            failed.extend(follow(&quiet, &inspect, &flags).1);
        }
        failures.lock().unwrap().extend(failed);
        followed.lock().unwrap().extend(found);
    });
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "{} failures:\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
    printed::require_all(&followed.into_inner().unwrap());
}
