//! The derivatives of a layer's weights and biases, and their new values.

use super::equation::{line, lines, number, operand, sum};
use super::formulas;
use super::table::table;
use super::view::{MOST_NEURONS, MOST_WEIGHTS, View, operands};
use crate::tutorial::columns::wrap;
use crate::tutorial::quantity::of_row;

/// Returns the derivatives of the weights, and the new weights.
pub(super) fn weights(view: &View, l: usize) -> String {
    let (network, pass) = (view.network, view.first());
    let layer = &network.layers[l];
    let mut text = String::new();
    let width = network.below(l).len();
    let all: Vec<[usize; 2]> = (0..layer.neurons.len())
        .flat_map(|j| (0..width).map(move |i| [j, i]))
        .collect();
    for (n, [j, i]) in all.iter().take(MOST_WEIGHTS).copied().enumerate() {
        let name = &layer.weight_names[j][i];
        let gradient = pass.gradient[l].weight[j][i];
        let steps = derivative(view, l, [j, i]);
        let left = format!("dE_total/d{name}");
        let new = new_value(
            view,
            name,
            [
                pass.before[l].weight[j][i],
                gradient,
                pass.after[l].weight[j][i],
            ],
        );
        text += &match n {
            0 => {
                let own = lines(&left, &steps) + &lines(&format!("{name}+"), &new);
                let sign = wrap(&sign(view, name, gradient), 0);
                format!("{}{own}\n{sign}", net_by_weight(view, l))
            }
            _ => format!(
                "\n{}{}",
                line(&left, &steps),
                line(&format!("{name}+"), &new)
            ),
        };
    }
    if all.len() > MOST_WEIGHTS {
        let rows: Vec<(String, Vec<f64>)> = all[MOST_WEIGHTS..]
            .iter()
            .map(|[j, i]| {
                let [before, gradient, after] = [&pass.before, &pass.gradient, &pass.after];
                let values = [before, gradient, after].map(|all| all[l].weight[*j][*i]);
                (layer.weight_names[*j][*i].clone(), values.to_vec())
            })
            .collect();
        let heads = view.words().round_heads.map(str::to_owned);
        let table = table("", &heads, &rows);
        text += &format!("\n{}\n{table}", view.others(all.len() - MOST_WEIGHTS));
    }
    text
}

/// Returns how the net input of the first neuron of layer `l` follows its first weight.
fn net_by_weight(view: &View, l: usize) -> String {
    let layer = &view.network.layers[l];
    let left = format!(
        "dnet_{}/d{}{}",
        layer.neurons[0],
        layer.weight_names[0][0],
        view.tag()
    );
    let source = view.sources(l, 0).swap_remove(0);
    line(&left, &[source, number(view.reaching(l, 0)[0])])
}

/// Returns the formulas of the derivative of a weight. The first of a layer begins with the chain rule.
fn derivative(view: &View, l: usize, [j, i]: [usize; 2]) -> Vec<String> {
    let (network, pass, tag) = (view.network, view.first(), view.tag());
    let (layer, name) = (&network.layers[l], &network.layers[l].weight_names[j][i]);
    let neuron = &layer.neurons[j];
    let mut steps = Vec::new();
    if [j, i] == [0, 0] {
        let to_net = match network.is_softmax(l) {
            true => format!("dE_total/dnet_{neuron}{tag}"),
            false => format!("dE_total/dout_{neuron}{tag} * dout_{neuron}/dnet_{neuron}{tag}"),
        };
        if network.rows.len() == 1 {
            steps.push(format!("{to_net} * dnet_{neuron}/d{name}"));
        }
    }
    let rows = 0..pass.rows.len();
    let names = rows.clone().map(|n| {
        let source = view.sources(l, n).swap_remove(i);
        format!("delta_{neuron}{} * {source}", of_row(network, n))
    });
    let numbers = rows.map(|n| {
        let delta = operand(pass.rows[n].delta[l][j]);
        format!("{delta} * {}", operand(view.reaching(l, n)[i]))
    });
    for terms in [names.collect::<Vec<_>>(), numbers.collect()] {
        steps.push(match &terms[..] {
            [only] => only.clone(),
            _ => format!("({}) / {}", sum(&terms), terms.len()),
        });
    }
    steps.push(number(pass.gradient[l].weight[j][i]));
    steps
}

/// Returns the formulas of a new parameter, from its value, its derivative and the new value.
fn new_value(view: &View, name: &str, [before, gradient, after]: [f64; 3]) -> Vec<String> {
    vec![
        formulas::update(view.network, name, &format!("dE_total/d{name}")),
        formulas::update(view.network, &operand(before), &operand(gradient)),
        number(after),
    ]
}

/// Says what a derivative means.
fn sign(view: &View, name: &str, gradient: f64) -> String {
    let [positive, negative, zero] = view.words().signs;
    let text = match gradient {
        g if g > 0.0 => positive,
        g if g < 0.0 => negative,
        _ => zero,
    };
    text.replace("{w}", name)
}

/// Returns the derivatives of the biases, and the new ones.
pub(super) fn biases(view: &View, l: usize) -> String {
    let (words, network, pass) = (view.words(), view.network, view.first());
    let layer = &network.layers[l];
    let [trained, frozen] = words.biases;
    if layer.bias_names.is_empty() {
        return String::new();
    }
    if !network.train_bias {
        return match network.is_last(l) {
            true => format!("\n{}", wrap(frozen, 0)),
            false => String::new(),
        };
    }
    let mut text = format!("\n{}\n", wrap(trained, 0));
    for (j, name) in layer.bias_names.iter().enumerate().take(MOST_NEURONS) {
        let neuron = &layer.neurons[j];
        let rows = 0..pass.rows.len();
        let deltas: Vec<f64> = pass.rows.iter().map(|row| row.delta[l][j]).collect();
        let names: Vec<String> = rows
            .map(|n| format!("delta_{neuron}{}", of_row(network, n)))
            .collect();
        let gradient = pass.gradient[l].bias[j];
        let steps = match &names[..] {
            [only] => vec![only.clone(), number(gradient)],
            _ => vec![
                format!("({}) / {}", sum(&names), names.len()),
                format!("({}) / {}", sum(&operands(&deltas)), names.len()),
                number(gradient),
            ],
        };
        let new = new_value(
            view,
            name,
            [pass.before[l].bias[j], gradient, pass.after[l].bias[j]],
        );
        if j > 0 {
            text.push('\n');
        }
        text += &line(&format!("dE_total/d{name}"), &steps);
        text += &line(&format!("{name}+"), &new);
    }
    text
}
