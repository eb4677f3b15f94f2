//! Tests of `wgrad verify`.

use crate::rig::{Run, folder, read, wgrad};
use serde_json::Value;
use std::process::Command;

/// Runs `verify`, unless there is no adapter.
fn verify(args: &[&str]) -> Option<Run> {
    let dir = folder();
    let run = wgrad(dir.path(), &[&["verify"][..], args].concat());
    let required = std::env::var_os("WGRAD_REQUIRE_GPU").is_some_and(|value| value == "1");
    match run.code {
        4 if run.err.contains("no GPU adapter") && !required => {
            eprintln!("no adapter: nothing to verify");
            None
        }
        _ => Some(run),
    }
}

#[test]
fn each_adapter_is_told_with_its_kernels_and_families() {
    let Some(run) = verify(&["--only", "gather,sgd,workgroup", "--json"]) else {
        return;
    };
    let all: Value = serde_json::from_str(&run.ok().out).expect("one JSON object");
    assert_eq!(all["ok"], true, "{all}");
    for adapter in all["adapters"].as_array().unwrap() {
        for key in ["name", "backend", "driver"] {
            assert!(adapter[key].is_string(), "{key} of {adapter}");
        }
        let kernels = adapter["kernels"].as_array().unwrap();
        let names: Vec<&str> = kernels.iter().flat_map(|k| k["kernel"].as_str()).collect();
        assert_eq!(names, ["gather", "sgd"]);
        assert_eq!(adapter["families"][0]["family"], "workgroup");
        let sgd = &kernels[1];
        let [error, bound] = ["max_error", "bound"].map(|key| sgd[key].as_f64().unwrap());
        assert!(0.0 < error && error <= bound, "{sgd}");
        assert!(sgd["cases"].as_u64().unwrap() > 0 && sgd["ok"] == true);
        assert!(sgd["mismatches"].as_array().unwrap().is_empty());
        let variants = sgd["variants"].as_array().unwrap();
        assert_eq!(variants.last().unwrap(), "plain");
    }
}

#[test]
fn the_table_has_a_line_a_kernel_and_quiet_none() {
    let Some(run) = verify(&["--only", "correct", "--device", "all"]) else {
        return;
    };
    let out = run.ok().out;
    let ok =
        |line: &&str| line.contains("ok ") && line.contains("correct") && line.contains("exact");
    assert!(out.lines().any(|line| ok(&line)), "{out}");
    let quiet = verify(&["--only", "correct", "--quiet"]).unwrap().ok();
    assert_eq!((&quiet.out[..], &quiet.err[..]), ("", ""));
}

#[test]
fn a_limit_of_time_leaves_cases_out_and_counts_them() {
    let counts = |more: &[&str]| -> Option<[u64; 2]> {
        let args = [&["--only", "sgd", "--device", "gpu", "--json"][..], more].concat();
        let all: Value = serde_json::from_str(&verify(&args)?.ok().out).expect("one JSON object");
        let sgd = &all["adapters"][0]["kernels"][0];
        Some(["cases", "left_out"].map(|key| sgd[key].as_u64().unwrap()))
    };
    let Some([all, none]) = counts(&[]) else {
        return;
    };
    assert_eq!(none, 0);
    let [cases, left_out] = counts(&["--time", "1"]).unwrap();
    assert_eq!(cases + left_out, all);
    assert!(cases > 0);
    let dir = folder();
    wgrad(dir.path(), &["verify", "--time", "0"]).fails(2, &["--time"]);
}

#[test]
fn one_case_of_a_variant_can_be_run_alone() {
    let Some(run) = verify(&["--only", " sgd:plain:17,sgd:plain:17", "--json"]) else {
        return;
    };
    let all: Value = serde_json::from_str(&run.ok().out).expect("one JSON object");
    let kernels = &all["adapters"][0]["kernels"];
    assert_eq!(kernels.as_array().unwrap().len(), 1, "{all}");
    assert_eq!(
        (&kernels[0]["cases"], &kernels[0]["variants"][0]),
        (&1.into(), &"plain".into())
    );
    assert_eq!(all["adapters"][0]["families"].as_array().unwrap().len(), 0);
}

#[test]
fn what_is_not_there_to_verify_is_refused() {
    let dir = folder();
    let run = |args: &[&str]| wgrad(dir.path(), &[&["verify"][..], args].concat());
    run(&["--only", "forwards"]).fails(3, &["--only forwards", "forward, ", "workgroup"]);
    if verify(&["--only", "sgd:plain:17", "--quiet"]).is_some() {
        let none = run(&["--only", "sgd:plain:9999", "--quiet"]);
        none.fails(3, &["--only sgd:plain:9999", "found none"]);
    }
    run(&["--only", "sgd:tile_large"]).fails(3, &["a variant of plain"]);
    if verify(&["--only", "correct", "--quiet"]).is_some() {
        let none = run(&["--device", "no such adapter"]);
        none.fails(
            4,
            &[
                "--device \"no such adapter\"",
                "an adapter's name; there are",
            ],
        );
    }
    let output = Command::new(env!("CARGO_BIN_EXE_wgrad"))
        .arg("verify")
        .env("VK_DRIVER_FILES", "/nowhere.json")
        .env("VK_ICD_FILENAMES", "/nowhere.json")
        .output()
        .unwrap();
    let cures = ["no GPU adapter", "mesa-vulkan-drivers", "--device cpu"];
    read(output).fails(4, &cures);
}

#[test]
fn the_cpu_device_is_verified_with_the_same_keys() {
    let dir = folder();
    let only = ["--only", "forward,cross_entropy,fused_sgd,device,lane"];
    let args = [&["verify", "--device", "cpu", "--json"][..], &only].concat();
    let all: Value = serde_json::from_str(&wgrad(dir.path(), &args).ok().out).expect("an object");
    assert_eq!(all["ok"], true, "{all}");
    let adapter = &all["adapters"][0];
    for key in ["name", "backend", "driver"] {
        assert!(adapter[key].is_string(), "{key} of {adapter}");
    }
    for kernel in adapter["kernels"].as_array().unwrap() {
        assert_eq!(
            kernel["variants"],
            serde_json::json!(["thread", "team", "lanes"])
        );
        let [error, bound] = ["max_error", "bound"].map(|key| kernel[key].as_f64().unwrap());
        assert!(0.0 < error && error <= bound, "{kernel}");
    }
    let ways = |family: usize| adapter["families"][family]["variants"].to_string();
    let expected = [r#"["thread","team","population"]"#, r#"["population"]"#];
    assert_eq!([0, 1].map(ways), expected);
    let one = ["verify", "--device", "CPU", "--only", "sgd:team:3"];
    let out = wgrad(dir.path(), &one).ok().out;
    assert!(out.starts_with("cpu (") && out.contains("1 case "), "{out}");
}

#[test]
fn a_quick_check_has_a_case_of_each_variant_and_says_what_it_leaves() {
    let dir = folder();
    let args = ["verify", "--device", "cpu", "--only", "adam,forward,lane"];
    let found = |more: &[&str]| -> Value {
        let run = wgrad(dir.path(), &[&args[..], more].concat());
        serde_json::from_str(&run.ok().out).expect("an object")
    };
    let [whole, quick] = [&["--json"][..], &["--json", "--quick"]].map(found);
    for (k, boundaries) in [5, 2].into_iter().enumerate() {
        let [whole, quick] = [&whole, &quick].map(|all| all["adapters"][0]["kernels"][k].clone());
        let count = |finding: &Value, key: &str| finding[key].as_u64().unwrap();
        assert_eq!(whole["variants"], quick["variants"]);
        assert!(
            (3..=3 + boundaries + 3).contains(&count(&quick, "cases")),
            "{quick}"
        );
        let sum = count(&quick, "cases") + count(&quick, "left_out");
        assert_eq!(sum, count(&whole, "cases"));
    }
    let told = wgrad(dir.path(), &[&args[..], &["--quick"]].concat())
        .ok()
        .out;
    assert!(told.contains(" more without --quick"), "{told}");
}
