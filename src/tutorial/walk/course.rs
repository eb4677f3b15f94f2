//! After the first round: the new weights, the rounds that follow, and where they lead.

use super::equation::{line, number, operand, sum};
use super::table::{bar, table};
use super::view::{Section, View, operands};
use crate::tutorial::columns::{lead, pad, thousands, wrap};
use crate::tutorial::network::Tensors;
use crate::tutorial::pass::Pass;
use unicode_width::UnicodeWidthStr;

/// Most columns of rounds in the table of parameters.
const MOST_MARKS: usize = 6;
/// Most outputs beside an error.
const MOST_OUTPUTS: usize = 2;

/// Returns what one round changed.
pub(super) fn round(view: &View) -> Section {
    let (words, network, pass) = (view.words(), view.network, view.first());
    let [title, falls, rises] = words.round;
    let mut body = String::new();
    if let Some(next) = view.run.passes.iter().find(|pass| pass.round == 1) {
        let text = if next.error < pass.error {
            falls
        } else {
            rises
        };
        let text = text
            .replace("{before}", &number(pass.error))
            .replace("{after}", &number(next.error));
        body += &format!("{}\n", wrap(&text, 0));
    }
    let heads = words.round_heads.map(str::to_owned);
    let mut rows = Vec::new();
    for (l, layer) in network.layers.iter().enumerate() {
        let of = |tensors: &Tensors| tensors.weight.concat();
        let [before, gradient, after] =
            [&pass.before, &pass.gradient, &pass.after].map(|t| of(&t[l]));
        for (k, name) in layer.weight_names.iter().flatten().enumerate() {
            rows.push((name.clone(), vec![before[k], gradient[k], after[k]]));
        }
        if network.train_bias {
            for (j, name) in layer.bias_names.iter().enumerate() {
                let all = [&pass.before, &pass.gradient, &pass.after];
                rows.push((name.clone(), all.map(|t| t[l].bias[j]).to_vec()));
            }
        }
    }
    body += &table("", &heads, &rows);
    if let Some(next) = view.run.passes.iter().find(|pass| pass.round == 1) {
        body += &format!("\n{}", next_error(view, next));
    }
    Section {
        title: title.to_owned(),
        body,
    }
}

/// Returns the error after the round, from the outputs that the new weights make.
fn next_error(view: &View, next: &Pass) -> String {
    let last = view.network.layers.len() - 1;
    let neurons = &view.network.layers[last].neurons;
    let mut text = String::new();
    if let ([row], true) = (&next.rows[..], neurons.len() <= 4) {
        for (neuron, out) in neurons.iter().zip(&row.out[last]) {
            text += &format!("  out_{neuron} = {}\n", number(*out));
        }
        let names: Vec<String> = neurons.iter().map(|neuron| format!("E_{neuron}")).collect();
        let steps = [
            sum(&names),
            sum(&operands(&row.errors)),
            operand(next.error),
        ];
        return text + &line("E_total", &steps);
    }
    line("E_total", &[number(next.error)])
}

/// Returns the error and the parameters after some rounds.
pub(super) fn course(view: &View) -> Section {
    let (words, run) = (view.words(), view.run);
    let [title, text] = words.course;
    let mut body = format!("{}\n{}", wrap(text, 0), errors(view));
    if let Some(round) = run.diverged {
        let text = words.diverged.replace("{round}", &thousands(round));
        body += &format!("\n{}", wrap(&text, 0));
    }
    body += &format!("\n{}\n{}", words.course_heads[3], parameters(view));
    Section {
        title: title.to_owned(),
        body,
    }
}

/// Returns the error after some rounds, with bars.
fn errors(view: &View) -> String {
    let (words, network, run) = (view.words(), view.network, view.run);
    let last = network.layers.len() - 1;
    let [rounds, error, ..] = words.course_heads;
    let outputs = &network.layers[last].neurons;
    let shows = network.rows.len() == 1 && outputs.len() <= MOST_OUTPUTS;
    let mut heads = vec![rounds.to_owned(), error.to_owned()];
    if shows {
        heads.extend(outputs.iter().map(|neuron| format!("out_{neuron}")));
    }
    let cells = run.passes.iter().map(|pass| {
        let mut cells = vec![thousands(pass.round), number(pass.error)];
        if shows {
            cells.extend(pass.rows[0].out[last].iter().map(|out| number(*out)));
        }
        (cells, pass.error)
    });
    let cells: Vec<(Vec<String>, f64)> = cells.collect();
    let widths: Vec<usize> = (0..heads.len())
        .map(|c| {
            let column = cells.iter().map(|(cells, _)| cells[c].width());
            column.chain([heads[c].width()]).max().unwrap_or(0) + 2
        })
        .collect();
    let space = 79 - widths.iter().sum::<usize>().min(60) - 2;
    let most = cells
        .iter()
        .map(|(_, error)| *error)
        .fold(f64::MIN_POSITIVE, f64::max);
    let join = |cells: &[String]| {
        let cells = cells.iter().zip(&widths);
        cells
            .map(|(cell, width)| lead(cell, *width))
            .collect::<String>()
    };
    let mut text = format!("{}\n", join(&heads));
    for (cells, error) in &cells {
        let line = format!("{}  {}", join(cells), bar(*error, most, space));
        text += &format!("{}\n", line.trim_end());
    }
    if shows {
        let targets = network.rows[0].target.iter().map(|target| number(*target));
        let cells: Vec<String> = [words.table[1].to_owned(), String::new()]
            .into_iter()
            .chain(targets)
            .collect();
        text += &format!("{}\n", join(&cells).trim_end());
    }
    text
}

/// Returns the parameters after some rounds.
fn parameters(view: &View) -> String {
    let (network, run) = (view.network, view.run);
    let powers = |round: usize| {
        round == 0
            || (1..=round).contains(&10usize.pow(round.ilog10()))
                && round == 10usize.pow(round.ilog10())
    };
    let last = run.passes.last().map_or(0, |pass| pass.round);
    let mut marks: Vec<&Pass> = run
        .passes
        .iter()
        .filter(|pass| powers(pass.round) || pass.round == last)
        .collect();
    while marks.len() > MOST_MARKS {
        marks.remove(marks.len() - 2);
    }
    let heads: Vec<String> = marks.iter().map(|pass| thousands(pass.round)).collect();
    let mut rows = Vec::new();
    for (l, layer) in network.layers.iter().enumerate() {
        for (k, name) in layer.weight_names.iter().flatten().enumerate() {
            let values = marks.iter().map(|pass| pass.before[l].weight.concat()[k]);
            rows.push((name.clone(), values.collect()));
        }
        if network.train_bias {
            for (j, name) in layer.bias_names.iter().enumerate() {
                let values = marks.iter().map(|pass| pass.before[l].bias[j]);
                rows.push((name.clone(), values.collect()));
            }
        }
    }
    table("", &heads, &rows)
}

/// Returns where the rounds lead a learner's network, with the error that the device computed; nothing if they led out of
/// the finite numbers.
pub fn end(view: &View, device_error: f64) -> Option<Section> {
    let (words, network) = (view.words(), view.network);
    let [title, device, exact] = words.end;
    let mut passes = view.run.passes.iter();
    let after = passes.find(|pass| pass.round == network.rounds)?;
    let rounds = thousands(network.rounds);
    let lines = [(device, device_error), (exact, after.error)];
    let lines = lines.map(|(label, error)| (label.replace("{n}", &rounds), error));
    let widths = lines.iter().map(|(label, _)| label.width());
    let width = widths.max().unwrap_or(0) + 2;
    let line = |(label, error): (String, f64)| {
        format!("  {}E_total = {}\n", pad(&label, width), number(error))
    };
    let errors = lines.map(line).concat();
    Some(Section {
        title: title.to_owned(),
        body: format!("{errors}\n{}", outputs(view, after)),
    })
}

/// Returns outputs beside targets, for every row.
fn outputs(view: &View, pass: &Pass) -> String {
    let (words, network) = (view.words(), view.network);
    let last = network.layers.len() - 1;
    let neurons = &network.layers[last].neurons;
    let pairs = neurons.iter();
    let heads: Vec<String> = pairs
        .flat_map(|neuron| [format!("out_{neuron}"), format!("target_{neuron}")])
        .collect();
    let rows = pass.rows.iter().zip(&network.rows).enumerate();
    let rows: Vec<(String, Vec<f64>)> = rows
        .map(|(n, (row, example))| {
            let pairs = row.out[last].iter().zip(&example.target);
            let values = pairs.flat_map(|(out, target)| [*out, *target]);
            let label = words.table[3].replace("{n}", &(n + 1).to_string());
            (label, values.collect())
        })
        .collect();
    table("", &heads, &rows)
}
