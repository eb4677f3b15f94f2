//! The first part: what is given.

use super::equation::number;
use super::table::table;
use super::view::{Section, View};
use crate::model::Optimizer;
use crate::plan::Order;
use crate::tutorial::columns::{lead, pad, wrap};
use unicode_width::UnicodeWidthStr;

/// Most inputs or outputs in a line; more are a table.
const MOST_NAMED: usize = 5;

/// Returns the network with all its numbers.
pub(super) fn section(view: &View) -> Section {
    let (words, network) = (view.words(), view.network);
    let last = network.layers.len() - 1;
    let hidden: Vec<String> = network.layers[..last]
        .iter()
        .flat_map(|layer| layer.neurons.clone())
        .collect();
    let [through, straight] = words.hidden;
    let through = match hidden.is_empty() {
        true => straight.to_owned(),
        false => through.replace("{neurons}", &view.listed(&hidden)),
    };
    let text = words
        .network_text
        .replace("{inputs}", &view.listed(&network.inputs))
        .replace("{outputs}", &view.listed(&network.layers[last].neurons))
        .replace("{hidden}", &through)
        .replace("{bias}", view.of_biases()[0]);
    let mut body = wrap(&text, 0);
    for l in 0..network.layers.len() {
        body += &format!("\n{}", layer(view, l));
    }
    body += &format!("\n{}", rows(view));
    body += &format!("\n{}", settings(view));
    if network.rows.len() > 1 {
        let rows = words
            .rows
            .replace("{rows}", &network.rows.len().to_string());
        body += &format!("\n{}", wrap(&rows, 0));
    }
    body += &format!("\n{}", wrap(words.digits, 0));
    Section {
        title: words.network.to_owned(),
        body,
    }
}

/// Returns the weights of a layer, a line per neuron; in a table by itself if they do not fit.
fn layer(view: &View, l: usize) -> String {
    let (network, layer) = (view.network, &view.network.layers[l]);
    let mut heads: Vec<String> = network
        .below(l)
        .iter()
        .map(|name| format!("{name}:"))
        .collect();
    let named = |name: &String, value: f64| format!("{name} = {}", number(value));
    let mut lines: Vec<Vec<String>> = layer
        .weight_names
        .iter()
        .zip(&layer.weights)
        .map(|(names, weights)| {
            names
                .iter()
                .zip(weights)
                .map(|(n, w)| named(n, *w))
                .collect()
        })
        .collect();
    if !layer.bias_names.is_empty() {
        heads.push(format!("{}:", view.words().table[2]));
        for (j, line) in lines.iter_mut().enumerate() {
            line.push(named(&layer.bias_names[j], layer.biases[j]));
        }
    }
    let columns = (0..heads.len()).map(|c| {
        let cells = lines.iter().map(|line| line[c].width());
        cells.chain([heads[c].width()]).max().unwrap_or(0) + 2
    });
    let widths: Vec<usize> = columns.collect();
    let label = layer
        .neurons
        .iter()
        .map(|name| name.len())
        .max()
        .unwrap_or(0)
        + 4;
    if label + widths.iter().sum::<usize>() > 79 {
        return plain_layer(view, l);
    }
    let line = |name: &str, cells: &[String]| {
        let cells = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| pad(cell, *width));
        let line = format!(
            "{}{}",
            pad(&format!("  {name}"), label),
            cells.collect::<String>()
        );
        format!("{}\n", line.trim_end())
    };
    let mut text = line("", &heads);
    for (neuron, cells) in layer.neurons.iter().zip(&lines) {
        text += &line(neuron, cells);
    }
    text
}

/// Returns the weights of a wide layer, of which only the names of the first and last of a neuron are shown.
fn plain_layer(view: &View, l: usize) -> String {
    let (words, layer) = (view.words(), &view.network.layers[l]);
    let mut heads = view.network.below(l).to_vec();
    let mut rows: Vec<(String, Vec<f64>)> = layer
        .neurons
        .iter()
        .zip(layer.weight_names.iter().zip(&layer.weights))
        .map(|(neuron, (names, weights))| {
            let label = format!("{neuron} ({})", view.listed(names));
            (label, weights.clone())
        })
        .collect();
    if !layer.bias_names.is_empty() {
        heads.push(words.table[2].to_owned());
        for (row, bias) in rows.iter_mut().zip(&layer.biases) {
            row.1.push(*bias);
        }
    }
    table("", &heads, &rows)
}

/// Returns inputs and targets.
fn rows(view: &View) -> String {
    let (words, network) = (view.words(), view.network);
    let [inputs, targets, ..] = words.table;
    let outputs = &network.layers[network.layers.len() - 1].neurons;
    let few = network.inputs.len().max(outputs.len()) <= MOST_NAMED;
    if let ([only], true) = (&network.rows[..], few) {
        let named = |names: &[String], values: &[f64]| {
            let pairs = names.iter().zip(values);
            let pairs = pairs.map(|(name, value)| format!("{name} = {}", number(*value)));
            pairs.collect::<Vec<_>>().join(",  ")
        };
        let width = inputs.width().max(targets.width()) + 2;
        return [
            (inputs, &network.inputs, &only.input),
            (targets, outputs, &only.target),
        ]
        .map(|(what, names, values)| {
            wrap(&format!("{}{}", pad(what, width), named(names, values)), 2)
        })
        .concat();
    }
    let heads: Vec<String> = network
        .inputs
        .iter()
        .cloned()
        .chain(outputs.iter().map(|neuron| format!("target_{neuron}")))
        .collect();
    let rows: Vec<(String, Vec<f64>)> = network
        .rows
        .iter()
        .enumerate()
        .map(|(n, row)| {
            let values = [&row.input[..], &row.target[..]].concat();
            (words.table[3].replace("{n}", &(n + 1).to_string()), values)
        })
        .collect();
    table("", &heads, &rows)
}

/// Returns how the network learns.
fn settings(view: &View) -> String {
    let (words, network) = (view.words(), view.network);
    let [rate, loss, optimizer, momentum] = words.settings;
    let (name, more) = match network.optimizer {
        Optimizer::Adam { .. } => ("adam", None),
        Optimizer::Sgd { momentum, .. } => ("sgd", Some(momentum).filter(|m| *m > 0.0)),
        Optimizer::Rmsprop { .. } => ("rmsprop", None),
        Optimizer::Lion { .. } => ("lion", None),
    };
    let mut lines = vec![
        (rate, number(network.optimizer.learning_rate())),
        (loss, network.loss.name().to_owned()),
        (optimizer, name.to_owned()),
    ];
    lines.extend(more.map(|value| (momentum, number(value))));
    let width = lines
        .iter()
        .map(|(what, _)| what.width())
        .max()
        .unwrap_or(0)
        + 2;
    let mut text: String = lines
        .iter()
        .map(|(what, value)| format!("  {}{}\n", pad(what, width), lead(value, 1)))
        .collect();
    let [together, in_turn, trained, frozen] = words.plan;
    let order = match network.order {
        Order::Simultaneous => together,
        Order::Sequential => in_turn,
    };
    let has_biases = network
        .layers
        .iter()
        .any(|layer| !layer.bias_names.is_empty());
    let biases = match (has_biases, network.train_bias) {
        (false, _) => "",
        (true, true) => {
            let layers = network.layers.iter();
            let names: Vec<String> = layers.flat_map(|layer| layer.bias_names.clone()).collect();
            &trained.replace("{biases}", &view.listed(&names))
        }
        (true, false) => frozen,
    };
    let gap = view.lang.words().gap;
    text += &format!("\n{}", wrap(format!("{order}{gap}{biases}").trim_end(), 0));
    text
}
