//! `wgrad show`: sums up the folder of a run.

use crate::cli::curve::curve;
use crate::cli::messages::{print_json, print_lines, typed};
use crate::cli::run_folder::{RunFiles, RunState};
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use wgrad::text::{counted, figure, short};

/// Sum up a run: its command, data, losses, scores and files
#[derive(Args)]
pub(crate) struct Show {
    /// The folder of a run
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Print one JSON object to stdout
    #[arg(long)]
    json: bool,
}

/// Widest curve, in characters.
const CURVE: usize = 60;

pub(crate) fn run(args: &Show) -> anyhow::Result<ExitCode> {
    let run = RunFiles::read(&args.run)?;
    match args.json {
        true => print_json(&object(&run))?,
        false => print_lines(lines(&run))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn object(run: &RunFiles) -> Value {
    json!({
        "run": run.path,
        "state": run.state.name(),
        "about": run.about,
        "config": run.config,
        "epochs": run.epochs().count(),
        "best": run.best(),
        "last": run.epochs().last(),
        "end": run.end(),
        "files": run.files.iter().map(|(name, bytes)| json!({"name": name, "bytes": bytes}))
            .collect::<Vec<_>>(),
    })
}

fn lines(run: &RunFiles) -> Vec<String> {
    let named = |name: &str, text: String| format!("{name:<9}{text}");
    let mut lines = vec![named("run", format!("{}: {}", run.path, state(run)))];
    lines.extend(
        of_about(&run.about)
            .into_iter()
            .map(|(name, text)| named(name, text)),
    );
    lines.extend(network(run).map(|text| named("network", text)));
    for (name, key) in [("train", "train_loss"), ("validation", "val_loss")] {
        // Those of the first network of an ensemble.
        let epochs = run
            .epochs()
            .filter(|epoch| epoch["network"].as_u64().unwrap_or(1) == 1);
        let losses: Vec<f64> = epochs.filter_map(|epoch| epoch[key].as_f64()).collect();
        if let [first, .., last] = losses[..] {
            let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
            let text = format!(
                "{name} {} to {}, least {}",
                figure(first),
                figure(last),
                figure(least)
            );
            let of_first = match run.config["run"]["ensemble"].as_u64() {
                None | Some(0 | 1) => "",
                Some(_) => ", of network 1",
            };
            lines.push(named("loss", text + of_first));
            lines.push(named("", curve(&losses, CURVE)));
        }
    }
    lines.extend(
        of_sweep(&run.sweep)
            .into_iter()
            .map(|(name, text)| named(name, text)),
    );
    lines.extend(run.best().map(|epoch| named("best", best(epoch))));
    lines.extend(run.end().and_then(scores).map(|text| named("test", text)));
    let files = run
        .files
        .iter()
        .map(|(name, bytes)| format!("{name} ({})", size(*bytes)));
    for (k, file) in files.enumerate() {
        lines.push(named(if k == 0 { "files" } else { "" }, file));
    }
    lines.push(named("next", next(run)));
    lines
}

/// Says what a run is at.
pub(super) fn state(run: &RunFiles) -> String {
    let networks = run.config["run"]["ensemble"].as_u64().unwrap_or(1);
    let epochs = counted(run.epochs().count(), "epoch");
    let epochs = match networks {
        0 | 1 => epochs,
        many => format!("{epochs} of {many} networks"),
    };
    match run.state {
        _ if run.is_diverged() => format!("diverged, after {epochs}"),
        RunState::Running => format!("running, after {epochs}"),
        RunState::CutShort => format!("cut short, after {epochs}"),
        RunState::Sweep => {
            let what = match run.sweep["shard"].as_str() {
                Some(shard) => format!("shard {shard} of a sweep"),
                None => "a sweep".to_owned(),
            };
            let cut = if run.goes_on() { ", cut short" } else { "" };
            what + cut
        }
        RunState::Ended => {
            let end = run.end();
            let text = |key: &str| end.and_then(|end| end[key].as_str());
            let why = match text("reason") {
                Some("patience") => "the loss hardly improved any more",
                Some("max_steps") => "the largest number of steps",
                Some("max_time") => "out of time",
                Some("interrupted") => "interrupted",
                Some("diverged") => "diverged",
                _ => "as long as asked for",
            };
            let refit = run.refit_rows();
            let refit = refit.map(|rows| {
                format!("; then trained anew on all {rows} training and validation rows")
            });
            format!("ended after {epochs}: {why}{}", refit.unwrap_or_default())
        }
    }
}

/// What `sweep.json` says, if there is one.
fn of_sweep(sweep: &Value) -> Vec<(&'static str, String)> {
    let Some(networks) = sweep["networks"].as_array() else {
        return Vec::new();
    };
    let mut lines = vec![("sweep", counted(networks.len(), "network"))];
    let ranked = sweep["ranked"].as_array();
    // Without an evaluation, nothing is known of them.
    let is_known = |setting: &&Value| setting["epochs"] != 0;
    for (place, setting) in ranked
        .into_iter()
        .flatten()
        .filter(is_known)
        .take(3)
        .enumerate()
    {
        let hidden: Vec<String> = setting["hidden"].as_array().map_or(Vec::new(), |widths| {
            widths.iter().map(Value::to_string).collect()
        });
        let score = ["accuracy", "loss"].into_iter().find_map(|key| {
            let mean = setting[key]["mean"].as_f64()?;
            Some(format!("mean {key} {}", figure(mean)))
        });
        lines.push((
            if place == 0 { "ranked" } else { "" },
            format!(
                "{}. hidden {}, {}, lr {}: {}",
                place + 1,
                hidden.join("-"),
                setting["activation"].as_str().unwrap_or("-"),
                setting["lr"],
                score.unwrap_or_else(|| "diverged".to_owned())
            ),
        ));
    }
    lines
}

/// What `run.json` says. Runs of older versions have none.
fn of_about(about: &Value) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    lines.extend(text(&about["command"]).map(|command| ("command", command)));
    if let (Some(version), Some(device)) = (text(&about["wgrad"]), text(&about["device"]["name"])) {
        let driver = text(&about["device"]["driver_info"]);
        let driver = driver.map_or(String::new(), |driver| format!(", {driver}"));
        lines.push(("by", format!("wgrad {version} on {device}{driver}")));
    }
    let resumed = about["resumed"].as_array().map_or(0, Vec::len);
    if resumed > 0 {
        let last = &about["resumed"][resumed - 1];
        let [device, begun] = [&last["device"]["name"], &last["begun"]].map(text);
        lines.push((
            "resumed",
            format!(
                "{}, the last time {} on {}",
                counted(resumed, "time"),
                begun.unwrap_or_default(),
                device.unwrap_or_default()
            ),
        ));
    }
    if let (Some(source), Some(checksum)) = (
        text(&about["data"]["source"]),
        text(&about["data"]["crc32"]),
    ) {
        let rows = |part: &str| about["data"]["rows"][part].as_u64().unwrap_or(0);
        let [train, val, test] = ["train", "validation", "test"].map(rows);
        let folds = about["data"]["folds"].as_u64();
        let of_folds = folds.map_or(String::new(), |n| format!(" (in the first of {n} folds)"));
        lines.push((
            "data",
            format!(
                "{source}: {train} rows to train on, {val} for validation, {test} for the test{of_folds}; checksum {checksum}"
            ),
        ));
    }
    if let Some(begun) = text(&about["begun"]) {
        let took = about["elapsed_s"].as_u64();
        let took = took.map_or(String::new(), |seconds| format!(", {seconds} s"));
        lines.push(("begun", begun + &took));
    }
    lines
}

fn network(run: &RunFiles) -> Option<String> {
    let config = &run.config;
    let text = |block: &str, key: &str| config[block][key].as_str().map(str::to_owned);
    let hidden: Vec<String> = config["network"]["hidden"]
        .as_array()?
        .iter()
        .map(Value::to_string)
        .collect();
    let hidden = match hidden.is_empty() {
        true => "no hidden layers".to_owned(),
        false => format!("{} {}", hidden.join("-"), text("network", "activation")?),
    };
    let networks = config["run"]["ensemble"].as_u64().unwrap_or(1);
    let networks = match networks {
        0 | 1 => String::new(),
        many => format!("{many} of "),
    };
    let mut special = Vec::new();
    for (block, key, what) in [
        ("network", "from", "from"),
        ("network", "dropout", "dropout"),
        ("loss", "label_smoothing", "label smoothing"),
        ("loss", "quantile", "quantile"),
        ("optimizer", "clip_norm", "norm clipped at"),
        ("optimizer", "clip_value", "gradient clipped at"),
        ("loss", "class_weights", "class weights"),
        ("data", "weights", "weights"),
    ] {
        match &config[block][key] {
            Value::Null => {}
            Value::String(text) => special.push(format!("; {what} {text}")),
            other => special.push(format!("; {what} {other}")),
        }
    }
    Some(format!(
        "{networks}{hidden}; {}, {} {}, batches of {}, seed {}{}",
        text("loss", "kind")?,
        text("optimizer", "kind")?,
        config["optimizer"]["learning_rate"],
        config["run"]["batch_size"],
        config["run"]["seed"],
        special.concat()
    ))
}

fn best(epoch: &Value) -> String {
    let loss = epoch["val_loss"].as_f64().unwrap_or(f64::NAN);
    let accuracy = epoch["val_accuracy"].as_f64();
    let accuracy = accuracy.map_or(String::new(), |a| format!(", accuracy {a:.4}"));
    let network = epoch["network"].as_u64();
    let network = network.map_or(String::new(), |k| format!(" of network {k}"));
    format!(
        "epoch {}{network}: validation loss {}{accuracy}",
        epoch["epoch"],
        figure(loss)
    )
}

fn scores(end: &Value) -> Option<String> {
    let loss = figure(end["test_loss"].as_f64()?);
    Some(match end["test_accuracy"].as_f64() {
        Some(accuracy) => format!("accuracy {accuracy:.4}, loss {loss}"),
        None => format!("loss {loss}"),
    })
}

fn size(bytes: u64) -> String {
    match bytes {
        0..=9_999 => format!("{bytes} bytes"),
        10_000..=9_999_999 => format!("{} KB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// Returns the command that trains a run that diverged again, with a tenth of its learning rate.
pub(super) fn slower(run: &RunFiles) -> String {
    let config = typed(&format!("{}/config.toml", run.path));
    let rate = run.config["optimizer"]["learning_rate"].as_f64();
    let rate = short(0.1 * rate.unwrap_or(0.01));
    format!("wgrad train --config {config} --lr {rate}")
}

/// Says how to go on.
fn next(run: &RunFiles) -> String {
    let path = typed(&run.path);
    match run.state {
        _ if run.is_diverged() => slower(run),
        RunState::Running => format!("wgrad show {path}, later"),
        RunState::CutShort => format!("wgrad train --resume {path}"),
        RunState::Sweep if run.sweep["shard"].is_string() && !run.goes_on() => {
            let next = if run.sweep["waits_after"].is_u64() {
                " --next FILE"
            } else {
                ""
            };
            format!("wgrad sweep --merge {path} and the other shards{next}")
        }
        RunState::Sweep if run.goes_on() => format!("wgrad sweep --resume {path}"),
        RunState::Sweep | RunState::Ended => format!("wgrad inspect {path}"),
    }
}
