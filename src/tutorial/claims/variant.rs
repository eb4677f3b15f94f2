//! A way to compute that has a slip in it: a change of the network, of its plan, or of what comes out.

use super::slips::Slip;
use crate::Error;
use crate::kernels::{Buffer, Call, Role};
use crate::model::Optimizer;
use crate::plan::{Extent, Plan, Session};
use crate::tutorial::network::Network;
use crate::tutorial::pass::{self, Pass, Rounds};

/// A way to compute that has a slip in it.
pub(super) struct Variant {
    pub(super) slip: Slip,
    /// The network as it is with the slip.
    pub(super) network: Network,
    pub(super) edit: Box<dyn Fn(&mut Plan)>,
    /// Weights that the error goes back through in the place of a layer's own: layer, weights (O, I).
    pub(super) back: Vec<(usize, Vec<f64>)>,
    /// What the errors and the derivatives are multiplied by.
    pub(super) scales: [f64; 2],
    /// Whether each row is a round of its own.
    pub(super) row_by_row: bool,
    /// What the sum over rows is multiplied by, beyond the mean.
    pub(super) over_rows: f64,
}

impl Variant {
    pub(super) fn new(slip: Slip, network: &Network) -> Variant {
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

    pub(super) fn on(mut self, change: impl FnOnce(&mut Network)) -> Variant {
        change(&mut self.network);
        self
    }

    pub(super) fn with_edit(mut self, edit: impl Fn(&mut Plan) + 'static) -> Variant {
        self.edit = Box::new(edit);
        self
    }

    /// Multiplies errors and derivatives, and so the steps.
    pub(super) fn scaled(mut self, error: f64, derivative: f64) -> Variant {
        self.scales = [error, derivative];
        if self.network.optimizer.moments() < 2 {
            self.network.optimizer = rated(self.network.optimizer, derivative);
        }
        self
    }

    pub(super) fn back_through(mut self, weights: Vec<(usize, Vec<f64>)>) -> Variant {
        self.back = weights;
        self
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
            let through = |call: &&mut Call| {
                call.kernel.role == Role::InputGradient && call.reads[0] == delta
            };
            if let Some(call) = plan.gradient.iter_mut().find(through) {
                call.reads[1] = buffer.into();
            }
        }
        let mut session = pass::reference(network, &plan)?;
        for (l, weights) in &self.back {
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
pub(super) fn rated(optimizer: Optimizer, by: f64) -> Optimizer {
    optimizer.with_learning_rate(optimizer.learning_rate() * by)
}
