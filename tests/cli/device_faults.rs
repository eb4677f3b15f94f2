//! Tests of drivers that fail: whatever Vulkan call fails, a command ends with an error, and does not crash.
//!
//! `tests/data/failing_vulkan.rs` stands between the program and the Vulkan loader. Only where there is a loader at one
//! of its usual places, and an adapter.

use crate::rig::{Run, folder, read, wgrad, with_cpu, write};
use std::path::{Path, PathBuf};
use std::process::Command;

const LOADERS: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu/libvulkan.so.1",
    "/usr/lib/aarch64-linux-gnu/libvulkan.so.1",
    "/usr/lib64/libvulkan.so.1",
    "/usr/lib/libvulkan.so.1",
];
const OUT_OF_HOST_MEMORY: &str = "-1";
const DEVICE_LOST: &str = "-4";
/// Calls that fail, per command and kind of failure. WGRAD_VULKAN_FAULTS sets another number.
const FAULTS: usize = 4;

/// The program with a driver that fails.
struct Failing {
    dir: tempfile::TempDir,
    real: PathBuf,
}

impl Failing {
    /// Compiles the loader. Returns none without a real one.
    fn new() -> Option<Failing> {
        let real = LOADERS
            .iter()
            .map(PathBuf::from)
            .find(|path| path.exists())?;
        let dir = folder();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/failing_vulkan.rs");
        let compiler = std::env::var("RUSTC").unwrap_or("rustc".to_owned());
        let compiled = Command::new(compiler)
            .args(["--edition", "2024", "-O", "--crate-type", "cdylib", "-o"])
            .arg(dir.path().join("libvulkan.so.1"))
            .arg(source)
            .output()
            .expect("rustc runs");
        assert!(compiled.status.success(), "{compiled:?}");
        Some(Failing { dir, real })
    }

    /// Runs a command whose Vulkan call number `at` fails. Number 0 fails none and counts the calls.
    fn run(&self, args: &[&str], at: usize, with: &str) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_wgrad"))
            .args(args)
            .current_dir(self.dir.path())
            .env("WGRAD_CACHE_DIR", self.dir.path().join("cache"))
            .env("LD_LIBRARY_PATH", self.dir.path())
            .env("REAL_VULKAN", &self.real)
            .env("FAIL_AT", at.to_string())
            .env("FAIL_WITH", with)
            .env("FAIL_COUNT", self.dir.path().join("count"))
            .output()
            .expect("the binary runs");
        assert!(
            output.status.code().is_some(),
            "{args:?} {at} {with}: {output:?}"
        );
        read(output)
    }

    /// Returns the number of Vulkan calls of a command, if it finds an adapter.
    fn calls(&self, args: &[&str]) -> Option<usize> {
        let count = self.dir.path().join("count");
        let _ = std::fs::remove_file(&count); // not there before the first command
        let run = self.run(args, 0, "0");
        if run.code == 4 {
            return None;
        }
        let text = std::fs::read_to_string(&count).expect("a number");
        Some(run.ok()).and(text.parse().ok())
    }

    /// Makes calls of a command fail, one in each run, and checks how it ends.
    fn attack(&self, args: &[&str]) {
        let Some(calls) = self.calls(args) else {
            eprintln!("no adapter: {args:?} is not attacked");
            return;
        };
        let faults = std::env::var("WGRAD_VULKAN_FAULTS");
        let faults = faults.map_or(FAULTS, |n| n.parse().expect("a number"));
        for with in [OUT_OF_HOST_MEMORY, DEVICE_LOST] {
            for fault in 0..faults {
                // The first calls, which open the device, and some of the others.
                let at = match fault % 2 {
                    0 => 1 + fault * 20 / faults,
                    _ => 1 + fault * calls / faults,
                };
                let run = self.run(args, at, with);
                let end = format!(
                    "{args:?}, call {at} of {calls} {with}: {}: {}",
                    run.code, run.err
                );
                assert!([0, 1, 4].contains(&run.code), "{end}");
                assert!(!run.err.contains("panicked"), "{end}");
                assert!(run.code == 0 || run.err.contains("wgrad: "), "{end}");
            }
        }
    }
}

#[test]
fn a_command_survives_each_fault_of_its_driver() {
    let Some(failing) = Failing::new() else {
        eprintln!("no Vulkan loader: nothing is attacked");
        return;
    };
    let dir = failing.dir.path();
    write(
        dir,
        "t.csv",
        "a,b,y\n1,2,0\n2,3,1\n3,4,0\n4,5,1\n5,6,0\n6,7,1\n",
    );
    wgrad(
        dir,
        &with_cpu(&["train", "t.csv", "--epochs", "2", "--out", "m"]),
    )
    .ok();
    let commands: [&[&str]; 6] = [
        &[
            "train", "iris", "--epochs", "3", "--out", "r", "--force", "--device", "gpu",
        ],
        &["predict", "m", "t.csv", "--device", "gpu"],
        &[
            "sweep", "iris", "--hidden", "8", "--seeds", "2", "--epochs", "3", "--device", "gpu",
        ],
        &[
            "bench", "--layers", "4-8-3", "--batch", "8", "--device", "gpu",
        ],
        &["verify", "--only", "sgd", "--device", "gpu"],
        &["tutorial", "--device", "gpu"],
    ];
    for args in commands {
        failing.attack(args);
    }
}

#[test]
fn a_device_that_is_lost_in_a_bench_is_opened_again_for_the_rest() {
    let Some(failing) = Failing::new() else {
        return;
    };
    let bench = [
        "bench", "--layers", "4-8-3", "--batch", "4,8", "--device", "gpu", "--json",
    ];
    let Some(calls) = failing.calls(&bench) else {
        eprintln!("no adapter: nothing is lost");
        return;
    };
    // Behind the measurement of the peak.
    let run = failing.run(&bench, calls * 2 / 3, DEVICE_LOST);
    let run = run.fails(1, &["run again, on another device"]);
    let told: serde_json::Value = serde_json::from_str(&run.out).expect("one JSON object");
    let [rows, skipped] = ["rows", "skipped"].map(|key| told[key].as_array().expect("a list"));
    assert!(!rows.is_empty() && skipped.len() == 1, "{told}");
    let why = skipped[0]["why"].as_str().expect("a reason");
    assert!(why.contains("run again, on another device"), "{told}");
}

/// `WGRAD_VULKAN_FAULTS` sets the number of faults.
#[test]
fn a_training_run_whose_device_is_lost_has_the_bytes_of_an_undisturbed_one() {
    let Some(failing) = Failing::new() else {
        return;
    };
    let train = "train digits --device gpu --max-steps 400 --checkpoint 0.000001s --quiet --force";
    let train: Vec<&str> = train.split(' ').chain(["--out", "r"]).collect();
    let Some(calls) = failing.calls(&train) else {
        return eprintln!("no adapter: nothing is lost");
    };
    let model = || std::fs::read(failing.dir.path().join("r/model.safetensors")).expect("a model");
    let whole = model();
    let faults = std::env::var("WGRAD_VULKAN_FAULTS");
    let faults = faults.map_or(FAULTS, |n| n.parse().expect("a number"));
    let (mut opened, mut ends) = (0, Vec::new());
    for fault in 0..faults {
        let with = [OUT_OF_HOST_MEMORY, DEVICE_LOST][fault % 2];
        // Behind the calls that open the device for the first time.
        let at = calls / 4 + fault * (calls - calls / 4) / faults;
        std::fs::remove_dir_all(failing.dir.path().join("r")).expect("a run");
        let run = failing.run(&train, at, with);
        let end = format!("call {at} of {calls} {with}: {}: {}", run.code, run.err);
        assert!(!run.err.contains("panicked"), "{end}");
        opened += usize::from(run.code == 0 && run.err.contains("is opened again"));
        if run.code != 0 {
            let resume = ["train", "--resume", "r", "--quiet"];
            let resumed = failing.run(&resume, 0, "0");
            // The device may have failed after the model was saved, when its test rows were scored.
            let had_ended = resumed.err.contains("the run has ended");
            assert!(resumed.code == 0 || had_ended, "{end}\n{}", resumed.err);
        }
        assert!(model() == whole, "{end}");
        ends.push(end);
    }
    assert!(opened > 0, "no device was opened again: {ends:#?}");
}

#[test]
fn no_curve_of_a_lost_device_is_kept() {
    let Some(failing) = Failing::new() else {
        return;
    };
    let calibrate = ["bench", "--calibrate", "--device", "gpu"];
    let run = failing.run(&calibrate, 1500, DEVICE_LOST);
    if run.code == 4 {
        eprintln!("no adapter: nothing is lost");
        return;
    }
    run.fails(1, &["run again, on another device"]);
    let kept = std::fs::read_to_string(failing.dir.path().join("cache/calibration.json"));
    let kept: serde_json::Value = serde_json::from_str(&kept.expect("a file")).expect("JSON");
    assert_eq!(kept["curves"], serde_json::json!([]));
}

/// A refusal to start threads has the same effect everywhere as this size of their stacks.
#[test]
fn fewer_threads_give_the_same_model_and_a_note() {
    let dir = folder();
    let train = |out: &str, stack: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wgrad"));
        let args = [
            "train",
            "digits",
            "--hidden",
            "512",
            "--epochs",
            "1",
            "--batch-size",
            "512",
        ];
        command.args(with_cpu(&args)).args(["--out", out]);
        command.current_dir(dir.path());
        command.env("WGRAD_CACHE_DIR", dir.path().join("cache"));
        stack.map(|stack| command.env("RUST_MIN_STACK", stack));
        read(command.output().expect("the binary runs")).ok()
    };
    train("usual", None);
    let run = train("alone", Some("100000000000000"));
    let model = |out: &str| std::fs::read(dir.path().join(out).join("model.safetensors"));
    assert!(model("usual").expect("a model") == model("alone").expect("a model"));
    if std::thread::available_parallelism().is_ok_and(|threads| threads.get() > 1) {
        assert!(run.err.contains("the system gave 1 of "), "{}", run.err);
    }
}
