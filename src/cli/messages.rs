//! Messages that several commands share: warnings and notes. What commands print goes through here: names that
//! others gave to columns, classes, files and adapters may hold characters that a terminal obeys.

mod fit;

use super::spelling::as_flags;
use fit::{fitted, stderr_width, stdout_width};
use std::io::{Result, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use wgrad::dataset::Dataset;
pub(crate) use wgrad::text::typed;
use wgrad::text::{counted, shown, shown_json};
use wgrad::train::{Model, Predictions};

/// Whether this process says nothing on stderr.
static SILENT: AtomicBool = AtomicBool::new(false);

/// Prints nothing on stderr from now on: another process says it.
pub(crate) fn silence() {
    SILENT.store(true, Ordering::Relaxed);
}

/// Returns the lines that show `line` on stderr.
pub(crate) fn lines_for_stderr(line: &str) -> Vec<String> {
    match SILENT.load(Ordering::Relaxed) {
        true => Vec::new(),
        false => fitted(&shown(line), stderr_width()),
    }
}

/// Prints a line to stderr. A closed stderr is no reason to stop.
pub(crate) fn tell_line(line: &str) {
    for line in lines_for_stderr(line) {
        drop(writeln!(std::io::stderr(), "{line}"));
    }
}

/// Prints lines to stdout.
pub(crate) fn print_lines(lines: impl IntoIterator<Item = impl AsRef<str>>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let width = stdout_width();
    for line in lines {
        for line in fitted(&shown(line.as_ref()), width) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
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
            number => format!("{} {number}", data.lines.what()),
        };
        let rows = counted(lost.len(), "row");
        warn(Some(&format!(
            "{rows} with outputs that are not finite, the first is {first}: {FAR}"
        )));
    }
}

/// Colours of terminals.
const YELLOW: &str = "33";
pub(crate) const RED: &str = "31";

/// Prints a line to stderr that begins with a mark, in colour where stderr is a terminal and `NO_COLOR` is not set.
pub(crate) fn tell_marked(mark: &str, color: &str, line: &str) {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    let colored = stderr_width().is_some() && !is_set("NO_COLOR") && !is_dumb;
    for (k, line) in lines_for_stderr(&format!("{mark} {line}"))
        .iter()
        .enumerate()
    {
        let rest = line.strip_prefix(mark).filter(|_| k == 0 && colored);
        drop(match rest {
            Some(rest) => writeln!(std::io::stderr(), "\x1b[{color}m{mark}\x1b[0m{rest}"),
            None => writeln!(std::io::stderr(), "{line}"),
        });
    }
}

/// Prints a warning to stderr, if there is one.
pub(crate) fn warn(warning: Option<&str>) {
    if let Some(warning) = warning {
        tell_marked("warning:", YELLOW, &as_flags(warning));
    }
}
