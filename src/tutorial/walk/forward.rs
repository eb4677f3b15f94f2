//! The forward pass and the total error.

use super::equation::{line, lines, number, operand, sum};
use super::formulas::{self, Pair};
use super::table::table;
use super::view::{MOST_NEURONS, Section, View, operands, products};
use crate::model::{Activation, Loss};
use crate::tutorial::columns::wrap;
use crate::tutorial::figures::Heading;
use crate::tutorial::loss::LOSSES;
use crate::tutorial::quantity::{of_row, row_error};

/// Returns the forward pass.
pub(super) fn section(view: &View) -> Section {
    let (words, network) = (view.words(), view.network);
    let [title, text] = words.forward;
    let gap = view.lang.words().gap;
    let mut text = text.replace("{bias}", view.of_biases()[1]);
    for (k, activation) in Activation::ALL.into_iter().enumerate() {
        let uses = |l: usize| network.layers[l].activation == activation && !network.is_softmax(l);
        if (0..network.layers.len()).any(uses) {
            text += &format!("{gap}{}", words.activations[k]);
        }
    }
    if network.loss == Loss::CrossEntropy {
        text += &format!("{gap}{}", words.activations[5]);
    }
    let mut body = wrap(&text, 0);
    for l in 0..network.layers.len() {
        body += &layer(view, l);
    }
    Section {
        title: title.to_owned(),
        body: body + &view.ending(Heading::Forward),
    }
}

/// Returns what a layer computes.
fn layer(view: &View, l: usize) -> String {
    let (words, network) = (view.words(), view.network);
    let neurons = &network.layers[l].neurons;
    let [hidden, output] = words.layers;
    let head = if network.is_last(l) { output } else { hidden };
    let mut text = format!("\n{}\n", head.replace("{neurons}", &view.listed(neurons)));
    for j in 0..neurons.len().min(MOST_NEURONS) {
        text += &format!("\n{}{}", net(view, l, j), out(view, l, j));
    }
    if network.rows.len() > 1 {
        text += &format!("\n{}\n{}", words.all_rows, all_rows(view, l));
    } else if neurons.len() > MOST_NEURONS {
        let others = view.others(neurons.len() - MOST_NEURONS);
        let rows: Vec<(String, Vec<f64>)> = (MOST_NEURONS..neurons.len())
            .map(|j| {
                (
                    neurons[j].clone(),
                    vec![view.row().net[l][j], view.row().out[l][j]],
                )
            })
            .collect();
        let heads = ["net", "out"].map(str::to_owned);
        text += &format!("\n{others}\n{}", table("", &heads, &rows));
    }
    text
}

/// Returns the net input of a neuron.
fn net(view: &View, l: usize, j: usize) -> String {
    let (layer, before) = (&view.network.layers[l], &view.first().before[l]);
    let mut names = products(&layer.weight_names[j], &view.sources(l, 0));
    let mut numbers = products(&operands(&before.weight[j]), &operands(view.reaching(l, 0)));
    if let Some(bias) = layer.bias_names.get(j) {
        names.push(bias.clone());
        numbers.push(operand(before.bias[j]));
    }
    let value = number(view.row().net[l][j]);
    let left = format!("net_{}{}", layer.neurons[j], view.tag());
    lines(&left, &[sum(&names), sum(&numbers), value])
}

/// Returns the output of a neuron.
fn out(view: &View, l: usize, j: usize) -> String {
    let (layer, row, tag) = (&view.network.layers[l], view.row(), view.tag());
    let left = format!("out_{}{tag}", layer.neurons[j]);
    let value = number(row.out[l][j]);
    if view.network.is_softmax(l) {
        let names: Vec<String> = layer
            .neurons
            .iter()
            .map(|n| format!("net_{n}{tag}"))
            .collect();
        let named = formulas::softmax(&names, j);
        let filled = formulas::softmax(&operands(&row.net[l]), j);
        return lines(&left, &[named, filled, value]);
    }
    let named = format!("net_{}{tag}", layer.neurons[j]);
    let named = formulas::output(layer.activation, &named, view.words());
    let filled = formulas::output(layer.activation, &operand(row.net[l][j]), view.words());
    match layer.activation {
        Activation::Identity => lines(&left, &[named, value]),
        _ => lines(&left, &[named, filled, value]),
    }
}

/// Returns net inputs and outputs of a layer for all rows.
fn all_rows(view: &View, l: usize) -> String {
    let (network, pass) = (view.network, view.first());
    let heads = row_heads(view);
    let mut rows = Vec::new();
    for (j, neuron) in network.layers[l].neurons.iter().enumerate() {
        let each = |of: fn(&crate::tutorial::pass::RowPass) -> &Vec<Vec<f64>>| {
            pass.rows.iter().map(|row| of(row)[l][j]).collect()
        };
        rows.push((format!("net_{neuron}"), each(|row| &row.net)));
        rows.push((format!("out_{neuron}"), each(|row| &row.out)));
    }
    table("", &heads, &rows)
}

/// Returns a head for each row.
pub(super) fn row_heads(view: &View) -> Vec<String> {
    let rows = 0..view.network.rows.len();
    rows.map(|n| of_row(view.network, n)).collect()
}

/// Returns the total error.
pub(super) fn error(view: &View) -> Section {
    let (words, network) = (view.words(), view.network);
    let [title, text] = words.error;
    let known = LOSSES.iter().position(|loss| *loss == network.loss);
    let text = text.replace("{loss}", words.losses[known.unwrap_or(0)]);
    let mut body = wrap(&text, 0) + "\n";
    let (row, tag) = (view.row(), view.tag());
    let last = network.layers.len() - 1;
    let neurons = &network.layers[last].neurons;
    for (k, neuron) in neurons.iter().enumerate().take(MOST_NEURONS) {
        let (target, out) = (network.rows[0].target[k], row.out[last][k]);
        let far = (target - out).abs() > 1.0;
        let named = formulas::error(network, &Pair::named(neuron, &tag), far);
        let filled = formulas::error(network, &Pair::filled(target, out), far);
        let value = number(row.errors[k]);
        body += &lines(&format!("E_{neuron}{tag}"), &[named, filled, value]);
    }
    if neurons.len() > MOST_NEURONS {
        let others = view.others(neurons.len() - MOST_NEURONS);
        let rest: Vec<(String, Vec<f64>)> = (MOST_NEURONS..neurons.len())
            .map(|k| (format!("E_{}{tag}", neurons[k]), vec![row.errors[k]]))
            .collect();
        let table = table("", &["E".to_owned()], &rest);
        body += &format!("\n{others}\n{table}");
    }
    body += &format!("\n{}", total(view, neurons));
    Section {
        title: title.to_owned(),
        body: body + &view.ending(Heading::TotalError),
    }
}

/// Returns the error of row 1, and of all rows.
fn total(view: &View, neurons: &[String]) -> String {
    let (words, network, row, tag) = (view.words(), view.network, view.row(), view.tag());
    let names: Vec<String> = neurons
        .iter()
        .map(|neuron| format!("E_{neuron}{tag}"))
        .collect();
    let [one, several] = words.total;
    let own = [sum(&names), sum(&operands(&row.errors)), number(row.error)];
    let left = row_error(network, 0);
    if network.rows.len() == 1 {
        return format!("{}\n{}", wrap(one, 0), lines(&left, &own));
    }
    let errors: Vec<f64> = view.first().rows.iter().map(|row| row.error).collect();
    let names: Vec<String> = (0..errors.len()).map(|n| row_error(network, n)).collect();
    let mean = |terms: &[String]| format!("({}) / {}", sum(terms), errors.len());
    let all = [
        mean(&names),
        mean(&operands(&errors)),
        number(view.first().error),
    ];
    let table = table("", &row_heads(view), &[("E".to_owned(), errors.clone())]);
    format!(
        "{}\n{}\n{table}\n{}",
        wrap(several, 0),
        line(&left, &own),
        lines("E_total", &all)
    )
}
