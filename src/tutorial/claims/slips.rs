//! The slips that learners make, each as a change of the network, of its plan, or of what comes out: what a learner would
//! get who made it.

use super::rounded;
use crate::Error;
use crate::kernels::{Buffer, Role};
use crate::model::{Activation, Loss, Optimizer};
use crate::plan::{Extent, Order, Plan};
use crate::tutorial::network::Network;
use crate::tutorial::pass::{self, Pass, Rounds};

/// A slip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slip {
    /// Biases updated, though the network says that they are not.
    BiasesUpdated,
    /// Biases not updated, though the network says that they are.
    BiasesFrozen,
    /// Hidden deltas from new weights, though the network says from the old ones.
    NewWeights,
    /// Hidden deltas from the old weights, though the network says from new ones.
    OldWeights,
    /// The half of the error left out.
    WithoutHalf,
    /// A half in the error that does not belong there.
    WithHalf,
    /// The sum over outputs for the mean.
    SumOfOutputs,
    /// The sum over rows for the mean.
    SumOfRows,
    /// The rows one at a time, with an update after each.
    RowByRow,
    /// The first row only.
    FirstRowOnly,
    /// The slope of the activation left out everywhere.
    NoSlope,
    /// The slope of the activation left out in the output layer.
    NoOutputSlope,
    /// The slope of the activation left out in the hidden layers.
    NoHiddenSlope,
    /// The gradient added to the weights.
    WrongSign,
    /// target - out for out - target.
    TurnedDifference,
    /// The learning rate left out.
    NoRate,
    /// The learning rate in the derivative already.
    RateInGradient,
    /// The weights read by columns.
    Transposed,
    /// The error taken back along the wrong weights: those of a row for those of a column.
    TransposedBack,
    /// The error taken back through the first output only.
    OneOutputBack,
    /// The error taken back without the weights on the way.
    NoWeightsBack,
    /// The biases left out.
    NoBias,
    /// Another activation.
    OtherActivation(OtherActivation),
    /// Results rounded to so many decimals on the way.
    Rounded(usize),
    /// Cut off, not rounded.
    CutOff,
    /// The value of one round earlier.
    RoundEarlier,
    /// The value of one round later.
    RoundLater,
    /// Near, but not to the digits given.
    Near,
}

/// An activation in the place of the network's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OtherActivation {
    /// None.
    Identity,
    /// The logistic function.
    Sigmoid,
    /// tanh.
    Tanh,
    /// relu.
    Relu,
}

/// A way to compute that has a slip in it.
pub(super) struct Variant {
    pub(super) slip: Slip,
    network: Network,
    edit: Box<dyn Fn(&mut Plan)>,
    /// Weights that the error goes back through in the place of a layer's own: layer, weights (O, I).
    back: Vec<(usize, Vec<f64>)>,
    /// What the errors and the derivatives are multiplied by.
    scales: [f64; 2],
    /// Whether each row is a round of its own.
    row_by_row: bool,
    /// What the sum over rows is multiplied by, beyond the mean.
    over_rows: f64,
}

impl Variant {
    fn new(slip: Slip, network: &Network) -> Variant {
        Variant {
            slip,
            network: network.clone(),
            edit: Box::new(|_| ()),
            back: Vec::new(),
            scales: [1.0; 2],
            row_by_row: false,
            over_rows: 1.0,
        }
    }

    fn on(mut self, change: impl FnOnce(&mut Network)) -> Variant {
        change(&mut self.network);
        self
    }

    fn with_edit(mut self, edit: impl Fn(&mut Plan) + 'static) -> Variant {
        self.edit = Box::new(edit);
        self
    }

    /// Multiplies errors and derivatives, and so the steps.
    fn scaled(mut self, error: f64, derivative: f64) -> Variant {
        self.scales = [error, derivative];
        if self.network.optimizer.moments() < 2 {
            self.network.optimizer = rated(self.network.optimizer, derivative);
        }
        self
    }

    fn back_through(mut self, weights: Vec<(usize, Vec<f64>)>) -> Variant {
        self.back = weights;
        self
    }

    /// Returns the network as it is with the slip.
    pub(super) fn network(&self) -> &Network {
        &self.network
    }

    /// Returns what the round after `round` rounds would be.
    pub(super) fn pass(&self, round: usize) -> Result<Pass, Error> {
        let mut pass = match self.row_by_row {
            true => self.rows_in_turn(round)?,
            false => self.plain(&self.network, round)?,
        };
        let [error, derivative] = self.scales;
        let scale = |values: &mut Vec<f64>, by: f64| values.iter_mut().for_each(|v| *v *= by);
        pass.error *= error * self.over_rows;
        for row in &mut pass.rows {
            row.error *= error;
            scale(&mut row.errors, error);
            row.delta.iter_mut().for_each(|d| scale(d, derivative));
        }
        let derivative = derivative * self.over_rows;
        for gradient in &mut pass.gradient {
            gradient
                .weight
                .iter_mut()
                .for_each(|w| scale(w, derivative));
            scale(&mut gradient.bias, derivative);
        }
        Ok(pass)
    }

    fn plain(&self, network: &Network, round: usize) -> Result<Pass, Error> {
        let mut plan = pass::plan(network);
        (self.edit)(&mut plan);
        for (l, weights) in &self.back {
            let buffer = Buffer::Scratch(100 + l);
            let length = Extent::Tensors(vec![weights.len()]);
            plan.buffers.push((buffer, length));
            let delta = Buffer::Delta(*l).into();
            let through = |call: &&mut crate::kernels::Call| {
                call.kernel.role == Role::InputGradient && call.reads[0] == delta
            };
            if let Some(call) = plan.gradient.iter_mut().find(through) {
                call.reads[1] = buffer.into();
            }
        }
        let mut session = pass::reference(network, &plan)?;
        for (l, weights) in &self.back {
            use crate::plan::Session;
            session.write(Buffer::Scratch(100 + l), weights)?;
        }
        let mut rounds = Rounds::exact(network, &mut session);
        rounds.go_to(round)?;
        rounds.pass()
    }

    /// Returns the pass of the last row, after a step for each row before it.
    fn rows_in_turn(&self, round: usize) -> Result<Pass, Error> {
        let mut network = self.network.clone();
        let rows = std::mem::take(&mut network.rows);
        let mut whole: Option<Pass> = None;
        for row in std::iter::repeat_n(rows, round + 1).flatten() {
            network.rows = vec![row];
            let pass = self.plain(&network, 0)?;
            network.set_parameters(&pass.after);
            whole = Some(pass);
        }
        let none = || Error::Config("rows: expected one, found none".to_owned());
        whole.ok_or_else(none)
    }
}

/// Returns an optimizer with `by` times its learning rate, which may be negative.
fn rated(optimizer: Optimizer, by: f64) -> Optimizer {
    optimizer.with_learning_rate(optimizer.learning_rate() * by)
}

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
        Loss::CrossEntropy => Vec::new(),
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
