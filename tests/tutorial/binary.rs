//! Tests of the `wgrad tutorial` command: its JSON object, its pages, its exit codes.

use crate::{ensure, near};
use libtest_mimic::Failed;
use serde_json::Value;
use std::process::Command;
use wgrad::device::Device;
use wgrad::tutorial;
use wgrad::tutorial::Settings;

/// Runs `wgrad tutorial` on `device`. Returns exit code, stdout and stderr.
fn wgrad(device: &Device, args: &[&str], locale: &str) -> Result<(i32, String, String), Failed> {
    let name = match device {
        Device::Cpu => "cpu",
        Device::Gpu(gpu) => &gpu.info.name,
    };
    let output = Command::new(env!("CARGO_BIN_EXE_wgrad"))
        .args(["tutorial", "--device", name])
        .args(args)
        .env_remove("LC_ALL")
        .env_remove("LC_MESSAGES")
        .env("LANG", locale)
        .output()?;
    let [out, err] = [output.stdout, output.stderr].map(String::from_utf8);
    Ok((output.status.code().unwrap_or(-1), out?, err?))
}

pub(crate) fn object(device: &Device) -> Result<(), Failed> {
    let (code, out, err) = wgrad(device, &["--json"], "C")?;
    ensure(code == 0 && out.lines().count() == 1, || {
        format!("{code}: {out}{err}")
    })?;
    let object: Value = serde_json::from_str(&out)?;
    ensure(object["adapter"] == device.name(), || {
        object["adapter"].to_string()
    })?;
    ensure(object["backend"] == device.backend(), || {
        object["backend"].to_string()
    })?;
    let settings = [
        ("rounds", Value::from(10_000)),
        ("order", "simultaneous".into()),
        ("biases", "frozen".into()),
    ];
    for (key, value) in settings {
        ensure(object[key] == value, || format!("{key}: {}", object[key]))?;
    }
    let figures = object["figures"].as_array().ok_or("figures")?;
    ensure(figures.len() == 38, || figures.len().to_string())?;
    for figure in figures {
        let texts = ["where", "symbol", "printed", "verdict"].map(|key| figure[key].is_string());
        let numbers = ["reference", "computed"].map(|key| figure[key].is_f64());
        ensure(texts == [true; 4] && numbers == [true; 2], || {
            figure.to_string()
        })?;
    }
    let count = |verdict| figures.iter().filter(|f| f["verdict"] == verdict).count();
    let counts = ["match", "misprint", "sequential", "mismatch"].map(count);
    ensure(counts == [29, 5, 4, 0], || format!("{counts:?}"))?;
    let after = &object["after"];
    near(
        "error",
        after["error"].as_f64().ok_or("after")?,
        3.510_187_78e-5,
        2e-9,
    )?;
    ensure(
        after["outputs"].as_array().map(Vec::len) == Some(2)
            && after["weights"].as_array().map(Vec::len) == Some(8),
        || after.to_string(),
    )
}

pub(crate) fn languages(device: &Device) -> Result<(), Failed> {
    let english = [
        "The Forward Pass",
        "The Total Error",
        "The Backwards Pass: Output Layer",
        "The Backwards Pass: Hidden Layer",
        "What the Article Mixed Up",
    ];
    let chinese = [
        "前向传播",
        "总误差",
        "反向传播：输出层",
        "反向传播：隐藏层",
        "文章混淆了什么",
    ];
    let figures = [
        "The Forward Pass",
        "Calculating the Total Error",
        "The Backwards Pass: Output Layer",
        "The Backwards Pass: Hidden Layer",
        "What the Article Mixed Up",
    ];
    for (args, locale, headings) in [
        (&["--lang", "en"][..], "zh_CN.UTF-8", english),
        (&[], "C", english),
        (&["--lang", "zh"], "C", chinese),
        (&["--figures"], "C", figures),
        (&[], "zh_CN.UTF-8", chinese),
    ] {
        let (code, out, err) = wgrad(device, args, locale)?;
        ensure(code == 0 && err.is_empty(), || format!("{code}: {err}"))?;
        let heads: Vec<Option<usize>> = {
            let at = |head| out.find(&format!("\n{head}\n"));
            headings.into_iter().map(at).collect()
        };
        ensure(
            heads.is_sorted() && heads.iter().all(Option::is_some),
            || format!("{heads:?} in {out}"),
        )?;
        let name = device.name();
        ensure(out.contains(&name), || format!("no {name} in {out}"))?;
    }
    let (_, quiet, _) = wgrad(device, &["--quiet", "--lang", "en"], "C")?;
    ensure(
        quiet.starts_with("Where Training Leads") && quiet.lines().count() < 30,
        || quiet,
    )
}

pub(crate) fn usage() -> Result<(), Failed> {
    for (args, code, part) in [
        (&["--rounds", "0"][..], 2, "--rounds"),
        (&["--rounds", "many"], 2, "--rounds"),
        (&["--order", "random"], 2, "simultaneous"),
        (&["--lang", "fr"], 2, "zh"),
        (&["--device", "no such adapter"], 4, "--device cpu"),
        (&["--claim", "w9=1"], 2, "w1 to w8"),
        (&["--claim", "w5=many"], 2, "expected a number"),
        (&["--step"], 2, "leave out --step"),
        (&["--figures", "--claim", "w5=1"], 2, "--claim"),
        (
            &["--network", "no such file"],
            3,
            "wgrad tutorial --template",
        ),
        (
            &["--device", "cpu", "--quiet", "--claim", "w5=0.3589"],
            0,
            "",
        ),
        (
            &["--device", "cpu", "--quiet", "--claim", "w5=0.3588"],
            1,
            "",
        ),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_wgrad"))
            .arg("tutorial")
            .args(args)
            .output()?;
        let err = String::from_utf8(output.stderr)?;
        ensure(
            output.status.code() == Some(code) && err.contains(part),
            || format!("{args:?}: {:?} {err}", output.status),
        )?;
    }
    let none = Settings {
        rounds: 0,
        ..Settings::default()
    };
    ensure(tutorial::run(&Device::Cpu, &none).is_err(), || {
        "0 rounds are an error of the library too".to_owned()
    })
}

/// Runs the template as a network, with flags and claims, and a file that is refused.
pub(crate) fn homework_files() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let run = |args: &[&str]| -> Result<(i32, String, String), Failed> {
        let output = Command::new(env!("CARGO_BIN_EXE_wgrad"))
            .arg("tutorial")
            .args(args)
            .current_dir(folder.path())
            .env("LC_ALL", "C")
            .output()?;
        let [out, err] = [output.stdout, output.stderr].map(String::from_utf8);
        Ok((output.status.code().unwrap_or(-1), out?, err?))
    };
    let (code, template, err) = run(&["--template"])?;
    ensure(code == 0 && err.is_empty(), || err)?;
    std::fs::write(folder.path().join("net.toml"), &template)?;
    let own = ["--device", "cpu", "--network", "net.toml"];
    let (code, page, err) = run(&own)?;
    ensure(code == 0 && err.is_empty(), || err)?;
    for line in [
        "  net_h2 = w3 * i1 + w4 * i2 + b1",
        "         = 0.25 * 0.05 + 0.3 * 0.1 + 0.35",
        "  delta_o1 = dE_total/dout_o1 * dout_o1/dnet_o1",
        "  w5+ = w5 - 0.5 * dE_total/dw5",
    ] {
        ensure(page.lines().any(|l| l == line), || {
            format!("{line} in {page}")
        })?;
    }
    let claims = [
        "--json",
        "--rounds",
        "7",
        "--biases",
        "trained",
        "--claim",
        "b4+=0.619049118",
        "--claim",
        "w1=2",
    ];
    let (code, out, err) = run(&[&own[..], &claims].concat())?;
    ensure(code == 1 && err.is_empty(), || format!("{code}: {err}"))?;
    let object: Value = serde_json::from_str(&out)?;
    ensure(object["claims"][0]["verdict"] == "right", || {
        object["claims"].to_string()
    })?;
    ensure(object["claims"][1]["verdict"] == "wrong", || {
        object["claims"].to_string()
    })?;
    ensure(
        object["rounds"] == 7 && object["biases"] == "trained" && object["ok"] == true,
        || out.clone(),
    )?;
    let quantities = object["quantities"].as_array().ok_or("quantities")?;
    let delta = quantities
        .iter()
        .find(|q| q["symbol"] == "delta_o1")
        .ok_or("delta_o1")?;
    near(
        "delta_o1",
        delta["reference"].as_f64().ok_or("reference")?,
        0.138_498_561_628,
        1e-11,
    )?;
    near(
        "delta_o1",
        delta["computed"].as_f64().ok_or("computed")?,
        0.138_498_561_628,
        1e-6,
    )?;
    std::fs::write(
        folder.path().join("bad.toml"),
        template.replace("rounds", "round"),
    )?;
    let (code, _, err) = run(&["--network", "bad.toml"])?;
    ensure(
        code == 3
            && err.contains("bad.toml: round: an unknown key")
            && err.contains("did you mean rounds?"),
        || err,
    )
}
