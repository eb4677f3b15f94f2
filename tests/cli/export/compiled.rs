//! Compiles exported C and Rust together with rows of a table, and returns what they predict.

use crate::rig::write;
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// The cells of a row, in the order of the model's columns.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Number(f64),
    Text(String),
}

/// Whether there is a C compiler.
pub(super) fn has_cc() -> bool {
    Command::new("cc").arg("--version").output().is_ok()
}

/// Returns the answers of `model.h` for rows: the index of the class and the probabilities, or the values.
pub(super) fn c(dir: &Path, about: &Value, rows: &[Vec<Cell>]) -> Vec<Vec<f64>> {
    let literal = |cell: &Cell| match cell {
        Cell::Number(number) if number.is_nan() => "NAN".to_owned(),
        Cell::Number(number) => format!("{number:?}"),
        Cell::Text(text) => {
            let bytes = text.bytes().map(|byte| format!("\\{byte:03o}"));
            format!("\"{}\"", bytes.collect::<String>())
        }
    };
    let cells = |row: &Vec<Cell>| row.iter().map(literal).collect::<Vec<_>>().join(", ");
    let rows: Vec<String> = rows
        .iter()
        .map(|row| format!("{{{}}}", cells(row)))
        .collect();
    let header = std::fs::read_to_string(dir.join("model.h")).unwrap();
    let (of, row) = match header.contains("struct model_row {") {
        true => ("struct model_row rows[]".to_owned(), "&rows[r]"),
        false => (format!("double rows[][{}]", columns(about)), "rows[r]"),
    };
    let (first, count) = match is_of_classes(about) {
        true => (
            r#"printf("%d ", model_predict(ROW, out));"#,
            "MODEL_CLASSES",
        ),
        false => ("model_predict(ROW, out);", "MODEL_TARGETS"),
    };
    let first = first.replace("ROW", row);
    let main = format!(
        "#include <stdio.h>\n#include \"model.h\"\nstatic const {of} = {{\n{}\n}};\n\
         int main(void) {{\n  double out[{count}];\n  unsigned r, o;\n\
         for (r = 0; r < sizeof rows / sizeof *rows; r++) {{\n    {first}\n\
         for (o = 0; o < {count}; o++) printf(\"%.17g \", out[o]);\n    puts(\"\");\n  }}\n  return 0;\n}}\n",
        rows.join(",\n")
    );
    write(dir, "main.c", main);
    let warnings = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"];
    let files = ["-O1", "main.c", "-o", "by_c", "-lm"];
    run(Command::new("cc")
        .args(warnings)
        .args(files)
        .current_dir(dir));
    answers(run(Command::new(dir.join("by_c")).current_dir(dir)))
}

/// Returns the answers of `model.rs` for rows, as [`c`].
pub(super) fn rust(dir: &Path, about: &Value, rows: &[Vec<Cell>]) -> Vec<Vec<f64>> {
    let module = std::fs::read_to_string(dir.join("model.rs")).unwrap();
    let fields = module
        .lines()
        .filter_map(|line| line.strip_prefix("    pub "));
    let fields: Vec<&str> = fields
        .filter_map(|line| Some(line.split_once(':')?.0))
        .collect();
    let literal = |cell: &Cell| match cell {
        Cell::Number(number) if number.is_nan() => "f64::NAN".to_owned(),
        Cell::Number(number) => format!("{number:?}"),
        Cell::Text(text) => format!("{text:?}"),
    };
    let of = match fields.is_empty() {
        true => format!("[f64; {}]", columns(about)),
        false => "model::Row".to_owned(),
    };
    let mut list = String::new();
    for row in rows {
        let cells = row.iter().map(literal);
        let _ = match fields.is_empty() {
            true => writeln!(list, "[{}],", cells.collect::<Vec<_>>().join(", ")),
            false => {
                let cells = fields
                    .iter()
                    .zip(cells)
                    .map(|(field, cell)| format!("{field}: {cell}"));
                writeln!(
                    list,
                    "model::Row {{ {} }},",
                    cells.collect::<Vec<_>>().join(", ")
                )
            }
        };
    }
    let (print, count) = match is_of_classes(about) {
        true => (
            "let (class, out) = model::predict(row); print!(\"{class} \");",
            "CLASSES",
        ),
        false => ("let out = model::predict(row);", "TARGETS"),
    };
    let main = format!(
        "#![deny(warnings)]\nmod model;\nstatic ROWS: [{of}; {}] = [\n{list}];\n\
         fn main() {{\n  for row in &ROWS {{\n    {print}\n    assert_eq!(out.len(), model::{count}.len());\n\
         out.iter().for_each(|value| print!(\"{{value}} \"));\n    println!();\n  }}\n}}\n",
        rows.len()
    );
    write(dir, "main.rs", main);
    let flags = [
        "--edition",
        "2021",
        "-C",
        "opt-level=1",
        "main.rs",
        "-o",
        "by_rust",
    ];
    run(Command::new("rustc").args(flags).current_dir(dir));
    answers(run(Command::new(dir.join("by_rust")).current_dir(dir)))
}

fn is_of_classes(about: &Value) -> bool {
    about["schema"]["classes"]
        .as_array()
        .is_some_and(|classes| !classes.is_empty())
}

fn columns(about: &Value) -> usize {
    about["schema"]["columns"].as_array().map_or(0, Vec::len)
}

#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && err.is_empty(),
        "{command:?}: {err}"
    );
    String::from_utf8(output.stdout).expect("numbers")
}

fn answers(out: String) -> Vec<Vec<f64>> {
    let numbers = |line: &str| {
        line.split_whitespace()
            .map(|n| n.parse().unwrap())
            .collect()
    };
    out.lines().map(numbers).collect()
}
