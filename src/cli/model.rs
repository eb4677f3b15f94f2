//! Loads a model, and runs it on the rows of a command.

use super::flags::DeviceFlags;
use super::messages::{describe_values, tell_line, warn};
use crate::cli::spelling::as_flags;
use std::path::Path;
use wgrad::dataset::{Dataset, Targets};
use wgrad::device::{Device, Request};
use wgrad::train::{Inference, Model, Predictions};

/// Loads the model at `path`, for the rows of `source`.
pub(crate) fn load_model(path: &Path, source: &str, quiet: bool) -> Result<Model, wgrad::Error> {
    let (model, note) = Model::open(path).map_err(|why| {
        let source = Path::new(source);
        let is_model = source.extension().is_some_and(|kind| kind == "safetensors")
            || source.join("model.safetensors").exists();
        match is_model {
            true => wgrad::Error::Model(format!(
                "{why}; did you mean MODEL and DATA the other way round?"
            )),
            false => why,
        }
    })?;
    note.filter(|_| !quiet)
        .into_iter()
        .for_each(|note| tell_line(&note));
    Ok(model)
}

/// Chooses the device for a pass of `model` over `rows` rows, and prints the choice to stderr.
pub(crate) fn choose_for(
    model: &Model,
    rows: usize,
    flags: &DeviceFlags,
    quiet: bool,
) -> Result<Device, wgrad::Error> {
    let request = Request::from(flags.device.as_deref().unwrap_or("auto"));
    let choice = model.choose(&request, flags.backend.as_deref(), rows)?;
    warn(choice.warning.as_deref());
    if !quiet {
        let reason = as_flags(&choice.reason);
        tell_line(&format!("device {}: {reason}", choice.device.name()));
    }
    Ok(choice.device)
}

/// Returns the errors of the predictions for `rows`, in the units of the data.
pub(crate) fn regression(
    device: &Device,
    model: &Model,
    rows: &Dataset,
) -> anyhow::Result<(serde_json::Value, Vec<String>)> {
    let truth = match &rows.targets {
        Some(Targets::Values { values }) => values.clone(),
        _ => Vec::new(),
    };
    match Inference::new(device, model, rows)?.predictions()? {
        Predictions::Values(predicted) => Ok(describe_values(
            &model.schema.target_names,
            &predicted,
            &truth,
        )),
        Predictions::Classes { .. } => anyhow::bail!("classes predicted for values"),
    }
}
