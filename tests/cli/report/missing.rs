//! Pages of runs that lack something, and what is refused.

use super::page::read;
use super::{PENGUINS, done, report};
use crate::rig::{folder, wgrad, with_cpu, write};

#[test]
fn without_its_data_the_page_says_what_is_missing_and_shows_the_rest() {
    let dir = folder();
    write(dir.path(), "penguins.csv", PENGUINS);
    done(
        dir.path(),
        "train penguins.csv --target species --epochs 2 --out p",
    );
    std::fs::rename(
        dir.path().join("penguins.csv"),
        dir.path().join("moved.csv"),
    )
    .unwrap();
    let told = wgrad(dir.path(), &["report", "p"]).ok();
    let cure = "wgrad report p --data DATA";
    assert!(
        told.err.contains("penguins.csv") && told.err.contains(cure),
        "{}",
        told.err
    );
    let without = read(&dir.path().join("p/report.html"));
    for part in [
        "penguins.csv: no such file",
        cure,
        "Confusion matrix",
        "bill_length_mm",
    ] {
        assert!(without.text.contains(part), "no {part:?}");
    }
    assert!(
        !without
            .text
            .contains("if the cells of a column are shuffled")
    );
    report(dir.path(), "report p --data moved.csv --out there.html");
    let with = read(&dir.path().join("there.html"));
    assert!(with.text.contains("if the cells of a column are shuffled"));
    let lines = String::from_utf8_lossy(PENGUINS);
    let fewer: Vec<&str> = lines.lines().take(200).collect();
    let fewer = fewer.join("\n");
    write(dir.path(), "penguins.csv", &fewer);
    report(dir.path(), "report p --out changed.html");
    let changed = read(&dir.path().join("changed.html"));
    assert!(changed.text.contains("the data has changed since the run"));
    wgrad(
        dir.path(),
        &["report", "p", "--data", "penguins.csv", "--out", "x.html"],
    )
    .fails(3, &["--data", "the data has changed since the run"]);
    assert!(!dir.path().join("x.html").exists());
}

#[test]
fn without_a_file_of_the_run_the_page_names_it() {
    let dir = folder();
    done(dir.path(), "train iris --epochs 3 --out m");
    let remove = |file: &str| std::fs::remove_file(dir.path().join("m").join(file)).unwrap();
    remove("test.csv");
    remove("run.json");
    report(dir.path(), "report m");
    let page = read(&dir.path().join("m/report.html"));
    for part in ["no test.csv", "no run.json", "Loss by epoch"] {
        assert!(page.text.contains(part), "no {part:?}");
    }
    write(dir.path(), "m/test.csv", "a,b\n1,2\n");
    remove("metrics.jsonl");
    report(dir.path(), "report m");
    let page = read(&dir.path().join("m/report.html"));
    for part in ["test.csv cannot be read", "no curve to draw", "4-128-3"] {
        assert!(page.text.contains(part), "no {part:?}");
    }
    write(dir.path(), "m/model.safetensors", "damaged");
    report(dir.path(), "report m");
    let page = read(&dir.path().join("m/report.html"));
    assert!(page.text.contains("not a whole safetensors file"));
    remove("model.safetensors");
    remove("config.toml");
    wgrad(dir.path(), &["report", "m"]).fails(3, &["m: no config.toml", "folder of a run"]);
}

#[test]
fn a_run_that_diverged_has_a_page_that_says_so() {
    let dir = folder();
    write(dir.path(), "penguins.csv", PENGUINS);
    let line = "train penguins.csv --target body_mass_g --optimizer sgd --lr 1e6 --report --out m";
    let words: Vec<&str> = line.split(' ').collect();
    wgrad(dir.path(), &with_cpu(&words)).fails(5, &["diverged"]);
    let page = read(&dir.path().join("m/report.html"));
    for part in ["diverged, after 0 epochs", "smaller --lr", "bill_length_mm"] {
        assert!(page.text.contains(part), "no {part:?}");
    }
    assert!(!page.text.contains("--resume"), "it cannot go on");
    let shown = wgrad(dir.path(), &["show", "m"]).ok().out;
    let cure = "wgrad train --config m/config.toml --lr 100000";
    assert!(
        shown.contains("m: diverged") && shown.contains(cure),
        "{shown}"
    );
}

#[cfg(unix)]
#[test]
fn a_run_that_was_cut_short_has_a_page_that_says_how_to_go_on() {
    use crate::endings::{command, ended_by, signal};
    let dir = folder();
    let words = ["train", "digits", "--report", "--out", "m"];
    ended_by(command(dir.path(), &words), "epoch    3", |child| {
        signal(child, "INT")
    });
    let path = dir.path().join("m/report.html");
    let page = read(&path);
    for part in [
        "cut short, after",
        "wgrad train --resume m",
        "was interrupted before the importance",
    ] {
        assert!(page.text.contains(part), "no {part:?}");
    }
    report(dir.path(), "report m");
    assert!(
        read(&path)
            .text
            .contains("if the cells of a column are shuffled")
    );
    // A run in the same place removes the page of the older one.
    done(dir.path(), "train iris --epochs 1 --out m --force");
    assert!(!path.exists());
}

#[test]
fn what_cannot_be_reported_is_refused() {
    let dir = folder();
    let of = |words: &[&str]| wgrad(dir.path(), &[&["report"], words].concat());
    of(&["."]).fails(3, &[".: no config.toml", "expected the folder of a run"]);
    of(&["none"]).fails(3, &["none: no such folder"]);
    done(dir.path(), "train iris --epochs 1 --out m");
    of(&["m/model.safetensors"]).fails(3, &["did you mean m?"]);
    of(&["m", "--out", "none/a.html"]).fails(3, &["--out none/a.html", "folder"]);
    of(&["m", "--out", "m/test.csv"]).fails(3, &["test.csv of the run itself"]);
    of(&["m", "--data", "none.csv", "--out", "a.html"]).fails(3, &["--data", "none.csv"]);
    assert!(!dir.path().join("a.html").exists(), "an empty page");
    of(&[]).fails(2, &["RUN"]);
}

#[test]
fn rows_from_stdin_are_on_the_page_while_they_are_in_memory() {
    let dir = folder();
    let line = "wgrad train - --target species --epochs 2 --device cpu --json --report --out m";
    let words: Vec<&str> = line.split(' ').skip(1).collect();
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_wgrad"));
    let output = command
        .args(&words)
        .current_dir(dir.path())
        .env("WGRAD_CACHE_DIR", dir.path())
        .write_stdin(PENGUINS)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let record: Result<serde_json::Value, _> = serde_json::from_str(line);
        assert!(record.is_ok(), "stdout has JSON lines alone: {line}");
    }
    let path = dir.path().join("m/report.html");
    assert!(
        read(&path)
            .text
            .contains("if the cells of a column are shuffled")
    );
    report(dir.path(), "report m");
    assert!(read(&path).text.contains("from stdin, which is gone"));
}
