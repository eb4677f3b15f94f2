//! A learner's own network, read from a TOML file.

mod names;
mod table;

use super::article::MOST_ROUNDS;
use super::loss::LOSSES;
use super::network::{BiasNames, Example, NamedLayer, Network};
use crate::Error;
use crate::config::origin::text;
use crate::model::{Activation, Loss, Optimizer, OptimizerKind};
use crate::plan::Order;
use crate::text::counted;
use std::path::Path;
use table::Table;

/// A file to start from: the article's network, with comments.
pub const TEMPLATE: &str = include_str!("homework/template.toml");

/// Maximum number of rows.
pub const MOST_ROWS: usize = 64;
/// Maximum number of layers.
pub const MOST_LAYERS: usize = 8;
/// Maximum number of weights and biases.
pub const MOST_PARAMETERS: usize = 1000;
/// Maximum of rounds times rows times parameters: some ten seconds.
const MOST_WORK: usize = 10_000_000_000;
/// Rounds of a file that names none.
const ROUNDS: usize = 100;

/// Reads the network in the file at `path`.
///
/// # Errors
/// If the file cannot be read, or is not that of a network.
pub fn read(path: &Path) -> Result<Network, Error> {
    let name = path.display().to_string();
    let text = text(path).map_err(|why| {
        Error::Config(format!(
            "--network {name}: {why}; expected a text file; wgrad tutorial --template prints one to start from"
        ))
    })?;
    parse(&name, &text)
}

/// Reads a network from `text`, the content of the file `name`.
///
/// # Errors
/// If it is not the TOML of a network, with the file, the key, what was expected and found, and a cure.
pub fn parse(name: &str, text: &str) -> Result<Network, Error> {
    let top = Table::parse(name, text)?;
    top.knows(&[
        "learning_rate",
        "loss",
        "optimizer",
        "momentum",
        "order",
        "train_bias",
        "rounds",
        "inputs",
        "rows",
        "layers",
    ])?;
    let loss = top.choice("loss", &LOSSES)?.unwrap_or(Loss::HalfSse);
    let tables = top.tables("layers", MOST_LAYERS)?;
    let rows = rows(&top)?;
    let mut layers: Vec<NamedLayer> = Vec::new();
    let mut biases = Vec::new();
    for (l, table) in tables.iter().enumerate() {
        let reach = layers
            .last()
            .map_or(rows[0].input.len(), |below| below.neurons.len());
        let is_last = l + 1 == tables.len();
        let (layer, kind) = layer(table, reach, is_last.then_some(loss))?;
        layers.push(layer);
        biases.push(kind);
    }
    targets_fit(&top, &rows, &layers, loss)?;
    let train_bias = trains_biases(&top, &biases)?;
    let mut network = Network {
        inputs: Vec::new(),
        layers,
        loss,
        optimizer: optimizer(&top)?,
        order: top.choice("order", &Order::ALL)?.unwrap_or_default(),
        train_bias,
        rows,
        rounds: top.count("rounds", MOST_ROUNDS)?.unwrap_or(ROUNDS),
    };
    names::set(&mut network, &top, &tables)?;
    // Trained biases go apart, also those that begin alike.
    let apart = |kind: &BiasNames| match kind {
        BiasNames::Shared if train_bias => BiasNames::Own,
        kind => *kind,
    };
    let biases: Vec<BiasNames> = biases.iter().map(apart).collect();
    network.name_parameters(&biases);
    check_size(&top, &network)?;
    Ok(network)
}

/// Checks the number of parameters, and the work of all rounds.
fn check_size(top: &Table, network: &Network) -> Result<(), Error> {
    let parameters = network.parameter_count();
    if parameters > MOST_PARAMETERS {
        return Err(top.fault(
            "layers",
            format!("expected at most {MOST_PARAMETERS} weights and biases in all, found {parameters}; leave neurons out, or train such a network with wgrad train"),
        ));
    }
    check_work(network).map_err(|why| top.fault("rounds", why))
}

/// Checks that the rounds of `network` end in some seconds.
///
/// # Errors
/// Says how many rounds it may have.
pub fn check_work(network: &Network) -> Result<(), String> {
    let most = MOST_WORK / network.rows.len() / network.parameter_count().max(1);
    match network.rounds {
        rounds if rounds > most => Err(format!(
            "expected at most {most} rounds for a network of this size, found {rounds}; use fewer"
        )),
        _ => Ok(()),
    }
}

/// Sets whether the biases of `network` are trained.
///
/// # Errors
/// If they are to be, and a layer has none.
pub fn train_biases(network: &mut Network, train: bool) -> Result<(), String> {
    let has = |layer: &NamedLayer| !layer.bias_names.is_empty();
    if train && !network.layers.iter().all(has) {
        return Err(
            "expected biases in all layers, found some without; write bias = 0 there".to_owned(),
        );
    }
    // A shared bias has one name only while it stays.
    if train != network.train_bias && train {
        network.name_parameters(&vec![BiasNames::Own; network.layers.len()]);
    }
    network.train_bias = train;
    Ok(())
}

/// Reads the rows, which all have as many numbers.
fn rows(top: &Table) -> Result<Vec<Example>, Error> {
    let mut rows: Vec<Example> = Vec::new();
    for table in top.tables("rows", MOST_ROWS)? {
        table.knows(&["input", "target"])?;
        let row = Example {
            input: table.numbers("input")?,
            target: table.numbers("target")?,
        };
        if let Some(first) = rows.first() {
            table.as_long("input", row.input.len(), first.input.len(), "rows[1]")?;
            table.as_long("target", row.target.len(), first.target.len(), "rows[1]")?;
        }
        rows.push(row);
    }
    Ok(rows)
}

/// Reads a layer that `reach` values reach. The last one gets the network's loss.
fn layer(
    table: &Table,
    reach: usize,
    last: Option<Loss>,
) -> Result<(NamedLayer, BiasNames), Error> {
    table.knows(&["activation", "weights", "bias", "neurons"])?;
    let weights = table.lists("weights")?;
    if let Some(list) = weights.iter().position(|list| list.len() != reach) {
        let found = weights[list].len();
        return Err(table.fault(
            "weights",
            format!(
                "expected {} in list {}, one for each value that reaches the neuron, found {found}; write as many",
                counted(reach, "weight"),
                list + 1
            ),
        ));
    }
    let neurons = weights.len();
    let (biases, kind) = match table.number_or_numbers("bias")? {
        None => (vec![0.0; neurons], BiasNames::None),
        Some((list, true)) => {
            if list.len() != neurons {
                return Err(table.fault(
                    "bias",
                    format!(
                        "expected {}, one for each neuron, found {}; weights has {}",
                        counted(neurons, "number"),
                        list.len(),
                        counted(neurons, "list")
                    ),
                ));
            }
            (list, BiasNames::Own)
        }
        Some((list, false)) => (vec![list[0]; neurons], BiasNames::Shared),
    };
    let layer = NamedLayer {
        neurons: vec![String::new(); neurons],
        activation: activation(table, last)?,
        weights,
        biases,
        weight_names: Vec::new(),
        bias_names: Vec::new(),
    };
    Ok((layer, kind))
}

/// Reads the activation of a layer. Softmax is for the last layer with cross-entropy, which needs it.
fn activation(table: &Table, last: Option<Loss>) -> Result<Activation, Error> {
    let is_softmax = table.text("activation")? == Some("softmax");
    match (is_softmax, last) {
        (true, Some(Loss::CrossEntropy)) => Ok(Activation::Identity),
        (true, Some(_)) => Err(table.fault(
            "activation",
            "expected a loss of cross-entropy with softmax, found another; write loss = \"cross-entropy\"".to_owned(),
        )),
        (true, None) => Err(table.fault(
            "activation",
            "expected softmax in the last layer only; write sigmoid, tanh or relu here".to_owned(),
        )),
        (false, Some(Loss::CrossEntropy)) => Err(table.fault(
            "activation",
            "expected \"softmax\" in the last layer, which cross-entropy needs; write it, or use another loss".to_owned(),
        )),
        (false, _) => Ok(table
            .choice("activation", &Activation::IN_PRODUCTS)?
            .unwrap_or(Activation::Sigmoid)),
    }
}

/// Checks the targets against the last layer.
fn targets_fit(
    top: &Table,
    rows: &[Example],
    layers: &[NamedLayer],
    loss: Loss,
) -> Result<(), Error> {
    let outputs = layers.last().map_or(0, |layer| layer.neurons.len());
    let found = rows[0].target.len();
    if found != outputs {
        return Err(top.fault(
            "rows[1].target",
            format!(
                "expected {}, one for each neuron of the last layer, found {found}; change the one or the other",
                counted(outputs, "number")
            ),
        ));
    }
    for (n, row) in rows.iter().enumerate() {
        let sum: f64 = row.target.iter().sum();
        let is_share = row.target.iter().all(|t| *t >= 0.0) && (sum - 1.0).abs() < 1e-9;
        if loss == Loss::CrossEntropy && !is_share {
            return Err(top.fault(
                &format!("rows[{}].target", n + 1),
                format!("expected probabilities that add up to 1, as cross-entropy takes them, found a sum of {sum}; write 1 for the right class and 0 for the others"),
            ));
        }
    }
    Ok(())
}

/// Reads whether biases are trained.
fn trains_biases(top: &Table, biases: &[BiasNames]) -> Result<bool, Error> {
    let none = biases
        .iter()
        .filter(|kind| **kind == BiasNames::None)
        .count();
    let trains = top.switch("train_bias")?.unwrap_or(none < biases.len());
    if trains && none > 0 {
        return Err(top.fault(
            "train_bias",
            format!("expected biases in all layers where they are trained, found {none} of {} without; write bias = 0 there, or train_bias = false", biases.len()),
        ));
    }
    Ok(trains)
}

fn optimizer(top: &Table) -> Result<Optimizer, Error> {
    let learning_rate = top.positive("learning_rate")?;
    let momentum = top.share("momentum")?;
    match (
        top.choice("optimizer", &[OptimizerKind::Sgd, OptimizerKind::Adam])?,
        momentum,
    ) {
        (Some(OptimizerKind::Adam), Some(_)) => Err(top.fault(
            "momentum",
            "expected none with adam, which has its own; leave it out, or write optimizer = \"sgd\"".to_owned(),
        )),
        (Some(OptimizerKind::Adam), None) => Ok(Optimizer::adam(learning_rate)),
        (_, momentum) => Ok(Optimizer::Sgd {
            learning_rate,
            momentum: momentum.unwrap_or(0.0),
            weight_decay: 0.0,
        }),
    }
}
