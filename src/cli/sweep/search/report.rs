//! The result of a search, as JSON and as text.

use crate::cli::messages::typed;
use crate::cli::run_folder::{RunFolder, SWEEP};
use crate::cli::scores::{Scores, of_rows};
use serde_json::{Value, json};
use wgrad::sweep::search::Tried;
use wgrad::text::{counted, short};
use wgrad::train::TrainJob;

/// Maximum number of settings in the table.
const LONGEST: usize = 10;

/// Describes what was tried as JSON, best first.
pub(super) fn ranked(tried: &[Tried]) -> Vec<Value> {
    let spread = |(mean, error): (f64, Option<f64>)| json!({"mean": mean, "error": error});
    let one = |tried: &Tried, best: &Tried| {
        let mut record = json!(tried.candidate);
        record["folds"] = json!(tried.losses.len());
        record["loss"] = spread(tried.loss());
        record["accuracy"] = tried.accuracy().map_or(Value::Null, spread);
        record["tied"] = json!(tried.is_tied(best));
        record
    };
    tried.iter().map(|own| one(own, &tried[0])).collect()
}

/// Describes a search as JSON.
pub(super) fn record(tried: &[Tried], job: &TrainJob, elapsed: f64) -> Value {
    json!({
        "best": {"setting": json!(tried[0].candidate), "layers": job.mlp.to_string()},
        "ranked": ranked(tried),
        "elapsed_s": elapsed,
        "device": job.choice.device.name(),
    })
}

/// Formats the best settings as a table.
pub(super) fn ranking(tried: &[Tried]) -> Vec<String> {
    let classes = tried[0].accuracy().is_some();
    let mut header: Vec<&str> = vec!["", "hidden", "activation", "lr", "batch", "decay"];
    header.extend(["drop", "bins", "folds", "loss"]);
    header.extend(classes.then_some("accuracy"));
    let mut rows = vec![header.into_iter().map(str::to_owned).collect()];
    for (place, own) in tried.iter().enumerate().take(LONGEST) {
        rows.push(row(place, own, &tried[0]));
    }
    let mut lines = wgrad::text::aligned(&rows, " ");
    let more = tried.len().saturating_sub(LONGEST);
    lines.extend((more > 0).then(|| format!("... and {}", counted(more, "setting"))));
    let tied = tried.iter().skip(1).any(|own| own.is_tied(&tried[0]));
    lines.extend(
        tied.then(|| "=  within one standard error of the best, by the same folds".to_owned()),
    );
    let fewer = tried
        .iter()
        .any(|own| own.losses.len() < tried[0].losses.len());
    lines.extend(
        fewer.then(|| "   means of fewer folds are of other rows: they do not compare".to_owned()),
    );
    lines
}

fn row(place: usize, own: &Tried, best: &Tried) -> Vec<String> {
    let setting = &own.candidate;
    let (loss, error) = own.loss();
    let error = error.map(|error| format!(" ± {error:.4}"));
    let widths: Vec<String> = setting.hidden.iter().map(ToString::to_string).collect();
    let name = clap::ValueEnum::to_possible_value(&setting.activation);
    let tied = place > 0 && own.is_tied(best);
    let mut cells = vec![
        format!("{}{}", place + 1, if tied { "=" } else { " " }),
        if widths.is_empty() {
            "0".to_owned()
        } else {
            widths.join("-")
        },
        name.map_or(String::new(), |name| name.get_name().to_owned()),
        short(setting.learning_rate),
        setting.batch_size.to_string(),
        short(setting.weight_decay),
        short(setting.dropout),
        setting
            .bins
            .map_or("auto".to_owned(), |bins| bins.to_string()),
        own.losses.len().to_string(),
        format!("{loss:.4}{}", error.unwrap_or_default()),
    ];
    // A setting whose networks diverged has none.
    let accuracy = own.accuracy().map(|(accuracy, _)| format!("{accuracy:.4}"));
    let accuracy = accuracy.unwrap_or("-".to_owned());
    cells.extend(best.accuracy().is_some().then_some(accuracy));
    cells
}

/// Says how good the best setting is on the test rows.
pub(super) fn told(tried: &[Tried], job: &TrainJob, scores: Option<&Scores>) -> Vec<String> {
    let folds = counted(tried[0].losses.len(), "fold");
    let mut lines = vec![format!(
        "loss: mean ± standard error over {folds}, which chose the setting: it flatters the best"
    )];
    let Some(scores) = scores else {
        lines.push("no test rows".to_owned());
        return lines;
    };
    let rows = of_rows(job.prepared.test.count);
    lines.push(match scores.accuracy() {
        Some(accuracy) => format!("test accuracy {accuracy:.4} {rows}"),
        None => format!("test {rows}"),
    });
    lines.extend(scores.summary().into_iter().map(|line| format!("  {line}")));
    lines
}

pub(super) fn next(job: &TrainJob, folder: &RunFolder) -> Vec<String> {
    let at = typed(&folder.path().display().to_string());
    let source = job.config.data.source.as_deref().unwrap_or("DATA");
    let config = typed(&folder.path().join("config.toml").display().to_string());
    let mut lines = vec![format!(
        "saved   {at} (model.safetensors, config.toml, {SWEEP})"
    )];
    lines.push(format!("next    wgrad predict {at} {}", typed(source)));
    lines.push(format!(
        "        wgrad train --config {config} --ensemble 8"
    ));
    lines
}
