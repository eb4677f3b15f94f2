//! Names that others gave: no terminal obeys them, no spreadsheet runs them, and predictions are read again.

use crate::rig::{Run, folder, wgrad, with_cpu, write};
use wgrad::text::is_hidden;

const COLUMN: &str = "\u{1b}[31mwidth\u{9b}2J";
const OTHER: &str = "=cmd|' /C calc'!A0\u{202e}";
const TARGET: &str = "@kind\u{7}\u{200b}";
const CLASSES: [&str; 2] = ["=1+1\u{1b}]0;owned\u{7}", "-no\n\u{85}wgrad: saved"];

/// Asserts that a run wrote nothing that a terminal obeys.
#[track_caller]
fn harmless(run: Run) -> Run {
    for text in [&run.out, &run.err] {
        let hidden = |c: char| is_hidden(c) && c != '\n' && c != '\t';
        assert!(!text.contains(hidden), "{text:?}");
    }
    run
}

fn table() -> String {
    let quoted = |text: &str| format!("\"{text}\"");
    let mut text = [COLUMN, OTHER, TARGET].map(quoted).join(",") + "\n";
    for i in 0..60 {
        let class = CLASSES[usize::from(i % 3 == 0)];
        text += &format!("{},{},{}\n", i % 3, i * 7 % 60, quoted(class));
    }
    text
}

#[test]
fn no_command_prints_what_a_terminal_obeys() {
    let dir = folder();
    let data = "evil\u{1b}[2J\u{202e}.csv";
    write(dir.path(), data, table());
    write(dir.path(), "short.csv", format!("\"{COLUMN}\",y\n1,2\n"));
    let of = |args: &[&str]| harmless(wgrad(dir.path(), &with_cpu(args)));
    let out = "model\u{1b}[1m";
    of(&["train", data, "--epochs", "2", "--out", out]).ok();
    of(&["train", data, "--epochs", "2", "--json"]).ok();
    for command in ["eval", "predict"] {
        of(&[command, out, data]).ok();
        of(&[command, out, data, "--json"]).ok();
        of(&[command, out, "short.csv"]).fails(3, &["\\u{1b}[31mwidth"]);
    }
    of(&["predict", out, data, "--probabilities"]).ok();
    for format in ["--json", "--c", "--rust"] {
        harmless(wgrad(dir.path(), &["export", out, format, "-"])).ok();
        harmless(wgrad(dir.path(), &["export", out, format, "\u{1b}c"])).ok();
    }
    of(&["sweep", data, "--epochs", "1", "--seeds", "2"]).ok();
    of(&["sweep", data, "--epochs", "1", "--seeds", "2", "--json"]).ok();
    of(&["train", "no\u{1b}[5m.csv"]).fails(3, &["no\\u{1b}[5m.csv"]);
    of(&["train", data, "--target", "\u{1b}c"]).fails(3, &["no such column"]);
    of(&["train", data, "--task", "\u{1b}c"]).fails(2, &["\\u{1b}c"]);
    of(&["train", data, "--\u{1b}c"]).fails(2, &["\\u{1b}c"]);
    of(&["train", data, "--device", "\u{1b}c"]);
    write(dir.path(), "c\u{7}.toml", "[run]\ndevice = \u{1b}[31m\n");
    of(&["train", data, "--config", "c\u{7}.toml"]).fails(3, &["c\\u{7}.toml:2"]);
    write(dir.path(), "m\u{7f}.safetensors", "no model");
    of(&["predict", "m\u{7f}.safetensors", data]).fails(3, &["m\\u{7f}.safetensors"]);
}

#[test]
fn predictions_run_in_no_spreadsheet_and_are_read_again() {
    let dir = folder();
    write(dir.path(), "t.csv", table());
    let of = |args: &[&str]| wgrad(dir.path(), &with_cpu(args));
    of(&[
        "train", "t.csv", "--epochs", "40", "--lr", "0.05", "--out", "m",
    ])
    .ok();
    let predicted = of(&["predict", "m", "t.csv"]).ok().out;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(predicted.as_bytes());
    let cells: Vec<String> = reader
        .records()
        .map(|record| record.unwrap()[0].to_owned())
        .collect();
    assert!(cells[0].starts_with("'@kind"), "{:?}", cells[0]);
    assert!(
        cells
            .iter()
            .all(|cell| !cell.starts_with(['=', '+', '-', '@']))
    );
    // The output with its inputs is data for the model.
    let rows = (0..60).map(|i| format!("{},{i},\"{}\"\n", i % 3, cells[i + 1]));
    let head = format!("\"{COLUMN}\",\"{OTHER}\",\"{}\"\n", cells[0]);
    write(dir.path(), "again.csv", head + &rows.collect::<String>());
    let again = of(&["eval", "m", "again.csv", "--json"]).ok();
    assert!(again.out.contains("\"accuracy\":1.0"), "{}", again.out);
}
