//! The quantities of a pass by name: net_h1, out_h1, E_total, dE_total/dw5, w5+ and so on. Where there are several rows,
//! those of a row have its number: net_h1#2.

use super::figures::Heading;
use super::loss;
use super::network::{Network, Tensors};
use super::pass::{Pass, RowPass};
use crate::plan::Order;

/// A named number of a pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// Where the walk shows it.
    pub heading: Heading,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// Collects quantities under a heading.
struct List {
    heading: Heading,
    all: Vec<Quantity>,
}

impl List {
    fn push(&mut self, name: String, value: f64) {
        let heading = self.heading;
        self.all.push(Quantity {
            heading,
            name,
            value,
        });
    }
}

/// Returns what follows the name of a quantity of row `n`: its number, where there are several.
pub fn of_row(network: &Network, n: usize) -> String {
    match network.rows.len() {
        1 => String::new(),
        _ => format!("#{}", n + 1),
    }
}

/// Returns what the walk calls the error of row `n`.
pub fn row_error(network: &Network, n: usize) -> String {
    match network.rows.len() {
        1 => "E_total".to_owned(),
        _ => format!("E#{}", n + 1),
    }
}

/// Returns the heading of the backward pass of layer `l`.
pub fn heading(network: &Network, l: usize) -> Heading {
    match network.is_last(l) {
        true => Heading::OutputLayer,
        false => Heading::HiddenLayer,
    }
}

/// Returns every quantity of a pass.
pub fn all(network: &Network, pass: &Pass) -> Vec<Quantity> {
    let mut list = List {
        heading: Heading::Forward,
        all: Vec::new(),
    };
    for (n, row) in pass.rows.iter().enumerate() {
        let tag = of_row(network, n);
        for (l, layer) in network.layers.iter().enumerate() {
            for (j, neuron) in layer.neurons.iter().enumerate() {
                list.push(format!("net_{neuron}{tag}"), row.net[l][j]);
                list.push(format!("out_{neuron}{tag}"), row.out[l][j]);
            }
        }
    }
    list.heading = Heading::TotalError;
    errors(network, pass, &mut list);
    for l in (0..network.layers.len()).rev() {
        list.heading = heading(network, l);
        for n in 0..pass.rows.len() {
            deltas(network, pass, l, n, &mut list);
        }
        parameters(network, pass, l, &mut list);
    }
    list.all
}

/// Lists the errors.
fn errors(network: &Network, pass: &Pass, list: &mut List) {
    let outputs = network.layers.last().map_or(&[][..], |last| &last.neurons);
    for (n, row) in pass.rows.iter().enumerate() {
        let tag = of_row(network, n);
        for (neuron, error) in outputs.iter().zip(&row.errors) {
            list.push(format!("E_{neuron}{tag}"), *error);
        }
        if network.rows.len() > 1 {
            list.push(row_error(network, n), row.error);
        }
    }
    list.push("E_total".to_owned(), pass.error);
}

/// Lists how the error of row `n` follows the neurons of layer `l`.
fn deltas(network: &Network, pass: &Pass, l: usize, n: usize, list: &mut List) {
    let (row, tag) = (&pass.rows[n], of_row(network, n));
    let by_out = by_outs(network, pass, l, n);
    for (j, neuron) in network.layers[l].neurons.iter().enumerate() {
        if !network.is_last(l) && network.is_last(l + 1) {
            let above = &network.layers[l + 1].neurons;
            for (k, part) in parts(network, pass, l, n, j).into_iter().enumerate() {
                list.push(format!("dE_{}/dout_{neuron}{tag}", above[k]), part);
            }
        }
        if !network.is_softmax(l) {
            list.push(format!("dE_total/dout_{neuron}{tag}"), by_out[j]);
            let slope = network.layers[l].activation.slope(row.out[l][j]);
            list.push(format!("dout_{neuron}/dnet_{neuron}{tag}"), slope);
        }
        list.push(format!("delta_{neuron}{tag}"), row.delta[l][j]);
    }
}

/// Returns how the error of row `n` follows the outputs of layer `l`.
pub fn by_outs(network: &Network, pass: &Pass, l: usize, n: usize) -> Vec<f64> {
    let row = &pass.rows[n];
    match network.is_last(l) {
        true => loss::slopes(network.loss, &row.out[l], &network.rows[n].target),
        false => (0..row.out[l].len())
            .map(|j| parts(network, pass, l, n, j).iter().sum())
            .collect(),
    }
}

/// Returns the parts of the derivative for the output of neuron `j` of layer `l`: one for each neuron above it.
fn parts(network: &Network, pass: &Pass, l: usize, n: usize, j: usize) -> Vec<f64> {
    let weights = &weights_back(network, pass, l + 1).weight;
    let deltas = pass.rows[n].delta[l + 1].iter().zip(weights);
    deltas.map(|(delta, weights)| delta * weights[j]).collect()
}

/// Returns the parameters of layer `l` that the error goes back through.
pub fn weights_back<'a>(network: &Network, pass: &'a Pass, l: usize) -> &'a Tensors {
    match network.order {
        Order::Simultaneous => &pass.before[l],
        Order::Sequential => &pass.after[l],
    }
}

/// Lists the derivatives of the parameters of layer `l`, and their new values.
fn parameters(network: &Network, pass: &Pass, l: usize, list: &mut List) {
    let layer = &network.layers[l];
    let names: Vec<&String> = layer.weight_names.iter().flatten().collect();
    let gradient = pass.gradient[l].weight.iter().flatten();
    let after = pass.after[l].weight.iter().flatten();
    for (name, (gradient, after)) in names.iter().zip(gradient.zip(after)) {
        list.push(format!("dE_total/d{name}"), *gradient);
        list.push(format!("{name}+"), *after);
    }
    if network.train_bias {
        for (j, name) in layer.bias_names.iter().enumerate() {
            list.push(format!("dE_total/d{name}"), pass.gradient[l].bias[j]);
            list.push(format!("{name}+"), pass.after[l].bias[j]);
        }
    }
}

/// Returns the quantities of a pass that a device leaves in buffers, in the order of [`all`] within each kind.
pub fn measured(network: &Network, pass: &Pass) -> Vec<Quantity> {
    let mut list = List {
        heading: Heading::Forward,
        all: Vec::new(),
    };
    let mut by_neuron = |heading, what: &str, values: fn(&RowPass, usize) -> &[f64]| {
        list.heading = heading;
        for (n, row) in pass.rows.iter().enumerate() {
            let tag = of_row(network, n);
            for (l, layer) in network.layers.iter().enumerate() {
                if what == "delta" {
                    list.heading = self::heading(network, l);
                }
                for (neuron, value) in layer.neurons.iter().zip(values(row, l)) {
                    list.push(format!("{what}_{neuron}{tag}"), *value);
                }
            }
        }
    };
    by_neuron(Heading::Forward, "net", |row, l| &row.net[l]);
    by_neuron(Heading::Forward, "out", |row, l| &row.out[l]);
    by_neuron(Heading::OutputLayer, "delta", |row, l| &row.delta[l]);
    list.heading = Heading::TotalError;
    for (n, row) in pass.rows.iter().enumerate() {
        list.push(row_error(network, n), row.error);
    }
    for l in 0..network.layers.len() {
        list.heading = heading(network, l);
        parameters(network, pass, l, &mut list);
    }
    list.all
}
