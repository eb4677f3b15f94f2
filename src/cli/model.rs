//! Loads a model, and runs it on the rows of a command.

use super::flags::DeviceFlags;
use super::messages::{tell_line, warn};
use crate::cli::spelling::as_flags;
use std::path::Path;
use wgrad::device::{Device, Request};
use wgrad::train::Model;

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

/// Rounds a value to the digits that the network's output, an f32 scaled by 1 / `factor`, supports.
pub(crate) fn told(value: f64, factor: f64) -> f64 {
    let deviation = 1.0 / factor;
    if !value.is_finite() || value == 0.0 || !deviation.is_finite() {
        return value;
    }
    let place = |number: f64| number.abs().log10().floor() as i64;
    let digits = (7 + place(value) - place(deviation)).clamp(0, 16) as usize;
    format!("{value:.digits$e}").parse().unwrap_or(value)
}
