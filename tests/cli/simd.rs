//! `WGRAD_SIMD`: the same models by all vector instructions that this CPU has.

use crate::rig::{Run, folder, read};
use std::path::Path;
use std::process::Command;
use wgrad::math::width::Width;

/// Runs `line` with `WGRAD_SIMD`, by one thread where the system can do that.
fn with_simd(dir: &Path, simd: &str, alone: bool, line: &str) -> Run {
    let binary = env!("CARGO_BIN_EXE_wgrad");
    let mut command = match alone && cfg!(target_os = "linux") {
        true => {
            let mut command = Command::new("taskset");
            command.args(["-c", "0", binary]);
            command
        }
        false => Command::new(binary),
    };
    let command = command.args(line.split(' ')).current_dir(dir);
    read(command.env("WGRAD_SIMD", simd).output().expect("it runs"))
}

#[test]
fn all_widths_train_the_same_models() {
    let dir = folder();
    for line in [
        "train digits --hidden 40,19 --optimizer sgd --lr 0.1 --batch-size 50 --epochs 2",
        "train digits --hidden 33 --optimizer adam --batch-size 300 --epochs 2",
        "train spirals --hidden 10 --activation tanh --epochs 3",
        "sweep iris --hidden 7 --seeds 20 --folds 2 --epochs 5",
    ] {
        let mut models = Vec::new();
        for width in Width::available() {
            for alone in [false, true] {
                let line = format!("{line} --device cpu --out m --force");
                with_simd(dir.path(), width.name(), alone, &line).ok();
                let model = std::fs::read(dir.path().join("m/model.safetensors"));
                models.push(model.expect("a model"));
            }
        }
        assert!(models.iter().all(|model| *model == models[0]), "{line}");
    }
}

#[test]
fn instructions_that_this_cpu_does_not_have_are_refused() {
    let dir = folder();
    for simd in ["", "sse", "avx2,plain"] {
        let line = "train iris --device cpu --epochs 1";
        with_simd(dir.path(), simd, false, line)
            .fails(3, &["WGRAD_SIMD: ", "plain", &format!("found {simd:?}")]);
    }
}
