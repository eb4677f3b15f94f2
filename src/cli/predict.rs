//! `wgrad predict`: prints predictions of a model for new rows to stdout.

use crate::cli::{
    flags::{DeviceFlags, ReadFlags},
    messages::{tell_line, tell_notes, warn_of_lost_rows},
    model::{choose_for, load_model, told},
};
use clap::Args;
use serde_json::{Value, json};
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use wgrad::dataset::{Dataset, KeptColumn, Schema};
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
    let data = args
        .read
        .rows(&args.data, &schema, &args.keep, args.quiet)?;
    if args.probabilities && model.schema.classes.is_empty() {
        anyhow::bail!(wgrad::Error::Config(
            "--probabilities: the model predicts values, not classes; leave the flag out"
                .to_owned()
        ));
    }
    tell_notes(&args.data, &data, args.quiet);
    let device = choose_for(&model, data.rows, &args.device, args.quiet)?;
    let predictions = Inference::new(&device, &model, &data)?.predictions()?;
    warn_of_lost_rows(&model, &data, &predictions);
    let table = Table::new(&model, &data, &predictions, args.probabilities);
    table.tell_renamed(args.quiet);
    let out = BufWriter::new(std::io::stdout().lock());
    match args.json {
        true => table.write_json(out)?,
        false => table.write_csv(out)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Predictions as columns and rows.
pub(crate) struct Table<'a> {
    /// Names of the columns of predictions.
    columns: Vec<String>,
    /// Columns of the input, with the names that they have here.
    kept: Vec<(String, &'a KeptColumn)>,
    data: &'a Dataset,
    model: &'a Model,
    predictions: &'a Predictions,
    probabilities: bool,
}

impl<'a> Table<'a> {
    pub(crate) fn new(
        model: &'a Model,
        data: &'a Dataset,
        predictions: &'a Predictions,
        probabilities: bool,
    ) -> Table<'a> {
        let mut columns = model.schema.target_names.clone();
        if probabilities {
            let classes = model.schema.classes.iter();
            columns.extend(classes.map(|class| format!("p({class})")));
        }
        let mut taken = columns.clone();
        let kept = data.kept.iter().map(|column| {
            let name = free_name(&column.name, &taken);
            taken.push(name.clone());
            (name, column)
        });
        Table {
            kept: kept.collect(),
            columns,
            data,
            model,
            predictions,
            probabilities,
        }
    }

    pub(crate) fn rows(&self) -> usize {
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

    /// Prints a note for each kept column that has another name here.
    fn tell_renamed(&self, quiet: bool) {
        let renamed = self
            .kept
            .iter()
            .filter(|(name, column)| *name != column.name);
        for (name, column) in renamed.filter(|_| !quiet) {
            tell_line(&format!(
                "the column {:?} of the rows is called {name:?}: {:?} is taken",
                column.name, column.name
            ));
        }
    }

    /// Returns the name and the number of the line of a row; where rows have none or share lines, of the row, from 1.
    fn place(&self, row: usize) -> (&'static str, u64) {
        match self.data.lines.of(row) {
            0 => ("row", row as u64 + 1),
            number => (self.data.lines.what(), number),
        }
    }

    fn write_csv(&self, out: impl Write) -> anyhow::Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        let kept = self.kept.iter().map(|(name, _)| name);
        let columns = kept.chain(&self.columns);
        csv.write_record(columns.map(|name| cell(name).into_owned()))
            .map_err(io_error)?;
        for row in 0..self.rows() {
            let cells = self.row(row).into_iter().map(|value| match value {
                Value::String(name) => cell(&name).into_owned(),
                number => number.to_string(),
            });
            let kept = self.kept.iter().map(|(_, column)| {
                let text = column.cells.get(row).map_or("", String::as_str);
                cell(text).into_owned()
            });
            csv.write_record(kept.chain(cells)).map_err(io_error)?;
        }
        Ok(csv.flush()?)
    }

    fn write_json(&self, mut out: impl Write) -> anyhow::Result<()> {
        for row in 0..self.rows() {
            writeln!(out, "{}", self.json(row))?;
        }
        Ok(out.flush()?)
    }

    /// Returns a row as a line of JSON.
    pub(crate) fn json(&self, row: usize) -> String {
        let (what, place) = self.place(row);
        let mut object = serde_json::Map::new();
        for (name, column) in &self.kept {
            object.insert(name.clone(), json!(column.cells.get(row)));
        }
        object.extend(self.columns.iter().cloned().zip(self.row(row)));
        // A column may be called line as well.
        let taken: Vec<String> = object.keys().cloned().collect();
        object.insert(free_name(what, &taken), json!(place));
        let object = Value::Object(object).to_string();
        shown_json(&object).into_owned()
    }
}

/// Returns `name`, with `_input` behind it if it is taken.
fn free_name(name: &str, taken: &[String]) -> String {
    let mut name = name.to_owned();
    while taken.contains(&name) {
        name += "_input";
    }
    name
}

/// Unwraps the I/O error in a CSV error, so that a closed pipe is recognised.
fn io_error(error: csv::Error) -> std::io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(why) => why,
        other => std::io::Error::other(format!("{other:?}")),
    }
}
