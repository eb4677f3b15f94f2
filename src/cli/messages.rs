//! What several commands say: warnings, notes, and how good predictions are.

use super::spelling::as_flags;
use std::io::Write;
use wgrad::dataset::Dataset;
use wgrad::text::{counted, figure};
use wgrad::train::{Model, Predictions, metrics};

/// Says on stderr what was left out of the rows of `source`.
pub(crate) fn tell_notes(source: &str, data: &Dataset, quiet: bool) {
    for note in data.notes.iter().filter(|_| !quiet) {
        drop(writeln!(std::io::stderr(), "{source}: {}", as_flags(note)));
    }
}

/// How far predicted values (rows, targets) are from the true ones, for programs and for people.
pub(crate) fn describe_values(
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
pub(crate) const FAR: &str = "look for inputs far from those that the model was trained on";

/// Warns of rows whose outputs left the finite numbers: of what else is written of them nothing can be held.
pub(crate) fn warn_of_lost_rows(model: &Model, predictions: &Predictions) {
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

/// `text` as one word of a command: in quotes, if a shell would make more of it.
pub(crate) fn typed(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-/:+,=@%\\".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// Says on stderr what was amiss, if something was.
pub(crate) fn warn(warning: Option<&str>) {
    if let Some(warning) = warning {
        drop(writeln!(
            std::io::stderr(),
            "warning: {}",
            as_flags(warning)
        ));
    }
}
