//! The tutorial as a text page of 80 columns.

use super::article::ARTICLE_ROUNDS;
use super::article::{BIASES, INPUTS, PARAMETERS, TARGETS, WEIGHTS};
use super::columns::{lead, pad, thousands, wrap};
use super::figures::{Heading, Verdict};
use super::text;
use super::text::{Lang, Words};
use super::walk::{Note, Section};
use super::{Biases, Report, Row, State};
use crate::plan::Order;
use unicode_width::UnicodeWidthStr;

/// The style of a page.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// Language.
    pub lang: Lang,
    /// Whether to colour headings and verdicts, for a terminal.
    pub colour: bool,
}

/// Column widths of a table: figure, printed, exact, computed. The verdict takes the rest.
pub const LABEL: usize = 27;
const PRINTED: usize = 12;
const VALUE: usize = 14;

impl Style {
    fn words(self) -> &'static Words {
        self.lang.words()
    }

    fn paint(self, code: &str, text: &str) -> String {
        match self.colour {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }

    fn heading(self, text: &str) -> String {
        let rule = "-".repeat(text.width());
        format!("\n{}\n{rule}\n", self.paint("1", text))
    }
}

/// Returns the title of a walk, and what computes it.
pub fn title(title: &str, subtitle: &str, device: &str, style: Style) -> String {
    format!(
        "{}\n{subtitle}\n{}",
        style.paint("1", title),
        wrap(device, 0)
    )
}

/// Returns a part of a walk.
pub fn section(section: &Section, style: Style) -> String {
    match section.title.is_empty() {
        true => section.body.clone(),
        false => style.heading(&section.title) + &section.body,
    }
}

/// Returns what is to be said of the article's print in a walk: misprints, and slips in formulas.
pub fn notes(report: &Report, lang: Lang) -> Vec<Note> {
    let rows = report.rows.iter();
    let said = rows.filter(|row| row.by_order.is_none() && row.verdict != Verdict::Mismatch);
    said.filter_map(|row| {
        Some(Note {
            heading: row.figure.heading,
            name: lang.words().label(row.figure.symbol).to_owned(),
            printed: row.figure.printed,
            text: note(row, lang)?,
        })
    })
    .collect()
}

/// Returns the whole page of figures.
pub fn page(report: &Report, device: &str, style: Style) -> String {
    let mut page = opening(device, style);
    for heading in Heading::ALL {
        page += &part(report, heading, style);
    }
    page + &closing(report, style)
}

/// Returns the title, device, overview, and the meaning of the columns.
fn opening(device: &str, style: Style) -> String {
    let words = style.words();
    let mut page = style.paint("1", words.title);
    page += &format!("\n{}\n{}", words.subtitle, wrap(device, 0));
    page += &style.heading(words.overview);
    let [network, tables] = words.overview_text else {
        return page;
    };
    page += &format!(
        "{}\n{}\n{}\n",
        wrap(network, 0),
        setup(words),
        wrap(tables, 0)
    );
    let indented = |(name, meaning): &(&str, &str), indent: usize| {
        let label = format!("{:indent$}{}  ", "", pad(name, 12));
        let meaning = wrap(meaning, label.width());
        format!("{label}{}", meaning.trim_start())
    };
    page.extend(words.columns.iter().map(|column| indented(column, 2)));
    page.extend(words.verdicts.iter().map(|verdict| indented(verdict, 4)));
    page
}

/// Returns weights, biases, inputs and targets, one line per neuron.
fn setup(words: &Words) -> String {
    let [bias, target, rate] = words.setup;
    let w = |k: usize| format!("w{}={:.2}", k + 1, PARAMETERS[WEIGHTS[k]]);
    let b = |neuron: usize| PARAMETERS[BIASES[neuron]];
    let hidden = |h: usize| {
        let weights = format!("{}  {}", w(2 * h), w(2 * h + 1));
        format!("  h{}  {weights}  {:.2}", h + 1, b(h))
    };
    let output = |o: usize| {
        let weights = format!("{}  {}", w(4 + 2 * o), w(5 + 2 * o));
        format!(
            "  o{}  {weights}  {:.2}  {:.2}",
            o + 1,
            b(2 + o),
            TARGETS[o]
        )
    };
    let left = 32;
    let mut text = format!(
        "{}{}  {}\n",
        pad(&format!("      i1       i2       {bias}"), left),
        format_args!("      h1       h2       {bias}"),
        target
    );
    for k in 0..2 {
        text += &format!("{}{}\n", pad(&hidden(k), left), output(k));
    }
    let [i1, i2] = INPUTS;
    text + &format!("  i1={i1:.2}  i2={i2:.2}  {rate} 0.5\n")
}

/// Returns a heading with its explanation, formulas and table.
fn part(report: &Report, heading: Heading, style: Style) -> String {
    let words = style.words();
    let (title, explanation) = words.part(heading);
    let mut page = style.heading(title) + &wrap(explanation, 0);
    for formula in text::formulas(heading) {
        page += &format!("\n    {formula}");
    }
    page += if text::formulas(heading).is_empty() {
        ""
    } else {
        "\n"
    };
    page += &format!("\n{}\n", style.paint("2", &head(words)));
    let rows = report.rows.iter().filter(|r| r.figure.heading == heading);
    page.extend(rows.map(|row| line(row, style)));
    let kernels = text::kernels(heading).join(", ");
    if !kernels.is_empty() {
        page += &style.paint("2", &format!("{}{kernels}", words.kernels));
        page += "\n";
    }
    if heading == Heading::HiddenLayer && report.settings.order == Order::Sequential {
        let w1 = format!("{:.9}", report.w1_in_place);
        page += "\n";
        page += &wrap(&words.in_place.replace("{w1}", &w1), 0);
    }
    page
}

pub fn head(words: &Words) -> String {
    let [figure, printed, exact, computed, verdict] = words.heads;
    let cells = [
        pad(figure, LABEL),
        lead(printed, PRINTED),
        lead(exact, VALUE + 1),
        lead(computed, VALUE),
    ];
    format!("{}  {verdict}", cells.concat())
}

/// Returns a row of a table, and its notes.
fn line(row: &Row, style: Style) -> String {
    let words = style.words();
    let cells = [
        pad(words.label(row.figure.symbol), LABEL),
        lead(row.figure.printed, PRINTED),
        lead(
            &without_zeros(&format!("{:.11}", row.reference), ' '),
            VALUE + 1,
        ),
        lead(&without_zeros(&format!("{:.10}", row.computed), ' '), VALUE),
    ];
    let code = match row.verdict {
        Verdict::Match => "32",
        Verdict::Misprint => "33",
        Verdict::Sequential => "36",
        Verdict::Mismatch => "1;31",
    };
    let verdict = style.paint(code, words.verdict(row.verdict));
    let mut text = format!("{}  {verdict}\n", cells.concat());
    if let Some(note) = note(row, style.lang) {
        text += &wrap(&format!("^ {note}"), 4);
    }
    text
}

/// Returns the note on a figure that does not match, or whose formula has a slip.
pub fn note(row: &Row, lang: Lang) -> Option<String> {
    let (words, symbol) = (lang.words(), row.figure.symbol);
    let remark = words
        .remark(symbol)
        .filter(|_| row.verdict != Verdict::Mismatch);
    let said = match row.verdict {
        Verdict::Match => return remark.map(str::to_owned),
        Verdict::Misprint => words.misprint(symbol, &right(row.reference)),
        Verdict::Sequential => {
            let value = row.by_order.map_or(f64::NAN, |[_, sequential]| sequential);
            words
                .sequential
                .replace("{sequential}", &format!("{value:.11}"))
        }
        Verdict::Mismatch => words.mismatch.to_owned(),
    };
    Some(remark.map_or(said.clone(), |remark| {
        format!("{said}{}{remark}", words.gap)
    }))
}

/// Formats a value with the article's nine digits, without trailing zeros.
fn right(value: f64) -> String {
    let text = format!("{value:.9}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Returns a number with `blank` for the zeros at the end of its decimals, and for a point with nothing behind.
pub(super) fn without_zeros(number: &str, blank: char) -> String {
    let short = number.trim_end_matches('0').trim_end_matches('.');
    match number.contains('.') {
        true => short
            .chars()
            .chain(std::iter::repeat_n(blank, number.len() - short.len()))
            .collect(),
        false => number.to_owned(),
    }
}

/// Returns the end of the page: the result of the rounds, the counts of verdicts, and the article's mistakes.
pub fn closing(report: &Report, style: Style) -> String {
    let words = style.words();
    let settings = &report.settings;
    let rounds = words.rounds[usize::from(settings.rounds != 1)];
    let rounds = rounds.replace("{n}", &thousands(settings.rounds));
    let run = words
        .run
        .replace("{rounds}", &rounds)
        .replace("{order}", words.orders[settings.order as usize])
        .replace("{biases}", words.biases[settings.biases as usize]);
    let mut page = style.heading(words.outcome) + &format!("{run}\n\n");
    page += &outcome(report, words, &rounds);
    if report.stands_still() {
        page += &format!("\n{}", wrap(words.stands_still, 0));
    }
    if settings.rounds != ARTICLE_ROUNDS || settings.biases == Biases::Trained {
        page += &format!("\n{}", wrap(words.other_run, 0));
    }
    page += &format!("\n{}", wrap(&tally(report, words), 0));
    if let Some(round) = report.diverged {
        let round = round_of(round).to_string();
        page += &wrap(&words.diverged.replace("{round}", &round), 0);
    }
    page += &style.heading(words.mix_up_head);
    page + &wrap(&mix_up(report, words), 0)
}

fn outcome(report: &Report, words: &Words, rounds: &str) -> String {
    let cells = |label: &str, values: [String; 3]| {
        let values: String = values.iter().map(|v| lead(v, 17)).collect();
        format!("{}{values}\n", pad(label, 26))
    };
    let state = |label: &str, state: &State| {
        let [o1, o2] = state.outputs.map(|out| format!("{out:.10}"));
        let label = label.replace("{rounds}", rounds);
        cells(&label, [error(state.error), o1, o2])
    };
    let [one, many, exact, targets] = words.outcome_rows;
    let [t1, t2] = TARGETS.map(|t| format!("{t:.10}"));
    [
        cells("", words.outcome_heads.map(str::to_owned)),
        match report.settings.rounds {
            1 => String::new(),
            _ => state(one, &report.after_one),
        },
        state(many, &report.after),
        state(exact, &report.after_reference),
        cells(targets, ["0".to_owned(), t1, t2]),
    ]
    .concat()
}

/// Formats an error with fixed decimals, unless they would be zeros.
fn error(value: f64) -> String {
    match value {
        small if small < 1e-7 => format!("{value:.6e}"),
        _ => format!("{value:.12}"),
    }
}

fn tally(report: &Report, words: &Words) -> String {
    let figures = report.rows.len().to_string();
    let mut text = words.tally.replace("{figures}", &figures);
    for verdict in Verdict::ALL {
        let count = report.count(verdict).to_string();
        text = text.replace(&format!("{{{verdict}}}"), &count);
    }
    if let Some((row, distance)) = report.furthest() {
        let closeness = words
            .closeness
            .replace("{distance}", &format!("{distance:.0e}"))
            .replace("{symbol}", words.label(row.figure.symbol));
        text += &format!("{}{closeness}", words.gap);
    }
    text
}

fn mix_up(report: &Report, words: &Words) -> String {
    let text_order = report.rows.iter().filter_map(|row| row.by_order);
    let values = text_order.map(|[simultaneous, _]| format!("{simultaneous:.9}"));
    (1..)
        .zip(values)
        .fold(words.mix_up.to_owned(), |text, (k, value)| {
            text.replace(&format!("{{t{k}}}"), &value)
        })
}

/// Returns the round in which a run diverged, from 1.
fn round_of(diverged: crate::kernels::Diverged) -> u64 {
    use crate::kernels::Diverged::{Forward, Update};
    let (Forward { step } | Update { step }) = diverged;
    u64::from(step) + 1
}
