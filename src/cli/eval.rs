//! `wgrad eval`: computes the metrics of a model on rows with targets.

use crate::cli::{
    flags::{DeviceFlags, ReadFlags},
    messages::{
        FAR, describe_values, print_json, print_lines, tell_line, tell_notes, warn,
        warn_of_lost_rows,
    },
    model::{choose_for, load_model},
};
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use wgrad::config::ConfigFile;
use wgrad::dataset::{Dataset, Targets, is_fixed};
use wgrad::text::{counted, figure, shown};
use wgrad::train::{Inference, Metrics, Model, Predictions, metrics};

/// Evaluate a trained model on data with targets
#[derive(Args)]
pub(crate) struct Eval {
    /// A model.safetensors file, or the folder of its run
    model: PathBuf,
    /// The rows, as for predict, with targets; for IDX files, the test set
    data: String,
    #[command(flatten)]
    read: ReadFlags,
    #[command(flatten)]
    device: DeviceFlags,
    /// Print one JSON object to stdout
    #[arg(long)]
    json: bool,
    /// Hide notes on stderr
    #[arg(long)]
    quiet: bool,
}

impl Eval {
    /// Checks whether the model's run used the same data: the same file, or a built-in set without a seed. For a folder
    /// of IDX files, eval reads the test set, which training never sees.
    fn has_trained_on(&self) -> bool {
        let folder = match self.model.is_dir() {
            true => Some(self.model.as_path()),
            false => self.model.parent(),
        };
        let config = folder.map(|folder| folder.join("config.toml"));
        let config = config.filter(|path| path.exists());
        // This is for a warning only: without a readable configuration there is none.
        let read = config.and_then(|path| ConfigFile::read(&path).ok());
        let Some(source) = read.and_then(|file| file.config.data.source) else {
            return false;
        };
        if is_fixed(&self.data) {
            return source == self.data;
        }
        let [own, trained] = [&self.data, &source].map(|path| Path::new(path).canonicalize().ok());
        own.is_some_and(|own| own.is_file() && Some(own) == trained)
    }
}

pub(crate) fn run(args: &Eval) -> anyhow::Result<ExitCode> {
    let model = load_model(&args.model, &args.data, args.quiet)?;
    let data = args.read.rows(&args.data, &model.schema, &[])?;
    let Some(targets) = &data.targets else {
        let names = model.schema.target_names.join(", ");
        anyhow::bail!(wgrad::Error::Config(format!(
            "{}: no column {names} with values to compare with; add it, or use wgrad predict, which needs none",
            args.data
        )));
    };
    tell_notes(&args.data, &data, args.quiet);
    let device = choose_for(&model, data.rows, &args.device, args.quiet)?;
    let mut inference = Inference::new(&device, &model, &data)?;
    let metrics = inference.metrics()?;
    let predictions = inference.predictions()?;
    warn_of_lost_rows(&model, &predictions);
    if !metrics.loss.is_finite() {
        warn(Some(&format!("the rows' error is not finite: {}", FAR)));
    }
    if !args.quiet && args.has_trained_on() {
        let line = "the model was trained on rows of this data; its test metrics show how good it is on new rows";
        tell_line(&format!("{}: {line}", args.data));
    }
    let (record, lines) = describe(&model, &data, metrics, &predictions, targets);
    match args.json {
        true => print_json(&record)?,
        false => print_lines(lines)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Formats the result as JSON and as text.
fn describe(
    model: &Model,
    data: &Dataset,
    metrics: Metrics,
    predictions: &Predictions,
    targets: &Targets,
) -> (serde_json::Value, Vec<String>) {
    let mut record = json!({
        "data": data.name,
        "rows": data.rows,
        "loss": metrics.loss,
        "accuracy": metrics.accuracy,
    });
    let rows = counted(data.rows, "row");
    let mut lines = Vec::new();
    match (predictions, targets) {
        (Predictions::Classes { labels, .. }, Targets::Classes { labels: truth, .. }) => {
            let classes = &model.schema.classes;
            lines.push(format!(
                "accuracy {:.4}, loss {} ({rows})",
                metrics.accuracy.unwrap_or_default(),
                figure(metrics.loss)
            ));
            record["classes"] = json!(classes);
            if classes.len() > MOST_CONFUSED {
                let classes = counted(classes.len(), "class");
                lines.push(format!(
                    "{classes}: too many for a confusion matrix, which has at most {MOST_CONFUSED}"
                ));
                record["confusion"] = json!(null);
            } else {
                let confusion = metrics::confusion(labels, truth, classes.len());
                lines.extend(confusion_lines(classes, &confusion));
                record["confusion"] = json!(confusion);
            }
        }
        (Predictions::Values(values), Targets::Values { values: truth }) => {
            let (values, each) = describe_values(&model.schema.target_names, values, truth);
            lines.extend(each);
            lines.push(format!("({rows})"));
            record["values"] = values;
        }
        _ => {}
    }
    (record, lines)
}

/// Maximum number of classes in a confusion matrix: of 1,000 it has a million numbers.
const MOST_CONFUSED: usize = 1000;

/// Formats the confusion matrix: one row per true class, one column per predicted class.
fn confusion_lines(classes: &[String], confusion: &[Vec<usize>]) -> Vec<String> {
    let classes: Vec<_> = classes.iter().map(|class| shown(class)).collect();
    let longest = classes.iter().map(|c| c.chars().count()).max().unwrap_or(0);
    let (name, cell) = (longest.max(4), longest.clamp(5, 12));
    let header: String = classes.iter().map(|c| format!(" {c:>cell$}")).collect();
    let mut lines = vec![
        String::new(),
        format!("{:>name$} predicted", ""),
        format!("{:<name$}{header}", "true"),
    ];
    for (class, row) in classes.iter().zip(confusion) {
        let cells: String = row.iter().map(|count| format!(" {count:>cell$}")).collect();
        lines.push(format!("{class:<name$}{cells}"));
    }
    lines
}
