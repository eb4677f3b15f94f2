//! The parts of the page that can be read without scripts: what it is about, the numbers of the first round, and the
//! article's figures.

use super::html::{both, digits, escape, symbol};
use super::words::WORDS;
use crate::tutorial::data::{NetworkData, PageData, PassData};
use crate::tutorial::figures::{Heading, Verdict};
use crate::tutorial::network::Network;
use crate::tutorial::render::{note, without_zeros};
use crate::tutorial::run::Run;
use crate::tutorial::text::Lang;
use crate::tutorial::walk::{self, View};
use crate::tutorial::{Report, Row};

/// Rows of a table that are shown.
const MOST_ROWS: usize = 300;

/// Returns what the page is about, with the numbers of the first row.
pub(super) fn lead(data: &PageData) -> String {
    let how = format!("<p>{}</p>", both(&WORDS.how));
    let (Some(pass), Some(row), Some(layer)) = (
        data.passes.first(),
        data.rows.first(),
        data.network.layers.last(),
    ) else {
        return how;
    };
    let outs = pass.rows.first().and_then(|row| row.out.last());
    let weight = |tensors: &[_]| last_weight(tensors);
    let names = |names: &[String], values: &[f64]| {
        let pairs = names.iter().zip(values);
        let pairs: Vec<String> = pairs
            .take(6)
            .map(|(n, v)| format!("{n} = {}", digits(*v)))
            .collect();
        let more = if names.len() > 6 { ", …" } else { "" };
        format!("{}{more}", pairs.join(", "))
    };
    let w = layer.weights.first().and_then(|row| row.first());
    let text = WORDS.lead.map(|text| {
        text.replace("{inputs}", &names(data.network.inputs, &row.input))
            .replace("{targets}", &names(layer.neurons, &row.target))
            .replace(
                "{outputs}",
                &names(layer.neurons, outs.map_or(&[], |outs| outs)),
            )
            .replace("{rate}", &digits(data.network.learning_rate))
            .replace("{w}", w.map_or("w", |name| name))
            .replace("{old}", &weight(pass.layers))
            .replace("{new}", &weight(pass.after))
    });
    format!("<p>{}</p>\n{how}", both(&text))
}

/// Returns the first weight of the last layer.
fn last_weight(tensors: &[crate::tutorial::network::Tensors]) -> String {
    let layer = tensors.last();
    let first = layer.and_then(|layer| layer.weight.first()?.first().copied());
    first.map_or_else(String::new, digits)
}

/// Returns the tables of the first round, and its walk.
pub(super) fn first_round(network: &Network, run: &Run, data: &PageData) -> String {
    let Some(pass) = data.passes.first() else {
        return String::new();
    };
    let rate = digits(data.network.learning_rate);
    let text = WORDS.first.map(|text| text.replace("{rate}", &rate));
    let heads = |names: &[String]| -> String {
        let heads = names
            .iter()
            .map(|name| format!("<th scope=\"col\">{name}</th>"));
        heads.collect()
    };
    let italic = ["net", "out", "delta"].map(|name| format!("<i>{name}</i>"));
    let neurons = heads(&[vec![both(&WORDS.neurons)], italic.to_vec()].concat());
    let columns = [&WORDS.before, &WORDS.gradient, &WORDS.after].map(both);
    let first = vec![both(&WORDS.weights), String::new()];
    let weights = heads(&[first, columns.to_vec()].concat());
    [
        format!("<p>{}</p>", both(&text)),
        table(&neurons, neuron_rows(&data.network, pass), 4),
        table(&weights, weight_rows(&data.network, pass), 5),
        Lang::ALL.map(|lang| walked(network, run, lang)).concat(),
    ]
    .join("\n")
}

/// Returns the text of the walk.
fn walked(network: &Network, run: &Run, lang: Lang) -> String {
    let view = View {
        network,
        run,
        measured: &[],
        notes: &[],
        lang,
    };
    let parts = walk::sections(&view).into_iter().map(|part| {
        let [title, body] = [part.title, part.body].map(|text| escape(text.trim_end()));
        format!("<h3>{title}</h3><pre>{body}</pre>")
    });
    let language = ["en", "zh"][lang as usize];
    format!(
        "<div class=\"walk\" lang=\"{language}\">{}</div>",
        parts.collect::<String>()
    )
}

fn table(heads: &str, rows: Vec<String>, columns: usize) -> String {
    let more = match rows.len() {
        0..=MOST_ROWS => String::new(),
        n => format!(
            "<tr><td colspan=\"{columns}\">… {}</td></tr>",
            n - MOST_ROWS
        ),
    };
    let rows: String = rows.into_iter().take(MOST_ROWS).collect();
    format!(
        "<div class=\"scroll\"><table><thead><tr>{heads}</tr></thead><tbody>{rows}{more}</tbody></table></div>"
    )
}

/// Returns a row of the table for each neuron, in each row of the data.
fn neuron_rows(network: &NetworkData, pass: &PassData) -> Vec<String> {
    let mut rows = Vec::new();
    for (n, row) in (1..).zip(pass.rows) {
        for (l, layer) in network.layers.iter().enumerate() {
            for (o, neuron) in layer.neurons.iter().enumerate() {
                let own = match pass.rows.len() {
                    1 => String::new(),
                    _ => format!(" ({} {n})", both(&WORDS.row)),
                };
                let values = [&row.net, &row.out, &row.delta].map(|lists| lists[l][o]);
                let cells = values.map(|value| format!("<td>{}</td>", digits(value)));
                rows.push(format!(
                    "<tr><th scope=\"row\">{}{own}</th>{}</tr>",
                    symbol(neuron),
                    cells.concat()
                ));
            }
        }
    }
    rows
}

/// Returns a row of the table for each weight and bias.
fn weight_rows(network: &NetworkData, pass: &PassData) -> Vec<String> {
    let line = |name: &str, way: String, values: [Option<f64>; 3]| {
        let cell = |value: Option<f64>| value.map_or("–".to_owned(), digits);
        let cells = values.map(|value| format!("<td>{}</td>", cell(value)));
        format!(
            "<tr><th scope=\"row\">{}</th><td class=\"way\">{way}</td>{}</tr>",
            symbol(name),
            cells.concat()
        )
    };
    let mut rows = Vec::new();
    let mut sources = network.inputs;
    for (l, layer) in network.layers.iter().enumerate() {
        let tensors = [&pass.layers[l], &pass.gradient[l], &pass.after[l]];
        for (o, neuron) in layer.neurons.iter().enumerate() {
            for (i, name) in layer.weights[o].iter().enumerate() {
                let way = format!("{} → {}", symbol(&sources[i]), symbol(neuron));
                rows.push(line(name, way, tensors.map(|t| Some(t.weight[o][i]))));
            }
        }
        for (o, name) in layer.biases.iter().enumerate() {
            let way = format!("{} → {}", both(&WORDS.bias), symbol(&layer.neurons[o]));
            let [before, slope, after] = tensors.map(|t| Some(t.bias[o]));
            let slope = slope.filter(|_| network.update_biases);
            rows.push(line(name, way, [before, slope, after]));
        }
        sources = layer.neurons;
    }
    rows
}

/// Returns the section with the article's figures.
pub(super) fn figures(report: Option<&Report>) -> String {
    let Some(report) = report else {
        return String::new();
    };
    // The verdict beside the print, so that narrow windows show it.
    let heads = [0, 1, 4, 2, 3].map(|column| {
        let words = Lang::ALL.map(|lang| lang.words().heads[column]);
        let class = if column == 4 {
            " class=\"verdict\""
        } else {
            ""
        };
        format!("<th scope=\"col\"{class}>{}</th>", both(&words))
    });
    let here = both(&WORDS.here);
    let bodies = Heading::ALL.map(|heading| {
        let words = Lang::ALL.map(|lang| lang.words().part(heading).0);
        let rows = report.rows.iter().enumerate();
        let rows: String = rows
            .filter(|(_, row)| row.figure.heading == heading)
            .map(|(k, row)| figure(k, row))
            .collect();
        format!(
            "<tbody><tr><th colspan=\"6\" scope=\"rowgroup\" class=\"where\">{}</th></tr>{rows}</tbody>",
            both(&words)
        )
    });
    format!(
        "<section id=\"figures\">\n<h2>{}</h2>\n<p>{}</p>\n<dl class=\"verdicts\">{}</dl>\n<div class=\"scroll\"><table><thead><tr>{}<th scope=\"col\" class=\"here-head\">{here}</th></tr></thead>{}</table></div>\n</section>",
        both(&WORDS.figures),
        both(&WORDS.figures_text),
        verdicts(),
        heads.concat(),
        bodies.concat()
    )
}

/// Says what each verdict means.
fn verdicts() -> String {
    let meaning = |verdict: Verdict| {
        let [names, meanings] = [0, 1].map(|part| {
            Lang::ALL.map(|lang| {
                let (name, meaning) = lang.words().verdicts[verdict as usize];
                [name, meaning][part]
            })
        });
        let [name, meaning] = [both(&names), both(&meanings)];
        format!("<dt class=\"verdict {verdict}\">{name}</dt><dd>{meaning}</dd>")
    };
    Verdict::ALL.map(meaning).concat()
}

fn figure(k: usize, row: &Row) -> String {
    let figure = row.figure;
    let label = both(&Lang::ALL.map(|lang| lang.words().label(figure.symbol)));
    let verdict = both(&Lang::ALL.map(|lang| lang.words().verdict(row.verdict)));
    let notes = Lang::ALL.map(|lang| note(row, lang));
    let (class, note) = match notes {
        [Some(en), Some(zh)] => (
            " class=\"has-note\"",
            format!(
                "<tr class=\"note-row\"><td colspan=\"6\"><p class=\"note\">{}</p></td></tr>",
                both(&[en, zh])
            ),
        ),
        _ => ("", String::new()),
    };
    format!(
        "<tr{class} data-figure=\"{k}\"><th scope=\"row\">{label}</th><td>{}</td><td class=\"verdict {}\">{verdict}</td><td>{}</td><td>{}</td><td class=\"here\"></td></tr>{note}",
        escape(&minus(figure.printed)),
        row.verdict,
        number(row.reference, 11),
        number(row.computed, 10),
    )
}

/// Returns a number whose point stands where it stands in the other cells.
fn number(value: f64, decimals: usize) -> String {
    // As wide as a digit.
    minus(&without_zeros(&format!("{value:.decimals$}"), '\u{2007}'))
}

fn minus(text: &str) -> String {
    text.replace('-', "−")
}
