//! Loss and accuracy of a network in training.

use super::accounts::take_sum;
use crate::Error;
use crate::kernels::{Buffer, Step};
use crate::plan::{Phase, Rows, schedule};
use crate::train::{Metrics, Trainer};
use std::time::Instant;

impl Trainer<'_> {
    /// Returns loss and accuracy on some rows; `None` for no rows. If these rows have a loss that is not finite,
    /// although the network and the losses of its training rows are finite, the loss is infinite and there is no
    /// accuracy.
    ///
    /// # Errors
    /// Returns an error if the data does not have these rows, or training diverged.
    pub fn evaluate(&mut self, rows: Rows) -> Result<Option<Metrics>, Error> {
        if rows.count == 0 {
            return Ok(None);
        }
        if rows.first.saturating_add(rows.count) > self.rows {
            return Err(Error::Config(format!(
                "rows {} to {} are to be evaluated, and the data has {}",
                rows.first,
                rows.first.saturating_add(rows.count),
                self.rows
            )));
        }
        let sums = match self.ranks.clone() {
            None => self.sums(rows),
            Some(ranks) => self.sums_of_ranks(&ranks, rows),
        };
        let [loss, hits] = match sums {
            Err(Error::Diverged(_)) if self.is_finite_beside(rows)? => {
                return Ok(Some(Metrics {
                    loss: f64::INFINITY,
                    accuracy: None,
                }));
            }
            sums => sums?,
        };
        let count = rows.count as f64;
        Ok(Some(Metrics {
            loss: loss / count,
            accuracy: self.classes.then_some(hits / count),
        }))
    }

    /// Evaluates some rows. Returns the sums of their losses and of the hits.
    fn sums(&mut self, rows: Rows) -> Result<[f64; 2], Error> {
        let index = self.steps_done() as u32;
        let steps = schedule::pass(rows, self.evaluation_batch, index);
        self.evaluate_steps(&steps)?;
        self.check(Phase::Evaluate, &steps)?;
        let loss = take_sum(&mut *self.session, Buffer::Error)?;
        Ok([loss, take_sum(&mut *self.session, Buffer::Hits)?])
    }

    /// Replays the steps of an evaluation.
    pub(super) fn evaluate_steps(&mut self, steps: &[Step]) -> Result<(), Error> {
        let mut rest = steps;
        while !rest.is_empty() {
            let (now, after) = rest.split_at(self.evaluation_pace.steps.min(rest.len()));
            let start = Instant::now();
            self.feed.run(&mut *self.session, Phase::Evaluate, now)?;
            let most = self.session.steps_at_once(Phase::Evaluate);
            self.evaluation_pace.adapt(now.len(), start.elapsed(), most);
            rest = after;
        }
        Ok(())
    }

    /// Checks whether the network and the losses of its training rows are finite, when those of `rows` are not.
    fn is_finite_beside(&mut self, rows: Rows) -> Result<bool, Error> {
        if rows == self.schedule.rows || self.layer_of_parameters()?.is_some() {
            return Ok(false);
        }
        self.forget_divergence()?;
        match self.evaluate(self.schedule.rows) {
            Ok(_) => Ok(true),
            Err(Error::Diverged(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }
}
