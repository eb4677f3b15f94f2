//! The backward pass of a layer: how the error follows its neurons, its weights, and the new weights.

use super::equation::{lines, number, operand, sum};
use super::formulas::{self, Pair};
use super::forward::row_heads;
use super::table::table;
use super::view::{MOST_NEURONS, Section, View, operands, products};
use super::weights;
use crate::model::{Activation, Optimizer};
use crate::plan::Order;
use crate::tutorial::columns::wrap;
use crate::tutorial::quantity::{self, weights_back};

/// Returns the backward pass of layer `l`.
pub(super) fn section(view: &View, l: usize) -> Section {
    let (words, network) = (view.words(), view.network);
    let [deltas_head, weights_head] = words.steps;
    let neurons = &network.layers[l].neurons;
    let mut body = wrap(&explanation(view, l), 0);
    let head = deltas_head.replace("{neurons}", &view.listed(neurons));
    body += &format!("\n{head}\n");
    for j in 0..neurons.len().min(MOST_NEURONS) {
        body += &format!("\n{}", delta(view, l, j));
    }
    body += &other_deltas(view, l);
    body += &format!("\n{weights_head}\n\n{}", weights::weights(view, l));
    body += &weights::biases(view, l);
    if network.is_last(l) || l == 0 {
        body += &view.ending(quantity::heading(network, l));
    }
    Section {
        title: title(view, l),
        body,
    }
}

fn title(view: &View, l: usize) -> String {
    let words = view.words();
    match (view.network.is_last(l), view.network.layers.len()) {
        (true, _) => words.output[0].to_owned(),
        (false, 2) => words.back_only.to_owned(),
        _ => words.back[0].replace("{neurons}", &view.listed(&view.network.layers[l].neurons)),
    }
}

/// Returns the text of a layer, with the names of this network.
fn explanation(view: &View, l: usize) -> String {
    let (words, network) = (view.words(), view.network);
    let layer = &network.layers[l];
    let mut text = match (network.is_softmax(l), network.is_last(l)) {
        (true, _) => words.output_softmax,
        (false, true) => words.output[1],
        (false, false) => words.back[1],
    }
    .to_owned();
    if !network.is_last(l) {
        let above = &network.layers[l + 1];
        let [old, new] = words.back_order;
        let order = match network.order {
            Order::Simultaneous => old,
            Order::Sequential => new,
        };
        let ways: Vec<String> = above
            .weight_names
            .iter()
            .map(|names| names[0].clone())
            .collect();
        text = text
            .replace("{neurons}", &view.listed(&layer.neurons))
            .replace("{h}", &layer.neurons[0])
            .replace("{above}", &view.listed(&above.neurons))
            .replace("{ws}", &spelled(view, &ways))
            .replace("{order}", order);
    }
    text = text
        .replace("{w}", &layer.weight_names[0][0])
        .replace("{o}", &layer.neurons[0]);
    let gap = view.lang.words().gap;
    if let Some(slope) = slope(view, l) {
        text += &format!("{gap}{slope}");
    }
    match network.optimizer {
        Optimizer::Adam { .. } => text += &format!("{gap}{}", words.adam),
        Optimizer::Sgd { momentum, .. } if momentum > 0.0 => {
            let momentum = words.momentum.replace("{momentum}", &number(momentum));
            text += &format!("{gap}{momentum}");
        }
        Optimizer::Sgd { .. } | Optimizer::Rmsprop { .. } | Optimizer::Lion { .. } => {}
    }
    text
}

/// Says how steep the activation of layer `l` is, unless a layer above has said it.
fn slope(view: &View, l: usize) -> Option<&'static str> {
    let network = view.network;
    let own = network.layers[l].activation;
    let is_said = |k: usize| network.layers[k].activation == own && !network.is_softmax(k);
    let known = Activation::ALL
        .iter()
        .position(|activation| *activation == own)?;
    match network.is_softmax(l) || (l + 1..network.layers.len()).any(is_said) {
        true => None,
        false => view.words().slopes.get(known).copied(),
    }
}

/// Returns a few names one by one: those of weights are no range.
fn spelled(view: &View, names: &[String]) -> String {
    match names {
        [_] | [_, _] => view.listed(names),
        [first, second, .., last] if names.len() > 4 => {
            [first.as_str(), second.as_str(), "...", last.as_str()].join(view.words().comma)
        }
        _ => names.join(view.words().comma),
    }
}

/// Returns how the error follows the net input of neuron `j`.
fn delta(view: &View, l: usize, j: usize) -> String {
    let (network, row, tag) = (view.network, view.row(), view.tag());
    let layer = &network.layers[l];
    let neuron = format!("{}{tag}", layer.neurons[j]);
    let value = number(row.delta[l][j]);
    let delta = format!("delta_{neuron}");
    if network.is_softmax(l) {
        let (target, out) = (network.rows[0].target[j], row.out[l][j]);
        let named = formulas::error_slope(network, &Pair::named(&layer.neurons[j], &tag), false);
        let filled = formulas::error_slope(network, &Pair::filled(target, out), false);
        return lines(&delta, &[named, filled, value]);
    }
    let by_out = quantity::by_outs(network, view.first(), l, 0)[j];
    let [first, second] = [
        format!("dE_total/dout_{neuron}"),
        format!("dout_{}/dnet_{neuron}", layer.neurons[j]),
    ];
    let out = row.out[l][j];
    let slope = layer.activation.slope(out);
    let named = formulas::slope(layer.activation, &format!("out_{neuron}"), view.words());
    let filled = formulas::slope(layer.activation, &operand(out), view.words());
    let slopes = vec![named, filled, number(slope)];
    let product = vec![
        format!("{first} * {second}"),
        format!("{} * {}", number(by_out), operand(slope)),
        value,
    ];
    [
        lines(&first, &error_by_out(view, l, j, by_out)),
        lines(&second, &slopes),
        lines(&delta, &product),
    ]
    .concat()
}

/// Returns the formulas of how the error follows the output of neuron `j`.
fn error_by_out(view: &View, l: usize, j: usize, value: f64) -> Vec<String> {
    let (network, row, tag) = (view.network, view.row(), view.tag());
    if network.is_last(l) {
        let (target, out) = (network.rows[0].target[j], row.out[l][j]);
        let far = (target - out).abs() > 1.0;
        let pair = Pair::named(&network.layers[l].neurons[j], &tag);
        return vec![
            formulas::error_slope(network, &pair, far),
            formulas::error_slope(network, &Pair::filled(target, out), far),
            number(value),
        ];
    }
    let above = &network.layers[l + 1];
    let is_new = network.order == Order::Sequential;
    let plus = if is_new { "+" } else { "" };
    let deltas: Vec<String> = above
        .neurons
        .iter()
        .map(|k| format!("delta_{k}{tag}"))
        .collect();
    let ways: Vec<String> = above
        .weight_names
        .iter()
        .map(|w| format!("{}{plus}", w[j]))
        .collect();
    let weights = &weights_back(network, view.first(), l + 1).weight;
    let weights: Vec<f64> = weights.iter().map(|row| row[j]).collect();
    let parts: Vec<f64> = row.delta[l + 1]
        .iter()
        .zip(&weights)
        .map(|(d, w)| d * w)
        .collect();
    let by_output = above.neurons.iter();
    let by_output = by_output.map(|k| format!("dE_{k}/dout_{}{tag}", network.layers[l].neurons[j]));
    let mut steps = match network.is_last(l + 1) && parts.len() > 1 {
        true => vec![sum(&by_output.collect::<Vec<_>>())],
        false => Vec::new(),
    };
    steps.extend([
        sum(&products(&deltas, &ways)),
        sum(&products(&operands(&row.delta[l + 1]), &operands(&weights))),
    ]);
    if parts.len() > 1 {
        steps.push(sum(&operands(&parts)));
    }
    steps.push(number(value));
    steps
}

/// Returns the deltas that are not spelled out: of further neurons, and of further rows.
fn other_deltas(view: &View, l: usize) -> String {
    let (words, network, pass) = (view.words(), view.network, view.first());
    let neurons = &network.layers[l].neurons;
    if network.rows.len() > 1 {
        let rows: Vec<(String, Vec<f64>)> = neurons
            .iter()
            .enumerate()
            .map(|(j, neuron)| {
                let deltas = pass.rows.iter().map(|row| row.delta[l][j]);
                (format!("delta_{neuron}"), deltas.collect())
            })
            .collect();
        return format!(
            "\n{}\n{}",
            words.all_rows,
            table("", &row_heads(view), &rows)
        );
    }
    if neurons.len() <= MOST_NEURONS {
        return String::new();
    }
    let rows: Vec<(String, Vec<f64>)> = (MOST_NEURONS..neurons.len())
        .map(|j| {
            (
                format!("delta_{}", neurons[j]),
                vec![pass.rows[0].delta[l][j]],
            )
        })
        .collect();
    let table = table("", &["delta".to_owned()], &rows);
    format!("\n{}\n{table}", view.others(neurons.len() - MOST_NEURONS))
}
