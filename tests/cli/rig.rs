//! Runs the binary and parses its output.

use std::path::Path;
use std::process::{Command, Output};

pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs `wgrad` in `dir`, with the calibration in `dir`, if there is one.
pub(crate) fn wgrad(dir: &Path, args: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_wgrad"))
        .args(args)
        .current_dir(dir)
        .env("WGRAD_CACHE_DIR", dir.join("cache"))
        .env("TMPDIR", env!("CARGO_TARGET_TMPDIR"))
        .output()
        .expect("the binary runs");
    read(output)
}

pub(crate) fn read(output: Output) -> Run {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Run {
        code: output.status.code().expect("ended by itself"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

impl Run {
    #[track_caller]
    pub(crate) fn ok(self) -> Run {
        assert_eq!(self.code, 0, "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    /// Asserts that the run ended with `code` and that its message contains all `parts`.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, parts: &[&str]) -> Run {
        let err = &self.err;
        assert_eq!(self.code, code, "{err}");
        for part in parts {
            assert!(err.contains(part), "no {part:?} in: {err}");
        }
        assert!(!err.contains("panicked"), "{err}");
        self
    }

    /// Returns the JSON lines of a type.
    pub(crate) fn json(&self, kind: &str) -> Vec<serde_json::Value> {
        let lines = self
            .out
            .lines()
            .map(|line| serde_json::from_str(line).expect("a JSON line"));
        lines
            .filter(|v: &serde_json::Value| v["type"] == kind)
            .collect()
    }
}

pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

pub(crate) fn write(dir: &Path, name: &str, text: impl AsRef<[u8]>) {
    std::fs::write(dir.join(name), text).expect("a file is written");
}

pub(crate) const CPU: [&str; 2] = ["--device", "cpu"];

pub(crate) fn with_cpu<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [args, &CPU].concat()
}

/// Returns a table with target 3 a - 2 b + 1, and columns of every awkward kind.
pub(crate) fn line_table(separator: &str, end: &str) -> String {
    let mut text = ["id", "a", "b", "same", "y"].join(separator) + end;
    for i in 0..120 {
        let (a, b) = ((i * 37 % 101) as f64 / 10.0, (i * 53 % 97) as f64 / 10.0);
        let y = 3.0 * a - 2.0 * b + 1.0;
        let cells = [
            i.to_string(),
            a.to_string(),
            b.to_string(),
            "7".to_owned(),
            y.to_string(),
        ];
        text += &(cells.join(separator) + end);
    }
    text
}
