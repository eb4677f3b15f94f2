//! `wgrad eval`: computes the metrics of a model on rows with targets.

use crate::cli::{
    flags::{DeviceFlags, ReadFlags},
    messages::{FAR, print_json, print_lines, tell_line, tell_notes, warn, warn_of_lost_rows},
    model::{choose_for, load_model},
    scores::{Scores, cure, listed, of_rows},
};
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use wgrad::config::{ConfigFile, Defaults, Recipe};
use wgrad::dataset::{Dataset, is_fixed};
use wgrad::text::figure;
use wgrad::train::{Inference, Metrics};

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
        let read =
            config.and_then(|path| ConfigFile::read(&path, Defaults::Usual(Recipe::Tabular)).ok());
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
    let data = args.read.rows(&args.data, &model.schema, &[], args.quiet)?;
    if data.targets.is_none() {
        let names = model.schema.target_names.join(", ");
        anyhow::bail!(wgrad::Error::Config(format!(
            "{}: no column {names} with values to compare with; add it, or use wgrad predict, which needs none",
            args.data
        )));
    }
    tell_notes(&args.data, &data, args.quiet);
    let device = choose_for(&model, data.rows, &args.device, args.quiet)?;
    let mut inference = Inference::new(&device, &model, &data)?;
    let metrics = inference.metrics()?;
    let predictions = inference.predictions()?;
    warn_of_lost_rows(&model, &data, &predictions);
    if !metrics.loss.is_finite() {
        warn(Some(&format!("the rows' error is not finite: {}", FAR)));
    }
    if !args.quiet && args.has_trained_on() {
        let line = "the model was trained on rows of this data; its test metrics show how good it is on new rows";
        tell_line(&format!("{}: {line}", args.data));
    }
    let scores = Scores::new(&model, &data, predictions);
    let cure = model.endings.first().map_or(CURE.to_owned(), cure);
    let warnings = scores.as_ref().map(|scores| scores.warnings(&cure));
    let warnings = warnings.unwrap_or_default();
    let (mut record, lines) = describe(&data, metrics, scores.as_ref());
    record["warnings"] = listed(&warnings);
    match args.json {
        true => print_json(&record)?,
        false => print_lines(lines)?,
    }
    warnings.iter().for_each(|warning| warn(Some(warning)));
    Ok(ExitCode::SUCCESS)
}

/// Formats the result as JSON and as text.
fn describe(
    data: &Dataset,
    metrics: Metrics,
    scores: Option<&Scores>,
) -> (serde_json::Value, Vec<String>) {
    let mut record = json!({
        "data": data.name,
        "rows": data.rows,
        "loss": metrics.loss,
        "accuracy": metrics.accuracy,
    });
    let mut lines = Vec::new();
    let rows = of_rows(data.rows);
    let Some(scores) = scores else {
        return (record, lines);
    };
    match metrics.accuracy {
        Some(accuracy) => {
            scores.add_classes_to(&mut record);
            let loss = figure(metrics.loss);
            lines.push(format!("accuracy {accuracy:.4}, loss {loss} {rows}"));
            lines.extend(scores.summary());
            lines.extend(scores.class_lines(&record));
            lines.extend(scores.confusion_lines(MOST_CONFUSED));
        }
        None => {
            record["values"] = scores.values();
            lines.extend(scores.summary());
            lines.push(rows);
        }
    }
    (record, lines)
}

/// Maximum number of classes in a printed confusion matrix.
const MOST_CONFUSED: usize = 20;

/// What to try with a model that knows little.
const CURE: &str = "train again with more `epochs`, wider `hidden` layers, or more rows";
