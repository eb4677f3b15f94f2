//! `wgrad eval`: computes the metrics of a model on rows with targets.

use crate::cli::{
    flags::{DeviceFlags, ReadFlags},
    interrupt,
    messages::{FAR, print_json, print_lines, tell_line, tell_notes, warn, warn_of_lost_rows},
    model::{choose_for, load_model},
    scores::{Scores, cure, listed, of_rows},
};
use clap::Args;
use indicatif::ProgressBar;
use serde_json::json;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use wgrad::config::{ConfigFile, Defaults, Recipe};
use wgrad::dataset::{Dataset, is_fixed};
use wgrad::device::Device;
use wgrad::text::{clipped, figure};
use wgrad::train::{Importance, Inference, Metrics, Model, importance};

/// Evaluate a trained model on data with targets
#[derive(Args)]
pub(crate) struct Eval {
    /// A model.safetensors file, or the folder of its run
    model: PathBuf,
    /// The rows, as for predict, with targets; for IDX files, the test set
    data: String,
    #[command(flatten)]
    read: ReadFlags,
    /// Also shuffle each column in turn, and print what accuracy or R² that costs: its importance to the model
    #[arg(long)]
    importance: bool,
    /// How often to shuffle each column
    #[arg(long, value_name = "COUNT", default_value_t = 5, requires = "importance", value_parser = clap::value_parser!(u32).range(1..=1000))]
    repeats: u32,
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
    /// Computes the importance of each column, until it is interrupted.
    fn importances(
        &self,
        device: &Device,
        model: &Model,
        data: &Dataset,
    ) -> Result<Vec<Importance>, wgrad::Error> {
        let stop = interrupt::stop_flag();
        let bar = (!self.quiet && std::io::stderr().is_terminal()).then(ProgressBar::no_length);
        let mut watch = |done: usize, total: usize| {
            if let Some(bar) = &bar {
                bar.set_length(total as u64);
                bar.set_position(done as u64);
            }
            !stop.load(Ordering::Relaxed)
        };
        let repeats = self.repeats as usize;
        let found = importance(device, model, data, repeats, 0, &mut watch);
        bar.into_iter().for_each(|bar| bar.finish_and_clear());
        found
    }

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
    interrupt::catch()?;
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
    let is_known = args.has_trained_on();
    if !args.quiet && is_known {
        let line = "the model was trained on rows of this data; its test metrics show how good it is on new rows";
        tell_line(&format!("{}: {line}", args.data));
    }
    let scores = Scores::new(&model, &data, predictions);
    let cure = model.endings.first().map_or(CURE.to_owned(), cure);
    let warnings = scores.as_ref().map(|scores| scores.warnings(&cure, false));
    let mut warnings = warnings.unwrap_or_default();
    let unseen = scores.as_ref().filter(|_| !is_known);
    warnings.extend(unseen.and_then(|scores| scores.too_good(&args.data, data.form)));
    let (mut record, mut lines) = describe(&data, metrics, scores.as_ref());
    record["warnings"] = listed(&warnings);
    let mut interrupted = false;
    if args.importance {
        match args.importances(&device, &model, &data) {
            Err(wgrad::Error::Interrupted) => interrupted = true,
            found => {
                let found = found?;
                record["importance"] = json!(found);
                lines.extend(importance_lines(&model, &found, args.repeats));
            }
        }
    }
    match args.json {
        true => print_json(&record)?,
        false => print_lines(lines)?,
    }
    warnings.iter().for_each(|warning| warn(Some(warning)));
    Ok(interrupt::ended(interrupted))
}

/// Formats the importance of the columns.
fn importance_lines(model: &Model, found: &[Importance], repeats: u32) -> Vec<String> {
    let score = match model.schema.classes.is_empty() {
        true => "R²",
        false => "accuracy",
    };
    let mut lines = vec![
        String::new(),
        format!("{score} lost where a column is shuffled, mean and deviation of {repeats}"),
    ];
    let names = found
        .iter()
        .map(|own| clipped(&own.column, NAME).into_owned());
    let names: Vec<String> = names.collect();
    let width = names.iter().map(|name| name.chars().count()).max();
    let width = width.unwrap_or(0);
    lines.extend(names.iter().zip(found).map(|(name, own)| {
        // No -0.0000.
        let [mean, deviation] = [own.mean, own.deviation].map(|v| format!("{:.4}", v + 0.0));
        format!("{name:width$}  {mean:>7} ± {deviation}")
    }));
    lines
}

/// Maximum number of characters of a column's name.
const NAME: usize = 40;

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
