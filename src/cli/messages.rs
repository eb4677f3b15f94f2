//! Messages that several commands share: warnings and notes. What commands print goes through here: names that
//! others gave to columns, classes, files and adapters may hold characters that a terminal obeys.

use super::spelling::as_flags;
use std::io::{Result, Write};
use wgrad::dataset::Dataset;
use wgrad::text::{counted, shown, shown_json};
use wgrad::train::{Model, Predictions};

/// Prints a line to stderr. A closed stderr is no reason to stop.
pub(crate) fn tell_line(line: &str) {
    drop(writeln!(std::io::stderr(), "{}", shown(line)));
}

/// Prints lines to stdout.
pub(crate) fn print_lines(lines: impl IntoIterator<Item = impl AsRef<str>>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let mut lines = lines.into_iter();
    lines.try_for_each(|line| writeln!(out, "{}", shown(line.as_ref())))
}

/// Prints a JSON object to stdout, as one line.
pub(crate) fn print_json(object: &serde_json::Value) -> Result<()> {
    let object = object.to_string();
    writeln!(std::io::stdout(), "{}", shown_json(&object))
}

/// Prints the notes on the rows of `source` to stderr, unless `quiet`, and the warnings.
pub(crate) fn tell_notes(source: &str, data: &Dataset, quiet: bool) {
    for warning in &data.warnings {
        warn(Some(&format!("{source}: {warning}")));
    }
    for note in data.notes.iter().filter(|_| !quiet) {
        tell_line(&format!("{source}: {}", as_flags(note)));
    }
}

/// Advice for rows with outputs that are not finite.
pub(crate) const FAR: &str = "look for inputs far from those that the model was trained on";

/// Warns about rows with outputs that are not finite: their predictions mean nothing.
pub(crate) fn warn_of_lost_rows(model: &Model, data: &Dataset, predictions: &Predictions) {
    let outputs: Vec<bool> = match predictions {
        Predictions::Classes { probabilities, .. } => {
            probabilities.iter().map(|p| p.is_finite()).collect()
        }
        Predictions::Values(values) => values.iter().map(|v| v.is_finite()).collect(),
    };
    let rows = outputs.chunks(model.mlp.outputs()).enumerate();
    let lost = rows.filter(|(_, row)| row.contains(&false));
    let lost: Vec<usize> = lost.map(|(row, _)| row).collect();
    if let Some(first) = lost.first() {
        let first = match data.lines.of(*first) {
            0 => format!("row {} of those predicted", first + 1),
            line => format!("line {line}"),
        };
        let rows = counted(lost.len(), "row");
        warn(Some(&format!(
            "{rows} with outputs that are not finite, the first is {first}: {FAR}"
        )));
    }
}

/// Quotes `text` for a shell, if needed.
pub(crate) fn typed(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-/:+,=@%\\".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// Prints a warning to stderr, if there is one.
pub(crate) fn warn(warning: Option<&str>) {
    if let Some(warning) = warning {
        tell_line(&format!("warning: {}", as_flags(warning)));
    }
}
