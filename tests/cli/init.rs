//! Tests of `wgrad init`, `completions` and `man`: files for people, editors and shells.

use crate::rig::{folder, wgrad, with_cpu, write};
use serde_json::Value;
use std::path::Path;

const PENGUINS: &str = include_str!("../data/penguins.csv");

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

fn bytes(dir: &Path, file: &str) -> Vec<u8> {
    std::fs::read(dir.join(file)).expect("a file")
}

/// Returns what is wrong with a value by a JSON schema that uses only the words of ours.
fn faults(schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let is_of_kind = match schema["type"].as_str() {
        None => true,
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some(other) => panic!("{other}"),
    };
    let is_known = schema["enum"]
        .as_array()
        .is_none_or(|all| all.contains(value));
    let minimum = schema["minimum"].as_i64();
    let is_enough = minimum.is_none_or(|least| value.as_i64().is_some_and(|v| v >= least));
    let mut found = Vec::new();
    if !(is_of_kind && is_known && is_enough) {
        found.push(format!("{at}: {value}"));
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(key) {
            Some(schema) => found.extend(faults(schema, value, &format!("{at}.{key}"))),
            None => found.push(format!("{at}.{key} is unknown")),
        }
    }
    for value in value.as_array().into_iter().flatten() {
        found.extend(faults(&schema["items"], value, at));
    }
    found
}

fn schema(dir: &Path) -> Value {
    let text = wgrad(dir, &["init", "--schema"]).ok().out;
    serde_json::from_str(&text).expect("JSON")
}

fn as_json(toml: &str) -> Value {
    let table: toml::Table = toml.parse().expect("TOML");
    serde_json::to_value(table).expect("plain data")
}

#[test]
fn a_written_file_trains_the_model_that_its_data_alone_trains() {
    let dir = folder();
    let dir = dir.path();
    write(dir, "penguins.csv", PENGUINS);
    let schema = schema(dir);
    for data in ["penguins.csv", "iris", "penguins.csv --target body_mass_g"] {
        let init = wgrad(
            dir,
            &with_cpu(&[&["init", "--force"], &words(data)[..]].concat()),
        );
        assert!(
            init.ok()
                .out
                .contains("next    wgrad train --config config.toml")
        );
        let train = [&["train", "--out", "a", "--force"], &words(data)[..]].concat();
        wgrad(dir, &with_cpu(&train)).ok();
        wgrad(dir, &words("train --config config.toml --out b --force")).ok();
        let [a, b] = ["a", "b"].map(|run| bytes(dir, &format!("{run}/model.safetensors")));
        assert!(a == b, "{data}");
        for file in ["config.toml", "a/config.toml"] {
            let text = std::fs::read_to_string(dir.join(file)).unwrap();
            assert_eq!(
                faults(&schema, &as_json(&text), ""),
                Vec::<String>::new(),
                "{file}"
            );
        }
    }
}

#[test]
fn resolved_files_of_many_runs_fit_the_schema_and_others_do_not() {
    let dir = folder();
    let dir = dir.path();
    let schema = schema(dir);
    for flags in [
        "iris --optimizer sgd --momentum 0.5 --lr 0.1 --no-shuffle",
        "iris --recipe plain --val 0 --keep last --dropout 0.2 --backend vulkan",
        "iris --ensemble 2 --split-seed 3 --drop petal_width --max-time 1h --memory-limit 5",
        "digits --label-smoothing 0.1 --class-weights balanced --hidden 0",
        "spirals --delimiter , --encoding utf-8 --missing unknown,-999 --bins 0",
    ] {
        let line = format!("train {flags} --max-steps 3 --out m --force");
        wgrad(dir, &with_cpu(&words(&line))).ok();
        let text = std::fs::read_to_string(dir.join("m/config.toml")).unwrap();
        assert_eq!(
            faults(&schema, &as_json(&text), ""),
            Vec::<String>::new(),
            "{flags}"
        );
    }
    for (wrong, part) in [
        ("[run]\nepoch = 3", "epoch is unknown"),
        ("[runs]", "runs is unknown"),
        ("[run]\nepochs = -1", "run.epochs: -1"),
        ("[run]\nepochs = 1.5", "run.epochs: 1.5"),
        ("[network]\nactivation = \"rel\"", "network.activation"),
        ("[network]\nhidden = [\"8\"]", "network.hidden"),
        ("[data]\nheader = 1", "data.header"),
    ] {
        let found = faults(&schema, &as_json(wrong), "").join("; ");
        assert!(found.contains(part), "{wrong}: {found}");
        write(dir, "wrong.toml", wrong);
        wgrad(dir, &words("train iris --config wrong.toml")).fails(3, &["wrong.toml:"]);
    }
}

#[test]
fn a_file_is_written_once_unless_forced() {
    let dir = folder();
    let dir = dir.path();
    let run = wgrad(dir, &with_cpu(&words("init iris --out -"))).ok();
    assert!(run.out.contains("\nsource = \"iris\"\n"), "{}", run.out);
    assert!(!dir.join("config.toml").exists());
    write(dir, "mine.toml", "precious");
    let init = with_cpu(&["init", "iris", "--out", "mine.toml"]);
    let why = ["--out mine.toml: the file exists", "--force"];
    wgrad(dir, &init).fails(3, &why);
    assert_eq!(bytes(dir, "mine.toml"), b"precious");
    wgrad(dir, &[&init[..], &["--force"]].concat()).ok();
    assert_ne!(bytes(dir, "mine.toml"), b"precious");
    wgrad(dir, &["init"]).fails(2, &["DATA"]);
    wgrad(dir, &["init", "nowhere.csv"]).fails(3, &["nowhere.csv: no such file"]);
}

#[test]
fn shells_get_completions_and_manuals_are_written() {
    let dir = folder();
    let dir = dir.path();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = wgrad(dir, &["completions", shell]).ok().out;
        for word in ["train", "ensemble", "predict"] {
            assert!(script.contains(word), "{shell}: no {word}");
        }
    }
    wgrad(dir, &["completions", "csh"]).fails(2, &["bash"]);
    assert!(wgrad(dir, &["man"]).ok().out.contains(".TH wgrad 1"));
    wgrad(dir, &["man", "pages/man1"]).ok();
    for page in ["wgrad", "wgrad-train", "wgrad-predict", "wgrad-init"] {
        let text = std::fs::read_to_string(dir.join(format!("pages/man1/{page}.1"))).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
}

#[test]
fn help_has_groups_and_examples() {
    let dir = folder();
    let help = wgrad(dir.path(), &["train", "--help"]).ok().out;
    let places = [
        "Options:",
        "--target",
        "Reading the data:",
        "--decimal",
        "Training:",
    ];
    let places = places.map(|part| {
        help.find(part)
            .unwrap_or_else(|| panic!("no {part}: {help}"))
    });
    assert!(places.is_sorted(), "{help}");
    assert!(help.contains("Examples:\n"), "{help}");
}
