//! `wgrad inspect`: shows what a table holds and what becomes of it, or what is in a model.

mod table;

pub(super) use table::described;

use crate::cli::{
    flags::DataFlags,
    messages::{print_json, print_lines},
    model::load_model,
    reading,
    spelling::as_flags,
    unused_settings,
};
use clap::Args;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use wgrad::Model;
use wgrad::config::{Config, ConfigFile, Origin};
use wgrad::dataset;
use wgrad::dataset::{Dataset, Form, Inspection, Targets};
use wgrad::text::{counted, shown};
use wgrad::train::{EndReason, Ending};

/// Look at data before training, or at a model
///
/// For a table: what each column holds and why, how many cells are distinct or missing, and what becomes of it.
#[derive(Args)]
pub(crate) struct Inspect {
    /// A table, a folder of images or a built-in, as for train; or a model.safetensors file, or the folder of its run
    #[arg(value_name = "DATA|MODEL")]
    source: String,
    #[command(flatten)]
    data: DataFlags,
    /// Print one JSON object to stdout
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Inspect) -> anyhow::Result<ExitCode> {
    let path = Path::new(&args.source);
    let is_model = path.extension().is_some_and(|kind| kind == "safetensors")
        || path.join("model.safetensors").is_file();
    if is_model {
        return model(args, path);
    }
    let mut config = Config::default();
    args.data.set(&mut config, Some(&args.source));
    let options = config.data.read_options();
    let seed = config.split_seed();
    let found = reading::shown(false, || dataset::inspect(&args.source, &options, seed));
    let found = found.map_err(wgrad::Error::from)?;
    let origin = Origin::new(&ConfigFile::default(), &config);
    let warn_for = |data: &Dataset| {
        unused_settings::tell(&origin, unused_settings::data(&config, data));
        unused_settings::tell(&origin, unused_settings::loss(&config, data));
    };
    match found {
        Some(inspection) => {
            warn_for(&Dataset::default());
            data_of_table(args, &inspection)
        }
        None => {
            let read = reading::shown(false, || dataset::read(&args.source, &options, seed));
            let data = read.map_err(wgrad::Error::from)?;
            warn_for(&data);
            images(args, &data)
        }
    }
}

fn data_of_table(args: &Inspect, inspection: &Inspection) -> anyhow::Result<ExitCode> {
    let problems = inspection.problems.iter().map(|why| as_flags(why));
    let problems: Vec<String> = problems.collect();
    if args.json {
        let mut record = serde_json::to_value(inspection)?;
        record["problems"] = json!(problems);
        print_json(&record)?;
    } else {
        print_lines(table::lines(inspection, &problems))?;
    }
    Ok(match problems.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(3),
    })
}

fn images(args: &Inspect, data: &Dataset) -> anyhow::Result<ExitCode> {
    let size = match data.form {
        Form::Images { height, width, .. } => [height, width],
        Form::Table => [1, data.width()],
    };
    let counts = match &data.targets {
        Some(Targets::Classes { labels, names }) => {
            let mut counts: Vec<(String, usize)> = names.iter().map(|n| (n.clone(), 0)).collect();
            labels
                .iter()
                .for_each(|label| counts[*label as usize].1 += 1);
            counts
        }
        _ => Vec::new(),
    };
    let test = data.test_from.map(|from| data.rows - from);
    if args.json {
        print_json(&json!({
            "name": data.name,
            "rows": data.rows,
            "test_rows": test.unwrap_or(0),
            "height": size[0],
            "width": size[1],
            "inputs": data.width(),
            "classes": counts,
            "notes": data.notes,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let of_test = test.map(|test| format!(", {test} of them for the test"));
    let mut lines = vec![format!(
        "{}: {} of {}{}",
        data.name,
        counted(data.rows, "image"),
        data.form,
        of_test.unwrap_or_default()
    )];
    lines.extend(
        data.notes
            .iter()
            .map(|note| format!("  {}", as_flags(note))),
    );
    lines.extend(table::classes(&counts));
    print_lines(lines)?;
    Ok(ExitCode::SUCCESS)
}

/// Describes how training ended.
fn ended(ending: &Ending) -> String {
    let why = match ending.reason {
        EndReason::Epochs => "as many as were asked for",
        EndReason::MaxSteps => "the largest number of steps",
        EndReason::Patience => "the loss hardly improved any more",
        EndReason::MaxTime => "it took as long as it might",
        EndReason::Interrupted => "it was interrupted",
        EndReason::Diverged => "it diverged",
    };
    let refit = match ending.refit {
        true => ", and trained anew on training and validation rows",
        false => "",
    };
    format!(
        "trained for {} ({} steps): {why}; kept epoch {}{refit}",
        counted(ending.epochs, "epoch"),
        ending.steps,
        ending.kept_epoch
    )
}

/// Describes how the training of each network ended: in a line, or two for an ensemble.
fn ends(endings: &[Ending]) -> Vec<String> {
    match endings {
        [] | [_] => endings.iter().map(ended).collect(),
        [first, ..] => {
            let kept = endings.iter().map(|ending| ending.kept_epoch.to_string());
            vec![
                format!("the first {}", ended(first)),
                format!("kept epochs  {}", kept.collect::<Vec<_>>().join(", ")),
            ]
        }
    }
}

fn model(args: &Inspect, path: &Path) -> anyhow::Result<ExitCode> {
    let model: Model = load_model(path, "", false)?;
    let schema = &model.schema;
    let inputs = match &schema.encoder {
        Some(encoder) => encoder.input_names(&schema.columns),
        None => schema.columns.clone(),
    };
    if args.json {
        print_json(&json!({
            "layers": model.mlp.layers,
            "parameters": model.mlp.parameters.len(),
            "loss": model.loss,
            "schema": schema,
            "inputs": inputs,
            "networks": model.networks().count(),
            "endings": model.endings,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = vec![
        format!(
            "{} {} ({}), trained with {}",
            match model.networks().count() {
                1 => "network".to_owned(),
                count => format!("ensemble of {count} networks"),
            },
            model.mlp,
            match model.networks().count() {
                1 => counted(model.mlp.parameters.len(), "parameter"),
                _ => format!("{} each", counted(model.mlp.parameters.len(), "parameter")),
            },
            serde_json::to_value(model.loss)?
                .as_str()
                .unwrap_or_default()
        ),
        format!("predicts {}", schema.target_names.join(", ")),
    ];
    lines.extend(ends(&model.endings));
    if !schema.classes.is_empty() {
        let classes: Vec<_> = schema.classes.iter().map(|class| shown(class)).collect();
        lines.push(format!("classes  {}", classes.join(", ")));
    }
    if let Form::Images { height, width, .. } = schema.form {
        lines.push(format!("reads images of {height} x {width}"));
    } else {
        lines.extend(table::model_columns(&model));
    }
    print_lines(lines)?;
    Ok(ExitCode::SUCCESS)
}
