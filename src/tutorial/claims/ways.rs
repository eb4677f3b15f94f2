//! Every way to go wrong with a network: what a learner would get who made a slip.

use super::rounded;
use super::slips::{OtherActivation, Slip};
use super::variant::{Variant, rated};
use crate::kernels::Role;
use crate::model::{Activation, Loss};
use crate::plan::{Order, Plan};
use crate::tutorial::network::Network;

/// Returns every way to go wrong with `network`.
pub(super) fn variants(network: &Network) -> Vec<Variant> {
    let mut all = settings(network);
    all.extend(errors(network));
    all.extend(rows(network));
    all.extend(slopes(network));
    all.extend(steps(network));
    all.extend(weights(network));
    all.extend(activations(network));
    all.extend(rounded::DECIMALS.into_iter().rev().map(|decimals| {
        Variant::new(Slip::Rounded(decimals), network)
            .with_edit(move |plan| rounded::edit(plan, decimals))
    }));
    all
}

/// What the network says otherwise: biases, and the order of updates.
fn settings(network: &Network) -> Vec<Variant> {
    let mut all = Vec::new();
    if network
        .layers
        .iter()
        .all(|layer| !layer.bias_names.is_empty())
    {
        let slip = match network.train_bias {
            true => Slip::BiasesFrozen,
            false => Slip::BiasesUpdated,
        };
        let biases = Variant::new(slip, network);
        all.push(biases.on(|network| network.train_bias = !network.train_bias));
    }
    if network.layers.len() > 1 {
        let (slip, other) = match network.order {
            Order::Simultaneous => (Slip::NewWeights, Order::Sequential),
            Order::Sequential => (Slip::OldWeights, Order::Simultaneous),
        };
        all.push(Variant::new(slip, network).on(|network| network.order = other));
    }
    all
}

/// The error by another formula.
fn errors(network: &Network) -> Vec<Variant> {
    let outputs = network.layers.last().map_or(1, |last| last.neurons.len()) as f64;
    let scaled = |slip, error, derivative| Variant::new(slip, network).scaled(error, derivative);
    match network.loss {
        Loss::HalfSse => vec![scaled(Slip::WithoutHalf, 2.0, 2.0)],
        Loss::Mse | Loss::Huber | Loss::Mae => {
            let mut all = Vec::new();
            if network.loss == Loss::Mse {
                all.push(scaled(Slip::WithHalf, 0.5, 0.5));
            }
            if outputs > 1.0 {
                all.push(scaled(Slip::SumOfOutputs, outputs, outputs));
            }
            all
        }
        Loss::CrossEntropy | Loss::Quantile | Loss::Poisson | Loss::BinaryCrossEntropy => {
            Vec::new()
        }
    }
}

/// Another use of the rows.
fn rows(network: &Network) -> Vec<Variant> {
    let count = network.rows.len();
    if count == 1 {
        return Vec::new();
    }
    let one = |slip| Variant::new(slip, network);
    let mut sum = Variant {
        over_rows: count as f64,
        ..one(Slip::SumOfRows)
    };
    sum.network.optimizer = rated(sum.network.optimizer, count as f64);
    let in_turn = Variant {
        row_by_row: true,
        ..one(Slip::RowByRow)
    };
    vec![
        sum,
        in_turn,
        one(Slip::FirstRowOnly).on(|network| network.rows.truncate(1)),
    ]
}

/// Slopes left out.
fn slopes(network: &Network) -> Vec<Variant> {
    let has_output = network
        .layers
        .last()
        .is_some_and(|last| last.activation != Activation::Identity);
    let hidden = &network.layers[..network.layers.len() - 1];
    let has_hidden = hidden
        .iter()
        .any(|layer| layer.activation != Activation::Identity);
    let without = |slip, output: bool, hidden: bool| {
        Variant::new(slip, network).with_edit(move |plan| drop_slopes(plan, output, hidden))
    };
    let mut all = Vec::new();
    if has_output {
        all.push(without(Slip::NoOutputSlope, true, false));
    }
    if has_hidden {
        all.push(without(Slip::NoHiddenSlope, false, true));
    }
    if has_output && has_hidden {
        all.push(without(Slip::NoSlope, true, true));
    }
    all
}

/// Leaves the slopes out of the deltas.
fn drop_slopes(plan: &mut Plan, output: bool, hidden: bool) {
    for call in &mut plan.gradient {
        let at = match call.kernel.role {
            Role::Loss if output && call.kernel.args[1] == "activation" => 1,
            Role::InputGradient if hidden => 2,
            _ => continue,
        };
        call.args[at] = Activation::Identity as u32;
    }
}

/// Wrong steps.
fn steps(network: &Network) -> Vec<Variant> {
    let rate = network.optimizer.learning_rate();
    let with = |slip, rate: f64| {
        let change = |network: &mut Network| {
            network.optimizer = network.optimizer.with_learning_rate(rate);
        };
        Variant::new(slip, network).on(change)
    };
    let scaled = |slip, by: f64| Variant {
        scales: [1.0, by],
        ..Variant::new(slip, network)
    };
    let mut all = vec![
        with(Slip::WrongSign, -rate),
        scaled(Slip::TurnedDifference, -1.0),
    ];
    if rate != 1.0 {
        all.push(with(Slip::NoRate, 1.0));
        all.push(scaled(Slip::RateInGradient, rate));
    }
    all
}

/// Wrong weights, or none.
fn weights(network: &Network) -> Vec<Variant> {
    let mut all = Vec::new();
    let is_square = |l: usize| network.below(l).len() == network.layers[l].neurons.len();
    let some = |slip, weights: Vec<(usize, Vec<f64>)>| {
        (!weights.is_empty()).then(|| Variant::new(slip, network).back_through(weights))
    };
    let above = 1..network.layers.len();
    let squares = above
        .clone()
        .filter(|l| is_square(*l) && network.below(*l).len() > 1);
    let turned = squares.map(|l| (l, transposed(&network.layers[l].weights).concat()));
    all.extend(some(Slip::TransposedBack, turned.collect()));
    let first = above
        .clone()
        .filter(|l| network.layers[*l].neurons.len() > 1);
    let first = first.map(|l| {
        let rows = network.layers[l].weights.iter().enumerate();
        let rows = rows.map(|(k, row)| {
            if k == 0 {
                row.clone()
            } else {
                vec![0.0; row.len()]
            }
        });
        (l, rows.collect::<Vec<_>>().concat())
    });
    all.extend(some(Slip::OneOutputBack, first.collect()));
    let ones = above.map(|l| (l, vec![1.0; network.layers[l].weights.concat().len()]));
    all.extend(some(Slip::NoWeightsBack, ones.collect()));
    if (0..network.layers.len()).any(|l| is_square(l) && network.below(l).len() > 1) {
        all.push(Variant::new(Slip::Transposed, network).on(|network| {
            for l in 0..network.layers.len() {
                if network.below(l).len() == network.layers[l].neurons.len() {
                    let layer = &mut network.layers[l];
                    layer.weights = transposed(&layer.weights);
                    layer.weight_names = transposed(&layer.weight_names);
                }
            }
        }));
    }
    if network
        .layers
        .iter()
        .any(|layer| !layer.bias_names.is_empty())
    {
        all.push(Variant::new(Slip::NoBias, network).on(|network| {
            for layer in &mut network.layers {
                layer.biases.fill(0.0);
            }
        }));
    }
    all
}

fn transposed<T: Clone>(rows: &[Vec<T>]) -> Vec<Vec<T>> {
    let columns = rows.first().map_or(0, Vec::len);
    let column = |c: usize| rows.iter().map(|row| row[c].clone()).collect();
    (0..columns).map(column).collect()
}

/// Other activations, in all layers but a softmax.
fn activations(network: &Network) -> Vec<Variant> {
    let others = [
        (OtherActivation::Identity, Activation::Identity),
        (OtherActivation::Sigmoid, Activation::Sigmoid),
        (OtherActivation::Tanh, Activation::Tanh),
        (OtherActivation::Relu, Activation::Relu),
    ];
    let variant = |(name, other): (OtherActivation, Activation)| {
        Variant::new(Slip::OtherActivation(name), network).on(|network| {
            let softmax = network.loss == Loss::CrossEntropy;
            let count = network.layers.len() - usize::from(softmax);
            for layer in &mut network.layers[..count] {
                layer.activation = other;
            }
        })
    };
    others.into_iter().map(variant).collect()
}
