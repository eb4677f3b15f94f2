//! `wgrad tutorial --page`: writes the page.

use super::outcome::Outcome;
use crate::cli::{file_or_stdout::FileOrStdout, messages::tell_line};
use std::path::Path;
use wgrad::text::shown;
use wgrad::tutorial::page::{Machine, Page};

/// Writes the page about what was computed to `path`, or to stdout if that is `-`.
pub(super) fn write(path: &Path, outcome: &Outcome) -> anyhow::Result<()> {
    let page = Page {
        network: outcome.network,
        run: &outcome.run,
        report: outcome.report.as_ref(),
        machine: Machine {
            adapter: shown(&outcome.device.name()).into_owned(),
            backend: outcome.device.backend().to_string(),
        },
    };
    let output = FileOrStdout {
        flag: "--page",
        path,
        bytes: page.html(outcome.lang)?.into_bytes(),
    };
    output.write()?;
    if !output.is_stdout() {
        tell_line(&format!("saved   {}", path.display()));
    }
    Ok(())
}
