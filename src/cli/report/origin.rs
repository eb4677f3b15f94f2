//! Where a run comes from: command, machine, data, settings and files; and how to go on.

use super::material::Material;
use crate::cli::html::{absent, folded, name, table};
use crate::cli::run_folder::{RunFiles, RunState};
use crate::cli::show::slower;
use maud::{Markup, html};
use serde_json::Value;
use wgrad::text::{counted, shown, typed};

/// Returns the section.
pub(super) fn origin(material: &Material) -> Markup {
    let run = &material.run;
    let about = &run.about;
    html! {
        @if let Some(command) = about["command"].as_str() {
            p { "The command that made it:" }
            pre { code { (name(command, 4000)) } }
        } @else {
            (absent("The command is not known: the folder has no run.json, as those of older versions."))
        }
        (table("Program, machine, data and time", &["what", "is"], &facts(run)))
        @if let Some(config) = run.text("config.toml") {
            (folded("All settings (config.toml)", html! { pre { code { (shown_lines(&config)) } } }))
        }
        (table("The files of the run", &["file", "#bytes", "holds"], &files(run)))
        h3 { "How to go on" }
        pre { code { @for line in next(material) { (shown(&line)) "\n" } } }
    }
}

/// Returns a text of several lines without hidden characters.
fn shown_lines(text: &str) -> String {
    let lines = text.lines().map(shown);
    lines.map(|line| line.into_owned() + "\n").collect()
}

fn facts(run: &RunFiles) -> Vec<Vec<String>> {
    let about = &run.about;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut facts: Vec<[String; 2]> = Vec::new();
    let mut add = |what: &str, value: Option<String>| {
        facts.extend(value.map(|value| [what.to_owned(), value]));
    };
    add("wgrad", text(&about["wgrad"]));
    let device = &about["device"];
    let of_end = run.end().and_then(|end| text(&end["device"]));
    let name = text(&device["name"])
        .or(of_end)
        .or(text(&run.sweep["device"]));
    add("device", name);
    add("backend", text(&device["backend"]));
    add(
        "driver",
        text(&device["driver_info"]).filter(|driver| !driver.is_empty()),
    );
    add(
        "chosen because",
        run.begin().and_then(|run| text(&run["reason"])),
    );
    let config = &run.config;
    add(
        "data",
        text(&about["data"]["source"]).or(text(&config["data"]["source"])),
    );
    add("checksum of the rows", text(&about["data"]["crc32"]));
    let seed = &config["run"]["seed"];
    add("seed", seed.is_number().then(|| seed.to_string()));
    add("begun", text(&about["begun"]));
    add("ended", text(&about["ended"]));
    let speeds = run
        .epochs()
        .filter_map(|epoch| epoch["samples_per_s"].as_f64());
    let fastest = speeds.fold(0.0, f64::max);
    add(
        "fastest epoch",
        (fastest > 0.0).then(|| format!("{fastest:.0} rows/s")),
    );
    for again in about["resumed"].as_array().into_iter().flatten() {
        let [begun, device] = [&again["begun"], &again["device"]["name"]].map(text);
        let both = begun.zip(device);
        add(
            "resumed",
            both.map(|(begun, device)| format!("{begun} on {device}")),
        );
    }
    facts.into_iter().map(Vec::from).collect()
}

fn files(run: &RunFiles) -> Vec<Vec<String>> {
    let holds = |file: &str| match file {
        "model.safetensors" => "the network, with columns, classes, levels and scales",
        "config.toml" => "the settings",
        "run.json" => "command, version, device, seed, rows and their checksum, times",
        "metrics.jsonl" => "the log: a line per epoch",
        "events.out.tfevents.wgrad" => "losses and accuracy for TensorBoard",
        "test.csv" => "each test row and its prediction",
        "out_of_fold.csv" => "the same for rows that their network did not train on",
        "sweep.json" => "every network or setting of the sweep",
        "report.html" => "a page like this one",
        _ => "what the run goes on from",
    };
    let row = |(file, bytes): &(&'static str, u64)| {
        vec![
            (*file).to_owned(),
            bytes.to_string(),
            holds(file).to_owned(),
        ]
    };
    run.files.iter().map(row).collect()
}

/// Returns the next commands.
fn next(material: &Material) -> Vec<String> {
    let run = &material.run;
    let path = typed(&run.path);
    let config = typed(&format!("{}/config.toml", run.path));
    let mut lines = Vec::new();
    if run.is_diverged() {
        let line = slower(run);
        lines.push(format!("{line}    # with a tenth of the learning rate"));
    } else if run.state == RunState::CutShort {
        lines.push(format!(
            "wgrad train --resume {path}    # go on with the run"
        ));
    }
    if let Ok(model) = &material.model {
        let data = match &material.data {
            Ok(data) if data.source != "-" => typed(&data.source),
            _ => "DATA".to_owned(),
        };
        lines.push(format!(
            "wgrad predict {path} {data}    # predictions, as CSV"
        ));
        lines.push(format!("wgrad eval {path} NEW    # scores on new rows"));
        if model.networks().count() == 1 && run.state != RunState::Running {
            let many = counted(8, "network");
            lines.push(format!(
                "wgrad train --config {config} --ensemble 8    # {many}: slower, and better"
            ));
        }
    }
    lines.push(format!(
        "wgrad show {path}    # the same in short, in a terminal"
    ));
    lines
}
