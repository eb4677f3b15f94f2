//! The names of the quantities that a claim may be about, and their values.
//!
//! Where biases keep their values, neurons of a layer may share a name (b1, b2). Somebody who trains them gives each neuron
//! its own (b1 to b4). Claims may use both ways to count.

use crate::text::nearest;
use crate::tutorial::network::Network;
use crate::tutorial::pass::Pass;
use crate::tutorial::{quantity, run};

/// Returns the name that the walk has for what somebody may call otherwise.
pub(super) fn canonical(name: &str) -> String {
    let name = name
        .trim()
        .replace(' ', "")
        .replace("∂", "d")
        .replace("δ", "delta");
    let name = match name.strip_prefix("dE/") {
        Some(rest) => format!("dE_total/{rest}"),
        None => name,
    };
    if let Some(neuron) = name.strip_prefix("dE_total/dnet_") {
        return format!("delta_{neuron}");
    }
    match name.as_str() {
        "E" | "error" | "Etotal" => "E_total".to_owned(),
        _ => name,
    }
}

/// Returns the names of weights and biases.
fn parameters(network: &Network) -> impl Iterator<Item = &String> {
    let layers = network.layers.iter();
    layers.flat_map(|layer| layer.weight_names.iter().flatten().chain(&layer.bias_names))
}

/// Whether a name is that of a weight or a bias.
pub(super) fn is_parameter(network: &Network, name: &str) -> bool {
    parameters(network).any(|own| own == name) || own_bias(network, name).is_some()
}

/// Returns layer and neuron of a bias where each neuron has its own number.
fn own_bias(network: &Network, name: &str) -> Option<[usize; 2]> {
    let number: usize = name.strip_prefix('b')?.parse().ok()?;
    let layers = network.layers.iter().enumerate();
    let biases = layers.flat_map(|(l, layer)| (0..layer.bias_names.len()).map(move |j| [l, j]));
    biases.into_iter().nth(number.checked_sub(1)?)
}

/// Returns a quantity of a pass, or a parameter after `round` rounds: after the pass, or before the first one.
pub(super) fn value(network: &Network, pass: &Pass, name: &str, round: usize) -> Option<f64> {
    let tensors = match round {
        0 => &pass.before,
        _ => &pass.after,
    };
    for (layer, tensors) in network.layers.iter().zip(tensors) {
        let names = layer.weight_names.iter().flatten().chain(&layer.bias_names);
        let values = tensors.weight.iter().flatten().chain(&tensors.bias);
        if let Some((_, value)) = names.zip(values).find(|(own, _)| *own == name) {
            return Some(*value);
        }
    }
    if let Some([l, j]) = own_bias(network, name) {
        return Some(tensors[l].bias[j]);
    }
    let mut all = quantity::all(network, pass).into_iter();
    let found = all.find(|quantity| quantity.name == name);
    found.map(|quantity| quantity.value)
}

/// Returns what a bias may be after a pass that trains biases: that of each neuron with its name; of all of them as one
/// number, which takes the steps of all; and of the neuron that its number counts to.
pub(super) fn trained_biases(network: &Network, pass: &Pass, name: &str) -> Vec<f64> {
    let mut all = Vec::new();
    for (l, layer) in network.layers.iter().enumerate() {
        let [before, after] = [&pass.before, &pass.after].map(|tensors| &tensors[l].bias);
        let neurons = 0..layer.bias_names.len();
        let own: Vec<usize> = neurons.filter(|j| layer.bias_names[*j] == name).collect();
        all.extend(own.iter().map(|j| after[*j]));
        if let [first, _, ..] = own[..] {
            let steps = own.iter().map(|j| after[*j] - before[*j]);
            all.push(before[first] + steps.sum::<f64>());
        }
    }
    all.extend(own_bias(network, name).map(|[l, j]| pass.after[l].bias[j]));
    all
}

/// Checks that `network` has a quantity `name`.
pub(super) fn check(name: &str, network: &Network) -> Result<(), String> {
    if is_parameter(network, name) {
        return Ok(());
    }
    let of_bias = name.strip_prefix("dE_total/d");
    if !network.train_bias && of_bias.is_some_and(|bias| own_bias(network, bias).is_some()) {
        return Err(
            "biases keep their values here, so they have no partial derivatives; train them with --biases trained"
                .to_owned(),
        );
    }
    let shape = run::passes(network, &[0]).map_err(|why| why.to_string())?;
    let known = quantity::all(network, &shape[0]);
    let mut names: Vec<String> = known.into_iter().map(|quantity| quantity.name).collect();
    names.retain(|name| !name.ends_with('+'));
    names.extend(parameters(network).cloned());
    if names.iter().any(|known| known == name) {
        return Ok(());
    }
    let first = format!("{name}#1");
    if names.contains(&first) {
        let rows = network.rows.len();
        return Err(format!(
            "expected the row, since there are {rows}, found none; write {first}, for example"
        ));
    }
    let cure = nearest(name, names.iter().map(String::as_str)).map_or_else(
        || own_names(network),
        |known| format!("did you mean {known}?"),
    );
    Err(format!(
        "expected a quantity of this network, such as w1, net_{h}, out_{h}, delta_{h}, E_total or dE/dw1, found {name}; {cure}",
        h = network.layers[0].neurons[0]
    ))
}

/// Says what the weights and biases of `network` are called.
fn own_names(network: &Network) -> String {
    let range = |letter: char| {
        let mut own = parameters(network).filter(|name| name.starts_with(letter));
        let first = own.next()?;
        Some(match own.last().filter(|last| *last != first) {
            Some(last) => format!("{first} to {last}"),
            None => first.clone(),
        })
    };
    let ranges: Vec<String> = ['w', 'b'].into_iter().filter_map(range).collect();
    format!("its weights and biases are {}", ranges.join(", "))
}
