//! `wgrad predict`: prints predictions of a model for new rows to stdout.

use crate::cli::{
    flags::{DeviceFlags, ReadFlags},
    messages::{tell_notes, warn_of_lost_rows},
    model::{choose_for, load_model},
};
use clap::Args;
use serde_json::{Value, json};
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use wgrad::dataset::Schema;
use wgrad::text::{cell, shown_json};
use wgrad::train::{Inference, Model, Predictions};

/// Predict with a trained model
#[derive(Args)]
pub(crate) struct Predict {
    /// A model.safetensors file, or the folder of its run
    model: PathBuf,
    /// The rows: a CSV with the model's columns in any order, IDX files, a built-in name, or - for stdin
    data: String,
    #[command(flatten)]
    read: ReadFlags,
    /// Columns of the rows to copy in front of the predictions, separated by commas, or all
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    keep: Vec<String>,
    /// Add the probability of each class
    #[arg(long)]
    probabilities: bool,
    #[command(flatten)]
    device: DeviceFlags,
    /// Print JSON lines instead of CSV
    #[arg(long)]
    json: bool,
    /// Hide notes on stderr
    #[arg(long)]
    quiet: bool,
}

pub(crate) fn run(args: &Predict) -> anyhow::Result<ExitCode> {
    let model = load_model(&args.model, &args.data, args.quiet)?;
    // Predict a row whether or not the data has targets.
    let schema = Schema {
        target_names: Vec::new(),
        ..model.schema.clone()
    };
    let data = args.read.rows(&args.data, &schema, &args.keep)?;
    if args.probabilities && model.schema.classes.is_empty() {
        anyhow::bail!(wgrad::Error::Config(
            "--probabilities: the model predicts values, not classes; leave the flag out"
                .to_owned()
        ));
    }
    tell_notes(&args.data, &data, args.quiet);
    let device = choose_for(&model, data.rows, &args.device, args.quiet)?;
    let predictions = Inference::new(&device, &model, &data)?.predictions()?;
    warn_of_lost_rows(&model, &predictions);
    let table = Table::new(&model, &predictions, args.probabilities);
    let out = BufWriter::new(std::io::stdout().lock());
    match args.json {
        true => table.write_json(out)?,
        false => table.write_csv(out)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Predictions as columns and rows.
struct Table<'a> {
    columns: Vec<String>,
    model: &'a Model,
    predictions: &'a Predictions,
    probabilities: bool,
}

impl<'a> Table<'a> {
    fn new(model: &'a Model, predictions: &'a Predictions, probabilities: bool) -> Table<'a> {
        let mut columns = model.schema.target_names.clone();
        if probabilities {
            let classes = model.schema.classes.iter();
            columns.extend(classes.map(|class| format!("p({class})")));
        }
        Table {
            columns,
            model,
            predictions,
            probabilities,
        }
    }

    fn rows(&self) -> usize {
        match self.predictions {
            Predictions::Classes { labels, .. } => labels.len(),
            Predictions::Values(values) => values.len() / self.columns.len().max(1),
        }
    }

    /// Returns the cells of a row: a class name or numbers.
    fn row(&self, row: usize) -> Vec<Value> {
        match self.predictions {
            Predictions::Values(values) => {
                let width = self.columns.len();
                let cells = values[row * width..][..width].iter();
                let factors = &self.model.target_scale.factor;
                let told = cells.zip(factors).map(|(v, factor)| told(*v, *factor));
                told.map(|v| json!(v)).collect()
            }
            Predictions::Classes {
                labels,
                probabilities,
            } => {
                let classes = &self.model.schema.classes;
                let mut cells = vec![json!(classes[labels[row] as usize])];
                if self.probabilities {
                    let row = &probabilities[row * classes.len()..][..classes.len()];
                    cells.extend(row.iter().map(|p| json!(p)));
                }
                cells
            }
        }
    }

    fn write_csv(&self, out: impl Write) -> anyhow::Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        let columns = self.columns.iter().map(|name| cell(name).into_owned());
        csv.write_record(columns).map_err(io_error)?;
        for row in 0..self.rows() {
            let cells = self.row(row).into_iter().map(|value| match value {
                Value::String(name) => cell(&name).into_owned(),
                number => number.to_string(),
            });
            csv.write_record(cells).map_err(io_error)?;
        }
        Ok(csv.flush()?)
    }

    fn write_json(&self, mut out: impl Write) -> anyhow::Result<()> {
        for row in 0..self.rows() {
            let cells = self.columns.iter().cloned().zip(self.row(row));
            let object = Value::Object(cells.collect()).to_string();
            writeln!(out, "{}", shown_json(&object))?;
        }
        Ok(out.flush()?)
    }
}

/// Rounds a value to the digits that the network's output, an f32 scaled by 1 / `factor`, supports.
fn told(value: f64, factor: f64) -> f64 {
    let deviation = 1.0 / factor;
    if !value.is_finite() || value == 0.0 || !deviation.is_finite() {
        return value;
    }
    let place = |number: f64| number.abs().log10().floor() as i64;
    let digits = (7 + place(value) - place(deviation)).clamp(0, 16) as usize;
    format!("{value:.digits$e}").parse().unwrap_or(value)
}

/// Unwraps the I/O error in a CSV error, so that a closed pipe is recognised.
fn io_error(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(why) => why,
        other => std::io::Error::other(format!("{other:?}")),
    }
}
