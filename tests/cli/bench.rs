//! Tests of `wgrad bench`, its calibration, and the choice of a device by it.

use crate::rig::{folder, read, wgrad, with_cpu, write};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use wgrad::math::width::Width;

fn object(text: &str) -> Value {
    serde_json::from_str(text).expect("one JSON object")
}

/// Returns the first adapter of `wgrad devices`, if any. Most tests here need one.
fn adapter(dir: &Path) -> Option<Value> {
    let devices = object(&wgrad(dir, &["devices", "--json"]).ok().out);
    let first = devices["adapters"].get(0).cloned();
    if first.is_none() {
        eprintln!("no adapter: nothing to choose from");
    }
    first
}

/// Writes a calibration in which a step takes these microseconds on the CPU device and on `adapter`, at any size: of one
/// network, and of any number in lanes.
fn calibrate(dir: &Path, adapter: &Value, one: [f64; 2], in_lanes: [f64; 2]) {
    let threads = std::thread::available_parallelism().unwrap().get();
    let curve = |of: [&Value; 4], us: f64| {
        json!({
            "key": {"name": of[0], "backend": of[1], "driver": of[2], "driver_info": of[3],
                "wgrad": env!("CARGO_PKG_VERSION"), "threads": threads},
            "points": [{"multiply_adds": 1e12, "us_per_step": us}],
        })
    };
    let simd = Width::of_environment().expect("vector instructions");
    let (cpu, simd) = (json!("cpu"), json!(simd.name()));
    let of = ["name", "backend", "driver", "driver_info"].map(|key| &adapter[key]);
    let curves = |[cpu_us, adapter_us]: [f64; 2]| {
        let of_cpu = curve([&cpu, &cpu, &cpu, &simd], cpu_us);
        [of_cpu, curve(of, adapter_us)]
    };
    let populations = curves(in_lanes).map(|mut curve| {
        (curve["family"], curve["networks"]) = (json!("lane"), json!(1_000_000));
        curve
    });
    std::fs::create_dir_all(dir.join("cache")).unwrap();
    let text = json!({"curves": curves(one), "populations": populations}).to_string();
    write(dir, "cache/calibration.json", text);
}

#[test]
fn a_calibration_of_the_cpu_is_kept_and_shown() {
    let dir = folder();
    let run = wgrad(dir.path(), &["bench", "--calibrate", "--device", "cpu"]).ok();
    assert!(run.out.contains("calibration.json"), "{}", run.out);
    let kept = std::fs::read_to_string(dir.path().join("cache/calibration.json")).unwrap();
    let points = &object(&kept)["curves"][0]["points"];
    assert!(!points.as_array().unwrap().is_empty(), "{kept}");
    let devices = object(&wgrad(dir.path(), &["devices", "--json"]).ok().out);
    assert_eq!(devices["cpu"]["calibrated"], true);
    let populations = object(&kept)["populations"].as_array().unwrap().len();
    assert!(populations >= 2, "{kept}");
    assert!(run.out.contains("16384"), "a row of lanes: {}", run.out);
    let told = wgrad(dir.path(), &["devices"]).ok().out;
    assert!(told.contains(" of populations"), "{told}");
}

#[test]
fn auto_takes_the_device_that_was_measured_to_be_faster_and_the_configuration_names_it() {
    let dir = folder();
    let Some(adapter) = adapter(dir.path()) else {
        return;
    };
    let train = ["train", "iris", "--epochs", "2", "--json"];
    let on = |cpu_us: f64, adapter_us: f64, out: &str| {
        // A sweep would take the other one.
        calibrate(
            dir.path(),
            &adapter,
            [cpu_us, adapter_us],
            [adapter_us, cpu_us],
        );
        let args = [&train[..], &["--out", out]].concat();
        wgrad(dir.path(), &args).ok().json("run").remove(0)
    };
    let run = on(1.0, 9.0, "cpu");
    assert_eq!(run["config"]["run"]["device"], "cpu");
    let run = on(9.0, 1.0, "gpu");
    assert_eq!(run["device"], adapter["name"]);
    let reason = run["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("calibrated: 1.0 us per step, 9.0 us on"),
        "{reason}"
    );
    assert_eq!(run["config"]["run"]["device"], adapter["name"]);
    assert_eq!(run["config"]["run"]["backend"], adapter["backend"]);
    assert_eq!(run["config"]["run"]["sums"], "in-order", "a small batch");
    let variants = run["variants"].as_array().expect("a GPU has variants");
    assert!(variants.iter().any(|v| v["kernel"] == "weight_gradient"));
    assert!(variants.iter().all(|v| v["exact"] == true), "{variants:?}");
    // The automatic choice would differ now, but the saved configuration still repeats the run.
    calibrate(dir.path(), &adapter, [1.0, 9.0], [1.0, 9.0]);
    let again = ["train", "--config", "gpu/config.toml", "--out", "again"];
    wgrad(dir.path(), &again).ok();
    let read = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    for file in ["model.safetensors", "config.toml"] {
        assert!(read(&format!("gpu/{file}")) == read(&format!("again/{file}")));
    }
}

#[test]
fn a_sweep_takes_the_device_that_was_measured_to_be_faster_with_populations_and_says_so() {
    let dir = folder();
    let Some(adapter) = adapter(dir.path()) else {
        return;
    };
    let sweep = [
        "sweep", "iris", "--hidden", "4", "--seeds", "32", "--epochs", "2",
    ];
    for (in_lanes, out) in [([1.0, 9.0], "cpu"), ([9.0, 1.0], "gpu")] {
        // One network would be faster on the other device.
        calibrate(dir.path(), &adapter, [in_lanes[1], in_lanes[0]], in_lanes);
        let run = wgrad(dir.path(), &[&sweep[..], &["--out", out]].concat()).ok();
        let config = std::fs::read_to_string(dir.path().join(out).join("config.toml")).unwrap();
        let name = match out {
            "cpu" => "cpu",
            _ => adapter["name"].as_str().expect("a name"),
        };
        assert!(config.contains(&format!("device = {name:?}")), "{config}");
        let said = run.err.lines().find(|line| line.starts_with("device "));
        let said = said.expect("a line about the device");
        assert!(said.starts_with(&format!("device {name}")), "{said}");
        let why = " for 32 networks, ";
        assert!(
            said.contains(": calibrated: ") && said.contains(why),
            "{said}"
        );
    }
}

#[test]
fn a_calibration_that_cannot_be_read_is_a_warning_and_one_that_cannot_be_written_an_error() {
    let dir = folder();
    std::fs::create_dir(dir.path().join("cache")).unwrap();
    write(dir.path(), "cache/calibration.json", "{ not json");
    let run = wgrad(dir.path(), &["train", "iris", "--epochs", "1"]).ok();
    let warned = run.err.contains("warning") && run.err.contains("--calibrate");
    assert!(
        warned && run.err.contains("calibration.json"),
        "{}",
        run.err
    );
    std::fs::remove_dir_all(dir.path().join("cache")).unwrap();
    write(dir.path(), "cache", "a file, not a folder");
    wgrad(dir.path(), &with_cpu(&["bench", "--calibrate"]))
        .fails(1, &["calibration.json", "WGRAD_CACHE_DIR"]);
}

#[test]
fn a_measurement_is_a_table_an_object_and_a_chart() {
    let dir = folder();
    let bench = ["bench", "--layers", "4-8-3", "--batch", "1,64"];
    let run = wgrad(
        dir.path(),
        &with_cpu(&[&bench[..], &["--json", "--svg", "a.svg"]].concat()),
    )
    .ok();
    let all = object(&run.out);
    assert_eq!(all["rows"].as_array().unwrap().len(), 2);
    for key in ["adapter", "gflops", "of", "copy_gb_per_s"] {
        assert!(!all["ceilings"][0][key].is_null(), "{key}: {all}");
    }
    let best = all["ceilings"][0]["gflops"].as_f64().unwrap();
    for row in all["rows"].as_array().unwrap() {
        let (gflops, share) = (&row["gflops"], &row["share"]);
        let part = gflops.as_f64().unwrap() / best;
        assert!(
            (share.as_f64().unwrap() - part).abs() < 1e-9 && part <= 1.0,
            "{row}"
        );
    }
    let svg = std::fs::read_to_string(dir.path().join("a.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains(">4-8-3</text>"));
    let into = [&bench[..], &["--svg", "none/a.svg"]].concat();
    wgrad(dir.path(), &with_cpu(&into)).fails(3, &["none/a.svg", "folder"]);
}

#[test]
fn a_batch_has_no_more_rows_than_there_are_and_an_old_chart_stays_until_there_is_a_new_one() {
    let dir = folder();
    let bench = [
        "bench", "--layers", "2-2-2", "--rows", "1", "--svg", "a.svg",
    ];
    let none = with_cpu(&[&bench[..], &["--batch", "2"]].concat());
    let told = [
        "skipped",
        "batches of 2 of 1 row",
        "--rows",
        "nothing was measured",
    ];
    wgrad(dir.path(), &none).fails(3, &told);
    assert!(!dir.path().join("a.svg").exists(), "an empty chart");
    write(dir.path(), "a.svg", "an old chart");
    wgrad(dir.path(), &none).fails(3, &told);
    let chart = || std::fs::read_to_string(dir.path().join("a.svg")).unwrap();
    assert_eq!(chart(), "an old chart");
    let one = with_cpu(&[&bench[..], &["--batch", "1", "--json"]].concat());
    let row = &object(&wgrad(dir.path(), &one).ok().out)["rows"][0];
    assert!(row["us_per_step"].as_f64() > Some(0.0), "{row}");
    assert!(
        row["device_us_per_step"].is_null(),
        "the CPU device has no clock: {row}"
    );
    assert!(chart().starts_with("<svg"), "{}", chart());
}

#[test]
fn a_job_that_no_machine_holds_is_left_out_with_its_size() {
    let dir = folder();
    let huge = [
        "bench",
        "--layers",
        "4000000-4000000",
        "--batch",
        "4000000000",
    ];
    let told = ["skipped", "GB", "nothing was measured", "smaller --layers"];
    wgrad(dir.path(), &with_cpu(&huge)).fails(3, &told);
}

#[test]
fn several_networks_are_measured_in_their_order() {
    let dir = folder();
    let args = ["bench", "--layers", "4-3,2-2-2", "--batch", "1", "--json"];
    let run = wgrad(dir.path(), &with_cpu(&args)).ok();
    let all = object(&run.out);
    let rows = all["rows"].as_array().unwrap();
    let layers: Vec<&str> = rows.iter().flat_map(|row| row["layers"].as_str()).collect();
    assert_eq!(layers, ["4-3", "2-2-2"]);
}

#[test]
fn a_mistyped_switch_is_refused_by_every_command() {
    let dir = folder();
    for args in [&["devices"][..], &["bench", "--device", "cpu"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_wgrad"))
            .args(args)
            .current_dir(dir.path())
            .env("WGRAD_TUNE", "blocks=off,prefech=off")
            .output()
            .expect("the binary runs");
        read(output).fails(
            3,
            &["WGRAD_TUNE: ", "prefetch=off", "found \"prefech=off\""],
        );
    }
}
