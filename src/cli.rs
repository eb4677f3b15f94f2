//! The command line: one file a subcommand, each from what was typed to what it means to the library.
//!
//! Data goes to stdout, progress to stderr. Exit codes: 0 ok, 1 failure or mismatch, 2 usage, 3 bad data or config,
//! 4 no usable adapter, 5 diverged, 130 interrupted.

mod bench;
mod chart;
mod devices;
mod effect;
mod eval;
mod flags;
mod log;
mod predict;
mod run_folder;
mod sweep;
mod train;
mod tutorial;
mod verify;

use clap::{Args, Parser, Subcommand};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use wgrad::config::origin::ConfigFile;
use wgrad::config::{Config, RunConfig};
use wgrad::dataset;
use wgrad::dataset::types::{Dataset, ReadOptions, Schema, Task};
use wgrad::device::Device;
use wgrad::device::choice::Request;
use wgrad::kernels::switches::Switches;
use wgrad::text::{counted, figure};
use wgrad::train::checkpoint::Model;
use wgrad::train::inference::Predictions;
use wgrad::train::metrics;

/// Train multi-layer perceptrons on any GPU, with WGSL compute shaders.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Walk through the article on this machine's adapter, number by number
    Tutorial(tutorial::Tutorial),
    Train(Box<train::Train>),
    Sweep(Box<sweep::Sweep>),
    Eval(eval::Eval),
    Predict(predict::Predict),
    Devices(devices::Devices),
    Bench(bench::Bench),
    Verify(verify::Verify),
}

/// How a data set is read.
#[derive(Args, Clone, Debug)]
pub(crate) struct DataFlags {
    /// Target column; several, separated by commas, for values [default: the last column]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) target: Vec<String>,
    /// Learn classes or values [default: what the target looks like]
    #[arg(long, value_enum)]
    pub(crate) task: Option<Task>,
    /// Columns to leave out, separated by commas
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) drop: Vec<String>,
    /// Leave out rows with missing values
    #[arg(long)]
    pub(crate) skip_missing: bool,
}

impl DataFlags {
    /// Puts what was typed over what `config` has.
    fn set(&self, config: &mut Config, source: Option<&String>) {
        let data = &mut config.data;
        data.source = source.cloned().or(data.source.take());
        for (setting, typed) in [
            (&mut data.target, &self.target),
            (&mut data.drop, &self.drop),
        ] {
            if !typed.is_empty() {
                *setting = typed.clone();
            }
        }
        data.task = self.task.or(data.task);
        data.skip_missing |= self.skip_missing;
    }
}

/// The configuration in a TOML file, or the default one.
fn read_config(path: Option<&Path>) -> Result<ConfigFile, wgrad::Error> {
    let mut file = path.map_or_else(|| Ok(ConfigFile::default()), ConfigFile::read)?;
    file.config.no_hidden_layers_for_zero();
    Ok(file)
}

/// How rows for a model are read.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReadFlags {
    /// Leave out rows with missing values
    #[arg(long)]
    skip_missing: bool,
}

impl ReadFlags {
    /// The rows of `source` with the columns that `schema` names.
    fn rows(&self, source: &str, schema: &Schema) -> Result<Dataset, wgrad::Error> {
        let options = ReadOptions {
            skip_missing: self.skip_missing,
            ..ReadOptions::default()
        };
        Ok(dataset::read_for(source, schema, &options)?)
    }
}

/// The model at `path`, for the rows of `source`.
fn load_model(path: &Path, source: &str) -> Result<Model, wgrad::Error> {
    Model::load(path).map_err(|why| {
        let source = Path::new(source);
        let is_model = source.extension().is_some_and(|kind| kind == "safetensors")
            || source.join("model.safetensors").exists();
        match is_model {
            true => wgrad::Error::Model(format!(
                "{why}; did you mean MODEL and DATA the other way round?"
            )),
            false => why,
        }
    })
}

/// Says on stderr what was left out of the rows of `source`.
fn tell_notes(source: &str, data: &Dataset, quiet: bool) {
    for note in data.notes.iter().filter(|_| !quiet) {
        drop(writeln!(std::io::stderr(), "{source}: {note}"));
    }
}

/// How far predicted values (rows, targets) are from the true ones, for programs and for people.
fn describe_values(
    names: &[String],
    predicted: &[f64],
    truth: &[f64],
) -> (serde_json::Value, Vec<String>) {
    let each = metrics::regressions(predicted, truth, names.len());
    let mut records = Vec::new();
    let mut lines = Vec::new();
    for (name, values) in names.iter().zip(each) {
        let r2 = values.r2.map_or("-".to_owned(), figure);
        lines.push(format!(
            "{name}: root mean squared error {}, mean absolute error {}, R² {r2}",
            figure(values.rmse),
            figure(values.mae)
        ));
        let (rmse, mae) = (values.rmse, values.mae);
        records
            .push(serde_json::json!({"target": name, "rmse": rmse, "mae": mae, "r2": values.r2}));
    }
    (records.into(), lines)
}

/// What to do about rows whose outputs left the finite numbers.
const FAR: &str = "look for inputs far from those that the model was trained on";

/// Warns of rows whose outputs left the finite numbers: of what else is written of them nothing can be held.
fn warn_of_lost_rows(model: &Model, predictions: &Predictions) {
    let outputs: Vec<bool> = match predictions {
        Predictions::Classes { probabilities, .. } => {
            probabilities.iter().map(|p| p.is_finite()).collect()
        }
        Predictions::Values(values) => values.iter().map(|v| v.is_finite()).collect(),
    };
    let rows = outputs.chunks(model.mlp.outputs()).enumerate();
    let lost = rows.filter(|(_, row)| row.contains(&false));
    let lost: Vec<usize> = lost.map(|(row, _)| row + 1).collect();
    if let Some(first) = lost.first() {
        let rows = counted(lost.len(), "row");
        warn(Some(&format!(
            "{rows} with outputs that are not finite, the first is row {first} of those predicted: {FAR}"
        )));
    }
}

/// The device for a pass of `model` over `rows` rows; says on stderr which and why.
fn choose_for(
    model: &Model,
    rows: usize,
    flags: &DeviceFlags,
    quiet: bool,
) -> Result<Device, wgrad::Error> {
    let request = Request::from(flags.device.as_deref().unwrap_or("auto"));
    let choice = model.choose(&request, flags.backend.as_deref(), rows)?;
    warn(choice.warning.as_deref());
    if !quiet {
        let line = format!("device {}: {}", choice.device.name(), choice.reason);
        drop(writeln!(std::io::stderr(), "{line}"));
    }
    Ok(choice.device)
}

/// `text` as one word of a command: in quotes, if a shell would make more of it.
fn typed(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-/:+,=@%\\".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// Says on stderr what was amiss, if something was.
fn warn(warning: Option<&str>) {
    if let Some(warning) = warning {
        drop(writeln!(std::io::stderr(), "warning: {warning}"));
    }
}

/// Flags that mean the same everywhere.
#[derive(Args, Clone, Debug)]
pub(crate) struct DeviceFlags {
    /// auto, cpu, gpu, or a part of an adapter's name
    #[arg(long, value_name = "DEVICE")]
    pub(crate) device: Option<String>,
    /// vulkan, metal, dx12, or gl (in builds with that feature)
    #[arg(long, value_name = "BACKEND")]
    pub(crate) backend: Option<String>,
}

impl DeviceFlags {
    /// Puts what was typed over what `run` has.
    fn set(&self, run: &mut RunConfig) {
        if let Some(device) = &self.device {
            run.device = device.clone();
        }
        run.backend = self.backend.clone().or(run.backend.take());
    }
}

/// Runs the command that was typed.
pub(crate) fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    // Adapters that cannot be opened are left out of some lists: a mistyped switch must not look like that.
    Switches::of_environment()?;
    match cli.command {
        Command::Tutorial(args) => tutorial::run(&args),
        Command::Train(args) => train::run(&args),
        Command::Sweep(args) => sweep::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Predict(args) => predict::run(&args),
        Command::Devices(args) => devices::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Verify(args) => verify::run(&args),
    }
}

/// The exit code that an error means.
pub(crate) fn exit_code(error: &anyhow::Error) -> u8 {
    let known = error.chain().find_map(|e| e.downcast_ref::<wgrad::Error>());
    known.map_or(1, wgrad::Error::exit_code)
}

/// Whether an error only says that whoever read our output (`head`, `less`) has gone.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|e| {
        let inside = e.downcast_ref::<wgrad::Error>().and_then(|e| match e {
            wgrad::Error::Io { why, .. } => Some(why),
            _ => None,
        });
        inside.or(e.downcast_ref::<std::io::Error>())
    });
    io.is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}
