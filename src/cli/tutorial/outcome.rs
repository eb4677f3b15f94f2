//! What the tutorial computed, and how it ends.

use super::pages::Pages;
use anyhow::bail;
use std::process::ExitCode;
use wgrad::device::Device;
use wgrad::tutorial::bounds::Measured;
use wgrad::tutorial::claims::{self, Judged};
use wgrad::tutorial::columns::wrap;
use wgrad::tutorial::figures::Verdict;
use wgrad::tutorial::network::Network;
use wgrad::tutorial::render;
use wgrad::tutorial::run::Run;
use wgrad::tutorial::text::Lang;
use wgrad::tutorial::walk::{self, Section, View, numbers};
use wgrad::tutorial::{Report, Row};

/// What the command computed.
pub(super) struct Outcome<'a> {
    pub(super) device: Device,
    pub(super) lang: Lang,
    pub(super) network: &'a Network,
    pub(super) run: Run,
    /// The device's first round.
    pub(super) measured: Vec<Measured>,
    pub(super) judged: Vec<Judged>,
    /// The article's figures; of a learner's network there are none.
    pub(super) report: Option<Report>,
    /// The device's error after all rounds of a learner's network.
    pub(super) error_after: Option<f64>,
}

impl Outcome<'_> {
    /// Returns success, or what the exit code 1 is for.
    pub(super) fn verdict(&self) -> anyhow::Result<ExitCode> {
        if let Some(report) = self.report.as_ref().filter(|report| !report.ok()) {
            bail!(fault(report, &self.device));
        }
        let off: Vec<&Measured> = self.measured.iter().filter(|m| !m.holds()).collect();
        if let Some(first) = off.first() {
            let (name, exact, found) = (&first.exact.name, first.exact.value, first.computed);
            let count = [off.len(), self.measured.len()];
            bail!(off_bounds(&self.device, count, name, [exact, found]));
        }
        let wrong = self
            .judged
            .iter()
            .filter(|one| one.verdict != claims::Verdict::Right);
        Ok(match wrong.count() {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        })
    }

    /// Whether the device computed everything within its bounds. Claims are not its business.
    pub(super) fn ok(&self) -> bool {
        let report = self.report.as_ref().is_none_or(Report::ok);
        report && self.measured.iter().all(Measured::holds)
    }

    /// Prints the walk, the figures, or only the end.
    pub(super) fn show(&self, pages: &Pages) -> anyhow::Result<()> {
        let (words, style) = (self.lang.walk(), pages.style);
        if let Some(report) = self.report.as_ref().filter(|_| pages.figures) {
            return pages.print(&match pages.quiet {
                true => render::closing(report, style),
                false => render::page(report, &pages.device, style),
            });
        }
        let notes = self
            .report
            .as_ref()
            .map(|report| render::notes(report, self.lang));
        let view = View {
            network: self.network,
            run: &self.run,
            measured: &self.measured,
            notes: &notes.unwrap_or_default(),
            lang: self.lang,
        };
        let mut parts = match pages.quiet {
            true => Vec::new(),
            false => walk::sections(&view),
        };
        if !self.judged.is_empty() {
            parts.push(numbers::section(&self.judged, self.lang));
        }
        parts.extend(self.error_after.and_then(|error| walk::end(&view, error)));
        if let Some(report) = &self.report {
            parts.push(Section {
                title: String::new(),
                body: render::closing(report, style),
            });
            let [title, text] = words.article_end;
            parts.extend((!pages.quiet).then(|| Section {
                title: title.to_owned(),
                body: wrap(text, 0),
            }));
        }
        let [title, subtitle] = match self.report {
            Some(_) => [self.lang.words().title, words.subtitle],
            None => words.homework,
        };
        let title = match pages.quiet {
            true => String::new(),
            false => render::title(title, subtitle, &pages.device, style),
        };
        pages.print_parts(&title, &parts)
    }
}

/// Describes what went wrong on the device.
fn fault(report: &Report, device: &Device) -> String {
    let is_off = |row: &&Row| row.verdict == Verdict::Mismatch;
    let off: Vec<&Row> = report.rows.iter().filter(is_off).collect();
    let count = [off.len(), report.rows.len()];
    let first = off.first().map_or(("", [f64::NAN; 2]), |row| {
        (row.figure.symbol, [row.reference, row.computed])
    });
    off_bounds(device, count, first.0, first.1)
}

fn off_bounds(
    device: &Device,
    [off, all]: [usize; 2],
    first: &str,
    [exact, computed]: [f64; 2],
) -> String {
    let verb = match off {
        1 => "is off its bound",
        _ => "are off their bounds",
    };
    let first = match off {
        0 => String::new(),
        _ => format!("; the first is {first}: expected {exact:.9e}, computed {computed:.9e}"),
    };
    format!(
        "{}: {off} of {all} figures {verb}{first}; update its driver; wgrad verify tells which kernels are wrong",
        device.name()
    )
}
