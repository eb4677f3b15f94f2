//! Tests of `wgrad export`: C and Rust are compiled, and predict as `wgrad predict` does; what is refused, and where files
//! go. `tests/export.py` runs the ONNX files.

mod compiled;
mod kinds;

use crate::rig::{Run, folder, line_table, wgrad, with_cpu, write};
use compiled::Cell;
use serde_json::Value;
use std::path::Path;

const PENGUINS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/penguins.csv");

fn train(dir: &Path, data: &str, flags: &str) {
    let mut args = vec!["train", data, "--quiet", "--out", "m"];
    args.extend(flags.split_whitespace());
    wgrad(dir, &with_cpu(&args)).ok();
}

fn export(dir: &Path, flags: &str) -> Run {
    let args: Vec<&str> = ["export", "m"]
        .into_iter()
        .chain(flags.split_whitespace())
        .collect();
    wgrad(dir, &args)
}

/// The cells of a table by the names of columns. Times come from a column `seconds`.
fn cells(data: &str, about: &Value) -> Vec<Vec<Cell>> {
    let mut reader = csv::Reader::from_reader(data.as_bytes());
    let head = reader.headers().unwrap().clone();
    let schema = &about["schema"];
    let columns: Vec<&str> = schema["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c.as_str().unwrap())
        .collect();
    let kind = |c: usize| {
        schema["encoder"]["columns"][c]["kind"]
            .as_str()
            .unwrap_or("number")
    };
    let cell = |record: &csv::StringRecord, c: usize| {
        let name = if kind(c) == "time" {
            "seconds"
        } else {
            columns[c]
        };
        let text = &record[head.iter().position(|h| h == name).unwrap()];
        match kind(c) {
            "flag" | "category" => Cell::Text(text.to_owned()),
            _ => Cell::Number(text.parse().unwrap_or(f64::NAN)),
        }
    };
    let rows = reader.records().map(|record| {
        let record = record.unwrap();
        (0..columns.len()).map(|c| cell(&record, c)).collect()
    });
    rows.collect()
}

/// Asserts that C and Rust predict each row of the table `t.csv` as `wgrad predict` does.
#[track_caller]
fn predicts_the_same(dir: &Path, flags: &str) {
    export(
        dir,
        &format!("{flags} --c model.h --rust model.rs --json about.json --quiet"),
    )
    .ok();
    let about: Value =
        serde_json::from_slice(&std::fs::read(dir.join("about.json")).unwrap()).unwrap();
    let classes = about["schema"]["classes"].as_array().unwrap();
    let rows = cells(&std::fs::read_to_string(dir.join("t.csv")).unwrap(), &about);
    let mut args = vec!["predict", "m", "t.csv", "--quiet"];
    args.extend((!classes.is_empty()).then_some("--probabilities"));
    let predicted = wgrad(dir, &with_cpu(&args)).ok().out;
    let mut reader = csv::Reader::from_reader(predicted.as_bytes());
    let expected: Vec<Vec<f64>> = reader
        .records()
        .map(|record| {
            let cells = record.unwrap();
            let class = |cell: &str| classes.iter().position(|class| class == cell);
            cells
                .iter()
                .map(|cell| class(cell).map_or_else(|| cell.parse().unwrap(), |c| c as f64))
                .collect()
        })
        .collect();
    let scale = |o: usize| match classes.is_empty() {
        true => about["target_scale"]["factor"][o].as_f64().unwrap(),
        false => 1.0,
    };
    let mut all = vec![("Rust", compiled::rust(dir, &about, &rows))];
    all.extend(compiled::has_cc().then(|| ("C", compiled::c(dir, &about, &rows))));
    for (language, found) in all {
        let mut largest = 0f64;
        assert_eq!(found.len(), expected.len());
        for ((found, expected), row) in found.iter().zip(&expected).zip(&rows) {
            for (o, (a, b)) in found.iter().zip(expected).enumerate() {
                let difference = (a - b).abs() * scale(o);
                largest = largest.max(difference);
                assert!(
                    difference < 1e-5,
                    "{language}: {found:?}, expected {expected:?}, for {row:?}"
                );
            }
        }
        println!(
            "{language}: {} rows, largest difference {largest:.1e}",
            rows.len()
        );
    }
}

/// A table with every kind of column, gaps, names that are no identifiers, and texts that no literal holds as they are.
fn awkward(rows: i64) -> String {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let head = [
        "int",
        "a b",
        "A-B",
        "model_year",
        "größe",
        "Flag?",
        "when\nit was",
        "seconds",
        "label",
        "y 1",
        "y/2",
        "kind",
    ];
    csv.write_record(head).unwrap();
    for i in 0..rows {
        let (a, b) = ((i * 37 % 101) as f64 / 10.0, (i * 53 % 97) as f64 / 10.0);
        // Some 300 years around 1970, with leap days.
        let seconds = (i - rows / 2) * 86_400 * 217 + i * 3_660;
        let time = jiff::Timestamp::from_second(seconds)
            .unwrap()
            .to_zoned(jiff::tz::TimeZone::UTC);
        let level = ["low", "hi\"gh??/\\", "größer*/", "NA"][(i * 7 % 4) as usize];
        let y = 3.0 * a - b + (i * 7 % 4) as f64;
        let gap = |cell: String, every: i64| if i % every == 3 { String::new() } else { cell };
        let cells = [
            if i % 13 == 5 {
                "-999".to_owned()
            } else {
                a.to_string()
            },
            gap(b.to_string(), 11),
            (1_700_000_000 + i % 60).to_string(),
            (1990 + i % 30).to_string(),
            gap(level.to_owned(), 12),
            gap(["no", "yes"][(i % 3 == 0) as usize].to_owned(), 9),
            gap(time.strftime("%Y-%m-%d %H:%M").to_string(), 14),
            gap((seconds - seconds.rem_euclid(60)).to_string(), 14),
            (i % 5).to_string(),
            (1e6 + y).to_string(),
            (0.01 * y * a).to_string(),
            if y > 12.0 { "m\"any\\" } else { "few??)" }.to_owned(),
        ];
        csv.write_record(cells).unwrap();
    }
    String::from_utf8(csv.into_inner().unwrap()).unwrap()
}

#[test]
fn c_and_rust_predict_penguins_with_text_gaps_and_bins() {
    let dir = folder();
    std::fs::copy(PENGUINS, dir.path().join("t.csv")).unwrap();
    train(dir.path(), "t.csv", "--epochs 20 --ensemble 2");
    predicts_the_same(dir.path(), "");
}

#[test]
fn c_and_rust_predict_digits_from_an_array() {
    let dir = folder();
    train(
        dir.path(),
        "digits",
        "--epochs 5 --hidden 16 --activation leaky_relu",
    );
    let kept = wgrad(
        dir.path(),
        &with_cpu(&["predict", "m", "digits", "--keep", "all"]),
    )
    .ok()
    .out;
    let rows: Vec<&str> = kept.lines().take(200).collect();
    write(dir.path(), "t.csv", rows.join("\n"));
    predicts_the_same(dir.path(), "--matrix");
}

#[test]
fn c_and_rust_predict_values_from_columns_of_every_kind() {
    let dir = folder();
    write(dir.path(), "t.csv", awkward(500));
    write(dir.path(), "s.toml", "[data]\ntarget = ['y 1', 'y/2']\n");
    let flags = "--config s.toml --drop seconds,kind --missing -999 --epochs 5 --bins 6 --hidden 16,8 --activation tanh";
    train(dir.path(), "t.csv", flags);
    predicts_the_same(dir.path(), "");
}

#[test]
fn c_and_rust_predict_classes_from_the_sigmoids_of_an_ensemble_and_for_new_levels() {
    let dir = folder();
    write(dir.path(), "t.csv", awkward(400));
    let flags = "--target kind --drop seconds --loss half-sse --epochs 5 --hidden 8 --max-levels 3 --bins 0 --ensemble 2";
    train(dir.path(), "t.csv", flags);
    let new = awkward(60)
        .replace("low", "never seen")
        .replace("yes", "perhaps");
    write(dir.path(), "t.csv", new);
    predicts_the_same(dir.path(), "");
}

#[test]
fn c_and_rust_predict_values_with_a_linear_network() {
    let dir = folder();
    write(dir.path(), "t.csv", line_table(",", "\n"));
    train(dir.path(), "t.csv", "--drop id --hidden 0 --epochs 20");
    predicts_the_same(dir.path(), "");
}

#[test]
fn all_formats_are_written_in_one_call_and_again_with_the_same_bytes() {
    let dir = folder();
    train(dir.path(), "iris", "--epochs 2 --hidden 4");
    let flags = "--onnx m.onnx --c m.h --rust m.rs --json m.json --npz m.npz";
    let first = export(dir.path(), flags).ok();
    assert_eq!(first.out, "");
    assert_eq!(
        first
            .err
            .lines()
            .filter(|line| line.starts_with("saved "))
            .count(),
        5
    );
    let files = || {
        ["m.onnx", "m.h", "m.rs", "m.json", "m.npz"]
            .map(|f| std::fs::read(dir.path().join(f)).unwrap())
    };
    let written = files();
    assert_eq!(export(dir.path(), &format!("{flags} --quiet")).ok().err, "");
    assert!(written == files());
    let about: Value = serde_json::from_slice(&written[3]).unwrap();
    let layers = about["networks"][0]["layers"].as_array().unwrap();
    assert_eq!(layers.len(), 2);
    assert_eq!(layers[0]["weight"].as_array().unwrap().len(), 4);
    assert_eq!(layers[1]["bias"].as_array().unwrap().len(), 3);
    assert_eq!(about["schema"]["classes"][0], "setosa");
    let mut arrays = zip::ZipArchive::new(std::io::Cursor::new(&written[4])).unwrap();
    let mut array = Vec::new();
    std::io::copy(
        &mut arrays.by_name("layers.0.weight.npy").unwrap(),
        &mut array,
    )
    .unwrap();
    let head = String::from_utf8_lossy(&array[..128]);
    assert!(
        head.contains("'descr': '<f4'") && head.contains("'shape': (4,4,)"),
        "{head}"
    );
    let weight = f32::from_le_bytes(array[128..132].try_into().unwrap());
    assert_eq!(layers[0]["weight"][0][0].as_f64().unwrap() as f32, weight);
}

#[test]
fn a_dash_is_stdout() {
    let dir = folder();
    train(dir.path(), "iris", "--epochs 1 --hidden 4");
    let run = export(dir.path(), "--json -").ok();
    assert_eq!(run.err, "");
    assert_eq!(
        serde_json::from_str::<Value>(&run.out).unwrap()["loss"],
        "cross-entropy"
    );
    let run = export(dir.path(), "--c -").ok();
    assert!(
        run.out.contains("static inline int model_predict("),
        "{}",
        run.out
    );
    export(dir.path(), "--c - --rust -")
        .fails(3, &["--c and --rust both write to -", "a file for each"]);
}

#[test]
fn what_cannot_be_exported_is_refused_with_a_cure_and_nothing_is_written() {
    let dir = folder();
    std::fs::copy(PENGUINS, dir.path().join("t.csv")).unwrap();
    train(dir.path(), "t.csv", "--epochs 1 --hidden 4");
    let run = export(dir.path(), "");
    run.fails(
        2,
        &[
            "--onnx <FILE>",
            "--c <FILE>",
            "--rust <FILE>",
            "--json <FILE>",
            "--npz <FILE>",
        ],
    );
    for (flags, code, parts) in [
        (
            "--json m.json --onnx m.onnx --matrix",
            3,
            &["--onnx: the column island holds text", "leave --matrix out"][..],
        ),
        ("--json m.json --matrix", 3, &["--matrix has no effect"]),
        (
            "--json m.json --npz m.json",
            3,
            &["--json and --npz both write to m.json"],
        ),
        ("--json m/model.safetensors", 3, &["the model itself"]),
        (
            "--json nowhere/m.json",
            3,
            &["--json nowhere/m.json", "existing, writable folder"],
        ),
        ("--json m", 3, &["--json m:"]),
    ] {
        export(dir.path(), flags).fails(code, parts);
        assert!(!dir.path().join("m.json").exists(), "{flags}");
    }
    wgrad(dir.path(), &["export", "t.csv", "--json", "-"])
        .fails(3, &["t.csv", "expected a model.safetensors"]);
    train(
        dir.path(),
        "t.csv",
        "--force --max-steps 1 --hidden 1000,1000",
    );
    for flag in ["--c", "--rust"] {
        export(dir.path(), &format!("{flag} m.txt")).fails(
            3,
            &[
                flag,
                "expected at most 1000000 in source code",
                "export ONNX",
            ],
        );
    }
}
