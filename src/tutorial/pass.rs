//! A pass: every quantity of one round, from the inputs to the new weights, as an executor computed it.
//!
//! The training plan leaves outputs, deltas, errors, gradients and new parameters in buffers. Its `forward` includes the
//! activation, so a further call per layer writes the net inputs.

use super::loss;
use super::network::{Network, Tensors};
use crate::Error;
use crate::cpu::CpuSession;
use crate::kernels::{Buffer, forward};
use crate::math::Real;
use crate::model::{Activation, Layer};
use crate::plan::{Extent, Order, Phase, Plan, Session};

/// Every quantity of a round.
#[derive(Clone, Debug, PartialEq)]
pub struct Pass {
    /// The number of rounds before it.
    pub round: usize,
    /// The parameters before the round, one entry per layer.
    pub before: Vec<Tensors>,
    /// What the network did with each row.
    pub rows: Vec<RowPass>,
    /// The mean error of the rows.
    pub error: f64,
    /// The derivatives of `error` with respect to the parameters, one entry per layer.
    pub gradient: Vec<Tensors>,
    /// The parameters after the round, one entry per layer.
    pub after: Vec<Tensors>,
}

/// A row on its way through the network. Each list has an entry per layer, and in it one per neuron.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct RowPass {
    /// Net inputs.
    pub net: Vec<Vec<f64>>,
    /// Outputs.
    pub out: Vec<Vec<f64>>,
    /// The error of each output.
    pub errors: Vec<f64>,
    /// The error of the row.
    pub error: f64,
    /// The derivatives of the row's error with respect to the net inputs.
    pub delta: Vec<Vec<f64>>,
}

/// Where the plan writes the net inputs of layer `l`.
fn net(l: usize) -> Buffer {
    Buffer::Scratch(l)
}

/// Returns the plan of `network`, extended by the net inputs.
pub fn plan(network: &Network) -> Plan {
    let mut plan = network.plan();
    for (l, layer) in network.mlp().layers.iter().enumerate().rev() {
        let linear = Layer {
            activation: Activation::Identity,
            ..*layer
        };
        let call = forward::call(
            &linear,
            Buffer::Out(l).into(),
            Buffer::Parameters.tensor(2 * l),
            Buffer::Parameters.tensor(2 * l + 1),
            net(l).into(),
        );
        // Before the backward pass, where updates layer by layer change the weights.
        plan.gradient.insert(l + 1, call);
        let width = layer.outputs;
        plan.buffers.push((net(l), Extent::Batch { width }));
    }
    plan
}

/// Writes the rows and the initial parameters.
pub fn write<T: Real>(session: &mut dyn Session<T>, network: &Network) -> Result<(), Error> {
    let numbers = |values: Vec<f64>| values.into_iter().map(T::of).collect::<Vec<T>>();
    let inputs = network.rows.iter().flat_map(|row| row.input.clone());
    let targets = network.rows.iter().flat_map(|row| row.target.clone());
    session.write(Buffer::DataInputs, &numbers(inputs.collect()))?;
    session.write(Buffer::DataTargets, &numbers(targets.collect()))?;
    session.write(Buffer::Parameters, &numbers(network.parameters()))
}

/// Loads `plan` into the reference, with the learning rate in f64.
pub fn reference(network: &Network, plan: &Plan) -> Result<CpuSession<f64>, Error> {
    let mut session = CpuSession::<f64>::new(plan, network.rows.len(), 1)?;
    let [factor, _] = factors(network.optimizer.learning_rate());
    session.begin(&[factor])?;
    write(&mut session, network)?;
    Ok(session)
}

/// Returns two f32 whose product is nearer to `rate` than an f32 can be. A step's rate is f32; the reference multiplies
/// it by a factor that is f32 too.
fn factors(rate: f64) -> [f32; 2] {
    let pair = |k: u32| {
        let factor = f32::from_bits(1f32.to_bits() + 97 * k);
        [factor, (rate / f64::from(factor)) as f32]
    };
    let distance = |[a, b]: &[f32; 2]| (f64::from(*a) * f64::from(*b) - rate).abs();
    let nearest = (0..1 << 16)
        .map(pair)
        .min_by(|a, b| distance(a).total_cmp(&distance(b)));
    nearest.unwrap_or([1.0, rate as f32])
}

/// A session with a network in it that goes from round to round.
pub struct Rounds<'a, T> {
    network: &'a Network,
    session: &'a mut dyn Session<T>,
    /// The rate of a step.
    rate: f32,
    done: usize,
}

impl<'a> Rounds<'a, f64> {
    /// Begins with the reference, in a session of [`reference`].
    pub fn exact(network: &'a Network, session: &'a mut dyn Session<f64>) -> Rounds<'a, f64> {
        let [_, rate] = factors(network.optimizer.learning_rate());
        Rounds {
            network,
            session,
            rate,
            done: 0,
        }
    }
}

impl<'a> Rounds<'a, f32> {
    /// Begins with a device, in a session that has loaded [`plan`] or the network's own plan.
    pub fn on(
        network: &'a Network,
        session: &'a mut dyn Session<f32>,
    ) -> Result<Rounds<'a, f32>, Error> {
        write(session, network)?;
        Ok(Rounds {
            network,
            session,
            rate: network.optimizer.learning_rate() as f32,
            done: 0,
        })
    }
}

impl<T: Real> Rounds<'_, T> {
    fn step(&self, round: usize) -> crate::kernels::Step {
        crate::kernels::Step {
            learning_rate: self.rate,
            ..self.network.step(round)
        }
    }

    /// Goes on until `round` rounds are done.
    pub fn go_to(&mut self, round: usize) -> Result<(), Error> {
        let most = self.session.steps_at_once(Phase::Train);
        while self.done < round {
            let end = round.min(self.done + most);
            let steps: Vec<_> = (self.done..end).map(|k| self.step(k)).collect();
            self.session.run(Phase::Train, &steps)?;
            self.done = end;
        }
        Ok(())
    }

    /// Returns the mean error of the rows after the rounds done.
    pub fn error(&mut self) -> Result<f64, Error> {
        self.clear_errors()?;
        self.session.run(Phase::Evaluate, &[self.step(self.done)])?;
        let errors = self.read(Buffer::Error)?;
        Ok(errors.iter().sum::<f64>() / self.network.rows.len() as f64)
    }

    /// Returns the parameters after the rounds done.
    pub fn parameters(&mut self) -> Result<Vec<Tensors>, Error> {
        let parameters = self.read(Buffer::Parameters)?;
        Ok(tensors(self.network, &parameters))
    }

    /// Does the next round of a session that has loaded [`plan`], and returns all that happened in it.
    pub fn pass(&mut self) -> Result<Pass, Error> {
        let round = self.done;
        let before = self.parameters()?;
        self.clear_errors()?;
        let simultaneous = self.network.order == Order::Simultaneous;
        if simultaneous {
            // Plain gradient descent may not store the gradient in a training step.
            self.session.run(Phase::Gradient, &[self.step(round)])?;
        } else {
            self.go_to(round + 1)?;
        }
        let rows = self.rows()?;
        let gradient = self.read(Buffer::Gradient)?;
        let gradient = tensors(self.network, &gradient);
        if simultaneous {
            self.go_to(round + 1)?;
        }
        let error = rows.iter().map(|row| row.error).sum::<f64>() / rows.len() as f64;
        Ok(Pass {
            round,
            before,
            rows,
            error,
            gradient,
            after: self.parameters()?,
        })
    }

    /// Errors accumulate until the host clears them: one per row, or their total in the lane family.
    fn clear_errors(&mut self) -> Result<(), Error> {
        let count = self.session.read(Buffer::Error)?.len();
        self.session.write(Buffer::Error, &vec![T::of(0.0); count])
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<f64>, Error> {
        let values = self.session.read(buffer)?;
        Ok(values.into_iter().map(Real::to_f64).collect())
    }

    /// Reads what the last pass did with each row.
    fn rows(&mut self) -> Result<Vec<RowPass>, Error> {
        let network = self.network;
        let count = network.rows.len();
        let errors = self.read(Buffer::Error)?;
        let mut rows: Vec<RowPass> = errors[..count]
            .iter()
            .map(|error| RowPass {
                net: Vec::new(),
                out: Vec::new(),
                errors: Vec::new(),
                error: *error,
                delta: Vec::new(),
            })
            .collect();
        for (l, layer) in network.layers.iter().enumerate() {
            let width = layer.neurons.len();
            let [net, out, delta] = [
                self.read(net(l))?,
                self.read(Buffer::Out(l + 1))?,
                self.read(Buffer::Delta(l))?,
            ];
            for (n, row) in rows.iter_mut().enumerate() {
                let own = n * width..(n + 1) * width;
                row.net.push(net[own.clone()].to_vec());
                row.out.push(match network.is_softmax(l) {
                    true => loss::softmax(&net[own.clone()]),
                    false => out[own.clone()].to_vec(),
                });
                // The kernels' deltas are of the mean over the rows.
                let own = delta[own].iter().map(|delta| delta * count as f64);
                row.delta.push(own.collect());
            }
        }
        for (row, example) in rows.iter_mut().zip(&network.rows) {
            let outs = row.out.last().map_or(&[][..], |outs| outs);
            row.errors = loss::errors(network.loss, outs, &example.target);
        }
        Ok(rows)
    }
}

/// Splits parameters, or their derivatives, into the tensors of each layer.
fn tensors(network: &Network, values: &[f64]) -> Vec<Tensors> {
    let mut rest = values;
    let layers = network.layers.iter().enumerate();
    let split = layers.map(|(l, layer)| {
        let (inputs, outputs) = (network.below(l).len(), layer.neurons.len());
        let (weight, after) = rest.split_at(inputs * outputs);
        let (bias, after) = after.split_at(outputs);
        rest = after;
        Tensors {
            weight: weight.chunks(inputs).map(<[f64]>::to_vec).collect(),
            bias: bias.to_vec(),
        }
    });
    split.collect()
}

impl Pass {
    /// Whether every number is finite.
    pub fn is_finite(&self) -> bool {
        let finite = |values: &[f64]| values.iter().all(|v| v.is_finite());
        let tensors = [&self.before, &self.gradient, &self.after];
        let rows = self.rows.iter();
        let mut lists = rows.flat_map(|row| [&row.net, &row.out, &row.delta]);
        self.error.is_finite()
            && lists.all(|list| list.iter().all(|values| finite(values)))
            && tensors.into_iter().flatten().all(|tensors| {
                finite(&tensors.bias) && tensors.weight.iter().all(|row| finite(row))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_factors_are_nearer_to_a_rate_than_one() {
        for rate in [0.5, 0.1, 0.7, 1e-3, 0.35, 123.456] {
            let [a, b] = factors(rate).map(f64::from);
            assert!((a * b / rate - 1.0).abs() < 1e-11, "{rate}: {}", a * b);
        }
    }
}
